"""Runs the programs of examples/python, and what the documents show."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

import pytest

from conftest import PATIENCE, sha256
from server import Server

ROOT = pathlib.Path(__file__).parents[3]
EXAMPLES = ROOT / "examples" / "python"


def run(name: str, *arguments: object, input: str = "", code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "dev", str(EXAMPLES / name), *map(str, arguments)]
    done = subprocess.run(command, input=input, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == code, done
    return done


@pytest.fixture(autouse=True)
def own_queue(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BGCOPY_DIRECTORY", str(tmp_path / "default"))


def test_download(server: Server, files: pathlib.Path) -> None:
    done = run("download.py", server.url("/file/1000/a?seed=1"), files)
    assert done.stdout == f"{files / 'a'}\n" and "100%" in done.stderr
    assert sha256(files / "a") == server.sha256(1000, seed=1)
    done = run("download.py", server.offer("b", status=404), files / "b", code=1)
    assert "404" in done.stderr and "Traceback" not in done.stderr


def test_progress(server: Server, files: pathlib.Path) -> None:
    done = run("progress.py", files, *(server.url(f"/file/100000/{name}") for name in "abc"))
    assert all((files / name).stat().st_size == 100_000 and f"{name}: 100%" in done.stderr for name in "abc")
    run("progress.py", files, server.offer("d", status=404), code=1)


def test_asynchronous(server: Server, files: pathlib.Path) -> None:
    bad = server.offer("bad", status=404)
    done = run("asynchronous.py", files, *(server.url(f"/file/1000/{name}") for name in "abc"), bad)
    assert sorted(done.stdout.splitlines()) == [f"{name}: 1,000 bytes" for name in "abc"]
    # Where the machine is busy asyncio has remarks of its own.
    assert [line for line in done.stderr.splitlines() if line.startswith("bad: ")], done.stderr


def test_resume(server: Server, files: pathlib.Path, tmp_path: pathlib.Path) -> None:
    url = server.offer("a", size=3_000_000, seed=1, rate=10_000_000)
    assert run("resume.py", tmp_path / "queue", url, files / "a").stdout.startswith("added ")
    assert run("resume.py", tmp_path / "queue").stdout == "completed a\n"
    assert sha256(files / "a") == server.sha256(3_000_000, seed=1)


def test_ranges(server: Server, files: pathlib.Path) -> None:
    url = server.url("/file/1000?seed=1")
    said = run("ranges.py", url, files / "a", 100, 50, 700, 10).stdout.splitlines()
    assert [line.split(" are in ")[0] for line in said] == ["100 to 150", "700 to 710"]
    said = run("ranges.py", url, files / "a", 0, 1000).stdout.splitlines()
    assert said[0].startswith("0 to 1,000 are in ") and said[1] == f"all of it is {files / 'a'}"
    assert sha256(files / "a") == server.sha256(1000, seed=1)
    assert sum(entry["sent"] for entry in server.log() if entry["method"] == "GET") < 1300
    run("ranges.py", server.offer("b", status=404), files / "b", 0, 1, code=1)


def test_watch(server: Server, files: pathlib.Path, tmp_path: pathlib.Path) -> None:
    bad = server.offer("bad", status=404)
    lines = [(server.url("/file/10/a"), files / "a"), (bad, files / "b"), (server.url("/file/10/c"), "relative")]
    done = run("watch.py", tmp_path / "queue", input="".join(f"{url} {path}\n" for url, path in lines))
    said = sorted(done.stdout.splitlines())
    assert said[0] == f"completed {files / 'a'}"
    assert said[1].startswith(f"failed {files / 'b'}: ") and said[2].startswith("refused relative: ")
    assert run("watch.py", tmp_path / "queue").stdout == ""


@pytest.mark.parametrize("document", ["README.md", "bindings/python/README.md"])
def test_what_the_readme_shows_works(
    document: str, server: Server, files: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(), re.S)
    assert blocks
    for block in blocks:
        for suffix in ("large.iso", "a.iso", "b.iso"):
            block = block.replace(f"https://example.org/{suffix}", server.url(f"/file/1000/{suffix}"))
        assert "example.org" not in block
        command = [sys.executable, "-X", "dev", "-W", "error", "-c", block]
        done = subprocess.run(command, cwd=files, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done
    assert "large.iso" in os.listdir(files)
