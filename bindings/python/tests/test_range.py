from __future__ import annotations

import os
import pathlib
import select
from typing import Any

import pytest

import bgcopy
from bgcopy import BackgroundCopyManager, FileRange, JobPropertyId, JobState, NotifyFlags, ResultCode
from conftest import PATIENCE, Calls
from server import Server


def test_a_file_is_made_of_ranges(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    url = server.url("/file/1000?seed=4")
    ranges = [FileRange(100, 100), (900, None), FileRange(400, 100)]
    job.add_file_with_ranges(url, files / "a", ranges)
    file = job.files[0]
    assert file.get_file_ranges() == file.file_ranges == ranges
    assert all(isinstance(range, FileRange) for range in file.file_ranges)
    job.resume()
    assert job.join(PATIENCE) is JobState.TRANSFERRED
    job.complete()
    content = server.content("/file/1000?seed=4")
    assert (files / "a").read_bytes() == content[100:200] + content[900:] + content[400:500]


def test_a_whole_file_has_no_ranges(manager: BackgroundCopyManager, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    job.add_file("http://x/", files / "a")
    assert job.files[0].file_ranges == []


def test_a_job_on_demand_fetches_what_is_asked_for(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    job = manager.create_job("a")
    assert job.on_demand_mode is job.get_on_demand_mode() is False
    job.on_demand_mode = True
    assert job.get_property(JobPropertyId.ON_DEMAND_MODE) is True
    job.add_file(server.url("/file/1000?seed=4"), files / "a")
    file = job.files[0]
    assert file.filled_file_ranges == []
    file.request_file_ranges([(200, 100)])
    job.resume()
    assert job.rest(PATIENCE) is JobState.SUSPENDED
    assert file.filled_file_ranges == file.get_filled_file_ranges() == [FileRange(200, 100)]
    content = server.content("/file/1000?seed=4")
    assert pathlib.Path(file.temporary_name).read_bytes()[200:300] == content[200:300]
    job.set_property(JobPropertyId.ON_DEMAND_MODE, False)
    job.resume()
    assert job.join(PATIENCE) is JobState.TRANSFERRED
    assert file.filled_file_ranges == [(0, 1000)]
    job.complete()
    assert (files / "a").read_bytes() == content


def test_arrived_ranges_are_told(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    job.on_demand_mode = True
    job.add_file(server.url("/file/1000"), files / "a")
    calls = Calls()
    job.on_file_ranges_transferred = calls
    assert job.notify_flags & NotifyFlags.FILE_RANGES_TRANSFERRED
    job.files[0].request_file_ranges([(200, 100), (700, 50)])
    job.resume()

    def arrived() -> list[Any]:
        return [range for call in calls.all for range in call[2]]  # type: ignore[attr-defined]

    calls.until(lambda: sum(range.length for range in arrived()) == 150)
    assert all(isinstance(range, FileRange) for range in arrived())
    assert calls.all[0][:2] == (job, job.files[0])


def test_ranges_of_events_are_values(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    descriptor = manager.get_event_fd()
    job = manager.create_job("a")
    job.on_demand_mode = True
    job.notify_flags = NotifyFlags.FILE_RANGES_TRANSFERRED
    job.add_file(server.url("/file/1000"), files / "a")
    job.files[0].request_file_ranges([(200, 100)])
    job.resume()
    assert select.select([descriptor], [], [], PATIENCE)[0]
    os.close(descriptor)
    event = manager.next_event()
    assert event is not None and event.kind is NotifyFlags.FILE_RANGES_TRANSFERRED
    assert event.ranges == [FileRange(200, 100)] and event.file_index == 0


def test_the_position_of_a_download_is_checked(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    job = manager.create_job("a")
    job.add_file(server.url("/file/1000"), files / "a")
    file = job.files[0]
    file.update_download_position(500)
    job.resume()
    job.join(PATIENCE)
    with pytest.raises(bgcopy.InvalidArgumentError) as caught:
        file.update_download_position(1001)
    assert caught.value.code is ResultCode.BG_E_INVALID_RANGE
    job.complete()
    assert (files / "a").read_bytes() == server.content("/file/1000")
    with pytest.raises(bgcopy.InvalidStateError):
        file.update_download_position(0)


def test_ranges_that_cannot_be_are_refused(manager: BackgroundCopyManager, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    for ranges, code in [
        ([], ResultCode.BG_E_INVALIDARG),
        ([(0, 0)], ResultCode.BG_E_INVALID_RANGE),
        ([(0, 10), (5, 10)], ResultCode.BG_E_OVERLAPPING_RANGES),
    ]:
        with pytest.raises(bgcopy.InvalidArgumentError) as caught:
            job.add_file_with_ranges("http://x/", files / "a", ranges)
        assert caught.value.code is code
    assert job.files == []
    job.add_file_with_ranges("http://x/", files / "a", [(0, 10)])
    with pytest.raises(bgcopy.NotSupportedError) as unsupported:
        job.files[0].request_file_ranges([(0, 1)])
    assert unsupported.value.code is ResultCode.BG_E_RANDOM_ACCESS_NOT_SUPPORTED


@pytest.mark.parametrize("value", [5, None, "ab", [5], ["ab"], [(1,)], [(1, 2, 3)], FileRange(1, 2), [None]], ids=repr)
def test_what_are_no_ranges_is_refused_by_name(
    manager: BackgroundCopyManager, files: pathlib.Path, value: Any
) -> None:
    job = manager.create_job("a")
    job.add_file("http://x/", files / "a")
    with pytest.raises(TypeError, match="ranges must be"):
        job.add_file_with_ranges("http://x/", files / "b", value)
    with pytest.raises(TypeError, match="ranges must be"):
        job.files[0].request_file_ranges(value)
    assert len(job.files) == 1
