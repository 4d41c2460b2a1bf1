#!/usr/bin/env python3
"""A server of the BITS upload protocol for tests, written from the published descriptions of the protocol alone.

    server.py DIRECTORY

Files are put into DIRECTORY by their path; the address stands in the first line of the output. Sessions are kept in
DIRECTORY/.sessions, so that another process goes on with them. The server ends when its input does.

What it does besides is said with POST /control and a JSON object; each call replaces these settings:

    strict        answer 416 to every Fragment that does not begin where the server is
    max_body      413 for larger bodies
    host_id, host_fallback    what Create-Session answers
    password      Basic credentials "user:password" are wanted
    reply         text that uploads are answered with, or null
    reply_name    "relative" (as Windows) or "absolute"
    no_reply_at   the name of a host, and what it does when it is asked for a reply: 404 or "drop"
    omit          headers that are left out of answers
    faults        a list of faults, each used once:
        {"packet": "Fragment", "skip": 1, "do": ..., ...}
        do: "drop"    close without an answer, nothing is carried out
            "lose"    carry out, then close without an answer
            "cut"     take half of the body, then close
            "status"  answer with "status", "code" and "context"
            "ack"     answer 200 with these "headers" in place of those the server would send
            "forget"  forget all sessions first
            "rewind"  forget all but the first "to" bytes first
            "stall"   wait for POST /release before anything is done; also of a "GET" or "HEAD"

GET /log gives a line for each request so far: packet, status, Host, path, Content-Range and Content-Name with tabs between,
and a dash for what is not there. GET /sessions gives the number of open sessions. GET and HEAD of other paths are for
replies, with ranges. POST /wait with {"packet": ..., "count": n, "stalled": m} answers when that was reached.
"""

import base64
import http.server
import json
import os
import pathlib
import re
import socket
import sys
import threading
import uuid

PROTOCOL = "{7df0354d-249b-430f-820d-3d2a9bef4931}"
DEFAULTS = {
    "strict": False,
    "max_body": None,
    "host_id": None,
    "host_fallback": None,
    "password": None,
    "reply": None,
    "reply_name": "relative",
    "no_reply_at": None,
    "omit": [],
    "faults": [],
}
LIMIT = 120


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status, code=None, context=0x5, **headers):
        super().__init__(status)
        self.status, self.headers = status, dict(headers)
        if code is not None:
            self.headers |= {"BITS-Error-Code": f"0x{code:08X}", "BITS-Error-Context": hex(context)}


INVALID = lambda: Refused(400, 0x80070057)
NOT_FOUND = lambda: Refused(500, 0x8020001F)


class Store:
    """Sessions and files, on disk."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.sessions = self.root / ".sessions"
        self.replies = self.root / "BITS-Sessions" / "Replies"
        self.sessions.mkdir(exist_ok=True)
        self.settings = dict(DEFAULTS)
        self.log = []
        self.stalled = 0
        self.released = 0
        self.changed = threading.Condition(threading.RLock())

    def place(self, target):
        path = target.split("?")[0].lstrip("/")
        if not path or path.endswith("/") or ".." in path.split("/") or path.startswith("."):
            raise INVALID()
        place = self.root / path
        if place.is_dir():
            raise INVALID()
        if not place.parent.is_dir():
            raise Refused(404, 0x80070003)
        return place

    def create(self, target):
        place = self.place(target)
        if place.exists():
            raise Refused(403, 0x80070005)
        name = "{" + str(uuid.uuid4()).upper() + "}"
        session = {"target": target, "total": None, "complete": False, "reply": None}
        self.data(name).write_bytes(b"")
        self.save(name, session)
        return name

    def data(self, name):
        return self.sessions / (name + ".data")

    def save(self, name, session):
        new = self.sessions / (name + ".new")
        new.write_text(json.dumps(session))
        new.replace(self.sessions / (name + ".json"))

    def find(self, name, target):
        if not name or not re.fullmatch(r"\{[0-9A-F-]{36}\}", name):
            raise NOT_FOUND()
        try:
            session = json.loads((self.sessions / (name + ".json")).read_text())
        except FileNotFoundError:
            raise NOT_FOUND() from None
        if session["target"] != target:
            raise NOT_FOUND()
        return session

    def held(self, name):
        return self.data(name).stat().st_size

    def finish(self, name, session, host):
        """All bytes are there: the file gets its name, and the application answers."""
        if not session["complete"]:
            place = self.place(session["target"])
            if place.exists():
                raise Refused(403, 0x80070005)
            os.link(self.data(name), place)
            if self.settings["reply"] is not None:
                directory = self.replies / name
                directory.mkdir(parents=True)
                (directory / "responsefile.bin").write_text(self.settings["reply"])
                session["reply"] = "BITS-Sessions\\Replies\\" + name + "\\responsefile.bin"
                if self.settings["reply_name"] == "absolute":
                    path = session["reply"].replace("\\", "/").replace("{", "%7B").replace("}", "%7D")
                    session["reply"] = f"http://{host}/{path}"
            session["complete"] = True
            self.save(name, session)

    def end(self, name):
        (self.sessions / (name + ".json")).unlink(missing_ok=True)
        self.data(name).unlink(missing_ok=True)
        reply = self.replies / name
        if reply.is_dir():
            for file in reply.iterdir():
                file.unlink()
            reply.rmdir()

    def forget(self):
        for file in self.sessions.iterdir():
            file.unlink()

    def rewind(self, to):
        for file in self.sessions.glob("*.data"):
            if file.stat().st_size > to:
                os.truncate(file, to)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = LIMIT
    # An answer is written whole, not line by line.
    wbufsize = -1

    @property
    def store(self):
        return self.server.store

    def log_message(self, *_):
        pass

    def answer(self, status, headers=(), body=b""):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, str(value))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def tell(self, text):
        self.answer(200, {"Content-Type": "text/plain"}, text.encode())

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    # The control of the tests.

    def do_POST(self):
        told = json.loads(self.body() or b"{}")
        store = self.store
        with store.changed:
            if self.path == "/control":
                store.settings = DEFAULTS | told
            elif self.path == "/release":
                store.released += 1
                store.changed.notify_all()
            elif self.path == "/wait":

                def reached():
                    count = sum(entry["packet"] == told.get("packet") for entry in store.log)
                    return count >= told.get("count", 0) and store.stalled >= told.get("stalled", 0)

                if not store.changed.wait_for(reached, LIMIT):
                    return self.answer(504)
        self.answer(200)

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        if self.path == "/log":
            with self.store.changed:
                return self.tell("".join("\t".join(map(str, entry.values())) + "\n" for entry in self.store.log))
        if self.path == "/sessions":
            return self.tell(str(len(list(self.store.sessions.glob("*.json")))))
        self.note(self.command)
        with self.store.changed:
            self.stall(self.fault(self.command))
        host, answer = self.store.settings["no_reply_at"] or (None, None)
        if host == self.headers.get("Host", "").split(":")[0]:
            return self.hang_up() if answer == "drop" else self.answer(answer)
        path = self.path.replace("%7B", "{").replace("%7D", "}").lstrip("/")
        place = self.store.root / path
        if ".." in path or path.startswith(".") or not place.is_file():
            self.store.log[-1]["status"] = 404
            return self.answer(404)
        content = place.read_bytes()
        status, headers = 200, {"Accept-Ranges": "bytes", "ETag": f'"{len(content)}"'}
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked and int(asked[1]) < len(content):
            first, last = int(asked[1]), min(int(asked[2] or len(content) - 1), len(content) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            status, content = 206, content[first : last + 1]
        self.store.log[-1]["status"] = status
        if self.command == "HEAD":
            self.send_response(status)
            for name, value in (headers | {"Content-Length": len(content)}).items():
                self.send_header(name, str(value))
            return self.end_headers()
        return self.answer(status, headers, content)

    def note(self, packet):
        entry = {
            "packet": packet,
            "status": "-",
            "host": self.headers.get("Host", "-"),
            "target": self.path,
            "range": self.headers.get("Content-Range", "-"),
            "name": self.headers.get("Content-Name", "-"),
        }
        with self.store.changed:
            self.store.log.append(entry)
            self.store.changed.notify_all()
        return entry

    # The protocol.

    def do_BITS_POST(self):
        packet = self.headers.get("BITS-Packet-Type", "").lower()
        entry = self.note(packet.title())
        store = self.store
        with store.changed:
            fault = self.fault(entry["packet"])
            self.stall(fault)
            if fault.get("do") == "drop":
                return self.hang_up()
            if fault.get("do") == "forget":
                store.forget()
            if fault.get("do") == "rewind":
                store.rewind(fault["to"])
        try:
            self.check_access()
            limit = store.settings["max_body"]
            if limit is not None and int(self.headers.get("Content-Length", 0)) > limit:
                self.close_connection = True
                entry["status"] = 413
                self.answer(413, {"Connection": "close"})
                return self.hang_up()
            if fault.get("do") == "status":
                self.body()
                raise Refused(fault["status"], fault.get("code"), fault.get("context", 0x5))
            if fault.get("do") == "ack":
                self.body()
                status, headers = 200, fault["headers"]
            else:
                status, headers = self.carry_out(packet, fault.get("do") == "cut")
        except Refused as refused:
            status, headers = refused.status, refused.headers
        except ConnectionError:
            return self.hang_up()
        entry["status"] = status
        if fault.get("do") in ("lose", "cut"):
            return self.hang_up()
        if status not in (401, 413):
            headers = {"Pragma": "no-cache", "BITS-Packet-Type": "Ack"} | headers
        for name in store.settings["omit"]:
            headers.pop(name, None)
        self.answer(status, headers)

    def fault(self, packet):
        for fault in self.store.settings["faults"]:
            if fault.get("packet") == packet:
                if fault.get("skip", 0) > 0:
                    fault["skip"] -= 1
                    continue
                self.store.settings["faults"].remove(fault)
                return fault
        return {}

    def stall(self, fault):
        if fault.get("do") == "stall":
            store = self.store
            store.stalled += 1
            store.changed.notify_all()
            seen = store.released
            store.changed.wait_for(lambda: store.released > seen, LIMIT)
            store.stalled -= 1

    def hang_up(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def check_access(self):
        wanted = self.store.settings["password"]
        if wanted is None:
            return
        given = "Basic " + base64.b64encode(wanted.encode()).decode()
        if self.headers.get("Authorization") != given:
            self.body()
            raise Refused(401, None, **{"WWW-Authenticate": 'Basic realm="uploads"'})

    def carry_out(self, packet, cut):
        store = self.store
        length = self.headers.get("Content-Length")
        if length is None or not length.isdigit():
            raise INVALID()
        if packet != "fragment" and length != "0":
            self.body()
            raise INVALID()
        name = self.headers.get("BITS-Session-Id")
        if packet == "ping":
            return 200, {}
        if packet == "fragment":
            return self.fragment(name, int(length), cut)
        with store.changed:
            if packet == "create-session":
                offered = re.split(r"[ ,]+", self.headers.get("BITS-Supported-Protocols", "").lower())
                if PROTOCOL not in offered:
                    raise INVALID()
                headers = {"BITS-Protocol": PROTOCOL, "BITS-Session-Id": store.create(self.path)}
                headers["Accept-Encoding"] = "identity"
                if store.settings["host_id"]:
                    headers["BITS-Host-Id"] = store.settings["host_id"]
                    if store.settings["host_fallback"] is not None:
                        headers["BITS-Host-Id-Fallback-Timeout"] = store.settings["host_fallback"]
                return 200, headers
            if packet in ("close-session", "cancel-session"):
                store.find(name, self.path)
                store.end(name)
                return 200, {"BITS-Session-Id": name}
        raise INVALID()

    def fragment(self, name, length, cut):
        store = self.store
        body = self.rfile.read(length // 2 if cut else length)
        asked = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", self.headers.get("Content-Range", ""), re.IGNORECASE)
        with store.changed:
            session = store.find(name, self.path)
            if not asked:
                raise INVALID()
            first, last, total = map(int, asked.groups())
            empty = (first, last, total, length) == (0, 0, 0, 0)
            if not empty and (first > last or last >= total or last - first + 1 != length):
                raise INVALID()
            if session["total"] not in (None, total):
                raise INVALID()
            session["total"] = total
            held = store.held(name)
            told = {"BITS-Session-Id": name}
            if not session["complete"]:
                store.save(name, session)
                if first > held or (store.settings["strict"] and first != held):
                    told["BITS-Received-Content-Range"] = held
                    raise Refused(416, None, **told)
                with open(store.data(name), "ab") as file:
                    file.write(body[held - first :])
                held = store.held(name)
            if held == total:
                store.finish(name, session, self.headers.get("Host"))
                if session["reply"]:
                    told["BITS-Reply-URL"] = session["reply"]
            told["BITS-Received-Content-Range"] = held
            return 200, told


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        # Clients are killed in tests: their connections break.
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def main():
    address = ("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    server = Server(address, Handler)
    server.store = Store(sys.argv[1])
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
