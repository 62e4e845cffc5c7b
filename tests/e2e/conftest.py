"""A running server for the end-to-end tests.

SPDX-License-Identifier: Apache-2.0
"""

import os
import subprocess

import pytest

import cloud_stand_in
from cloud_process import NODE, GatewayProcess, answer_chat, assert_no_secret
from origin import Origin
from puller import Puller
from server_process import ServerProcess


@pytest.fixture(scope="session")
def start_server(request, small_model):
    """start_server(*options, env=None, ready_path="/readyz"): a ready server with the small model, ended when the session ends."""
    servers = []

    def start(*options, **how):
        server = ServerProcess(request.config.getoption("--bin"), small_model, *options, **how)
        servers.append(server)
        return server.wait_until_ready()

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def server(start_server):
    """The server that tests share: default options."""
    return start_server()


@pytest.fixture
def origin():
    """Where pulls come from."""
    server = Origin()
    yield server
    server.close()


@pytest.fixture
def storage():
    """Where a hub keeps its large files."""
    server = Origin()
    yield server
    server.close()


@pytest.fixture
def puller(samovar, tmp_path, origin):
    (tmp_path / "home").mkdir()
    return Puller(samovar, tmp_path, origin)


@pytest.fixture
def cloud():
    """A stand-in for the cloud, with one node that answers."""
    cloud = cloud_stand_in.Cloud()
    cloud.nodes[NODE] = cloud_stand_in.Node(answer=answer_chat)
    yield cloud
    cloud.close()


@pytest.fixture
def node(cloud):
    return cloud.nodes[NODE]


@pytest.fixture
def key_file(cloud, tmp_path):
    """A service account's key.json that the cloud knows."""
    path = cloud.new_key().write(tmp_path / "key.json")
    path.chmod(0o600)
    return path


@pytest.fixture
def start_gateway(request, cloud, key_file):
    """start_gateway(*options, key=True, **how): a ready gateway, with the key file unless `key` is false; what it has logged
    holds no secret."""
    gateways = []

    def start(*options, key=True, **how):
        credentials = ("--key", key_file) if key else ()
        gateway = GatewayProcess(request.config.getoption("--bin"), cloud, *credentials, *options, **how)
        gateways.append(gateway)
        return gateway.wait_until_ready()

    yield start
    for gateway in gateways:
        gateway.stop()
        assert_no_secret(cloud, gateway.log)


@pytest.fixture
def run(samovar, cloud, tmp_path):
    """run("check", ...): (exit code, stdout, stderr) of `samovar datasphere ...` in an empty folder."""

    def do(*words, key=None, env=None, stdin=b""):
        command = [samovar.binary, "datasphere", *map(str, words)]
        if key:
            command += ["--key", str(key)]
        clean = {**os.environ, "YC_TOKEN": "", "YC_API_KEY": "", "no_proxy": "*", **(env or {})}
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=120, env=clean, cwd=tmp_path)
        said = done.stdout.decode(), done.stderr.decode()
        assert_no_secret(cloud, said[0] + said[1])
        return done.returncode, *said

    return do
