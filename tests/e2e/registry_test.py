"""`samovar datasphere registry push` to a real registry (Debian's docker-registry): without a user, with a password, with tokens as
cr.yandex gives them; and to registries that would lead credentials astray.

SPDX-License-Identifier: Apache-2.0
"""

import gzip
import hashlib
import io
import json
import os
import subprocess
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import registry_server
from cloud_process import assert_no_secret
from registry_server import Registry, TokenService, basic, htpasswd_auth

NAME = "crp1/localllm"


@pytest.fixture(scope="module")
def image_file(request, tmp_path_factory):
    """An image as `docker save` writes it, without docker."""
    path = tmp_path_factory.mktemp("image") / "image.tar"
    subprocess.run([request.config.getoption("--bin"), "cluster", "image", str(path)], check=True, capture_output=True)
    return path


@pytest.fixture
def start_registry(tmp_path):
    if not registry_server.PROGRAM:
        pytest.skip("no docker-registry here (tools/setup.sh all installs it)")
    running = []

    def start(auth=lambda folder: ""):
        (tmp_path / "registry").mkdir()
        running.append(Registry(tmp_path / "registry", auth(tmp_path / "registry")))
        return running[-1]

    yield start
    for each in running:
        each.close()


@pytest.fixture
def push(samovar, cloud, tmp_path):
    """push(image, host, ...): (exit code, stdout, stderr) of `samovar datasphere registry push`."""

    def do(image, host, *options, env=None):
        command = [samovar.binary, "datasphere", "registry", "push", str(image), f"{host}/{NAME}:v1", *map(str, options)]
        clean = {**os.environ, "YC_TOKEN": "", "YC_API_KEY": "", "no_proxy": "*", "TMPDIR": str(tmp_path), **(env or {})}
        done = subprocess.run(command, capture_output=True, timeout=120, env=clean)
        said = done.stdout.decode(), done.stderr.decode()
        assert_no_secret(cloud, said[0] + said[1])
        assert "sesame" not in said[0] + said[1]
        return done.returncode, *said

    return do


def pulled(registry, authorization=None):
    """The files of the image that the registry has, by name; every hash and size is checked."""
    manifest = json.loads(registry.get(f"{NAME}/manifests/v1", authorization))
    files = {}
    for part in [manifest["config"], *manifest["layers"]]:
        content = registry.get(f"{NAME}/blobs/{part['digest']}", authorization)
        assert "sha256:" + hashlib.sha256(content).hexdigest() == part["digest"] and len(content) == part["size"]
        if part is manifest["config"]:
            diff_ids = json.loads(content)["rootfs"]["diff_ids"]
            continue
        layer = gzip.decompress(content)
        assert "sha256:" + hashlib.sha256(layer).hexdigest() == diff_ids.pop(0)
        with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
            files |= {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}
    return files


def test_an_image_arrives_whole_and_is_not_sent_twice(request, push, start_registry, image_file):
    registry = start_registry()
    code, said, complaint = push(image_file, registry.host)
    assert code == 0, complaint
    assert ": sent\n" in said and "manifest: sha256:" in said
    with open(request.config.getoption("--bin"), "rb") as binary:
        assert pulled(registry)["usr/bin/samovar"] == binary.read()
    code, said, _ = push(image_file, registry.host)
    assert code == 0 and ": there already\n" in said and ": sent\n" not in said


def test_a_registry_with_passwords_wants_the_right_one(push, start_registry, image_file):
    registry = start_registry(htpasswd_auth)
    code, _, complaint = push(image_file, registry.host)
    assert code == 64 and "wants a user and a password: --user NAME" in complaint
    code, _, complaint = push(image_file, registry.host, "--user", "me", env={"SAMOVAR_REGISTRY_PASSWORD": "wrong"})
    assert code == 64 and "HTTP 401" in complaint
    code, _, complaint = push(image_file, registry.host, "--user", "me", env={"SAMOVAR_REGISTRY_PASSWORD": "sesame"})
    assert code == 0, complaint
    assert "usr/bin/samovar" in pulled(registry, basic("me", "sesame"))


@pytest.fixture
def tokens(cloud, key_file):
    """The token service of a registry like cr.yandex: it takes a whole key file, or an IAM token."""

    key = key_file.read_text()

    def knows(user, password):
        return (user, password) == ("json_key", key) or (user == "iam" and password in cloud.tokens)

    service = TokenService(knows)
    yield service
    service.close()


def test_a_key_file_is_a_password_and_so_is_an_iam_token(push, start_registry, image_file, tokens, cloud, key_file):
    registry = start_registry(tokens.registry_auth)
    how = ("--token-service", tokens.url, "--iam", cloud.url)
    code, _, complaint = push(image_file, registry.host, "--user", "json_key", "--key", key_file, *how)
    assert code == 0, complaint
    assert "usr/bin/samovar" in pulled(registry, "Bearer " + tokens.token("x", f"repository:{NAME}:pull"))
    assert {query["scope"] for query, _ in tokens.asked} == {f"repository:{NAME}:pull,push"}
    for options, env in ((("--key", key_file), {}), ((), {"YC_TOKEN": cloud.new_token()})):
        code, _, complaint = push(image_file, registry.host, "--user", "iam", *options, *how, env=env)
        assert code == 0, complaint
    cloud.revoke_tokens()
    key_file.write_text(key_file.read_text().replace("2026", "2025"))
    for options in (("--user", "json_key", "--key", key_file), ("--user", "iam")):
        code, _, complaint = push(image_file, registry.host, *options, *how, env={"YC_TOKEN": "t1.none-such-token-is-known"})
        assert code == 64 and "HTTP 401" in complaint


def test_keys_and_tokens_of_the_cloud_go_to_no_other_registry_by_themselves(push, start_registry, image_file, tokens, key_file, cloud):
    registry = start_registry(tokens.registry_auth)
    how = ("--token-service", tokens.url, "--key", key_file)
    assert push(image_file, registry.host, *how, env={"YC_TOKEN": cloud.new_token()})[0] == 64
    assert {authorization for _, authorization in tokens.asked} == {None}


def test_a_foreign_token_service_gets_nothing(push, start_registry, image_file, tokens, key_file):
    registry = start_registry(tokens.registry_auth)
    code, _, complaint = push(image_file, registry.host, "--user", "json_key", "--key", key_file)
    assert code == 64
    assert f"sends those who log in to another host, {tokens.url}, which would get the password" in complaint
    assert tokens.asked == []


def test_the_tool_is_not_logged_in_where_the_password_would_go_elsewhere(samovar, start_registry, tokens, key_file, tmp_path):
    registry = start_registry(tokens.registry_auth)
    command = ["datasphere", "registry", "login", "--registry", registry.host, "--user", "json_key", "--key", key_file, "--tool", "false"]
    done = samovar.run(*command, env={"no_proxy": "*"})
    assert done.returncode == 64 and b"which would get the password" in done.stderr and done.stdout == b""
    done = samovar.run(*command, "--token-service", tokens.url, env={"no_proxy": "*"})
    assert b"+ false login --username json_key --password-stdin" in done.stdout and b"false login failed" in done.stderr


def test_an_image_of_a_tool_is_saved_and_sent(push, start_registry, image_file, tmp_path):
    registry = start_registry()
    tool = tmp_path / "tool"
    tool.write_text(f'#!/bin/sh\n[ "$*" = "save localllm" ] && exec cat "{image_file}"\nexit 3\n')
    tool.chmod(0o755)
    before = set(tmp_path.iterdir())
    code, said, complaint = push("localllm", registry.host, "--tool", tool)
    assert code == 0, complaint
    assert said.startswith(f"+ {tool} save localllm\n") and "usr/bin/samovar" in pulled(registry)
    code, _, complaint = push("other", registry.host, "--tool", tool)
    assert code != 0 and "save failed with exit code 3" in complaint
    assert set(tmp_path.iterdir()) == before


class Astray(BaseHTTPRequestHandler):
    """A registry that sends everything on to another address, or uploads alone."""

    elsewhere, only_uploads, asked = "", False, []

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((self.command, self.path, self.headers.get("Authorization")))
        if self.command == "GET" and self.path == "/v2/":
            self.send_response(200)
        elif self.headers.get("Authorization") is None:
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic realm=r")
        elif self.command == "HEAD":
            self.send_response(404)
        else:
            self.send_response(202 if self.only_uploads and self.command == "POST" else 307)
            self.send_header("Location", self.elsewhere + "/taken")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_POST = do_PUT = do_GET

    def log_message(self, *_):
        pass


class Taker(BaseHTTPRequestHandler):
    """Where one is led astray to: takes everything."""

    asked = []

    def do_PUT(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((self.path, self.headers.get("Authorization")))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PUT

    def log_message(self, *_):
        pass


@pytest.fixture
def astray():
    """astray(only_uploads): the host of a registry, what it was asked, and what that elsewhere was."""
    running = []

    def serve(handler, **members):
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (handler,), {**members, "asked": []}))
        running.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"127.0.0.1:{server.server_port}", server.RequestHandlerClass.asked

    def begin(only_uploads):
        elsewhere, taken = serve(Taker)
        host, asked = serve(Astray, elsewhere=f"http://{elsewhere}", only_uploads=only_uploads)
        return host, asked, taken

    yield begin
    for each in running:
        each.shutdown()
        each.server_close()


@pytest.mark.parametrize("only_uploads", [False, True])
def test_credentials_do_not_follow_to_another_host(push, astray, image_file, only_uploads):
    host, asked, taken = astray(only_uploads)
    code, _, complaint = push(image_file, host, "--user", "me", env={"SAMOVAR_REGISTRY_PASSWORD": "sesame"})
    assert code != 0 and "a redirect, which credentials do not follow" in complaint
    assert any(authorization for _, _, authorization in asked)
    assert not any(authorization for _, authorization in taken)
    assert bool(taken) == only_uploads  # a blob may lie elsewhere; it goes without them


@pytest.mark.parametrize("text, words", [(b"no tar", "archive"), (None, "such")])
def test_what_is_no_image_is_told(push, start_registry, tmp_path, text, words):
    registry = start_registry()
    path = tmp_path / "image.tar"
    if text:
        path.write_bytes(text)
    code, _, complaint = push(path, registry.host, "--tool", "no-such-tool")
    assert code not in (0, 70) and words in complaint.lower()


def test_a_full_disk_is_told(push, start_registry, image_file):
    code, _, complaint = push(image_file, start_registry().host, env={"TMPDIR": "/proc"})
    assert code != 0 and "TMPDIR names another folder" in complaint


def test_a_push_that_is_killed_leaves_nothing_and_goes_on(samovar, push, start_registry, image_file, tmp_path):
    registry = start_registry()
    command = [samovar.binary, "datasphere", "registry", "push", str(image_file), f"{registry.host}/{NAME}:v1"]
    before = set(tmp_path.iterdir())
    for seconds in (0.05, 0.1, 0.2, 0.4):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env={**os.environ, "no_proxy": "*", "TMPDIR": str(tmp_path)})
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert set(tmp_path.iterdir()) == before
    assert push(image_file, registry.host)[0] == 0
    assert "usr/bin/samovar" in pulled(registry)
