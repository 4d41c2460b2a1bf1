from __future__ import annotations

import datetime
import pathlib
import uuid
from collections.abc import Callable

import pytest

import bgcopy
from bgcopy import BackgroundCopyManager, JobPriority, JobPropertyId, JobState, NotifyFlags, ResultCode
from conftest import PATIENCE, Calls, Program, sha256
from server import Server


def test_a_file_arrives_and_complete_gives_it_its_name(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    job = manager.create_job("a")
    job.add_file(server.url("/file/100000?seed=3"), files / "a")
    before = datetime.datetime.now(datetime.timezone.utc)
    job.resume()
    assert job.join(PATIENCE) is JobState.TRANSFERRED
    assert not (files / "a").exists()
    progress = job.progress
    assert progress.bytes_total == progress.bytes_transferred == 100_000
    assert progress.files_total == progress.files_transferred == 1
    assert job.complete() is ResultCode.BG_S_OK
    assert sha256(files / "a") == server.sha256(100_000, seed=3)
    assert job.state is JobState.ACKNOWLEDGED and job.join() is JobState.ACKNOWLEDGED
    times = job.times
    assert times.creation is not None and times.transfer_completion is not None
    assert times.creation <= times.transfer_completion
    assert before <= times.transfer_completion <= datetime.datetime.now(datetime.timezone.utc)
    with pytest.raises(bgcopy.InvalidStateError):
        job.resume()


def test_cancel_leaves_nothing(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    job.add_file(server.offer("a", size=1000, stall_after=10), files / "a")
    job.resume()
    server.wait(stalled=1)
    assert job.cancel() is ResultCode.BG_S_OK
    assert job.state is JobState.CANCELLED and list(files.iterdir()) == []
    with pytest.raises(bgcopy.JobCancelledError):
        job.join()


def test_suspend_stops_and_resume_goes_on(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    job = manager.create_job("a")
    job.add_file(server.offer("a", size=300_000, seed=1, stall_after=200_000, fail_first=1, on="get"), files / "a")
    job.resume()
    server.wait(stalled=1)
    job.suspend()
    assert job.state is JobState.SUSPENDED
    job.resume()
    job.join(PATIENCE)
    job.complete()
    assert sha256(files / "a") == server.sha256(300_000, seed=1)


def test_files_are_added_all_or_none(manager: BackgroundCopyManager, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    job.add_file_set([("http://x/1", files / "1"), ("http://x/2", str(files / "2"))])
    job.add_file_set(iter([("http://x/3", bytes(files / "3"))]))
    with pytest.raises(bgcopy.InvalidArgumentError, match="relative"):
        job.add_file_set([("http://x/4", files / "4"), ("http://x/5", "relative")])
    assert [file.remote_name for file in job.files] == ["http://x/1", "http://x/2", "http://x/3"]
    assert [file.local_name for file in job.enum_files()] == [str(files / name) for name in "123"]
    assert job.progress.files_total == 3 and job.progress.bytes_total is None


def test_prefixes_of_urls_are_replaced(manager: BackgroundCopyManager, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    job.add_file("http://old/1", files / "1")
    assert job.replace_remote_prefix("http://old/", "http://new/") is ResultCode.BG_S_OK
    assert job.replace_remote_prefix("http://old/", "http://new/") is ResultCode.BG_S_FALSE
    assert job.files[0].remote_name == "http://new/1"


SPANS = ["minimum_retry_delay", "no_progress_timeout", "maximum_download_time"]


@pytest.mark.parametrize("name", SPANS)
def test_times_are_seconds_for_methods_and_spans_for_properties(manager: BackgroundCopyManager, name: str) -> None:
    job = manager.create_job("a")
    getattr(job, "set_" + name)(120)
    assert getattr(job, name) == datetime.timedelta(minutes=2)
    setattr(job, name, datetime.timedelta(hours=1))
    assert getattr(job, "get_" + name)() == 3600
    setattr(job, name, 90)
    assert getattr(job, name) == datetime.timedelta(seconds=90)


@pytest.mark.parametrize(
    "name, value",
    [
        ("display_name", "another"),
        ("description", "text"),
        ("priority", JobPriority.FOREGROUND),
        ("notify_flags", NotifyFlags.JOB_MODIFICATION),
        ("peer_caching_flags", bgcopy.JobPeerCachingFlags.ENABLE_PEERCACHING_CLIENT),
        ("file_acl_flags", bgcopy.AclFlags.OWNER | bgcopy.AclFlags.DACL),
        ("cost_flags", bgcopy.CostFlags.TRANSFER_UNRESTRICTED),
        ("security_flags", bgcopy.SecurityFlags.IGNORE_UNKNOWN_CA),
        ("notification_clsid", uuid.UUID(int=7)),
        ("max_download_size", 1 << 40),
        ("minimum_notification_interval", 250),
        ("http_method", "POST"),
        ("dynamic_content", True),
        ("high_performance", True),
    ],
)
def test_properties_are_what_was_set(manager: BackgroundCopyManager, name: str, value: object) -> None:
    job = manager.create_job("a")
    before = getattr(job, "get_" + name)()
    assert before != value
    getattr(job, "set_" + name)(value)
    assert getattr(job, "get_" + name)() == value
    getattr(job, "set_" + name)(before)
    if name != "minimum_notification_interval":
        assert getattr(job, name) == before
        setattr(job, name, value)
        assert getattr(job, name) == value
        assert type(getattr(job, name)) is type(before) or before is None


@pytest.mark.parametrize(
    "number, value",
    [
        (JobPropertyId.COST_FLAGS, bgcopy.CostFlags.UNRESTRICTED),
        (JobPropertyId.NOTIFICATION_CLSID, uuid.UUID(int=7)),
        (JobPropertyId.MAX_DOWNLOAD_SIZE, 5),
        (JobPropertyId.MINIMUM_NOTIFICATION_INTERVAL_MS, 1234),
        (JobPropertyId.DYNAMIC_CONTENT, True),
        (JobPropertyId.HIGH_PERFORMANCE, True),
    ],
)
def test_numbered_properties_are_what_was_set(
    manager: BackgroundCopyManager, number: JobPropertyId, value: object
) -> None:
    job = manager.create_job("a")
    job.set_property(number, value)
    assert job.get_property(number) == value
    with pytest.raises(bgcopy.BitsError) as caught:
        job.get_property(4711)
    assert caught.value.code is ResultCode.BG_E_UNKNOWN_PROPERTY_ID


def test_high_performance_is_fixed_by_the_first_file_and_leaves_it_behind(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    job = manager.create_job("a")
    job.high_performance = True
    job.add_file(server.url("/file/10"), files / "a")
    with pytest.raises(bgcopy.BitsError) as caught:
        job.high_performance = False
    assert caught.value.code is ResultCode.BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE
    job.resume()
    job.join(PATIENCE)
    job.cancel()
    assert (files / "a").stat().st_size == 10


def test_headers_are_a_mapping(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    job = manager.create_job("a")
    job.custom_headers = {"X-One": "1", "Authorization": "Bearer t"}
    assert job.custom_headers == {"X-One": "1", "Authorization": "Bearer t"}
    assert job.get_custom_headers() == "X-One: 1\r\nAuthorization: Bearer t\r\n"
    job.set_custom_headers("X-Two: 2\r\n")
    job.add_file(server.url("/file/10"), files / "a")
    job.resume()
    job.join(PATIENCE)
    assert "x-two" in str(server.log()[-1]["headers"]).lower()
    job.make_custom_headers_write_only()
    with pytest.raises(bgcopy.AccessDeniedError):
        job.get_custom_headers()
    job.custom_headers = None


def test_the_program_of_a_job_hears_what_nothing_is_called_for(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path, program: Program
) -> None:
    job = manager.create_job("a")
    modified = Calls()
    job.on_modification = modified
    job.set_notify_cmd_line(*program.command)
    job.add_file(server.url("/file/10"), files / "a")
    job.resume()
    job.join(PATIENCE)
    program.wait()
    modified.wait()


def test_the_program_of_a_job_is_set_and_taken_away(manager: BackgroundCopyManager) -> None:
    job = manager.create_job("a")
    assert job.get_notify_cmd_line() is None
    job.set_notify_cmd_line("/bin/sh", 'sh -c "echo done"')
    assert job.notify_cmd_line == ("/bin/sh", 'sh -c "echo done"')
    job.notify_cmd_line = None
    assert job.notify_cmd_line is None
    job.notify_cmd_line = ("/bin/true", None)
    assert job.get_notify_cmd_line() == ("/bin/true", None)
    with pytest.raises(bgcopy.InvalidArgumentError, match="absolute"):
        job.set_notify_cmd_line("true")


def test_join_gives_up_after_its_timeout(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    job = manager.create_job("a")
    job.add_file(server.offer("a", size=1000, stall_after=10), files / "a")
    job.resume()
    with pytest.raises(TimeoutError, match="'a'"):
        job.join(datetime.timedelta(milliseconds=20))
    server.release("a")
    assert job.join(PATIENCE) is JobState.TRANSFERRED


def test_rest_gives_the_state_in_which_a_job_rests(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    job = manager.create_job("a")
    assert job.rest() is JobState.SUSPENDED
    job.add_file(server.offer("a", size=1000, stall_after=10), files / "a")
    job.resume()
    for timeout in (0, datetime.timedelta(milliseconds=150)):
        with pytest.raises(TimeoutError, match="'a'|\"a\""):
            job.rest(timeout)
    server.release("a")
    assert job.rest(PATIENCE) is JobState.TRANSFERRED
    job.complete()
    assert job.rest() is JobState.ACKNOWLEDGED
    other = manager.create_job("b")
    other.add_file(server.offer("b", status=404), files / "b")
    other.resume()
    assert other.rest(PATIENCE) is JobState.ERROR


def test_join_raises_the_error_of_the_job(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    url = server.offer("a", status=404)
    job = manager.create_job("a")
    job.add_file(url, files / "a")
    job.resume()
    with pytest.raises(bgcopy.HttpError) as caught:
        job.join(PATIENCE)
    error = caught.value
    assert error.status == 404 and error.code is ResultCode.BG_E_HTTP_ERROR_404
    assert error.name == "BG_E_HTTP_ERROR_404" and not error.retryable
    assert error.context is bgcopy.ErrorContext.REMOTE_FILE
    assert error.url == url and error.path == str(files / "a")
    assert url in str(error)
    assert isinstance(error, OSError)


def test_join_refuses_a_job_whose_end_nobody_would_hear(
    manager: BackgroundCopyManager, files: pathlib.Path
) -> None:
    job = manager.create_job("a")
    job.notify_flags = NotifyFlags.JOB_ERROR
    with pytest.raises(bgcopy.InvalidStateError, match="notify flags"):
        job.join()


def test_take_ownership_by_the_owner_changes_nothing(manager: BackgroundCopyManager) -> None:
    job = manager.create_job("a")
    owner = job.get_owner()
    job.take_ownership()
    assert job.get_owner() == owner and job.get_owner_elevation_state() == job.owner_elevation_state


def test_a_job_shows_its_name_and_state(manager: BackgroundCopyManager) -> None:
    job = manager.create_job("nice name")
    assert "nice name" in repr(job) and "SUSPENDED" in repr(job)
    manager.close()
    assert "not available" in repr(job)


def test_a_download_has_no_reply(manager: BackgroundCopyManager) -> None:
    job = manager.create_job("a")
    calls: list[Callable[[], object]] = [
        lambda: job.get_reply_progress(),
        lambda: job.get_reply_data(),
        lambda: job.get_reply_file_name(),
        lambda: job.set_reply_file_name("/tmp/reply"),
        lambda: job.set_reply_file_name(None),
    ]
    for call in calls:
        with pytest.raises(bgcopy.NotSupportedError) as caught:
            call()
        assert caught.value.code is ResultCode.BG_E_NOTIMPL
