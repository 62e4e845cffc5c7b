"""A running server for the end-to-end tests.

SPDX-License-Identifier: Apache-2.0
"""

import pytest

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
