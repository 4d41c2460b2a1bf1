from __future__ import annotations

import pathlib
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import pytest

import bgcopy
from bgcopy import BackgroundCopyManager, JobPriority, JobProgress, JobState
from conftest import PATIENCE, sha256
from server import Server


@pytest.fixture
def default(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BackgroundCopyManager]:
    """The default queue, in a directory of the test."""
    monkeypatch.setenv("BGCOPY_DIRECTORY", str(tmp_path / "default"))
    manager = bgcopy.default_manager()
    yield manager
    manager.close()


def test_one_line_downloads_a_file(
    default: BackgroundCopyManager, server: Server, files: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.url("/file/100000/name%20of%20it.bin?seed=2")
    assert bgcopy.download(url, files) == files / "name of it.bin"
    assert sha256(files / "name of it.bin") == server.sha256(100_000, seed=2)
    monkeypatch.chdir(files)
    assert bgcopy.download(url, "b") == files / "b"
    assert bgcopy.download(url) == files / "name of it.bin"
    assert default.jobs == [] and bgcopy.default_manager() is default


def test_a_url_without_a_name_needs_a_path(default: BackgroundCopyManager, files: pathlib.Path) -> None:
    for url in ("http://host", "http://host/", "http://host/a/", "http://host/%2F", "http://host/.."):
        with pytest.raises(ValueError, match="no file name"):
            bgcopy.download(url, files)


def test_the_default_queue_is_opened_again_after_it_was_closed(default: BackgroundCopyManager) -> None:
    default.close()
    again = bgcopy.default_manager()
    assert again is not default and again.jobs == []
    again.close()


def test_a_failed_download_leaves_nothing(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    with pytest.raises(bgcopy.HttpError) as caught:
        bgcopy.download(server.offer("a", status=404), files, manager=manager)
    assert caught.value.status == 404 and caught.value.path == str(files / "a")
    assert manager.jobs == [] and list(files.iterdir()) == []
    with pytest.raises(bgcopy.NotFoundError):
        bgcopy.download(server.url("/file/1"), files / "missing" / "a", manager=manager)
    assert manager.jobs == []


def test_a_time_limit_suspends_and_the_same_call_goes_on(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path
) -> None:
    url = server.offer("a", size=3_000_000, seed=5, stall_after=2_000_000, fail_first=1, on="get")
    with pytest.raises(TimeoutError, match="the same call of bgcopy.download goes on with it"):
        bgcopy.download(url, files, timeout=0.5, manager=manager)
    [job] = manager.jobs
    assert job.state is JobState.SUSPENDED
    kept = job.progress.bytes_transferred
    assert bgcopy.download(url, files, timeout=PATIENCE, manager=manager) == files / "a"
    assert sha256(files / "a") == server.sha256(3_000_000, seed=5)
    assert manager.jobs == []
    assert int(server.ask("GET", "/bytes?path=/r/a")) <= 3_000_000 + 2_000_000 - kept + 65_536


def test_the_progress_is_told(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    seen: list[JobProgress] = []
    url = server.offer("a", size=1_000_000, rate=3_000_000)
    bgcopy.download(url, files, progress=seen.append, manager=manager)
    counts = [progress.bytes_transferred for progress in seen]
    assert counts == sorted(counts) and counts[-1] == 1_000_000
    with pytest.raises(TypeError, match="^progress must be bool or callable"):
        bgcopy.download(url, files, progress="yes", manager=manager)  # type: ignore[arg-type]


def test_the_progress_is_a_bar(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bgcopy.download(server.offer("a", size=1_000_000), files, progress=True, manager=manager)
    shown = capsys.readouterr().err
    assert "a: " in shown and "100%" in shown


def test_a_bar_that_cannot_be_shown_is_told_before_anything_is_fetched(
    manager: BackgroundCopyManager, server: Server, files: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match=r"pip install bgcopy\[progress\]"):
        bgcopy.download(server.url("/file/10"), files / "a", progress=True, manager=manager)
    assert manager.jobs == []


def test_options_reach_the_job(manager: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    url = server.offer("a", size=10)
    bgcopy.download(url, files, headers={"X-Mine": "1"}, priority=JobPriority.HIGH, manager=manager)
    assert ["x-mine", "1"] in [[name.lower(), value] for name, value in server.log()[-1]["headers"]]


PROGRAM = """
    import sys, bgcopy
    url, directory = sys.argv[1:]
    try:
        print(bgcopy.download(url, directory).name)
    except KeyboardInterrupt as error:
        print(error)
"""


def test_ctrl_c_suspends_and_another_process_goes_on(
    tmp_path: pathlib.Path, server: Server, files: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BGCOPY_DIRECTORY", str(tmp_path / "default"))
    url = server.offer("a", size=3_000_000, seed=5, stall_after=2_000_000, fail_first=1, on="get")
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", textwrap.dedent(PROGRAM), url, str(files)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        server.wait(stalled=1)
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        said = process.stdout.read()
        assert process.wait(PATIENCE) == 0
    assert "the job is suspended; the same call of bgcopy.download goes on with it" in said
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "a\n", "")
    assert sha256(files / "a") == server.sha256(3_000_000, seed=5)


def test_several_threads_download_at_once(default: BackgroundCopyManager, server: Server, files: pathlib.Path) -> None:
    import concurrent.futures

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        urls = [server.url(f"/file/10000/{number}?seed={number}") for number in range(24)]
        paths = list(pool.map(lambda url: bgcopy.download(url, files), urls))
    assert paths == [files / str(number) for number in range(24)]
    assert all(path.stat().st_size == 10_000 for path in paths) and default.jobs == []
