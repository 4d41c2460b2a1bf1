from __future__ import annotations

import pathlib
import pickle

import pytest

import bgcopy
from bgcopy import BackgroundCopyManager, BitsError, ErrorContext, ResultCode
from bgcopy import errors
from conftest import PATIENCE
from server import Server


def failed(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> bgcopy.BackgroundCopyJob:
    job = manager.create_job("a")
    job.add_file(server.offer("a", status=404), files / "a")
    job.resume()
    with pytest.raises(bgcopy.HttpError):
        job.join(PATIENCE)
    return job


def test_the_error_of_a_job_says_what_failed(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    job = failed(manager, server, files)
    error = job.get_error()
    assert error.get_error() == (ErrorContext.REMOTE_FILE, ResultCode.BG_E_HTTP_ERROR_404)
    assert error.code is ResultCode.BG_E_HTTP_ERROR_404 and error.name == "BG_E_HTTP_ERROR_404"
    assert error.context is ErrorContext.REMOTE_FILE and not error.retryable
    assert error.get_protocol() == error.protocol == "http"
    assert error.get_file() == error.file == job.files[0]
    assert error.text == error.get_text() and server.url("/r/a") in error.text
    assert error.get_error_description() and error.get_error_context_description(0x0409)
    assert "BG_E_HTTP_ERROR_404" in str(error) and "BG_E_HTTP_ERROR_404" in repr(error)
    with pytest.raises(bgcopy.InvalidArgumentError):
        error.get_error_description(0)
    assert job.error is not None and job.error_count == 1
    # A copy: it stays when the job goes on.
    job.cancel()
    assert error.code is ResultCode.BG_E_HTTP_ERROR_404


def test_a_job_without_error_says_so(manager: BackgroundCopyManager) -> None:
    job = manager.create_job("a")
    assert job.error is None
    with pytest.raises(bgcopy.NotFoundError) as caught:
        job.get_error()
    assert caught.value.code is ResultCode.BG_E_ERROR_INFORMATION_UNAVAILABLE


@pytest.mark.parametrize(
    "kind, builtin",
    [
        (errors.NotFoundError, LookupError),
        (errors.AccessDeniedError, PermissionError),
        (errors.InvalidArgumentError, ValueError),
        (errors.InvalidStateError, RuntimeError),
        (errors.NotSupportedError, NotImplementedError),
        (errors.ClosedError, RuntimeError),
        (errors.QueueBusyError, BlockingIOError),
        (errors.LimitError, RuntimeError),
        (errors.TransferError, OSError),
        (errors.TransferTimeoutError, TimeoutError),
    ],
)
def test_errors_have_one_root_and_the_builtin_that_fits(
    kind: type[BitsError], builtin: type[Exception]
) -> None:
    assert issubclass(kind, BitsError) and issubclass(kind, builtin)
    error = kind(ResultCode.BG_E_NOT_FOUND, "BG_E_NOT_FOUND", "nothing there", False, url="http://x/")
    assert str(error) == "nothing there (URL http://x/) [BG_E_NOT_FOUND]"
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind and again.code is error.code and again.url == error.url and str(again) == str(error)


def test_every_exported_error_derives_from_the_root() -> None:
    for name in errors.__all__:
        assert issubclass(getattr(bgcopy, name), BitsError)


def test_every_result_code_makes_an_error_of_some_kind() -> None:
    for code in ResultCode:
        if code < 0:
            name, text, retryable = bgcopy._bgcopy.describe(code)
            assert name == code.name
            error = errors.error_of(code, name, text, retryable, ErrorContext.NONE, None, None)
            assert isinstance(error, BitsError) and error.code is code and text in str(error)


def test_codes_outside_the_table_are_plain_numbers() -> None:
    teapot = 0x8019_0000 + 418 - (1 << 32)
    name, text, retryable = bgcopy._bgcopy.describe(teapot)
    error = errors.error_of(teapot, name, text, retryable, ErrorContext.REMOTE_FILE, None, None)
    assert isinstance(error, bgcopy.HttpError) and error.status == 418 and error.name == "BG_E_HTTP_ERROR_418"
    assert error.code == teapot


def test_no_error_shows_the_password_of_a_url(manager: BackgroundCopyManager, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    with pytest.raises(bgcopy.BitsError) as caught:
        job.add_file("http://user:secret@host/", files / "missing" / "a")
    assert "secret" not in str(caught.value) and caught.value.url == "http://host/"
    assert caught.value.path == str(files / "missing" / "a")
