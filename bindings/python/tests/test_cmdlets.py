from __future__ import annotations

import pathlib
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest

import bgcopy
from bgcopy import AuthScheme, BackgroundCopyManager, JobPriority, JobState, ProxyUsage
from conftest import PATIENCE, sha256
from server import Server


@pytest.fixture(autouse=True)
def default(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BackgroundCopyManager]:
    monkeypatch.setenv("BGCOPY_DIRECTORY", str(tmp_path / "default"))
    manager = bgcopy.default_manager()
    yield manager
    manager.close()


def test_start_waits_and_completes(default: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    job = bgcopy.start_transfer(server.url("/file/1000?seed=1"), files / "a", display_name="mine", description="d")
    assert job.state is JobState.ACKNOWLEDGED and default.jobs == []
    assert job.display_name == "mine" and job.description == "d" and job.priority is JobPriority.FOREGROUND
    assert sha256(files / "a") == server.sha256(1000, seed=1)


def test_start_asynchronously_returns_at_once(server: Server, files: pathlib.Path) -> None:
    job = bgcopy.start_transfer(server.offer("a", size=10, stall_after=1), files, asynchronous=True)
    assert job.state is not JobState.TRANSFERRED
    assert bgcopy.get_transfer() == [job]
    server.wait(stalled=1)
    server.release("a")
    job.join(PATIENCE)
    assert bgcopy.complete_transfer(job) is job
    assert (files / "a").stat().st_size == 10 and bgcopy.get_transfer() == []


def test_start_takes_lists(server: Server, files: pathlib.Path) -> None:
    urls = [server.url(f"/file/10/{name}") for name in "ab"]
    bgcopy.start_transfer(urls, files)
    bgcopy.start_transfer(urls, [files / "c", str(files / "d")])
    assert sorted(path.name for path in files.iterdir()) == list("abcd")
    with pytest.raises(ValueError, match="2 sources and 3 destinations"):
        bgcopy.start_transfer(urls, ["1", "2", "3"])
    with pytest.raises(NotADirectoryError, match="several files need a directory"):
        bgcopy.start_transfer(urls, files / "none")
    with pytest.raises(ValueError, match="empty"):
        bgcopy.start_transfer([], files)
    with pytest.raises(TypeError, match="^source must be"):
        bgcopy.start_transfer([5], files)  # type: ignore[list-item]
    assert bgcopy.get_transfer() == []


def test_local_sources_may_have_wildcards(
    tmp_path: pathlib.Path, files: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("a.txt", "b.txt", "c.bin", "50%#.txt"):
        (source / name).write_text(name)
    bgcopy.start_transfer(str(source / "*.txt"), files)
    assert {path.name: path.read_text() for path in files.iterdir()} == {
        name: name for name in ("a.txt", "b.txt", "50%#.txt")
    }
    monkeypatch.chdir(source)
    bgcopy.start_transfer("c.bin", files / "d")
    assert (files / "d").read_text() == "c.bin"


def test_a_job_that_fails_is_removed(server: Server, files: pathlib.Path) -> None:
    with pytest.raises(bgcopy.HttpError):
        bgcopy.start_transfer(server.offer("a", status=404), files)
    with pytest.raises(bgcopy.InvalidArgumentError):
        bgcopy.start_transfer("http://x/a", files, description="x" * 2000)
    assert bgcopy.get_transfer() == [] and list(files.iterdir()) == []


def test_get_finds_jobs_by_name_and_identifier(files: pathlib.Path) -> None:
    jobs = [bgcopy.start_transfer("http://x/a", files, suspended=True, display_name=name) for name in ("One", "Two")]
    assert all(job.state is JobState.SUSPENDED for job in jobs)
    assert bgcopy.get_transfer() == jobs
    assert bgcopy.get_transfer("o*") == jobs[:1] and bgcopy.get_transfer(["ONE", "t?o"]) == jobs
    assert bgcopy.get_transfer("nobody") == []
    assert bgcopy.get_transfer(job_id=jobs[1].id) == [jobs[1]]
    assert bgcopy.get_transfer(job_id=[str(jobs[0].id), jobs[1].id]) == jobs
    with pytest.raises(bgcopy.NotFoundError):
        bgcopy.get_transfer(job_id=uuid.uuid4())
    assert bgcopy.remove_transfer(jobs) == jobs and bgcopy.get_transfer() == []


def test_suspend_add_resume(server: Server, files: pathlib.Path) -> None:
    job = bgcopy.start_transfer(server.url("/file/10/a"), files, suspended=True)
    bgcopy.suspend_transfer(job)
    assert bgcopy.add_file(job, [server.url("/file/20/b")], files) is job
    bgcopy.resume_transfer(job)
    assert job.state is JobState.ACKNOWLEDGED
    assert {path.name: path.stat().st_size for path in files.iterdir()} == {"a": 10, "b": 20}
    other = bgcopy.start_transfer(server.url("/file/10/c"), files, suspended=True)
    bgcopy.resume_transfer([other], asynchronous=True)
    other.join(PATIENCE)
    with pytest.raises(TypeError, match="^job must be"):
        bgcopy.suspend_transfer([5])  # type: ignore[type-var]


def test_dynamic_content_needs_no_size(server: Server, files: pathlib.Path) -> None:
    source = server.url("/file/10/a?chunked&head=405")
    with pytest.raises(bgcopy.BitsError) as caught:
        bgcopy.start_transfer(source, files)
    assert caught.value.code is bgcopy.ResultCode.BG_E_MISSING_FILE_SIZE
    job = bgcopy.start_transfer(source, files, dynamic=True)
    assert job.dynamic_content and (files / "a").stat().st_size == 10


def test_set_changes_what_is_given(files: pathlib.Path) -> None:
    job = bgcopy.start_transfer(
        "http://x/a",
        files,
        suspended=True,
        priority=JobPriority.LOW,
        retry_interval=60,
        retry_timeout=timedelta(hours=1),
        max_download_time=3600,
        custom_headers={"A": "b"},
        security_flags=bgcopy.SecurityFlags.IGNORE_UNKNOWN_CA,
        transfer_policy=bgcopy.TransferPolicy.NO_SURCHARGE,
        notify_flags=bgcopy.NotifyFlags.JOB_ERROR,
        notify_cmd_line=("/bin/true", None),
        credential=("user", "password"),
        authentication=AuthScheme.DIGEST,
        proxy_credential=("user", "password"),
        proxy_list=["proxy:1", "proxy:2"],
        proxy_bypass="<local>",
        use_stored_credential=True,
    )
    assert job.priority is JobPriority.LOW and job.get_minimum_retry_delay() == 60
    assert job.get_no_progress_timeout() == job.get_maximum_download_time() == 3600
    assert job.custom_headers == {"A": "b"} and job.security_flags == bgcopy.SecurityFlags.IGNORE_UNKNOWN_CA
    assert job.cost_flags == bgcopy.CostFlags.TRANSFER_NO_SURCHARGE
    assert job.notify_flags == bgcopy.NotifyFlags.JOB_ERROR and job.notify_cmd_line == ("/bin/true", None)
    assert job.proxy_settings == (ProxyUsage.OVERRIDE, "proxy:1 proxy:2", "<local>") and job.stored_credentials
    assert job.remove_credentials(bgcopy.AuthTarget.SERVER, AuthScheme.DIGEST) is bgcopy.ResultCode.BG_S_OK
    assert job.remove_credentials(bgcopy.AuthTarget.PROXY, AuthScheme.BASIC) is bgcopy.ResultCode.BG_S_OK

    assert bgcopy.set_transfer(job, display_name="new", proxy_usage=ProxyUsage.NO_PROXY) is job
    assert job.display_name == "new" and job.priority is JobPriority.LOW
    assert job.get_proxy_settings() == (ProxyUsage.NO_PROXY, None, None)
    bgcopy.set_transfer([job], http_method="POST", custom_headers_write_only=True)
    assert job.http_method == "POST"
    with pytest.raises(bgcopy.AccessDeniedError):
        job.get_custom_headers()
    with pytest.raises(ValueError, match="credential"):
        bgcopy.set_transfer(job, authentication=AuthScheme.BASIC)
    with pytest.raises(ValueError, match="proxy_list"):
        bgcopy.set_transfer(job, proxy_bypass="a")
    with pytest.raises(TypeError, match="^credential must be a pair"):
        bgcopy.set_transfer(job, credential="user")  # type: ignore[arg-type, unused-ignore]
