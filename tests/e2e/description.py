"""The description of the API, web/openapi.json, as tests use it.

SPDX-License-Identifier: Apache-2.0
"""

import json
from pathlib import Path

DOCUMENT = json.loads((Path(__file__).resolve().parents[2] / "web/openapi.json").read_text(encoding="utf-8"))
JSON = "application/json"


def resolved(node):
    """The same without "$ref"."""
    if "$ref" not in node:
        return node
    found = DOCUMENT
    for name in node["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def operations():
    """Yields (method, path, operation)."""
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def body_of(operation):
    """RETURNS schema and examples of an operation's body, or None."""
    if "requestBody" not in operation:
        return None
    content = resolved(operation["requestBody"])["content"][JSON]
    return content["schema"], [example["value"] for example in content["examples"].values()]


def properties(schema):
    """All members of the top level of a schema, by name."""
    schema = resolved(schema)
    found = {}
    for part in schema.get("allOf", []):
        found.update(properties(part))
    found.update({name: resolved(node) for name, node in schema.get("properties", {}).items()})
    return found
