from __future__ import annotations

import datetime
import gc
import os
import pathlib
import select
import subprocess
import sys
import uuid
import weakref

import pytest

import bgcopy
from bgcopy import BackgroundCopyManager, EnumFlags, JobState, NotifyFlags, ResultCode
from conftest import PATIENCE
from server import Server


def test_a_new_job_is_suspended_and_has_the_documented_defaults(manager: BackgroundCopyManager) -> None:
    job = manager.create_job("name")
    assert job.state is JobState.SUSPENDED and job.get_state() is JobState.SUSPENDED
    assert job.type is bgcopy.JobType.DOWNLOAD
    assert job.priority is bgcopy.JobPriority.NORMAL
    assert job.display_name == "name" and job.description == ""
    assert job.minimum_retry_delay == datetime.timedelta(seconds=600)
    assert job.get_no_progress_timeout() == 1_209_600
    assert job.maximum_download_time == datetime.timedelta(days=90)
    assert job.notify_flags == NotifyFlags.JOB_TRANSFERRED | NotifyFlags.JOB_ERROR
    assert job.custom_headers == {} and job.get_custom_headers() is None
    assert job.http_method == "GET" and job.notify_cmd_line is None
    assert job.max_download_size is None
    assert job.error is None and job.error_count == 0
    assert job.progress == job.get_progress()
    assert job.progress.bytes_transferred == 0 and job.progress.files_total == 0
    assert job.owner == f"S-1-22-1-{os.getuid()}" and job.owner_uid == os.getuid()
    assert job.owner_elevation_state is (os.geteuid() == 0)
    assert job.owner_integrity_level == (0x3000 if os.geteuid() == 0 else 0x2000)


def test_jobs_are_found_by_their_identifier(manager: BackgroundCopyManager) -> None:
    job = manager.create_job("a")
    assert isinstance(job.id, uuid.UUID) and job.get_id() == job.id
    for identifier in (job.id, str(job.id), "{" + str(job.id).upper() + "}"):
        found = manager.get_job(identifier)
        assert found == job and hash(found) == hash(job) and found is not job
    with pytest.raises(bgcopy.NotFoundError) as caught:
        manager.get_job(uuid.uuid4())
    assert caught.value.code is ResultCode.BG_E_NOT_FOUND and isinstance(caught.value, LookupError)


def test_jobs_are_listed_in_order_of_creation(manager: BackgroundCopyManager) -> None:
    made = [manager.create_job(str(number)) for number in range(3)]
    assert manager.jobs == made and list(manager) == made
    listed = manager.enum_jobs()
    assert len(listed) == 3 and listed.get_count() == 3
    assert listed.next(2) == made[:2] and next(listed) == made[2] and listed.next(5) == []
    listed.reset()
    assert listed.skip(1) is True
    copy = listed.clone()
    assert list(listed) == made[1:] and list(copy) == made[1:]
    assert copy.skip(1) is False
    made[1].cancel()
    assert manager.jobs == [made[0], made[2]]
    if os.geteuid() == 0:
        assert len(manager.enum_jobs(EnumFlags.ALL_USERS)) == 2


def test_the_queue_is_kept_when_it_is_closed(tmp_path: pathlib.Path) -> None:
    with BackgroundCopyManager(tmp_path) as manager:
        job = manager.create_job("kept")
        assert manager.directory == tmp_path
    with pytest.raises(bgcopy.ClosedError, match="closed"):
        job.state
    manager.close()
    with BackgroundCopyManager(str(tmp_path)) as again:
        assert again.get_job(job.id).display_name == "kept"


def test_a_queue_that_is_open_elsewhere_says_where(tmp_path: pathlib.Path) -> None:
    program = f"import bgcopy, sys; m = bgcopy.BackgroundCopyManager({str(tmp_path)!r}); print(); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdin is not None
        other.stdout.readline()
        with pytest.raises(bgcopy.QueueBusyError, match=f"open in process {other.pid}"):
            BackgroundCopyManager(tmp_path)
        other.stdin.close()
        assert other.wait(PATIENCE) == 0
    BackgroundCopyManager(tmp_path).close()


def test_the_queue_is_closed_when_nothing_refers_to_it(tmp_path: pathlib.Path) -> None:
    manager = BackgroundCopyManager(tmp_path)
    job = manager.create_job("a")
    watched = weakref.ref(manager)
    del manager
    gc.collect()
    assert watched() is not None and job.state is JobState.SUSPENDED
    del job
    gc.collect()
    assert watched() is None
    BackgroundCopyManager(tmp_path).close()


def test_settings_are_what_new_jobs_start_with(tmp_path: pathlib.Path) -> None:
    hour = datetime.timedelta(hours=1)
    with BackgroundCopyManager(
        tmp_path, minimum_retry_delay=60, no_progress_timeout=hour, maximum_download_time=90.0
    ) as manager:
        job = manager.create_job("a")
        assert job.get_minimum_retry_delay() == 60
        assert job.get_no_progress_timeout() == 3600
        assert job.get_maximum_download_time() == 90
        assert manager.overridden_by_policy is False


def test_result_codes_are_described(manager: BackgroundCopyManager) -> None:
    text = manager.get_error_description(ResultCode.BG_E_NOT_FOUND)
    assert text == manager.get_error_description(0x80200001, 0x0409) and "job" in text
    with pytest.raises(bgcopy.InvalidArgumentError):
        manager.get_error_description(ResultCode.BG_E_NOT_FOUND, 0)


def test_events_are_told_to_poll_loops(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    descriptor = manager.get_event_fd()
    try:
        assert manager.next_event() is None
        job = manager.create_job("a")
        job.add_file(server.offer("a", size=1000), files / "a")
        job.resume()
        assert select.select([descriptor], [], [], PATIENCE)[0]
        event = manager.next_event()
        assert event is not None and event.job_id == job.id
        assert event.kind is NotifyFlags.JOB_TRANSFERRED and event.code is None and event.file_index is None
    finally:
        os.close(descriptor)
