"""A file server on the loopback interface that understands ranges, for tests of downloads.

SPDX-License-Identifier: Apache-2.0
"""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class FileServer:
    """Serves the files of one folder while it is entered."""

    def __init__(self, folder):
        handler = type("Handler", (RangeHandler,), {"folder": Path(folder)})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


class RangeHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder = None

    def do_GET(self):
        self.answer(with_body=True)

    def do_HEAD(self):
        self.answer(with_body=False)

    def answer(self, with_body):
        path = self.folder / Path(self.path).name
        if not path.is_file():
            return self.send_error(404)
        content = path.read_bytes()
        size, status = len(content), 200
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked:
            first, last = int(asked[1]), min(int(asked[2] or size - 1), size - 1)
            if first >= size:
                return self.send_error(416)
            content, status = content[first : last + 1], 206
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Accept-Ranges", "bytes")
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.end_headers()
        if with_body:
            try:
                self.wfile.write(content)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client under test gave up: that is what is tested

    def log_message(self, *_):
        pass
