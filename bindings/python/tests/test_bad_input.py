from __future__ import annotations

import datetime
import os
import pathlib
from collections.abc import Callable
from typing import Any

import pytest

import bgcopy
from bgcopy import BackgroundCopyJob, BackgroundCopyManager, ResultCode

TEXTS: list[tuple[str, Callable[[Any, Any], object]]] = [
    ("display_name", lambda job, value: job.manager.create_job(value)),
    ("display_name", lambda job, value: job.set_display_name(value)),
    ("display_name", lambda job, value: setattr(job, "display_name", value)),
    ("description", lambda job, value: job.set_description(value)),
    ("remote_name", lambda job, value: job.add_file(value, "/tmp/a")),
    ("remote_name", lambda job, value: job.add_file_set([(value, "/tmp/a")])),
    ("old_prefix", lambda job, value: job.replace_remote_prefix(value, "x")),
    ("new_prefix", lambda job, value: job.replace_remote_prefix("x", value)),
    ("method", lambda job, value: job.set_http_method(value)),
    ("remote_name", lambda job, value: job.files[0].set_remote_name(value)),
    ("remote_name", lambda job, value: job.add_file_with_ranges(value, "/tmp/a", [(0, 1)])),
    ("store_name", lambda job, value: job.set_client_certificate_by_name(1, value, "a")),
    ("subject_name", lambda job, value: job.set_client_certificate_by_name(1, "MY", value)),
]

PATHS: list[tuple[str, Callable[[Any, Any], object]]] = [
    ("local_name", lambda job, value: job.add_file("http://x/", value)),
    ("local_name", lambda job, value: job.add_file_set([("http://x/", value)])),
    ("local_name", lambda job, value: job.add_file_with_ranges("http://x/", value, [(0, 1)])),
    ("program", lambda job, value: job.set_notify_cmd_line(value)),
    ("directory", lambda job, value: BackgroundCopyManager(value)),
]

NUMBERS: list[tuple[str, Callable[[Any, Any], object]]] = [
    ("seconds", lambda job, value: job.set_minimum_retry_delay(value)),
    ("seconds", lambda job, value: job.set_no_progress_timeout(value)),
    ("seconds", lambda job, value: job.set_maximum_download_time(value)),
    ("size", lambda job, value: job.set_max_download_size(value)),
    ("milliseconds", lambda job, value: job.set_minimum_notification_interval(value)),
    ("notify_flags", lambda job, value: setattr(job, "notify_flags", value)),
    ("offset", lambda job, value: job.files[0].update_download_position(value)),
    ("initial_offset", lambda job, value: job.files[0].request_file_ranges([(value, 1)])),
    ("length", lambda job, value: job.add_file_with_ranges("http://x/", "/tmp/a", [(0, value)])),
    ("property_id", lambda job, value: job.get_property(value)),
    ("flags", lambda job, value: job.manager.enum_jobs(value)),
    ("workers", lambda job, value: BackgroundCopyManager("/nowhere", workers=value)),
    ("background_bytes_per_second", lambda job, value: BackgroundCopyManager("/no", background_bytes_per_second=value)),
]

SPANS: list[tuple[str, Callable[[Any, Any], object]]] = [
    ("minimum_retry_delay", lambda job, value: setattr(job, "minimum_retry_delay", value)),
    ("minimum_notification_interval", lambda job, value: setattr(job, "minimum_notification_interval", value)),
    ("time_slice", lambda job, value: BackgroundCopyManager("/nowhere", time_slice=value)),
    ("timeout", lambda job, value: job.join(value)),
    ("timeout", lambda job, value: job.rest(value)),
]

MEMBERS: list[tuple[str, Callable[[Any, Any], object]]] = [
    ("priority", lambda job, value: job.set_priority(value)),
    ("priority", lambda job, value: setattr(job, "priority", value)),
    ("job_type", lambda job, value: job.manager.create_job("a", value)),
    ("flags", lambda job, value: job.set_helper_token_flags(value)),
    ("security_flags", lambda job, value: setattr(job, "security_flags", value)),
]


@pytest.fixture
def job(manager: BackgroundCopyManager, files: pathlib.Path) -> BackgroundCopyJob:
    job = manager.create_job("a")
    job.add_file("http://x/1", files / "1")
    return job


@pytest.mark.parametrize("value", [5, 1.5, b"bytes", [], object()], ids=repr)
@pytest.mark.parametrize("name, call", TEXTS)
def test_what_is_no_text_is_refused_by_name(
    job: BackgroundCopyJob, name: str, call: Callable[[Any, Any], object], value: object
) -> None:
    with pytest.raises(TypeError, match=f"^{name} must be str"):
        call(job, value)


@pytest.mark.parametrize("name, call", TEXTS)
def test_none_is_no_text(job: BackgroundCopyJob, name: str, call: Callable[[Any, Any], object]) -> None:
    with pytest.raises(TypeError, match=f"^{name} must be str"):
        call(job, None)


@pytest.mark.parametrize("value", ["a\0b", "\udcff"], ids=["NUL", "surrogate"])
@pytest.mark.parametrize("name, call", TEXTS + PATHS)
def test_texts_that_no_file_system_takes_are_refused_by_name(
    job: BackgroundCopyJob, name: str, call: Callable[[Any, Any], object], value: str
) -> None:
    with pytest.raises(bgcopy.InvalidArgumentError, match=f"^{name} ") as caught:
        call(job, value)
    assert caught.value.code is ResultCode.BG_E_INVALIDARG and isinstance(caught.value, ValueError)


@pytest.mark.parametrize("name, call", PATHS)
def test_what_is_no_path_is_refused_by_name(
    job: BackgroundCopyJob, name: str, call: Callable[[Any, Any], object]
) -> None:
    with pytest.raises(TypeError, match=f"^{name} must be str, bytes or os.PathLike"):
        call(job, 5)


def test_paths_are_texts_bytes_and_path_objects(manager: BackgroundCopyManager, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    paths: list[tuple[str, str | bytes | pathlib.Path]] = [
        ("ä", files / "ä"),
        ("ö", str(files / "ö")),
        ("ü", os.fsencode(files / "ü")),
    ]
    for name, path in paths:
        job.add_file("http://x/", path)
        assert job.files[-1].local_name == str(files / name)
    with pytest.raises(bgcopy.InvalidArgumentError, match="surrogates"):
        job.add_file("http://x/", os.fsencode(files) + b"/\xff")
    assert len(job.files) == 3


@pytest.mark.parametrize("value", [-1, 1 << 64, 1 << 200, -(1 << 200)])
@pytest.mark.parametrize("name, call", NUMBERS)
def test_numbers_out_of_range_are_refused_by_name(
    job: BackgroundCopyJob, name: str, call: Callable[[Any, Any], object], value: int
) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be between 0 and"):
        call(job, value)


@pytest.mark.parametrize("value", ["5", 1.5, True, [], b""], ids=repr)
@pytest.mark.parametrize("name, call", NUMBERS)
def test_what_is_no_number_is_refused_by_name(
    job: BackgroundCopyJob, name: str, call: Callable[[Any, Any], object], value: object
) -> None:
    with pytest.raises(TypeError, match=f"^{name} must be int"):
        call(job, value)


@pytest.mark.parametrize(
    "value", [-1, -0.5, float("nan"), float("inf"), 1e30, datetime.timedelta(-1), 1 << 2000], ids=lambda v: str(v)[:9]
)
@pytest.mark.parametrize("name, call", SPANS)
def test_spans_out_of_range_are_refused_by_name(
    job: BackgroundCopyJob, name: str, call: Callable[[Any, Any], object], value: object
) -> None:
    with pytest.raises(ValueError, match=f"^{name} "):
        call(job, value)


@pytest.mark.parametrize("name, call", SPANS)
def test_what_is_no_span_is_refused_by_name(
    job: BackgroundCopyJob, name: str, call: Callable[[Any, Any], object]
) -> None:
    with pytest.raises(TypeError, match=f"^{name} must be datetime.timedelta"):
        call(job, "soon")


@pytest.mark.parametrize("name, call", MEMBERS)
def test_what_is_no_member_is_refused_by_name(
    job: BackgroundCopyJob, name: str, call: Callable[[Any, Any], object]
) -> None:
    for value in ("FOREGROUND", 1.0):
        with pytest.raises(TypeError, match=f"^{name} must be "):
            call(job, value)
    for value in (-1, 0x7FFF_FFFF, 1 << 80):
        with pytest.raises(bgcopy.NotSupportedError, match=f"^{name}: ") as caught:
            call(job, value)
        assert caught.value.code is ResultCode.BG_E_NOTIMPL


@pytest.mark.parametrize(
    "value",
    [5, "text", [("http://x/",)], [("http://x/", "/tmp/a", 1)], [5], ["ab"], [None], None],
    ids=repr,
)
def test_what_is_no_set_of_files_is_refused(job: BackgroundCopyJob, value: Any) -> None:
    with pytest.raises(TypeError, match="files must be"):
        job.add_file_set(value)
    assert len(job.files) == 1


@pytest.mark.parametrize(
    "headers",
    [{"A": 5}, {5: "a"}, 5, ["A: b"]],
    ids=repr,
)
def test_what_is_no_header_is_refused(job: BackgroundCopyJob, headers: Any) -> None:
    with pytest.raises(TypeError):
        job.custom_headers = headers
    assert job.custom_headers == {}


@pytest.mark.parametrize(
    "headers",
    [{"A": "b\r\nC: d"}, {"A:": "b"}, {"A\n": "b"}, "no header", "A: b\r\n\r\nC: d\r\n", {"A": "\udcff"}],
    ids=repr,
)
def test_headers_that_would_end_the_header_are_refused(job: BackgroundCopyJob, headers: Any) -> None:
    with pytest.raises(bgcopy.InvalidArgumentError):
        job.set_custom_headers(headers)
    assert job.custom_headers == {}


def test_identifiers_are_checked(manager: BackgroundCopyManager) -> None:
    with pytest.raises(TypeError, match="^job_id must be uuid.UUID or str"):
        manager.get_job(5)  # type: ignore[arg-type]
    for text in ("", "zz", "{47398982-7689-4DC4-97C9-9AEB39033B9A"):
        with pytest.raises(bgcopy.InvalidArgumentError, match="^job_id: "):
            manager.get_job(text)


def test_what_cannot_be_called_is_refused(job: BackgroundCopyJob) -> None:
    for name in ("on_transferred", "on_error", "on_modification", "on_file_transferred", "on_file_ranges_transferred"):
        with pytest.raises(TypeError, match=f"^{name} must be callable or None"):
            setattr(job, name, 5)
    with pytest.raises(TypeError, match="^interface must be a BackgroundCopyCallback or None"):
        job.set_notify_interface(print)  # type: ignore[arg-type]
    assert job.notify_flags == 3


def test_unknown_settings_and_attributes_are_refused(tmp_path: pathlib.Path, job: BackgroundCopyJob) -> None:
    with pytest.raises(TypeError, match="colour"):
        BackgroundCopyManager(tmp_path / "other", colour=1)  # type: ignore[call-arg]
    assert not (tmp_path / "other").exists()
    with pytest.raises(AttributeError):
        job.colour = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        BackgroundCopyJob()
    for kind in ("", b""):
        with pytest.raises(bgcopy.InvalidArgumentError, match="directory"):
            BackgroundCopyManager(kind)


def test_texts_that_are_too_long_are_refused(job: BackgroundCopyJob) -> None:
    calls: list[Callable[[], None]] = [
        lambda: job.set_display_name("x" * 257),
        lambda: job.set_description("x" * 1025),
    ]
    for call in calls:
        with pytest.raises(bgcopy.InvalidArgumentError) as caught:
            call()
        assert caught.value.code is ResultCode.BG_E_STRING_TOO_LONG
    assert job.display_name == "a" and job.description == ""


def test_a_closed_queue_refuses_everything(manager: BackgroundCopyManager, job: BackgroundCopyJob) -> None:
    file = job.files[0]
    manager.close()
    calls: list[Callable[[], object]] = [
        lambda: manager.jobs,
        lambda: manager.create_job("a"),
        lambda: manager.get_job(job.id),
        lambda: manager.next_event(),
        lambda: manager.get_event_fd(),
        lambda: job.state,
        lambda: job.resume(),
        lambda: job.complete(),
        lambda: job.join(),
        lambda: job.error,
        lambda: setattr(job, "on_transferred", print),
        lambda: setattr(job, "priority", 1),
        lambda: file.remote_name,
        lambda: file.progress,
        lambda: file.file_ranges,
        lambda: file.request_file_ranges([(0, 1)]),
        lambda: job.set_helper_token("/tmp"),
        lambda: setattr(job, "on_server_certificate", print),
    ]
    for call in calls:
        with pytest.raises(bgcopy.ClosedError) as caught:
            call()
        assert caught.value.code is ResultCode.BG_E_DISCONNECTED
    assert repr(job) and repr(file) and repr(manager) and job.id and job == job and job.on_transferred is None
