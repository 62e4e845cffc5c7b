"""A real registry: Debian's docker-registry as a process, and a token service as cr.yandex has one.

SPDX-License-Identifier: Apache-2.0
"""

import base64
import datetime
import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server_process import free_port

PROGRAM = shutil.which("docker-registry")
# bcrypt of "sesame": htpasswd -nbB me sesame
HTPASSWD = "me:$2y$05$dnoRk5vv.D69GQTK5VLGGOkvkvPTLoXMSvTMZCuLzMaLRTRMikBPe\n"
SERVICE = "registry.test"


class Registry:
    """Runs until close(). `auth`: the lines of that section of its configuration."""

    def __init__(self, folder, auth=""):
        self.host = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.host}"
        config = folder / "config.yml"
        config.write_text(f"version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {folder}/data\n"
                          f"http:\n  addr: {self.host}\n{auth}")
        self.log = open(folder / "log", "wb")
        self.process = subprocess.Popen([PROGRAM, "serve", str(config)], stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 30
        while not self.listens():
            assert self.process.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)

    def listens(self):
        address, port = self.host.split(":")
        with socket.socket() as probe:
            return probe.connect_ex((address, int(port))) == 0

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        self.log.close()

    def get(self, path, authorization=None):
        headers = {"Accept": "application/vnd.docker.distribution.manifest.v2+json"}
        if authorization:
            headers["Authorization"] = authorization
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/v2/{path}", headers=headers), timeout=60) as answer:
            return answer.read()


def htpasswd_auth(folder):
    (folder / "htpasswd").write_text(HTPASSWD)
    return f"auth:\n  htpasswd:\n    realm: r\n    path: {folder}/htpasswd\n"


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class TokenService:
    """Gives tokens that the registry takes to those whose user and password `knows(user, password)`."""

    def __init__(self, knows):
        self.knows, self.asked = knows, []
        self.key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tokens")])
        now = datetime.datetime.now(datetime.timezone.utc)
        self.certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
                            .serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
                            .not_valid_after(now + datetime.timedelta(days=1))
                            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
                            .sign(self.key, hashes.SHA256()))
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                service.answer(self)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def registry_auth(self, folder):
        (folder / "tokens.pem").write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return (f"auth:\n  token:\n    realm: {self.url}/token\n    service: {SERVICE}\n    issuer: tokens\n"
                f"    rootcertbundle: {folder}/tokens.pem\n")

    def answer(self, handler):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(handler.path).query))
        self.asked.append((query, handler.headers.get("Authorization")))
        user, _, password = base64.b64decode(handler.headers.get("Authorization", "Basic ")[6:]).decode().partition(":")
        if query.get("service") != SERVICE or not self.knows(user, password):
            return self.send(handler, 401, {"errors": [{"code": "UNAUTHORIZED", "message": f"who is {user}:{password}?"}]})
        return self.send(handler, 200, {"token": self.token(user, query["scope"])})

    def token(self, user, scope):
        kind, name, actions = scope.split(":")
        now = int(time.time())
        claims = {"iss": "tokens", "sub": user, "aud": SERVICE, "exp": now + 300, "nbf": now - 10, "iat": now, "jti": str(now),
                  "access": [{"type": kind, "name": name, "actions": actions.split(",")}]}
        chain = [base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()]
        return jwt.encode(claims, self.key, algorithm="ES256", headers={"x5c": chain})

    @staticmethod
    def send(handler, status, value):
        body = json.dumps(value).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
