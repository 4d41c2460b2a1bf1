#!/usr/bin/env python3
"""Measures bgcopy's C ABI client against curl, aria2, wget and cp, and bgcopy-server against nginx, in one run on one
machine, and prints ratios.

Server and client get one processor each; the programs take turns; a ratio is taken within a round, and the median over
the rounds is what counts. Everything happens in a network namespace with nothing but loopback, where the congestion
control is reno: bbr, a common default, halves the speed of loopback and makes it noisy.
"""

import argparse
import filecmp
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import nginx
import parts
import server
import tus
from clients import CLIENTS, Work

MIB = 1 << 20
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OUT = ROOT / "target" / "bench"
SERVER_CPU, CLIENT_CPU = 0, 1

LARGE = ["large"]
MEDIUM = [f"medium-{n:03}" for n in range(250)]
SMALL = [f"small-{n:05}" for n in range(10_000)]
COPIED = SMALL[:1000]
SLOW = ["eight-seconds"]
SENT = SMALL[:1000]


@dataclass
class Goal:
    """`what` of bgcopy over that of the best of `yardsticks`: at most `must`, and `reach` if it can be done."""

    what: str
    yardsticks: tuple[str, ...]
    must: float
    reach: float | None = None


@dataclass
class Row:
    name: str
    title: str
    base: str
    files: list[str]
    clients: tuple[str, ...]
    goals: list[Goal]
    disk: bool = False
    sync: bool = False
    rounds: int = 5


CURLS, ARIA2 = ("curl -Z 8", "curl -Z 50"), ("aria2 -j16",)
ONE, MANY = ("bgcopy", "curl", "aria2", "wget"), ("bgcopy", *CURLS, *ARIA2, "wget")
TEN_THOUSAND = "10,000 files of 10 KiB"
# cp shares the bytes of a file where the file system can, as bgcopy does, unless it is told not to.
COPIES = ("bgcopy", "cp", "cp --reflink=never")

ROWS = [
    Row("large-http", "256 MiB, http, tmpfs", nginx.HTTP, LARGE, ONE,
        [Goal("wall", ("curl",), 0.95, 0.85), Goal("cpu", ("curl",), 0.95, 0.85)], rounds=7),
    Row("large-https", "256 MiB, https, tmpfs", nginx.HTTPS, LARGE, ONE,
        [Goal("wall", ("curl",), 0.85, 0.75), Goal("cpu", ("curl",), 0.75, 0.60)], rounds=7),
    Row("large-disk", "256 MiB, http, disk, durable (others: + fdatasync)", nginx.HTTP, LARGE, ONE,
        [Goal("wall", ("curl",), 0.65, 0.50)], disk=True, sync=True, rounds=7),
    Row("small-http", f"{TEN_THOUSAND}, http, tmpfs", nginx.HTTP, SMALL, MANY,
        [Goal("wall", CURLS, 0.95, 0.75), Goal("wall", ARIA2, 0.2)]),
    Row("small-disk", f"{TEN_THOUSAND}, http, disk, durable (others sync nothing)", nginx.HTTP, SMALL, MANY,
        [Goal("wall", CURLS, 1.1, 0.85), Goal("wall", ARIA2, 0.1)], disk=True),
    Row("small-https", f"{TEN_THOUSAND}, https, tmpfs", nginx.HTTPS, SMALL, MANY,
        [Goal("wall", CURLS, 0.9, 0.7), Goal("wall", ARIA2, 0.2)]),
    Row("medium-http", "250 files of 1 MiB, http, tmpfs", nginx.HTTP, MEDIUM, MANY,
        [Goal("wall", ("curl -Z 8",), 0.9, 0.8)]),
    Row("copy-large", "256 MiB, file://, tmpfs", "file://{tmpfs}", LARGE, COPIES,
        [Goal("wall", COPIES[1:], 1.1, 1.0), Goal("cpu", COPIES[1:], 1.1, 1.0)], rounds=7),
    Row("copy-disk", "256 MiB, absolute path, disk, durable (cp: + fdatasync)", "{disk}", LARGE, COPIES,
        [Goal("wall", COPIES[1:], 1.1, 1.0)], disk=True, sync=True, rounds=7),
    Row("copy-small", "1,000 files of 10 KiB, file://, tmpfs", "file://{tmpfs}", COPIED, COPIES,
        [Goal("wall", COPIES[1:], 3.0, 2.0)]),
    Row("copy-small-disk", "1,000 files of 10 KiB, absolute path, disk, durable (cp syncs nothing)", "{disk}", COPIED,
        COPIES, [Goal("wall", COPIES[1:], 4.0, 3.0)], disk=True),
    Row("start", "process start to one completed file of 10 KiB", nginx.HTTP, SMALL[:1], ONE,
        [Goal("wall", ("curl",), 1.0, 0.5)], rounds=25),
]

# Uploads: bgcopy to bgcopy-server, which syncs, the others to nginx with DAV, which does not.
UPLOADS = [
    Row("upload-large", "upload of 1 GiB, disk, durable", "", [server.UPLOADED],
        ("bgcopy", "curl -T", "curl -T synced", "tus"),
        [Goal("wall", ("curl -T",), 1.2), Goal("wall", ("curl -T synced",), 1.0), Goal("wall", ("tus",), 1.0)], disk=True),
    Row("upload-small", "1,000 uploads of 10 KiB, a job each, 50 threads, disk, durable (curl: 50 connections, nothing synced)", "", SENT,
        ("bgcopy", "curl -T -Z 50"), [], disk=True),
]
# Downloads: one client, two servers.
SERVED = Row("serve", "256 MiB by curl, from bgcopy-server and from nginx", "", LARGE, ("bgcopy", "nginx"),
             [Goal("wall", ("nginx",), 1.11)], rounds=7)


@dataclass
class Sample:
    wall: float
    cpu: float
    peak: float
    switches: int


def note(text: str):
    print(text, file=sys.stderr, flush=True)


class Bench:
    """The server, the files it serves, the two places clients write to, and what was measured so far."""

    def __init__(self, quick: bool, clients: list[str]):
        self.quick = quick
        self.only = clients
        self.tmpfs, self.disk = OUT / "tmpfs", OUT / "disk"
        shutil.rmtree(self.disk, ignore_errors=True)
        for directory in (self.tmpfs, self.disk):
            directory.mkdir(parents=True, exist_ok=True)
        parts.spread(self.disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4g", "bench", str(self.tmpfs)], check=True)
        self.server = nginx.Nginx(self.tmpfs / "server", SERVER_CPU)
        for names, size in ((LARGE, 256 * MIB), (MEDIUM, MIB), (SMALL, 10 << 10), (SLOW, 64 * MIB)):
            for name in names:
                (self.server.files / name).write_bytes(os.urandom(size))
        # Where files are that are copied.
        self.sources = {"tmpfs": self.server.files, "disk": self.disk / "sources"}
        self.sources["disk"].mkdir()
        for name in LARGE + COPIED:
            shutil.copyfile(self.server.files / name, self.sources["disk"] / name)

    def work(self, base: str, names: list[str], disk: bool = False, **more) -> Work:
        """An empty destination and scratch directory, with no write of an earlier run still on its way to the disk."""
        name = more.pop("place", "client")
        place = parts.quickest(self.disk) if disk else self.tmpfs / name
        if not disk:
            shutil.rmtree(place, ignore_errors=True)
        (place / "files").mkdir(parents=True)
        if disk:
            subprocess.run(["sync", "-f", str(place)], check=True)
            # What was written before leaves memory: pages that were never used are slow to get in virtual machines.
            for large in self.disk.glob("*/files/large"):
                with large.open("rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return Work(base, names, place / "files", place, self.server.ca, OUT, **more)

    def clients(self, names) -> list[str]:
        return [name for name in names if name.split()[0] in self.only]

    def run(self, row: Row, client: str, compare: bool) -> Sample:
        work = self.work(row.base.format_map(self.sources), row.files, row.disk, sync=row.sync)
        command = CLIENTS[client](work)
        sample = self.measured(command, work.environment)
        self.check(work, compare)
        return sample

    @staticmethod
    def measured(command: list[str], environment: dict[str, str]) -> Sample:
        output = subprocess.run([str(OUT / "measure"), str(CLIENT_CPU), *command], stdout=subprocess.PIPE, check=True,
                                timeout=300, env=os.environ | environment).stdout
        wall, cpu, peak, switches = (int(number) for number in output.split())
        return Sample(wall / 1e9, cpu / 1e9, peak / 1024, switches)

    def check(self, work: Work, compare: bool):
        """A client that did not do the work is not measured."""
        for name in work.names:
            fetched, original = work.destination / name, self.server.files / name
            same = filecmp.cmp(fetched, original, shallow=False) if compare else (
                fetched.stat().st_size == original.stat().st_size)
            if not same:
                raise RuntimeError(f"{fetched} is not the file that was served")

    def measure(self, row: Row) -> dict[str, list[Sample]]:
        return self.rounds(row, self.clients(row.clients), self.run)

    def rounds(self, row: Row, clients: list[str], run) -> dict[str, list[Sample]]:
        """All clients in turn, round by round, after one round that warms caches and compares contents."""
        rounds = 3 if self.quick else row.rounds
        samples = {client: [] for client in clients}
        for number in range(rounds + 1):
            # A new order every round: what one client leaves behind must not always meet the same next one.
            order = list(samples)
            random.Random(number).shuffle(order)
            for client in order:
                sample = run(row, client, compare=number == 0)
                if number:
                    samples[client].append(sample)
        return samples

    def calls_per_mib(self, client: str) -> float:
        work = self.work(nginx.HTTP, LARGE)
        command, counts = CLIENTS[client](work), OUT / "calls"
        counted = ["taskset", "-c", str(CLIENT_CPU), "strace", "-f", "-c", "-o", str(counts), *command]
        subprocess.run(counted, check=True, timeout=300, stdout=subprocess.DEVNULL,
                       env=os.environ | work.environment)
        self.check(work, compare=False)
        total = next(line for line in counts.read_text().splitlines() if line.endswith(" total"))
        return int(total.split()[3]) / 256

    def fetched_again(self, names: list[str]) -> dict[str, float]:
        """Seconds of traffic fetched a second time after a kill, of all clients side by side: each has a connection of
        its own, held to the same speed by the server."""
        again = {}
        for moment in [4.3] if self.quick else [3.1, 4.3, 5.7]:
            running = {}
            for client in names:
                by = f"{client}-{moment}"
                work = self.work(nginx.SLOW, SLOW, resume=True, query=f"?by={by}", place=client)
                command = CLIENTS[client](work)
                running[client] = work, by, command, self._start(work, command)
            time.sleep(moment)
            for _, _, _, process in running.values():
                process.send_signal(signal.SIGKILL)
            for client, (work, by, command, process) in running.items():
                process.wait(timeout=10)
                running[client] = work, by, command, self._start(work, command)
            for client, (work, by, _, process) in running.items():
                if process.wait(timeout=120) != 0:
                    raise RuntimeError(f"{client} did not continue: exit code {process.returncode}")
                self.check(work, compare=True)
                extra = self.server.sent(by) - (self.server.files / SLOW[0]).stat().st_size
                again[client] = max(again.get(client, 0), extra / nginx.SLOW_BYTES_PER_SECOND)
        return again

    @staticmethod
    def _start(work: Work, command: list[str]) -> subprocess.Popen:
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | work.environment)

    def wakeups(self) -> tuple[int, float, int]:
        """Context switches and CPU milliseconds of a process whose open queue holds 1,000 suspended jobs, and over how
        many seconds."""
        work, seconds = self.work(nginx.HTTP, []), 5 if self.quick else 60
        with subprocess.Popen([str(OUT / "suspended"), str(work.scratch / "queue"), str(work.destination)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            try:
                if process.stdout.readline() != b"ready\n":
                    raise RuntimeError("the queue with 1,000 suspended jobs did not open")
                # What the last command set in motion may still be on its way, and policies are watched from one second
                # after the opening on; idling begins after that.
                time.sleep(2)
                before = activity(process.pid)
                time.sleep(seconds)
                after = activity(process.pid)
            finally:
                process.stdin.close()
                process.wait(timeout=30)
        return after[0] - before[0], (after[1] - before[1]) / 1e6, seconds

    def queue(self, command: str, place: Path, *arguments) -> list[float]:
        """What tests/bench/queue.c says of this queue, on the disk."""
        words = [str(OUT / "queue"), command, str(place / "queue"), *map(str, arguments)]
        output = subprocess.run(words, stdout=subprocess.PIPE, check=True, timeout=300).stdout
        return [float(number) for number in output.split()]

    def many_jobs(self, report: "Report"):
        """Queues of many jobs: made, listed and opened again."""
        jobs = 10_000
        for threads, most in ((1, 10.0), (8, 3.33)):
            work = self.work(nginx.HTTP, [], disk=True)
            note(f"queue: {jobs} jobs created by {threads} threads")
            seconds, = self.queue("create", work.scratch, work.destination, jobs, threads)
            report.goal(f"{jobs:,} jobs with a file created and resumed, disk, durable", "1 thread" if threads == 1 else f"{threads} threads",
                        f"{seconds:.2f} s ({jobs / seconds:,.0f}/s)", "", None, most, None, " s")
        runs = [self.queue("open", work.scratch) for _ in range(3 if self.quick else 9)]
        _, found, listed, _ = (statistics.median(values) for values in zip(*runs, strict=True))
        assert found == jobs, f"{found} of {jobs} jobs are in the queue"
        report.goal(f"{jobs:,} jobs listed with state, name and progress", "wall", f"{listed * 1000:.1f} ms", "", None,
                    50, None, " ms")
        for jobs, most, most_mib in ((jobs, 0.3, 30), *(() if self.quick else ((100_000, 2, 200),))):
            if found != jobs:
                work = self.work(nginx.HTTP, [], disk=True)
                note(f"queue: {jobs} jobs")
                self.queue("create", work.scratch, work.destination, jobs, 8)
                runs = [self.queue("open", work.scratch) for _ in range(5)]
            opened, _, _, kib = (statistics.median(values) for values in zip(*runs, strict=True))
            report.goal(f"queue of {jobs:,} jobs opened", "wall", f"{opened:.3f} s", "", None, most, None, " s")
            report.goal(f"queue of {jobs:,} jobs opened", "memory", f"{kib / 1024:.1f} MiB", "", None, most_mib, None,
                        " MiB")
        work = self.work(nginx.HTTP, [], disk=True)
        seconds, = self.queue("files", work.scratch, work.destination, 1000)
        report.goal("1,000 files added in one set, disk, durable", "wall", f"{seconds * 1000:.1f} ms", "", None, 20,
                    None, " ms")

    def counterparts(self) -> server.Counterparts:
        return server.Counterparts(ROOT / "target" / "release" / "bgcopy-server", self.disk, self.server.files, OUT,
                                   SERVER_CPU, CLIENT_CPU)

    def uploads(self, report: "Report"):
        """Uploads to bgcopy-server and to nginx."""
        sources = self.tmpfs / "sent"
        sources.mkdir()
        with (sources / server.UPLOADED).open("wb") as file:
            for _ in range(1024):
                file.write(os.urandom(MIB))
        both = self.counterparts()

        def run(row, client, compare):
            both.renew()
            work = self.work("", row.files, disk=True)
            source = sources if row.files == [server.UPLOADED] else self.server.files
            sample = self.measured(both.command(client, work.scratch, source, row.files), {})
            for name in row.files:
                sent, received = source / name, both.received(client) / name
                same = filecmp.cmp(sent, received, shallow=False) if compare else (
                    sent.stat().st_size == received.stat().st_size)
                if not same:
                    raise RuntimeError(f"{client}: {name} did not arrive as it is")
            if row.files == [server.UPLOADED]:
                received.unlink()
            return sample

        try:
            for row in UPLOADS:
                note(f"{row.name}: {row.title}")
                clients = [c for c in row.clients if c.split()[0] in self.only and (c != "tus" or both.tus)]
                samples = self.rounds(row, clients, run)
                report.row(row, samples)
                if "bgcopy" not in samples:
                    continue
                if row.name == "upload-large":
                    peak = max(sample.peak for sample in samples["bgcopy"])
                    report.goal(row.title, "peak memory", f"{peak:.1f} MiB", "", None, 12, None, " MiB")
                else:
                    wall = statistics.median(sample.wall for sample in samples["bgcopy"])
                    report.goal(row.title, "wall", f"{wall:.3f} s ({len(SENT) / wall:,.0f}/s)", "", None, 1.0, None,
                                " s")
            note("upload-tiny: packets over kept connections")
            rates = []
            for _ in range(3 if self.quick else 5):
                both.renew()
                rates.append(both.tiny_uploads_per_second())
            rate = statistics.median(rates)
            report.goal("1,000 uploads of 10 KiB, packets over 64 kept connections, disk, durable", "wall",
                        f"{server.SESSIONS / rate:.3f} s ({rate:,.0f}/s)", "", None, 1.0, None, " s")
            note("upload-sessions: memory of the server")
            report.goal(f"bgcopy-server with {server.SESSIONS:,} open sessions", "peak memory",
                        f"{both.memory_of_sessions():.1f} MiB", "", None, 64, None, " MiB")
        finally:
            both.close()

    def serve(self, report: "Report"):
        """Downloads from bgcopy-server and from nginx, by the same clients."""
        both = self.counterparts()
        ports = {"bgcopy": server.PORT, "nginx": server.FILES_PORT}

        def run(row, name, compare):
            return self.measured(both.fetch(ports[name], row.files[0]), {})

        try:
            note(f"{SERVED.name}: {SERVED.title}")
            report.row(SERVED, self.rounds(SERVED, list(ports), run))
            note("serve: 10 KiB under wrk")
            ports["cached"] = 8080
            rates = {name: [] for name in ports}
            for number in range(3 if self.quick else 6):
                for name, port in ports.items():
                    rate = both.requests_per_second(port, SMALL[0], 1 if number == 0 else 3)
                    if number:
                        rates[name].append(rate)
            own, other, cached = (statistics.median(rates[name]) for name in ports)
            ratio = statistics.median(b / a for a, b in zip(rates["bgcopy"], rates["nginx"], strict=True))
            report.goal("10 KiB under wrk, 32 connections", "time of a request", f"{1e6 / own:.1f} µs ({own:,.0f}/s)",
                        f"nginx {1e6 / other:.1f} µs ({other:,.0f}/s), with a cache of open files {1e6 / cached:.1f} µs",
                        ratio, 1.43, None, "×")
        finally:
            both.close()

    def mirror(self, report: "Report"):
        """Calls through the interfaces of BITS beside the calls of C that they make."""
        work = self.work(nginx.HTTP, [])
        words = [str(OUT / "mirror"), str(work.scratch / "queue"), str(work.scratch / "other")]
        output = subprocess.run(words, stdout=subprocess.PIPE, check=True, timeout=60).stdout
        for name, line in zip(("GetState", "GetProgress", "GetDisplayName"), output.split(b"\n"), strict=False):
            plain, mirror = map(float, line.split())
            report.goal(f"{name} through bits.h", "wall", f"{mirror:.0f} ns", f"C {plain:.0f} ns", mirror / plain, 1.2,
                        None)

    def close(self):
        self.server.close()
        shutil.rmtree(self.disk, ignore_errors=True)


def activity(pid: int) -> tuple[int, int]:
    """Context switches and nanoseconds on a processor of all threads of a process so far."""
    switches = spent = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        status = (task / "status").read_text().splitlines()
        switches += sum(int(line.split()[1]) for line in status if "ctxt_switches" in line)
        spent += int((task / "schedstat").read_text().split()[0])
    return switches, spent


def verdict(value: float, must: float, reach: float | None) -> str:
    if value > must:
        return "**missed**"
    return "must" if reach is None or value > reach else "reached"


def limit(number: float | None, unit: str) -> str:
    return "" if number is None else f"≤ {number:g}{unit}"


class Report:
    """Two tables: the goals with their verdicts, and every median."""

    def __init__(self):
        self.goals = ["| Work | Measure | bgcopy | Yardstick | Ratio | Must | Reach | Verdict |",
                      "|---|---|---|---|---|---|---|---|"]
        self.medians = ["| Work | Client | Wall s | CPU s | Peak MiB | Waits |", "|---|---|---|---|---|---|"]

    def goal(self, title, what, own, yardstick, ratio, must, reach, unit=""):
        value = float(own.split()[0].replace(",", "")) if ratio is None else ratio
        note(f"  {what} {own} {yardstick}" + ("" if ratio is None else f" {ratio:.2f}×"))
        self.goals.append(f"| {title} | {what} | {own} | {yardstick} | {'' if ratio is None else f'{ratio:.2f}'} | "
                          f"{limit(must, unit)} | {limit(reach, unit)} | {verdict(value, must, reach)} |")

    def row(self, row: Row, samples: dict[str, list[Sample]]):
        def median(client, what):
            return statistics.median(getattr(sample, what) for sample in samples[client])

        for client in samples:
            wall, cpu, peak, waits = (median(client, what) for what in ("wall", "cpu", "peak", "switches"))
            self.medians.append(f"| {row.title} | {client} | {wall:.4f} | {cpu:.4f} | {peak:.1f} | {waits:.0f} |")
        if "bgcopy" not in samples:
            return
        for goal in row.goals:
            yardsticks = [name for name in goal.yardsticks if name in samples]
            if not yardsticks:
                continue
            best = min(yardsticks, key=lambda name: median(name, goal.what))
            pairs = zip(samples["bgcopy"], samples[best], strict=True)
            ratio = statistics.median(getattr(own, goal.what) / getattr(other, goal.what) for own, other in pairs)
            self.goal(row.title, goal.what, f"{median('bgcopy', goal.what):.4f} s",
                      f"{best} {median(best, goal.what):.4f} s", ratio, goal.must, goal.reach, "×")

    def text(self) -> str:
        # A measurement on a busy machine says so.
        busy = f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the end"
        tables = [table for table in (self.goals, self.medians) if len(table) > 2]
        return "\n\n".join(["\n".join(table) for table in tables] + [busy]) + "\n"


def build():
    """The measuring program, and the clients against the header and the library of this tree."""
    OUT.mkdir(parents=True, exist_ok=True)
    library = OUT / "libbgcopy.so.0"
    cc = ["cc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([*cc, "-o", str(OUT / "measure"), str(HERE / "measure.c")], check=True)
    built = ROOT / "target" / "release" / "libbgcopy.so"
    if not built.exists():
        return
    library.unlink(missing_ok=True)
    library.symlink_to(built)
    for program in ("fetch", "send", "suspended", "queue"):
        subprocess.run([*cc, f"-I{ROOT}/include", "-o", str(OUT / program), str(HERE / f"{program}.c"), str(library),
                        f"-Wl,-rpath,{OUT}"], check=True)
    subprocess.run(["c++", "-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/include",
                    f"-I{ROOT}/bindings/cpp/include", "-o", str(OUT / "mirror"), str(HERE / "mirror.cpp"),
                    str(library), f"-Wl,-rpath,{OUT}"], check=True)


def measure_all(arguments) -> Report:
    def chosen(name):
        return not arguments.only or name in arguments.only

    bench, report = Bench(arguments.quick, arguments.clients), Report()
    try:
        peaks = {}
        for row in ROWS:
            needed = chosen(row.name) or (row.name in ("large-http", "small-http") and chosen("memory"))
            if not needed:
                continue
            note(f"{row.name}: {row.title}")
            samples = bench.measure(row)
            report.row(row, samples)
            peaks[row.name] = {client: max(s.peak for s in runs) for client, runs in samples.items()}
        own = "bgcopy" in bench.only
        if chosen("memory") and own:
            for name, what, must, reach in (("large-http", "one large file", 10, 6),
                                            ("small-http", "10,000 small files", 24, 12)):
                others = ", ".join(f"{client} {peak:.1f}" for client, peak in peaks[name].items() if client != "bgcopy")
                report.goal(what, "peak memory", f"{peaks[name]['bgcopy']:.1f} MiB", others, None, must, reach, " MiB")
        if chosen("calls"):
            note("calls: system calls per MiB")
            calls = {client: bench.calls_per_mib(client) for client in bench.clients(ONE)}
            others = ", ".join(f"{client} {count:.0f}" for client, count in calls.items() if client != "bgcopy")
            if own:
                report.goal("256 MiB, http", "system calls per MiB", f"{calls['bgcopy']:.1f}", others, None, 24, 12)
            note(f"calls: {calls}")
        if chosen("kill"):
            note("kill: fetched again after kill -9")
            again = bench.fetched_again(bench.clients(ONE))
            others = ", ".join(f"{client} {seconds:.2f}" for client, seconds in again.items() if client != "bgcopy")
            if own:
                report.goal("kill -9 at 8 MB/s", "fetched again", f"{again['bgcopy']:.2f} s", others, None, 0.5, None,
                            " s")
            note(f"kill: {again}")
        if chosen("upload") and own:
            bench.uploads(report)
        if chosen("serve") and own:
            bench.serve(report)
        if chosen("queue") and own:
            bench.many_jobs(report)
        if chosen("mirror") and own:
            note("mirror: calls through bits.h")
            bench.mirror(report)
        if chosen("idle") and own:
            note("idle: 1,000 suspended jobs")
            wakeups, cpu, seconds = bench.wakeups()
            report.goal(f"1,000 suspended jobs, {seconds} s", "wake-ups", f"{wakeups} ({cpu:.1f} ms CPU)", "", None, 0,
                        None)
    finally:
        bench.close()
    return report


def main():
    names = [row.name for row in ROWS] + ["memory", "calls", "kill", "upload", "serve", "queue", "mirror", "idle"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=names, metavar="ROW",
                        help="measure these rows: " + ", ".join(names))
    parser.add_argument("--clients", nargs="+", default=["bgcopy", "curl", "aria2", "wget", "cp", "tus"],
                        metavar="CLIENT", help="measure these programs (default: all)")
    parser.add_argument("--quick", action="store_true", help="three rounds and short waits: to look, not to conclude")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables to FILE as well")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.inside:
        # Services live in sbin, which is not in the search path of every user.
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        if (os.cpu_count() or 1) < 2:
            sys.exit("bench: two processors are needed, one for the server and one for the client")
        tools = ("nginx", "curl", "aria2c", "wget", "strace", "openssl", "taskset", "unshare", "ip", "cc", "wrk")
        missing = [tool for tool in tools if shutil.which(tool) is None]
        if missing:
            sys.exit(f"bench: not installed: {', '.join(missing)}")
        build()
        tus.install(OUT / "tus")
        built = (OUT / "fetch", ROOT / "target" / "release" / "bgcopy-server")
        if "bgcopy" in arguments.clients and not all(program.exists() for program in built):
            sys.exit("bench: build first: cargo build --release -p bgcopy-ffi -p bgcopy-server")
        # Namespaces of its own: nothing else on the network, mounts and processes that end with the run.
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        os.execvp("unshare", ["unshare", *user, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                              sys.executable, __file__, *sys.argv[1:], "--inside"])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    Path("/proc/sys/net/ipv4/tcp_congestion_control").write_text("reno")
    text = measure_all(arguments).text()
    print(text, end="")
    if arguments.markdown:
        arguments.markdown.write_text(text)


if __name__ == "__main__":
    main()
