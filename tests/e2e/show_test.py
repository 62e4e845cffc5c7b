"""What `samovar show` tells about a model.

SPDX-License-Identifier: Apache-2.0
"""

import json


def test_a_model_is_shown_with_its_licence(samovar, small_model):
    lines = samovar.output("show", small_model).decode().splitlines()
    facts = {line[:14].strip(): line[15:] for line in lines}
    assert facts["file"] == str(small_model)
    assert facts["architecture"] == "llama"
    assert facts["licence"] == "apache-2.0"


def test_json_holds_the_same(samovar, small_model):
    facts = json.loads(samovar.output("show", small_model, "--json"))
    assert facts["license"] == "apache-2.0"
    assert facts["size_bytes"] == small_model.stat().st_size
