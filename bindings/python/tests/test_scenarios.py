"""Runs the scenarios of tests/scenarios: what a download does in the face of a server."""

from __future__ import annotations

import os
import pathlib
import re
import time
import uuid

import pytest

import bgcopy
from bgcopy import BackgroundCopyJob, BackgroundCopyManager, JobPriority, JobState, NotifyFlags
from conftest import PATIENCE, Calls, sha256
from server import Server

DIRECTORY = pathlib.Path(os.environ.get("BGCOPY_SCENARIOS", pathlib.Path(__file__).parents[3] / "tests/scenarios"))
SCENARIOS = sorted(DIRECTORY.glob("*.txt"))


class Driver:
    """One run of one scenario."""

    def __init__(self, directory: pathlib.Path, server: Server) -> None:
        self.server = server
        self.queue = directory / "queue"
        self.destination = directory / "files" / "a"
        self.destination.parent.mkdir()
        self.relays: dict[str, str] = {}
        self.events = Calls()
        self.id = uuid.UUID(int=0)
        self.manager = self.open()

    def open(self) -> BackgroundCopyManager:
        return BackgroundCopyManager(self.queue, notification_interval=0)

    def watch(self, job: BackgroundCopyJob) -> None:
        job.on_transferred = job.on_modification = job.on_file_transferred = self.events
        job.on_error = self.events

    @property
    def job(self) -> BackgroundCopyJob:
        return self.manager.get_job(self.id)

    def step(self, verb: str, words: list[str]) -> None:
        values = dict(word.split("=", 1) for word in words if "=" in word)
        getattr(self, "do_" + verb)(words, values)

    def do_server(self, words: list[str], values: dict[str, str]) -> None:
        answer = self.server.ask(words[0], words[1])
        relay = re.match(r"/relay/([^?]+)", words[1])
        port = re.search(r"\d+", answer)
        if relay and port:
            self.relays.setdefault(relay[1], port[0])

    def do_download(self, words: list[str], values: dict[str, str]) -> None:
        job = self.job_kept = self.manager.create_job("scenario")
        url = self.server.url(values["path"])
        if "relay" in values:
            url = f"http://127.0.0.1:{self.relays[values['relay']]}{values['path']}"
        mode = values.get("mode", "")
        assert mode in ("", "dynamic", "high_performance")
        if mode == "dynamic":
            job.dynamic_content = True
        elif mode == "high_performance":
            job.high_performance = True
        job.add_file(url, self.destination)
        if values["priority"] == "foreground":
            job.priority = JobPriority.FOREGROUND
        self.watch(job)
        job.resume()
        self.id = job.id

    def do_until(self, words: list[str], values: dict[str, str]) -> None:
        wanted = JobState[values["state"]]
        deadline = time.monotonic() + PATIENCE
        while True:
            seen = len(self.events.all)
            state = self.job_kept.state
            if state is wanted:
                return
            assert time.monotonic() < deadline, f"the state is {state!r}; {self.job_kept.error}"
            self.events.until(lambda: len(self.events.all) > seen)

    def do_error(self, words: list[str], values: dict[str, str]) -> None:
        error = self.job_kept.get_error()
        assert values.get("code", error.name) == error.name
        assert values.get("context", error.context.name) == error.context.name

    def do_suspend(self, words: list[str], values: dict[str, str]) -> None:
        self.job_kept.suspend()

    def do_resume(self, words: list[str], values: dict[str, str]) -> None:
        self.job_kept.resume()

    def do_cancel(self, words: list[str], values: dict[str, str]) -> None:
        self.job_kept.cancel()

    def do_complete(self, words: list[str], values: dict[str, str]) -> None:
        self.job_kept.complete()

    def do_reopen(self, words: list[str], values: dict[str, str]) -> None:
        self.manager.close()
        self.manager = self.open()
        self.job_kept = self.job
        self.watch(self.job_kept)

    def do_content(self, words: list[str], values: dict[str, str]) -> None:
        wanted = self.server.sha256(int(values["size"]), int(values["seed"]), int(values.get("version", 0)))
        assert sha256(self.destination) == wanted

    def do_absent(self, words: list[str], values: dict[str, str]) -> None:
        assert list(self.destination.parent.iterdir()) == []

    def do_sent(self, words: list[str], values: dict[str, str]) -> None:
        assert int(self.server.ask("GET", f"/bytes?path={values['path']}")) <= int(values["most"])

    def do_requests(self, words: list[str], values: dict[str, str]) -> None:
        assert int(self.server.ask("GET", f"/requests?path={values['path']}")) <= int(values["most"])


def test_there_are_scenarios() -> None:
    assert len(SCENARIOS) > 20


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
def test_every_scenario_ends_as_it_says(scenario: pathlib.Path, tmp_path: pathlib.Path, server: Server) -> None:
    driver = Driver(tmp_path, server)
    try:
        for number, line in enumerate(scenario.read_text().splitlines(), 1):
            if line and not line.startswith("#"):
                verb, *words = line.split()
                try:
                    driver.step(verb, words)
                except BaseException as error:
                    error.args = (f"{scenario.name}:{number}: {line}: {error}",)
                    raise
    finally:
        driver.manager.close()
