"""nginx on loopback, one process on one processor, serving a directory over http, https and a slow road."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

HTTP = "http://127.0.0.1:8080"
HTTPS = "https://127.0.0.1:8443"
SLOW = HTTP + "/slow"
SLOW_BYTES_PER_SECOND = 8_000_000

# One process, so that one processor is all it gets; connections are kept for a whole run, so that no client is measured
# by how often the server makes it connect again.
CONFIG = f"""
daemon off;
master_process off;
pid nginx.pid;
error_log error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    log_format sent "$arg_by $request_method $status $body_bytes_sent";
    default_type application/octet-stream;
    client_body_temp_path temp;
    proxy_temp_path temp;
    fastcgi_temp_path temp;
    uwsgi_temp_path temp;
    scgi_temp_path temp;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    open_file_cache max=20000 inactive=1h;
    open_file_cache_valid 1h;
    ssl_certificate server.pem;
    ssl_certificate_key server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    server {{
        listen 127.0.0.1:8080 backlog=1024;
        listen 127.0.0.1:8443 ssl backlog=1024;
        root files;
        location /slow/ {{
            alias files/;
            limit_rate {SLOW_BYTES_PER_SECOND};
            access_log sent.log sent;
        }}
    }}
}}
"""


class Nginx:
    """The server: it serves `files`, `ca` signs its certificate, and `sent` tells what the slow road sent to whom."""

    def __init__(self, directory: Path, processor: int):
        self.directory = directory
        self.files = directory / "files"
        self.ca = directory / "ca.pem"
        self.files.mkdir(parents=True)
        (directory / "nginx.conf").write_text(CONFIG.replace("alias files/", f"alias {self.files}/"))
        self._make_certificates()
        command = ["taskset", "-c", str(processor), "nginx", "-p", str(directory), "-c", "nginx.conf"]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", 8443), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise RuntimeError("nginx did not start: " + (directory / "error.log").read_text()) from None
                time.sleep(0.01)

    def _make_certificates(self):
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], cwd=self.directory, check=True, capture_output=True)

        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        (self.directory / "server.ext").write_text("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
        openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=bench CA")
        openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=127.0.0.1")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-days", "2", "-extfile", "server.ext", "-out", "server.pem")

    def sent(self, by: str) -> int:
        """Body bytes the slow road has sent to requests marked `?by=…`, in every connection that has ended."""
        lines = (self.directory / "sent.log").read_text().split("\n")
        return sum(int(line.split()[3]) for line in lines if line.startswith(f"{by} GET "))

    def close(self):
        os.kill(self._process.pid, signal.SIGTERM)
        self._process.wait(timeout=10)
