"""Uploads, against the small server of the upload protocol in tests/upload-server."""

from __future__ import annotations

import http.client
import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import bgcopy
from bgcopy import BackgroundCopyManager, JobProgress, JobState, JobType
from conftest import PATIENCE

PROGRAM = pathlib.Path(__file__).parents[3] / "tests" / "upload-server" / "server.py"


class Receiver:
    """A running server and the directory of what it got."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory
        command = [sys.executable, "-u", str(PROGRAM), str(directory)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def ask(self, path: str, **settings: Any) -> str:
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=PATIENCE)
        try:
            connection.request("POST", path, json.dumps(settings))
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()


@pytest.fixture
def receiver(tmp_path: pathlib.Path) -> Iterator[Receiver]:
    (tmp_path / "received").mkdir()
    receiver = Receiver(tmp_path / "received")
    yield receiver
    receiver.close()


@pytest.fixture
def source(files: pathlib.Path) -> pathlib.Path:
    path = files / "a file"
    path.write_bytes(os.urandom(300_000))
    return path


def received(receiver: Receiver) -> dict[str, bytes]:
    """The files the server has, by name."""
    return {
        path.name: path.read_bytes()
        for path in receiver.directory.rglob("*")
        if path.is_file() and ".sessions" not in path.parts
    }


def test_one_line_uploads_a_file(
    manager: BackgroundCopyManager, receiver: Receiver, source: pathlib.Path
) -> None:
    seen: list[JobProgress] = []
    assert bgcopy.upload(source, receiver.url + "/b", manager=manager, progress=seen.append) == receiver.url + "/b"
    assert bgcopy.upload(str(source), receiver.url + "/", manager=manager) == receiver.url + "/a%20file"
    content = source.read_bytes()
    assert content in (got := received(receiver)).values() and len(got) == 2 and set(got.values()) == {content}
    assert seen[-1].bytes_transferred == seen[-1].bytes_total == len(content)
    assert manager.jobs == [] and source.exists()


def test_a_time_limit_suspends_and_the_same_call_goes_on(
    manager: BackgroundCopyManager, receiver: Receiver, source: pathlib.Path
) -> None:
    receiver.ask("/control", faults=[{"packet": "Fragment", "do": "stall"}])
    with pytest.raises(TimeoutError, match="the same call of bgcopy.upload goes on with it"):
        bgcopy.upload(source, receiver.url + "/b", manager=manager, timeout=0.5)
    [job] = manager.jobs
    assert job.state is JobState.SUSPENDED and job.type is JobType.UPLOAD
    receiver.ask("/release")
    bgcopy.upload(source, receiver.url + "/b", manager=manager, timeout=PATIENCE)
    assert received(receiver) == {"b": source.read_bytes()} and manager.jobs == []


def test_a_refused_upload_leaves_no_job(
    manager: BackgroundCopyManager, receiver: Receiver, source: pathlib.Path
) -> None:
    receiver.ask("/control", password="me:secret")
    with pytest.raises(bgcopy.HttpError) as caught:
        bgcopy.upload(source, receiver.url + "/b", manager=manager)
    assert caught.value.status == 401 and manager.jobs == [] and received(receiver) == {}
    with pytest.raises(FileNotFoundError, match="nothing"):
        bgcopy.upload(source.with_name("nothing"), receiver.url + "/b", manager=manager)
    assert manager.jobs == []


def test_the_command_uploads_with_credentials(
    manager: BackgroundCopyManager, receiver: Receiver, source: pathlib.Path
) -> None:
    receiver.ask("/control", password="me:secret")
    job = bgcopy.start_transfer(
        str(source.parent / "a*"),
        receiver.url + "/",
        transfer_type=JobType.UPLOAD,
        credential=("me", "secret"),
        manager=manager,
    )
    assert job.state is JobState.ACKNOWLEDGED and list(received(receiver).values()) == [source.read_bytes()]
    nowhere: list[Any] = [None, []]
    for destination in nowhere:
        with pytest.raises(ValueError, match="destination"):
            bgcopy.start_transfer(source, destination, transfer_type=JobType.UPLOAD, manager=manager)
    assert manager.jobs == []
