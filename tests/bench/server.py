"""bgcopy-server beside nginx: uploads to both, downloads from both, and what open sessions cost.

nginx receives with its DAV module, which syncs nothing: bgcopy-server has every byte on the disk that it acknowledges, so
uploads are also measured with the file synced afterwards, as nginx has no setting for it. Where it can be had, the server of the
tus protocol is there, too, which syncs nothing either.
"""

import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import parts
import tus

PORT, DAV_PORT, FILES_PORT, TUS_PORT = 8081, 8082, 8083, 8084
UPLOADED = "gigabyte"
TINY = 10 << 10
SESSIONS = 1000

BGCOPY = """
listen = ["127.0.0.1:{port}"]
idle_timeout = 300
maximum_connections = 4096

[[directory]]
url_prefix = "/drop"
path = "{drop}"
upload_enabled = true
anonymous = true

[[directory]]
url_prefix = "/"
path = "{files}"
download_enabled = true
anonymous = true
"""

# One process, as for the downloads; what it receives stays on one file system, so that it need not copy it. What it serves it
# looks at for each request, as bgcopy-server does: it has no cache of open files.
DAV = """
daemon off;
master_process off;
pid {place}/nginx.pid;
error_log {place}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {place}/temp;
    proxy_temp_path {place}/temp;
    fastcgi_temp_path {place}/temp;
    uwsgi_temp_path {place}/temp;
    scgi_temp_path {place}/temp;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    client_max_body_size 0;
    server {{
        listen 127.0.0.1:{files_port} backlog=1024;
        root {files};
    }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        root {drop};
        dav_methods PUT;
    }}
}}
"""


class Process:
    """A program on one processor that listens on a port."""

    def __init__(self, name: str, command: list[str], processor: int, port: int):
        self.port = port
        # The program itself, not taskset, has to get this identifier: its memory is read.
        self._process = subprocess.Popen(["taskset", "-c", str(processor), *command], stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise RuntimeError(f"{name} did not start") from None
                time.sleep(0.01)

    def peak_mib(self) -> float:
        """The most memory that it had so far."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024

    def close(self):
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Counterparts:
    """bgcopy-server and nginx with DAV, on the processor of servers, with the directories that they receive into."""

    def __init__(self, program: Path, disk: Path, files: Path, out: Path, server_cpu: int, client_cpu: int):
        self.out, self.client_cpu = out, client_cpu
        self.program, self.files, self.server_cpu = program, files, server_cpu
        self.drop, self.dav = disk / "drop", disk / "dav"
        for directory in (self.drop, self.dav, self.dav / "files"):
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
        for parent in (self.drop, self.dav / "files"):
            parts.spread(parent)
        self.renew()
        (disk / "nginx-dav.conf").write_text(DAV.format(
            place=self.dav, drop=self.dav / "files", port=DAV_PORT, files=files, files_port=FILES_PORT))
        self.config = disk / "bgcopy-server.toml"
        self.config.write_text(BGCOPY.format(port=PORT, drop=self.drop, files=files))
        self.nginx = Process("nginx", ["nginx", "-p", str(self.dav), "-c", str(disk / "nginx-dav.conf")], server_cpu,
                             DAV_PORT)
        self.server = self._start()
        self.tus_into, self.tus = disk / "tus", None
        shutil.rmtree(self.tus_into, ignore_errors=True)
        self.tus_into.mkdir()
        if node := tus.program(out / "tus"):
            command = [*node, str(TUS_PORT), str(self.tus_into), UPLOADED]
            self.tus = Process("the server of tus", command, server_cpu, TUS_PORT)

    def _start(self) -> Process:
        return Process("bgcopy-server", [str(self.program), str(self.config)], self.server_cpu, PORT)

    def command(self, client: str, scratch: Path, source: Path, names: list[str]) -> list[str]:
        """What uploads `names` of `source`: at most 50 at once, for curl by its connections, for bgcopy by its threads."""
        if client == "bgcopy":
            (scratch / "queue").mkdir()
            lines = "".join(f"http://127.0.0.1:{PORT}/drop/{self.into.name}/{name} {source / name}\n" for name in names)
            (scratch / "list").write_text(lines)
            return [str(self.out / "send"), str(scratch / "queue"), str(scratch / "list"), str(min(50, len(names)))]
        if client == "tus":
            return tus.upload(TUS_PORT, source / names[0])
        base = f"http://127.0.0.1:{DAV_PORT}/{self.dav_into.name}"
        curl = ["curl", "--disable", "-s", "-S", "--no-progress-meter", "--fail", "-H", "Expect:"]
        if len(names) == 1:
            command = [*curl, "-T", str(source / names[0]), f"{base}/{names[0]}"]
            received = self.dav_into / names[0]
            return [*command, "--then", "sync", "-d", str(received)] if client.endswith("synced") else command
        lines = "".join(f'upload-file = "{source / name}"\nurl = "{base}/{name}"\n' for name in names)
        (scratch / "list").write_text(lines)
        return [*curl, "-Z", "--parallel-max", "50", "-K", str(scratch / "list")]

    def received(self, client: str) -> Path:
        return {"bgcopy": self.into, "tus": self.tus_into}.get(client, self.dav_into)

    def renew(self):
        """New directories to upload into, with no write left on its way to the disk."""
        self.into, self.dav_into = parts.quickest(self.drop), parts.quickest(self.dav / "files")
        subprocess.run(["sync", "-f", str(self.drop)], check=True)

    def fetch(self, port: int, name: str) -> list[str]:
        return ["curl", "--disable", "-s", "-S", "--fail", "-o", "/dev/null", f"http://127.0.0.1:{port}/{name}"]

    def requests_per_second(self, port: int, name: str, seconds: int) -> float:
        """As wrk counts them, with 32 connections; an answer that is no file is an error."""
        command = ["taskset", "-c", str(self.client_cpu), "wrk", "-t1", "-c32", f"-d{seconds}s",
                   f"http://127.0.0.1:{port}/{name}"]
        output = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=60, text=True).stdout
        if "Non-2xx" in output or "Socket errors" in output:
            raise RuntimeError(f"port {port}: {output}")
        return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))

    def tiny_uploads_per_second(self, connections: int = 64) -> float:
        """1,000 uploads of 10 KiB over kept connections, packets made here: what the server takes, not the client."""
        body, failed = bytes(TINY), []

        def upload(share: range):
            try:
                with Packets(PORT) as packets:
                    for number in share:
                        packets.upload(f"/drop/{self.into.name}/tiny-{number}", body)
            except (OSError, RuntimeError) as error:
                failed.append(error)

        everywhere = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {self.client_cpu})
        threads = [threading.Thread(target=upload, args=(range(n, SESSIONS, connections),)) for n in range(connections)]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - begin
        os.sched_setaffinity(0, everywhere)
        if failed:
            raise failed[0]
        return SESSIONS / took

    def memory_of_sessions(self) -> float:
        """Peak memory in MiB of a new server with 1,000 open sessions, each with a connection and half of its file."""
        self.server.close()
        self.server = self._start()
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        connections = []
        try:
            for number in range(SESSIONS):
                packets = Packets(PORT)
                connections.append(packets)
                url = f"/drop/open-{number}"
                session = packets.create(url)
                packets.fragment(url, session, bytes(TINY), 2 * TINY)
            return self.server.peak_mib()
        finally:
            for packets in connections:
                packets.close()

    def close(self):
        self.server.close()
        self.nginx.close()
        if self.tus:
            self.tus.close()
        shutil.rmtree(self.drop, ignore_errors=True)


class Packets:
    """A connection that speaks the upload protocol, no more of it than is measured."""

    def __init__(self, port: int):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._socket.close()

    def upload(self, url: str, body: bytes):
        session = self.create(url)
        self.fragment(url, session, body, len(body))
        self._post(url, "Close-Session", f"BITS-Session-Id: {session}\r\n")

    def create(self, url: str) -> str:
        head = self._post(url, "Create-Session",
                          "BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}\r\n")
        return re.search(r"(?i)bits-session-id: *(\S+)", head).group(1)

    def fragment(self, url: str, session: str, body: bytes, total: int):
        head = self._post(url, "Fragment", f"BITS-Session-Id: {session}\r\n"
                          f"Content-Range: bytes 0-{len(body) - 1}/{total}\r\n", body)
        if f"content-range: {len(body)}\r\n" not in head.lower():
            raise RuntimeError(f"the Fragment was not taken: {head}")

    def _post(self, url: str, kind: str, headers: str, body: bytes = b"") -> str:
        head = (f"BITS_POST {url} HTTP/1.1\r\nHost: 127.0.0.1\r\nBITS-Packet-Type: {kind}\r\n{headers}"
                f"Content-Length: {len(body)}\r\n\r\n")
        self._socket.sendall(head.encode() + body)
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            more = self._socket.recv(4096)
            if not more:
                raise RuntimeError(f"{kind}: the server closed the connection")
            answer += more
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{kind}: {answer.decode(errors='replace')}")
        return answer.decode()
