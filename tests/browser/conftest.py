"""A headless Chromium before a running server, and a page that notices what must not happen.

SPDX-License-Identifier: Apache-2.0
"""

import pytest

from server_process import ServerProcess
from stub_server import StubServer

try:
    from playwright.sync_api import sync_playwright

    from chat_page import ChatPage, chromium_path
except ImportError as error:
    raise pytest.UsageError(f"{error}: tools/venv.sh browser installs it") from error


@pytest.fixture(scope="session")
def browser():
    path = chromium_path()
    if not path:
        pytest.skip("no Chromium on this machine: tools/setup.sh all installs it")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(request, small_model):
    """A real server with the small model."""
    server = ServerProcess(request.config.getoption("--bin"), small_model, "--ctx-size", 2048)
    yield server.wait_until_ready()
    server.stop()


@pytest.fixture
def stub(server):
    """A server whose answers the test writes."""
    stub = StubServer(server.url)
    yield stub
    stub.stop()


@pytest.fixture
def open_page(browser):
    """open_page(url, **context options): a ChatPage; at the end nothing forbidden may have happened in it."""
    opened = []

    def open_page(url, **options):
        page = ChatPage(browser.new_context(**{"locale": "en-GB", **options}), url)
        opened.append(page)
        return page

    yield open_page
    for page in opened:
        page.close()
