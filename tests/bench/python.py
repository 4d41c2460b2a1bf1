"""Measures the Python package beside requests, httpx and pypdl, in one run; started by bindings/python/bench.sh.

Downloads take turns, each in a process of its own and timed inside it, without the imports; a ratio is taken within a
round, and the median over the rounds counts.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nginx

import bgcopy

MIB = 1 << 20
LARGE = 256 * MIB
SMALL = 2000
SERVER_CPU, CLIENT_CPU = 0, 1


def fetch_bgcopy(url: str, path: Path) -> Callable[[], object]:
    manager = bgcopy.BackgroundCopyManager(path.with_name("queue"))
    return lambda: bgcopy.download(url, path, manager=manager)


def fetch_requests(url: str, path: Path) -> Callable[[], object]:
    import requests

    def fetch() -> None:
        with requests.get(url, stream=True) as response, path.open("wb") as file:
            for chunk in response.iter_content(MIB):
                file.write(chunk)

    return fetch


def fetch_httpx(url: str, path: Path) -> Callable[[], object]:
    import httpx

    def fetch() -> None:
        with httpx.stream("GET", url) as response, path.open("wb") as file:
            for chunk in response.iter_bytes(MIB):
                file.write(chunk)

    return fetch


def fetch_pypdl(url: str, path: Path) -> Callable[[], object]:
    from pypdl import Pypdl

    return lambda: Pypdl().start(url, str(path), display=False)


CLIENTS = {"bgcopy": fetch_bgcopy, "requests": fetch_requests, "httpx": fetch_httpx, "pypdl": fetch_pypdl}


def one(client: str, url: str, path: str) -> None:
    """In a process of its own: fetches, and prints wall and processor seconds."""
    fetch = CLIENTS[client](url, Path(path))
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    fetch()
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert Path(path).stat().st_size == LARGE, f"{client}: wrong size"
    print(json.dumps([wall, cpu]))


def row(name: str, value: float, unit: str, most: float | None = None, least: float | None = None) -> None:
    """A line of the table: at most, or at least, so much."""
    bound, verdict = "", ""
    if most is not None:
        bound, verdict = f"≤ {most:,g} {unit}", "must" if value <= most else "**missed**"
    if least is not None:
        bound, verdict = f"≥ {least:,g} {unit}", "must" if value >= least else "**missed**"
    digits = 2 if value < 10 else 1 if value < 1000 else 0
    print(f"| {name} | {value:,.{digits}f} {unit} | {bound} | {verdict} |", flush=True)


def downloads(place: Path, rounds: int) -> None:
    samples: dict[str, list[list[float]]] = {client: [] for client in CLIENTS}
    for _ in range(rounds):
        for client in random.sample(list(CLIENTS), len(CLIENTS)):
            directory = place / "client"
            directory.mkdir()
            itself = ["taskset", "-c", str(CLIENT_CPU), sys.executable, __file__]
            command = [*itself, "--one", client, nginx.HTTP + "/large", str(directory / "a")]
            done = subprocess.run(command, capture_output=True, text=True, timeout=120)
            if done.returncode != 0:
                sys.exit(f"{client}: {done.stderr}")
            samples[client].append(json.loads(done.stdout.splitlines()[-1]))
            shutil.rmtree(directory)
    for client, all_of_it in samples.items():
        wall, cpu = (statistics.median(sample[what] for sample in all_of_it) for what in (0, 1))
        row(f"256 MiB, http, tmpfs: {client}, {cpu:.2f} s of processor", wall, "s")
    for client in list(CLIENTS)[1:]:
        for what, name in enumerate(("wall", "processor")):
            pairs = zip(samples["bgcopy"], samples[client], strict=True)
            ratio = statistics.median(own[what] / other[what] for own, other in pairs)
            row(f"bgcopy.download to {client}, {name}", ratio, "×", most=1)


def reads(job: bgcopy.BackgroundCopyJob) -> None:
    for name in ("state", "progress", "priority", "display_name", "minimum_retry_delay"):
        count, start = 20_000, time.perf_counter()
        for _ in range(count):
            getattr(job, name)
        row(f"read of `job.{name}`", (time.perf_counter() - start) / count * 1e6, "µs", most=5)


def creation(manager: bgcopy.BackgroundCopyManager, place: Path) -> None:
    count, start = 500, time.perf_counter()
    jobs = [manager.create_job("a") for _ in range(count)]
    middle = time.perf_counter()
    for number, job in enumerate(jobs):
        job.add_file("http://127.0.0.1/", place / f"file-{number}")
    end = time.perf_counter()
    row("creation of a job, durable on tmpfs", (middle - start) / count * 1e6, "µs", most=1000)
    row("a file added to it", (end - middle) / count * 1e6, "µs", most=1000)
    for job in jobs:
        job.cancel()


def small_files(manager: bgcopy.BackgroundCopyManager, place: Path) -> bgcopy.BackgroundCopyJob:
    job = manager.create_job("small")
    job.priority = bgcopy.JobPriority.FOREGROUND
    job.notify_flags = bgcopy.NotifyFlags.JOB_TRANSFERRED | bgcopy.NotifyFlags.JOB_ERROR
    job.add_file_set((f"{nginx.HTTP}/small-{number}", place / f"small-{number}") for number in range(SMALL))
    return job


def events(manager: bgcopy.BackgroundCopyManager, place: Path) -> None:
    """An event for each of many small files: what the transfer alone takes, and with those who hear it."""

    def finish(job: bgcopy.BackgroundCopyJob) -> None:
        assert job.progress.files_transferred == SMALL, job.progress
        job.cancel()

    def nobody() -> None:
        job = small_files(manager, place)
        job.resume()
        job.join()
        finish(job)

    def callbacks() -> None:
        job = small_files(manager, place)
        heard = threading.Semaphore(0)
        job.on_file_transferred = lambda job, file: heard.release()
        job.resume()
        for _ in range(SMALL):
            heard.acquire()
        finish(job)

    async def stream() -> None:
        job = small_files(manager, place)
        job.notify_flags |= bgcopy.NotifyFlags.FILE_TRANSFERRED
        left = SMALL
        async with manager.events() as stream:
            job.resume()
            async for event in stream:
                left -= event.kind is bgcopy.NotifyFlags.FILE_TRANSFERRED
                if left == 0:
                    break
        finish(job)

    ways = {"nobody hears": nobody, "callbacks": callbacks, "asyncio": lambda: asyncio.run(stream())}
    nobody()  # The server opens its files.
    for name, run in ways.items():
        times = []
        for _ in range(3):
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
        speed = SMALL / statistics.median(times)
        row(f"{SMALL:,} small files, {name}", speed, "files/s", least=None if run is nobody else 5000)


def counted(stop: Callable[[], bool]) -> float:
    """How often a second a busy Python thread gets round."""
    rounds, start = 0, time.perf_counter()
    while not stop():
        for _ in range(10_000):
            rounds += 1
    return rounds / (time.perf_counter() - start)


def beside(manager: bgcopy.BackgroundCopyManager, place: Path, seconds: int) -> None:
    """A busy Python thread next to a download at 8 MB/s: it has a processor, engine and server have the other."""
    own = threading.get_native_id()
    for thread in os.listdir("/proc/self/task"):
        os.sched_setaffinity(int(thread), {CLIENT_CPU if int(thread) == own else SERVER_CPU})

    def download() -> float:
        os.sched_setaffinity(0, {SERVER_CPU})
        job = manager.create_job("beside")
        job.priority = bgcopy.JobPriority.FOREGROUND
        job.add_file(f"{nginx.SLOW}/beside", place / "beside")
        start = time.perf_counter()
        job.resume()
        job.join()
        took = time.perf_counter() - start
        job.cancel()
        return took

    def beside_nothing() -> float:
        end = time.perf_counter() + seconds
        return counted(lambda: time.perf_counter() >= end)

    speeds, times = [], []
    for _ in range(3):
        with ThreadPoolExecutor() as threads:
            own_speed, own_time = beside_nothing(), threads.submit(download).result()
            running = threads.submit(download)
            speeds.append(counted(running.done) / own_speed)
            times.append(running.result() / own_time)
    row("a busy thread beside a download, of its own speed", statistics.median(speeds) * 100, "%", least=95)
    row("the download beside it, of its own time", statistics.median(times) * 100, "%", most=105)


def main() -> None:
    quick = "--quick" in sys.argv
    shm = Path("/dev/shm")
    place = Path(tempfile.mkdtemp(prefix="bgcopy-bench-", dir=shm if shm.is_dir() else None))
    server = nginx.Nginx(place / "nginx", SERVER_CPU)
    try:
        with (server.files / "large").open("wb") as file:
            file.truncate(LARGE)
        seconds = 2 if quick else 5
        (server.files / "beside").write_bytes(bytes(seconds * nginx.SLOW_BYTES_PER_SECOND))
        for number in range(SMALL):
            (server.files / f"small-{number}").write_bytes(bytes(1000))
        files = place / "files"
        files.mkdir()
        print("| Python | measured | must | verdict |\n|---|---|---|---|")
        with bgcopy.BackgroundCopyManager(place / "queue", notification_interval=0) as manager:
            reads(manager.create_job("a"))
            creation(manager, files)
            events(manager, files)
            beside(manager, files, seconds)
        downloads(place, 3 if quick else 7)
    finally:
        server.close()
        shutil.rmtree(place)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(*sys.argv[2:5])
    else:
        main()
