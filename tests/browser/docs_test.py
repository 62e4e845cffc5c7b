"""The page of the API's description in Chromium: complete, usable, and quiet.

SPDX-License-Identifier: Apache-2.0
"""

import json
from pathlib import Path

import pytest

API = json.loads((Path(__file__).resolve().parents[2] / "web/openapi.json").read_text(encoding="utf-8"))


@pytest.fixture
def docs(browser, server):
    page = browser.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/docs")
    page.locator(".operation").first.wait_for()
    yield page
    page.close()
    assert said == []
    assert all(url.startswith(server.url) for url in asked)


def test_every_route_is_shown_and_opens(docs):
    operations = [operation["operationId"] for item in API["paths"].values() for operation in item.values()]
    assert docs.locator(".operation").count() == len(operations) == docs.locator("#nav li").count()
    for name in operations:
        docs.locator(f"#{name} > summary").click()
        docs.locator(f"#{name} .answers > li").first.wait_for()


def test_a_link_to_a_route_opens_it(docs):
    docs.locator('#nav a[href="#chat"]').click()
    row = docs.locator("#chat tr").filter(has=docs.locator("code", has_text="temperature")).first
    assert "0 to 3e+38 (else the nearest bound)" in row.inner_text()
    assert docs.locator("#chat th").filter(has_text="messages[].content[].type").count() == 1
    assert docs.locator("#chat .required").first.inner_text().strip() == "required"


def test_a_form_sends_its_example_and_shows_the_answer(docs):
    docs.goto(docs.url.split("#")[0] + "#complete")
    form = docs.locator("#complete")
    form.get_by_label("Example").select_option("list")
    form.get_by_role("button", name="Send").click()
    form.get_by_role("status").filter(has_text="200 OK").wait_for()
    assert len(json.loads(form.get_by_label("Answer").inner_text())["choices"]) == 4
