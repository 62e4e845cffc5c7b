#!/usr/bin/env python3
"""Unpacks JSON schemas for kubeconform: schemas.py WHEEL OUT CRD.yaml...

WHEEL: kubernetes-validate's. OUT/kubernetes/KIND-GROUP-VERSION.json: Kubernetes' own kinds, closed (-strict).
OUT/crd/GROUP/KIND_VERSION.json: the kinds that the CRDs define, closed too.
SPDX-License-Identifier: Apache-2.0
"""

import json
import sys
import zipfile
from pathlib import Path

import yaml

RELEASE = "v1.33.0-local-strict"


def write(path, schema):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(schema), encoding="utf-8")


def unpack_kubernetes(wheel, out):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            folder, _, file = name.rpartition("/")
            if not folder.endswith("/" + RELEASE) or not file.endswith(".json"):
                continue
            # The references and ids name a place on the network; here all files are neighbours.
            schema = json.loads(archive.read(name).decode().replace('"/api/_definitions.json#', '"_definitions.json#'))
            schema.pop("$id", None)
            write(out / file, schema)


def close(schema):
    """Refuses members that the schema does not list, at every depth; RETURNS the schema."""
    if isinstance(schema, dict):
        if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema.setdefault("additionalProperties", False)
        for member in schema.values():
            close(member)
    elif isinstance(schema, list):
        for member in schema:
            close(member)
    return schema


def unpack_crd(path, out):
    for crd in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        spec = crd["spec"]
        for version in spec["versions"]:
            schema = close(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = {"type": "object"}
            write(out / spec["group"] / f"{spec['names']['kind'].lower()}_{version['name']}.json", schema)


def main():
    wheel, out, *crds = sys.argv[1:]
    unpack_kubernetes(wheel, Path(out) / "kubernetes")
    for crd in crds:
        unpack_crd(Path(crd), Path(out) / "crd")


if __name__ == "__main__":
    main()
