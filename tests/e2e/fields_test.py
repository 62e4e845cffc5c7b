"""Every numeric member of every body at the ends of its range and beyond, as NaN, of a wrong type and as null.

The table is the description of the API itself, so a new member is tested as soon as it is described.
SPDX-License-Identifier: Apache-2.0
"""

import json

import pytest
import requests

from description import body_of, operations, properties

NUMBERS = ("integer", "number")
COMPANIONS = {"top_logprobs": {"logprobs": True}}
# Answers of one token, whatever the member under test allows: the slot's context ends the others.
SHORT = {"openai": {"max_tokens": 1}, "ollama": {"options": {"num_predict": 1}, "stream": False}}
N_CTX = 128


def family(path):
    return "ollama" if path.startswith("/api/") else "openai"


def numeric_types(schema):
    return [one for one in schema.get("oneOf", [schema]) if one.get("type") in NUMBERS]


def members(schema):
    """Yields (path, schema of the number, whether other types are taken too)."""
    for name, node in properties(schema).items():
        for number in numeric_types(node):
            yield name, number, "oneOf" in node
        for inner, inner_node in node.get("properties", {}).items():
            for number in numeric_types(inner_node):
                yield f"{name}.{inner}", number, False


def table():
    seen = set()
    for method, path, operation in operations():
        if method != "post" or not body_of(operation) or path in ("/infill", "/api/pull"):
            continue
        schema, examples = body_of(operation)
        if json.dumps([schema, family(path)]) in seen:  # another name of a route
            continue
        seen.add(json.dumps([schema, family(path)]))
        for name, number, mixed in members(schema):
            yield pytest.param(path, examples[0], name, number, mixed, id=f"{path} {name}")


def cases(number, mixed):
    """Yields (JSON text of the value, status that it gets)."""
    integer = number["type"] == "integer"
    step = 1 if integer else 0.5
    beyond = 200 if number.get("x-clamp") else 400
    for bound, sign in (("minimum", -1), ("maximum", 1)):
        if bound not in number:
            continue
        yield json.dumps(number[bound]), 200
        outside = number[bound] + sign * max(step, abs(number[bound]) * (0 if integer else 0.5))
        yield json.dumps(outside), beyond
    if "minimum" not in number and integer:
        yield "-9223372036854775807", 200
    yield "NaN", 400
    yield "1e999", 400
    yield "null", 200
    yield "[1]", 400
    if integer:
        yield "1.5", 400
        yield "1e300", 400
    if not mixed:
        yield '"1"', 400
        yield "true", 400


@pytest.fixture(scope="module")
def ask(start_server):
    server = start_server("--ctx-size", N_CTX, "--parallel", "4")
    model = requests.get(f"{server.url}/v1/models", timeout=10).json()["data"][0]["id"]
    with requests.Session() as session:

        def send(path, text):
            body = text.replace('"MODEL"', json.dumps(model))
            return session.post(f"{server.url}{path}", body.encode(), headers={"Content-Type": "application/json"}, timeout=120)

        yield send


def body_text(path, example, name, value):
    """The example with the member set to `value`, which is JSON text and may be no JSON at all."""
    body = {**example, **SHORT[family(path)], **COMPANIONS.get(name, {})}
    if "model" in body:
        body["model"] = "MODEL"
    outer, _, inner = name.partition(".")
    if inner:
        body[outer] = {**body.get(outer, {}), inner: "VALUE"}
    else:
        body[outer] = "VALUE"
    return json.dumps(body).replace('"VALUE"', value)


@pytest.mark.parametrize("path, example, name, number, mixed", list(table()))
def test_a_number_is_taken_moved_or_refused_as_described(ask, path, example, name, number, mixed):
    for value, status in cases(number, mixed):
        answer = ask(path, body_text(path, example, name, value))
        assert answer.status_code == status, (value, answer.text)
        error = answer.json().get("error") if isinstance(answer.json(), dict) else None
        if status == 400 and value not in ("NaN", "1e999"):
            said = error if isinstance(error, str) else error["message"]
            assert name.split(".")[-1] in said, (value, said)
