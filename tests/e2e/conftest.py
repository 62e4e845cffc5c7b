"""A running server for the end-to-end tests.

SPDX-License-Identifier: Apache-2.0
"""

import pytest

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
