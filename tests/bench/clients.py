"""The programs that are measured: each turns a piece of work into the commands that do it."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Work:
    """Files to fetch: where from, where to, and what a client may use meanwhile."""

    base: str
    names: list[str]
    destination: Path
    scratch: Path
    ca: Path
    programs: Path
    sync: bool = False
    resume: bool = False
    query: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def pairs(self):
        return [(f"{self.base}/{name}{self.query}", self.destination / name) for name in self.names]

    def list_file(self, line) -> str:
        path = self.scratch / "list"
        path.write_text("".join(line(url, target) for url, target in self.pairs()))
        return str(path)

    def durable(self, command: list[str]) -> list[str]:
        """The command, and then, where the work asks for it, the data of its one file forced to disk."""
        return [*command, "--then", "sync", "-d", str(self.destination / self.names[0])] if self.sync else command


def bgcopy(work: Work) -> list[str]:
    # rustls takes its roots from here; durable by itself, so nothing follows it.
    work.environment |= {"SSL_CERT_FILE": str(work.ca), "SSL_CERT_DIR": ""}
    queue = work.scratch / "queue"
    queue.mkdir(exist_ok=True)
    return [str(work.programs / "fetch"), str(queue), work.list_file(lambda url, target: f"{url} {target}\n")]


def curl(work: Work, parallel: int = 0) -> list[str]:
    command = ["curl", "--disable", "-s", "-S", "--no-progress-meter", "--fail", "--cacert", str(work.ca)]
    if work.resume:
        command += ["-C", "-"]
    if not parallel:
        [(url, target)] = work.pairs()
        return work.durable([*command, "-o", str(target), url])
    lines = work.list_file(lambda url, target: f'url = "{url}"\noutput = "{target}"\n')
    return [*command, "-Z", "--parallel-max", str(parallel), "--parallel-immediate", "-K", lines]


def aria2(work: Work, parallel: int = 1) -> list[str]:
    lines = work.list_file(lambda url, target: f"{url}\n dir={target.parent}\n out={target.name}\n")
    command = ["aria2c", "--no-conf", "-q", "--file-allocation=none", f"--ca-certificate={work.ca}"]
    return work.durable([*command, "-c", f"-j{parallel}", "-i", lines])


def wget(work: Work) -> list[str]:
    command = ["wget", "--no-config", "-q", f"--ca-certificate={work.ca}"]
    if work.resume:
        command += ["-c"]
    if len(work.names) == 1:
        [(url, target)] = work.pairs()
        return work.durable([*command, "-O", str(target), url])
    lines = work.list_file(lambda url, target: f"{url}\n")
    return [*command, "-P", str(work.destination), "-i", lines]


def cp(work: Work, *options: str) -> list[str]:
    sources = [url.removeprefix("file://") for url, _ in work.pairs()]
    # The times go along, as with bgcopy.
    return work.durable(["cp", "--preserve=timestamps", *options, "-t", str(work.destination), *sources])


CLIENTS = {
    "bgcopy": bgcopy,
    "curl": curl,
    "curl -Z 8": lambda work: curl(work, 8),
    "curl -Z 50": lambda work: curl(work, 50),
    "aria2": aria2,
    "aria2 -j16": lambda work: aria2(work, 16),
    "wget": wget,
    "cp": cp,
    "cp --reflink=never": lambda work: cp(work, "--reflink=never"),
}
