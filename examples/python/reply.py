"""A server application for bgcopy-server: reply.py [PORT]

Counts the words of every text that is uploaded, and replies with the number. The directory of the server says:

    server_notification_type = 2
    server_notification_url = "http://127.0.0.1:8000/words"

An upload may be told twice, when the server dies before its client knows: the answer must not depend on how often.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Words(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        words = 0
        left = int(self.headers["Content-Length"])
        inside = False
        while left > 0:
            portion = self.rfile.read(min(left, 1 << 20))
            if not portion:
                return  # The server has gone; it will ask again.
            left -= len(portion)
            # A word that goes on in the next portion counts once.
            words += len(portion.split()) - (inside and not portion[:1].isspace())
            inside = not portion[-1:].isspace()
        reply = f"{words} words in {self.headers['BITS-Original-Request-URL']}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(reply)))
        # Without this header the upload is gone when the client has its reply.
        self.send_header("BITS-Copy-File-To-Destination", "yes")
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, format: str, *args: object) -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8000), Words)
print(f"http://127.0.0.1:{server.server_port}/words", flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    pass
