"""/openapi.json and /docs: what is described is valid, is answered, and needs nothing from elsewhere.

Routes, members, types, ranges and defaults are held against the program in src/api/openapi_test.cpp.
SPDX-License-Identifier: Apache-2.0
"""

import jsonschema
import openapi_spec_validator
import pytest
import requests

from description import DOCUMENT, JSON, body_of, operations, resolved

# What an example would do to a store, or what this model or a server with one model cannot do.
NOT_HERE = {"/api/pull", "/api/delete", "/api/copy", "/infill", "/models/load", "/models/unload"}
EXAMPLES = [(path, number) for method, path, operation in operations() if body_of(operation) and path not in NOT_HERE
            for number in range(len(body_of(operation)[1]))]
READS = [path for method, path, operation in operations() if method == "get" and "200" in operation["responses"] and "{" not in path]


@pytest.fixture(scope="module")
def client(server):
    with requests.Session() as session:
        yield session


@pytest.fixture(scope="module")
def model(server, client):
    return client.get(f"{server.url}/v1/models").json()["data"][0]["id"]


def check_answer(operation, answer):
    """A whole answer has the form that is described."""
    content = resolved(operation["responses"]["200"]).get("content", {})
    assert answer.headers["Content-Type"].split(";")[0] in content, answer.headers
    if answer.headers["Content-Type"].startswith(JSON):
        schema = {**content[JSON]["schema"], "components": DOCUMENT["components"]}
        jsonschema.validate(answer.json(), schema)


def test_the_description_is_valid_and_is_what_the_server_sends(server, client):
    answer = client.get(f"{server.url}/openapi.json")
    assert answer.headers["Content-Type"].startswith(JSON)
    assert answer.json() == DOCUMENT
    openapi_spec_validator.validate(answer.json())


@pytest.mark.parametrize("path, number", EXAMPLES)
def test_an_example_is_answered_as_described(server, client, model, path, number):
    operation = DOCUMENT["paths"][path]["post"]
    example = body_of(operation)[1][number]
    body = {**example, **({"model": model} if "model" in example else {})}
    if "tool_calls" in str(body):
        pytest.skip("this model's template knows no tools")
    answer = client.post(f"{server.url}{path}", json=body, timeout=120)
    assert answer.status_code == 200, answer.text
    check_answer(operation, answer)


@pytest.mark.parametrize("path", READS)
def test_a_page_or_figure_is_answered_as_described(server, client, path):
    answer = client.get(f"{server.url}{path}")
    assert answer.status_code == 200
    check_answer(DOCUMENT["paths"][path]["get"], answer)


@pytest.mark.parametrize("path", [path for _, path, operation in operations() if operation["tags"] == ["Not built"]])
def test_what_is_not_built_says_so(server, client, path):
    answer = client.post(f"{server.url}{path.replace('{id}', '0')}", json={})
    assert answer.status_code == 501
    schema = resolved(DOCUMENT["paths"][path]["post"]["responses"]["501"])["content"][JSON]["schema"]
    jsonschema.validate(answer.json(), {**schema, "components": DOCUMENT["components"]})


def test_old_ways_lead_to_the_page_also_below_a_prefix(start_server):
    server = start_server("--api-prefix", "/llm", "--no-ui", ready_path="/llm/readyz")
    for path in ("/llm/docs", "/llm/docs/", "/llm/redoc"):
        answer = requests.get(f"{server.url}{path}", timeout=10)
        assert answer.status_code == 200
        assert answer.url == f"{server.url}/llm/docs"
        assert 'src="docs/main.js"' in answer.text
    assert requests.get(f"{server.url}/llm/docs/main.js", timeout=10).status_code == 200
    assert requests.get(f"{server.url}/llm/style/theme.css", timeout=10).status_code == 200
    assert requests.get(f"{server.url}/llm/", timeout=10).status_code == 404
