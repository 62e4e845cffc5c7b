"""A stand-in for the parts of Yandex Cloud that samovar talks to, written from the public documentation.

What it checks is what the documentation asks for: the JWT's signature, algorithm, audience, issuer and times
(yandex.cloud/en/docs/iam/operations/iam-token/create-for-sa), the headers of a request to a node or an alias
(.../datasphere/operations/deploy/node-api, alias-api), a token's life, access by folder. Nodes answer through a function or
another server; `silence_seconds` cuts a connection on which nothing comes for so long, as the node's timeout does.

SPDX-License-Identifier: Apache-2.0
"""

import datetime
import http.client
import json
import secrets
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

FOLDER = "b1gfolder0000000000a"
ACCOUNT = "ajeaccount0000000000"
MAX_NODE_BYTES = 16 << 20
PEM = serialization.Encoding.PEM


class ServiceKey:
    """A key pair as `yc iam key create` makes it."""

    def __init__(self, account=ACCOUNT):
        self.id = "ajek" + secrets.token_hex(8)
        self.account = account
        self.pair = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.public_pem = self.pair.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
        pkcs8 = self.pair.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
        self.private_pem = f"PLEASE DO NOT REMOVE THIS LINE! Yandex.Cloud SA Key ID <{self.id}>\n{pkcs8}"

    def json(self):
        return json.dumps({"id": self.id, "service_account_id": self.account, "created_at": "2026-11-26T10:04:56Z",
                           "key_algorithm": "RSA_2048", "public_key": self.public_pem, "private_key": self.private_pem}, indent=3)

    def write(self, path):
        """Replaces the file whole, as `yc` and Kubernetes do."""
        new = path.with_suffix(".new")
        new.write_text(self.json())
        new.rename(path)
        return path


class Node:
    """`answer(handler, body)` answers a request; or `upstream`, the address of a server, does. `faults` (functions of the
    handler and the body) are used up first."""

    def __init__(self, upstream=None, answer=None, folder=FOLDER):
        self.upstream, self.answer, self.folder = upstream, answer, folder
        self.faults, self.asked = [], []
        self.cut = threading.Event()
        self.n_running = 0


class Cloud:
    """Serves everything on one port; a base URL of samovar's is `url` for all services."""

    def __init__(self, skew_seconds=0):
        self.lock = threading.Lock()
        self.skew_seconds = skew_seconds  # of the cloud's clock
        self.token_seconds = 12 * 3600
        self.silence_seconds = 180
        self.keys, self.tokens, self.oauth, self.api_keys = {}, {}, set(), set()
        self.nodes, self.aliases = {}, {}
        self.node_behind = self.aliases.get  # of an alias: the id of the node that answers now
        self.iam_faults, self.iam_asked, self.rejected = [], [], []
        self.n_inside_iam, self.most_inside_iam = 0, 0
        self.metadata_asked = []
        self.rest = {}  # (method, path) -> function of the handler and the body that RETURNS (status, JSON)
        self.rest_asked = []
        self.secrets = []  # what must be seen nowhere
        handler = type("Handler", (CloudHandler,), {"cloud": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.http.request_queue_size = 256
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.audience = f"{self.url}/iam/v1/tokens"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def now(self):
        return time.time() + self.skew_seconds

    def new_key(self):
        key = ServiceKey()
        self.keys[key.id] = key
        self.secrets.append(key.private_pem.split("-----")[2].strip())
        return key

    def new_token(self, seconds=None):
        token = f"t1.{secrets.token_urlsafe(48)}.{secrets.token_urlsafe(64)}"
        with self.lock:
            self.tokens[token] = self.now() + (self.token_seconds if seconds is None else seconds)
            self.secrets.append(token)
        return token

    def revoke_tokens(self):
        with self.lock:
            self.tokens.clear()

    def iam_answer(self, body):
        """RETURNS (status, JSON) of POST /iam/v1/tokens."""
        if set(body) == {"yandexPassportOauthToken"}:
            if body["yandexPassportOauthToken"] not in self.oauth:
                return 401, {"code": 16, "message": "OAuth token is invalid or expired"}
            return 200, self.token_answer()
        if set(body) != {"jwt"}:
            return 400, {"code": 3, "message": "exactly one of yandexPassportOauthToken, jwt expected"}
        problem = self.jwt_problem(body["jwt"])
        if problem:
            self.rejected.append(problem)
            return 401, {"code": 16, "message": problem, "details": [body["jwt"]]}
        return 200, self.token_answer()

    def token_answer(self):
        token = self.new_token()
        expires = datetime.datetime.fromtimestamp(self.tokens[token], datetime.timezone.utc)
        return {"iamToken": token, "expiresAt": expires.strftime("%Y-%m-%dT%H:%M:%S.%f") + "789Z"}

    def jwt_problem(self, text):
        self.secrets.append(text)
        try:
            header = jwt.get_unverified_header(text)
        except jwt.PyJWTError as error:
            return f"not a JWT: {error}"
        if header.get("alg") != "PS256" or header.get("typ") != "JWT":
            return f"expected PS256, found {header}"
        key = self.keys.get(header.get("kid"))
        if key is None:
            return f"key {header.get('kid')} not found"
        try:
            claims = jwt.decode(text, key.public_pem, algorithms=["PS256"], audience=self.audience,
                                options={"verify_exp": False, "verify_iat": False, "require": ["iss", "aud", "iat", "exp"]})
        except jwt.PyJWTError as error:
            return f"{type(error).__name__}: {error}"
        if claims["iss"] != key.account:
            return f"key {key.id} is not {claims['iss']}'s"
        if not 0 < claims["exp"] - claims["iat"] <= 3600:
            return "exp - iat must be at most 3600"
        if not claims["iat"] - 60 <= self.now() < claims["exp"]:
            return "the time is outside iat and exp"
        return None

    def access_problem(self, headers):
        """(status, message), or (0, the node) for a request to the node API."""
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme == "Api-Key":
            if token not in self.api_keys:
                return 401, "API key is unknown"
        elif scheme != "Bearer" or token not in self.tokens:
            return 401, "IAM token is unknown"
        elif self.tokens[token] <= self.now():
            return 401, "The token has expired"
        if not headers.get("x-folder-id"):
            return 400, "x-folder-id is missing"
        if ("x-node-id" in headers) == ("x-node-alias" in headers):
            return 400, "one of x-node-id and x-node-alias is expected"
        node_id = headers.get("x-node-id") or self.node_behind(headers["x-node-alias"])
        node = self.nodes.get(node_id)
        if node is None:
            return 404, "Node not found"
        if node.folder != headers["x-folder-id"]:
            return 403, "Permission denied"
        return 0, node


class CloudHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cloud = None

    def do_GET(self):
        self.route()

    do_POST = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_GET

    def route(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.split("?")[0]
        try:
            if path == "/iam/v1/tokens":
                self.iam(body)
            elif path.startswith("/computeMetadata/"):
                self.metadata()
            elif (self.command, path) in self.cloud.rest:
                self.cloud.rest_asked.append((self.command, self.path, body))
                self.send_json(*self.cloud.rest[self.command, path](self, json.loads(body or "{}")))
            else:
                self.node_api(body)
        except OSError:
            self.close_connection = True  # the program under test gave up, or was cut off: that is what is tested

    def iam(self, body):
        cloud = self.cloud
        with cloud.lock:
            cloud.n_inside_iam += 1
            cloud.most_inside_iam = max(cloud.most_inside_iam, cloud.n_inside_iam)
            cloud.iam_asked.append(time.monotonic())
            fault = cloud.iam_faults.pop(0) if cloud.iam_faults else None
        try:
            if fault:
                fault(self, body)
            else:
                self.send_json(*cloud.iam_answer(json.loads(body)))
        finally:
            with cloud.lock:
                cloud.n_inside_iam -= 1

    def metadata(self):
        self.cloud.metadata_asked.append(dict(self.headers))
        if self.headers.get("Metadata-Flavor") != "Google":
            return self.send_json(403, {"message": "Metadata-Flavor is missing"})
        token = self.cloud.new_token()
        return self.send_json(200, {"access_token": token, "expires_in": int(self.cloud.token_seconds), "token_type": "Bearer"})

    def node_api(self, body):
        status, node = self.cloud.access_problem(self.headers)
        if status:
            return self.send_json(status, {"code": status, "message": node})
        if len(body) > MAX_NODE_BYTES:
            return self.send_json(413, {"message": "Request is too large"})
        path = self.path[len("/invoke"):] if self.path.startswith("/invoke/") else self.path
        with self.cloud.lock:
            node.asked.append((self.command, path, dict(self.headers), body))
            node.n_running += 1
            fault = node.faults.pop(0) if node.faults else None
        try:
            if fault:
                return fault(self, body)
            return node.answer(self, body) if node.answer else self.pass_to(node, path, body)
        finally:
            with self.cloud.lock:
                node.n_running -= 1

    def pass_to(self, node, path, body):
        """To the server behind the node, byte for byte, and cut when it is silent for too long."""
        address = urllib.parse.urlsplit(node.upstream)
        upstream = http.client.HTTPConnection(address.hostname, address.port, timeout=self.cloud.silence_seconds)
        kept = {name: self.headers[name] for name in ("Content-Type", "Accept", "Authorization", "X-Api-Key") if name in self.headers}
        try:
            upstream.request(self.command, path, body or None, kept)
            answer = upstream.getresponse()
            self.send_response(answer.status)
            for name in ("Content-Type", "Retry-After"):
                if answer.getheader(name):
                    self.send_header(name, answer.getheader(name))
            self.begin_chunks()
            while piece := answer.read1(65536):
                self.send_chunk(piece)
                if node.cut.is_set():
                    raise OSError("the node is gone")
            self.send_chunk(b"")
        finally:
            upstream.close()

    def begin_chunks(self):
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def send_chunk(self, piece):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.flush()

    def send_json(self, status, value, **headers):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, content in headers.items():
            self.send_header(name.replace("_", "-"), content)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def date_time_string(self, timestamp=None):
        return super().date_time_string(self.cloud.now() if timestamp is None else timestamp)

    def log_message(self, *_):
        pass
