"""An HTTP origin with faults, a Hugging Face hub and a Python package index on it: where pulls come from in tests.

SPDX-License-Identifier: Apache-2.0
"""

import base64
import hashlib
import io
import json
import random
import re
import struct
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "c0ffee" * 6 + "beef"


def model_of(seed, size):
    """A model of `size` bytes without keys and tensors: what a pull takes for one."""
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, 0)
    return head + random.Random(seed).randbytes(size - len(head))


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class Origin:
    """Serves `files` (path -> bytes) and `routes` (path -> function of the request). `faults` (path -> list of
    functions) are used up first, one a GET. `asked` lists every request as (method, path, headers), `answered` the
    statuses."""

    def __init__(self, address="127.0.0.1"):
        self.files, self.routes, self.faults, self.asked, self.answered = {}, {}, {}, [], []
        handler = type("Handler", (OriginHandler,), {"origin": self})
        self.http = ThreadingHTTPServer((address, 0), handler)
        self.http.daemon_threads = True
        self.url = f"http://{address}:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def gets(self, path):
        """The headers of each GET of `path`."""
        return [headers for method, asked, headers in self.asked if method == "GET" and asked == path]


class OriginHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    origin = None

    def do_GET(self):
        self.route()

    def do_HEAD(self):
        self.route()

    def route(self):
        path = self.path.split("?")[0]
        self.origin.asked.append((self.command, path, dict(self.headers)))
        faults = self.origin.faults.get(path, [])
        try:
            if faults and self.command == "GET":
                faults.pop(0)(self)
            elif path in self.origin.routes:
                self.origin.routes[path](self)
            elif path in self.origin.files:
                self.send_file(self.origin.files[path])
            else:
                self.send_answer(404, b"not here")
        except (BrokenPipeError, ConnectionResetError):
            pass  # the program under test gave up: that is what is tested

    def send_response(self, code, message=None):
        self.origin.answered.append(code)
        super().send_response(code, message)

    def send_answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_file(self, content, etag=None):
        """`content`, from where the request wants it, unless If-Range names another file."""
        etag = etag or f'"{sha256(content)[:16]}"'
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked and self.headers.get("If-Range", etag) == etag:
            first, last = int(asked[1]), min(int(asked[2] or len(content)), len(content) - 1)
            if first >= len(content):
                return self.send_answer(416, Content_Range=f"bytes */{len(content)}")
            span = f"bytes {first}-{last}/{len(content)}"
            return self.send_answer(206, content[first : last + 1], ETag=etag, Content_Range=span)
        return self.send_answer(200, content, ETag=etag)

    def log_message(self, *_):
        pass


def cut_after(n_bytes, content, etag=None):
    """A fault: announces all of `content`, sends `n_bytes` and hangs up."""

    def send(handler):
        handler.send_response(200)
        handler.send_header("ETag", etag or f'"{sha256(content)[:16]}"')
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[:n_bytes])
        handler.wfile.flush()
        handler.close_connection = True

    return send


def slowly(content, seconds):
    """A fault: `content` in a hundred pieces over `seconds`, from where the request wants it."""

    def send(handler):
        asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        first = int(asked[1]) if asked else 0
        handler.send_response(206 if asked else 200)
        handler.send_header("ETag", f'"{sha256(content)[:16]}"')
        if asked:
            handler.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        handler.send_header("Content-Length", str(len(content) - first))
        handler.end_headers()
        step = len(content) // 100 + 1
        for begin in range(first, len(content), step):
            handler.wfile.write(content[begin : begin + step])
            handler.wfile.flush()
            time.sleep(seconds / 100)

    return send


def add_hub_file(hub, storage, repo, file, content, linked_sha=None, told_size=None):
    """Puts a large file into `repo` as the hub does it: metadata on `hub`, bytes behind a redirect to `storage`."""
    key = linked_sha or sha256(content)
    place = f"/storage/{sha256(content)}"
    storage.files[place] = content

    def resolve(handler):
        handler.send_answer(
            302,
            Location=f"{storage.url}{place}?signature=x",
            X_Repo_Commit=COMMIT,
            X_Linked_Etag=f'"{key}"',
            X_Linked_Size=str(told_size or len(content)),
        )

    for revision in ("main", COMMIT):
        hub.routes[f"/{repo}/resolve/{revision}/{file}"] = resolve
    return place


def add_hub_list(hub, repo, files):
    listing = json.dumps({"sha": COMMIT, "siblings": [{"rfilename": file} for file in files]}).encode()
    hub.files[f"/api/models/{repo}/revision/main"] = listing


def wheel(package, version, members):
    """The bytes of a wheel with `members` (path -> bytes)."""
    stem = f"{package.replace('-', '_')}-{version}"
    info = {
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n".encode(),
        f"{stem}.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for name, content in {**members, **info}.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(content)}\n"
    info[f"{stem}.dist-info/RECORD"] = f"{record}{stem}.dist-info/RECORD,,\n".encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**members, **info}.items():
            archive.writestr(name, content)
    return out.getvalue()


def add_package(index, package, version, members):
    """Puts a wheel on the package index below /simple/. RETURNS the path of the wheel's bytes."""
    file = f"{package.replace('-', '_')}-{version}-py3-none-any.whl"
    content = wheel(package, version, members)
    page = f'<html><body><a href="/wheels/{file}#sha256={sha256(content)}">{file}</a></body></html>'.encode()
    index.routes[f"/simple/{package}/"] = lambda handler: handler.send_answer(200, page, Content_Type="text/html")
    index.files[f"/wheels/{file}"] = content
    return f"/wheels/{file}"
