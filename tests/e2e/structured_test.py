"""Answers that must keep to a grammar or a JSON Schema: what is finished validates, judged by Python's jsonschema.

SPDX-License-Identifier: Apache-2.0
"""

import json
import random
import re
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import pytest

N_SCHEMAS = 40
N_SCHEMAS_LARGE = 200
NAMES = ["name", "age", "city", "tags", "gr\u00f6\u00dfe", "a b", "x\"y", "items", "id", "note"]


def ask(server, path, body):
    """RETURNS (status, parsed answer)."""
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def chat(server, **body):
    return ask(server, "/v1/chat/completions", {"messages": [{"role": "user", "content": "Make something up."}], **body})


def random_scalar(rng):
    return rng.choice([
        lambda: {"type": "boolean"},
        lambda: {"type": "null"},
        lambda: {"type": "integer", "minimum": rng.randint(-50, 0), "maximum": rng.randint(1, 5000)},
        lambda: {"type": "integer", "exclusiveMinimum": 3},
        lambda: {"type": "string", "minLength": rng.randint(0, 3), "maxLength": rng.randint(4, 24)},
        lambda: {"type": "string", "pattern": rng.choice(["^[A-Z]{2}-[0-9]+$", "^(red|green|blue)$", "^\\d{3,5}x?$"])},
        lambda: {"type": "string", "format": rng.choice(["date", "time", "date-time", "uuid"])},
        lambda: {"enum": rng.sample(["a", "b", 1, 2.5, None, True, {"k": [1]}, "\u00fc\n"], rng.randint(1, 4))},
        lambda: {"const": rng.choice(["fixed", 7, False, {"deep": {"er": 1}}])},
        lambda: {"type": ["integer", "null"], "minimum": 0, "maximum": 99},
    ])()


def random_schema(rng, depth=0):
    kind = rng.random()
    if depth >= 3 or kind < 0.35:
        return random_scalar(rng)
    if kind < 0.7:
        names = rng.sample(NAMES, rng.randint(1, 4))
        return {"type": "object", "properties": {name: random_schema(rng, depth + 1) for name in names},
                "required": rng.sample(names, rng.randint(0, len(names))), "additionalProperties": False}
    if kind < 0.85:
        return {"type": "array", "items": random_schema(rng, depth + 1), "minItems": rng.randint(0, 1),
                "maxItems": rng.randint(1, 3)}
    if kind < 0.95 or depth > 0:
        return {"anyOf": [random_schema(rng, depth + 1) for _ in range(rng.randint(1, 3))]}
    return {"$defs": {"part": random_schema(rng, depth + 1)}, "type": "array", "items": {"$ref": "#/$defs/part"},
            "maxItems": 2}


def test_every_finished_answer_validates(server, request):
    n_schemas = N_SCHEMAS_LARGE if request.config.getoption("--large") else N_SCHEMAS

    def check(number):
        schema = random_schema(random.Random(number))
        status, answer = chat(server, temperature=1, seed=number, max_tokens=400, response_format={
            "type": "json_schema", "json_schema": {"name": "made", "schema": schema}})
        assert status == 200, (schema, answer)
        choice = answer["choices"][0]
        if choice["finish_reason"] != "stop":
            return 0
        jsonschema.validate(json.loads(choice["message"]["content"]), schema)
        return 1

    with ThreadPoolExecutor(4) as pool:
        n_finished = sum(pool.map(check, range(n_schemas)))
    assert n_finished > 0.9 * n_schemas


def test_json_object_gives_an_object(server):
    status, answer = chat(server, temperature=0.7, seed=3, max_tokens=300, response_format={"type": "json_object"})
    assert status == 200
    text = answer["choices"][0]["message"]["content"]
    assert text.lstrip().startswith("{")
    if answer["choices"][0]["finish_reason"] == "stop":
        assert isinstance(json.loads(text), dict)


def test_a_gbnf_grammar_is_kept_to(server):
    grammar = 'root ::= move ("," move)+ "."\nmove ::= [a-h] [1-8]'
    status, answer = ask(server, "/completion", {"prompt": "Chess:", "grammar": grammar, "temperature": 1, "seed": 1,
                                                 "n_predict": 64})
    assert status == 200
    pattern = r"[a-h][1-8](,[a-h][1-8])+\." if answer["stop_type"] == "eos" else r"([a-h][1-8],?)+"
    assert re.fullmatch(pattern, answer["content"]) or answer["stop_type"] == "limit"


def test_the_same_seed_gives_the_same_json(server):
    body = {"temperature": 1, "seed": 11, "max_tokens": 100, "response_format": {"type": "json_object"}}
    assert chat(server, **body)[1]["choices"] == chat(server, **body)[1]["choices"]


@pytest.mark.parametrize("body, param", [
    ({"grammar": "root := oops"}, "grammar"),
    ({"grammar": "root ::= root"}, "grammar"),
    ({"grammar": "root ::= " + "(" * 60_000}, "grammar"),
    ({"grammar": 'root ::= "a"', "json_schema": {}}, "grammar"),
    ({"json_schema": {"type": "nothing"}}, "json_schema"),
    ({"json_schema": {"type": "string", "pattern": "(((("}}, "json_schema"),
    ({"response_format": {"type": "yaml"}}, "response_format.type"),
    ({"response_format": {"type": "json_schema", "json_schema": {"schema": 5}}}, "response_format"),
])
def test_what_is_no_grammar_is_refused_by_name(server, body, param):
    status, answer = chat(server, **body)
    assert status == 400
    assert answer["error"]["param"] == param
