from __future__ import annotations

import hashlib
import os
import pathlib
import select
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

import bgcopy
from server import Server

# What runs in the background of a shell ignores Ctrl-C, and so would the programs that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

#: Ends a test that hangs; no test comes near it.
PATIENCE = 60


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def manager(tmp_path: pathlib.Path) -> Iterator[bgcopy.BackgroundCopyManager]:
    # Modifications come at once: a test would only wait for the pacing.
    with bgcopy.BackgroundCopyManager(tmp_path / "queue", notification_interval=0) as manager:
        yield manager


@pytest.fixture
def files(tmp_path: pathlib.Path) -> pathlib.Path:
    """An empty directory for what is downloaded."""
    directory = tmp_path / "files"
    directory.mkdir()
    return directory


def sha256(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Program:
    """A program to be run for a job, and whether it was."""

    def __init__(self, pipe: pathlib.Path) -> None:
        os.mkfifo(pipe)
        self.command = ("/bin/sh", f'sh -c "echo > {pipe}"')
        # Writing is open, too: the pipe is not at its end before the program came.
        self._pipe = open(pipe, "r+b", buffering=0)

    def wait(self) -> None:
        readable, _, _ = select.select([self._pipe], [], [], PATIENCE)
        assert readable, "the program was not run"

    def close(self) -> None:
        self._pipe.close()


@pytest.fixture
def program(tmp_path: pathlib.Path) -> Iterator[Program]:
    program = Program(tmp_path / "pipe")
    yield program
    program.close()


class Calls:
    """Counts calls and lets a test wait for them."""

    def __init__(self) -> None:
        self.all: list[tuple[object, ...]] = []
        self._changed = threading.Condition()

    def __call__(self, *arguments: object) -> None:
        with self._changed:
            self.all.append(arguments)
            self._changed.notify_all()

    def wait(self, count: int = 1) -> None:
        self.until(lambda: len(self.all) >= count)

    def until(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE), f"these calls came: {self.all}"
