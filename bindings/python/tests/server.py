"""The scripted HTTP server of the repository, as a child process."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
from typing import Any


class Server:
    """A running bgcopy-testserver; see tests/server/README.md for what it can do."""

    def __init__(self, *arguments: str) -> None:
        program = os.environ.get("BGCOPY_TESTSERVER")
        assert program, "BGCOPY_TESTSERVER must name the test server: run the tests with bindings/python/test.sh"
        self._process = subprocess.Popen([program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        ports = dict(word.split("=") for word in self._process.stdout.readline().split())
        self.ports = {name: int(port) for name, port in ports.items()}
        self.port = self.ports["http"]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def content(self, path: str) -> bytes:
        """What a plain request for a path is answered with."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        finally:
            connection.close()

    def ask(self, method: str, target: str, body: str | None = None) -> str:
        """Sends a request; any answer but 200 is a failure."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, target, body)
            response = connection.getresponse()
            text = response.read().decode()
            assert response.status == 200, f"{method} {target}: {response.status} {text}"
            return text.strip()
        finally:
            connection.close()

    def offer(self, name: str, **parameters: object) -> str:
        """Makes the resource /r/NAME; gives its URL."""
        query = "&".join(f"{key}={value}" for key, value in parameters.items())
        self.ask("PUT", f"/control/{name}?{query}")
        return self.url(f"/r/{name}")

    def wait(self, **conditions: object) -> None:
        self.ask("GET", "/wait?" + "&".join(f"{key}={value}" for key, value in conditions.items()))

    def release(self, name: str) -> None:
        """Lets the responses go on that stall; the first may still be about to."""
        self.wait(path=f"/r/{name}", stalled=1)
        self.ask("POST", f"/release?path=/r/{name}")

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.ask("GET", "/log").splitlines()]

    def sha256(self, size: int, seed: int = 0, version: int = 0) -> str:
        return self.ask("GET", f"/sha256/{size}?seed={seed}&version={version}")

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()
