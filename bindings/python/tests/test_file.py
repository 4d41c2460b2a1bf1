from __future__ import annotations

import pathlib
from collections.abc import Callable

import pytest

import bgcopy
from bgcopy import BackgroundCopyManager, FilePropertyId, ResultCode
from conftest import PATIENCE
from server import Server


def test_a_file_knows_its_names_and_progress(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    job = manager.create_job("a")
    job.add_file(server.url("/file/10"), files / "a")
    job.add_file(server.url("/file/20"), files / "b")
    first, second = job.files
    assert (first.index, second.index) == (0, 1) and first.job == job
    assert first.remote_name == first.get_remote_name() == server.url("/file/10")
    assert first.local_name == first.get_local_name() == str(files / "a")
    assert first.progress.bytes_total is None and not first.progress.completed
    assert first == job.files[0] and first != second and hash(first) == hash(job.files[0])
    assert str(files / "a") in repr(first)
    job.resume()
    job.join(PATIENCE)
    assert second.get_progress() == second.progress
    assert second.progress.bytes_total == second.progress.bytes_transferred == 20
    assert pathlib.Path(second.temporary_name).parent == files
    assert pathlib.Path(second.get_temporary_name()).read_bytes() != b""
    assert second.get_peer_download_stats() == (20, 0) and not second.is_downloaded_from_peer()
    job.complete()
    assert second.progress.completed


def test_a_file_gets_another_url(manager: BackgroundCopyManager, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    job.add_file("http://old/1", files / "1")
    file = job.files[0]
    file.set_remote_name("http://new/1")
    assert file.remote_name == "http://new/1"
    file.remote_name = "http://newer/1"
    assert file.get_remote_name() == "http://newer/1"
    with pytest.raises(bgcopy.InvalidArgumentError):
        file.remote_name = "no url"


def test_a_wrong_file_is_fetched_again(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    job.add_file(server.url("/file/10"), files / "a")
    file = job.files[0]
    with pytest.raises(bgcopy.InvalidStateError) as caught:
        file.set_validation_state(True)
    assert caught.value.code is ResultCode.BG_E_PENDING
    job.resume()
    job.join(PATIENCE)
    file.validation_state = True
    assert file.validation_state and file.get_validation_state()
    file.set_validation_state(False)
    with pytest.raises(bgcopy.BitsError) as failed:
        job.join()
    assert failed.value.code is ResultCode.BG_E_VALIDATION_FAILED
    job.resume()
    job.join(PATIENCE)


def test_the_headers_of_the_answer_can_be_read(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    job = manager.create_job("a")
    job.add_file(server.offer("a", size=10, header="X-Mine:%20yes"), files / "a")
    file = job.files[0]
    assert [file.response_headers] == [None]
    job.resume()
    job.join(PATIENCE)
    headers = file.get_property(FilePropertyId.HTTP_RESPONSE_HEADERS)
    assert headers == file.response_headers and headers is not None
    assert headers.startswith("HTTP/1.1 20") and "X-Mine: yes\r\n" in headers
    with pytest.raises(bgcopy.InvalidStateError) as caught:
        file.set_property(FilePropertyId.HTTP_RESPONSE_HEADERS, "other")
    assert caught.value.code is ResultCode.BG_E_READ_ONLY_PROPERTY
    calls: list[Callable[[], object]] = [lambda: file.get_property(7), lambda: file.set_property(7, None)]
    for call in calls:
        with pytest.raises(bgcopy.InvalidArgumentError) as unknown:
            call()
        assert unknown.value.code is ResultCode.BG_E_UNKNOWN_PROPERTY_ID
