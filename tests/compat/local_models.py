"""A pytest plugin for llama-server's own tests: local model files in place of those that its presets load from a hub.

Two things of a test belong to the model it was written for: words of its answers, which any text now stands for, and
numbers of tokens, which are learnt from llama-server on the model that stands in (COMPAT_LEARN) and asked of others.
SPDX-License-Identifier: Apache-2.0
"""

import json
import os
from pathlib import Path

import pytest
import utils  # of llama-server's tests

TINY, CODER = os.environ["COMPAT_TINY"], os.environ["COMPAT_CODER"]
FACTS = Path(os.environ["COMPAT_FACTS"])
LEARNS = os.environ.get("COMPAT_LEARN") == "1"
START_SECONDS = 120  # the machine may be busy

# repository, or repository and file, of a preset -> the file that stands in for it
STAND_INS = {
    "ggml-org/test-model-stories260K": TINY,
    "ggml-org/test-model-stories260K-infill": CODER,
    "ggml-org/models bert-bge-small/ggml-model-f16.gguf": TINY,
}
# What tests expect of those models' answers.
WORDS = {"(going|bed)+", "(princesses|everyone|kids|Anna|forest)+", "But she couldn't", "(Suddenly)+",
         "(Suddenly)+|\\{ \" Sarax.", "^ blue", "(Aside|she|felter|alonger)+", "Whillicter",
         "(Ann|small|shiny|Daddy|Jimmy)+", "(Dad|excited|park|Jimmy)+"}
NUMBERS = ("n_prompt", "n_token_output", "n_tokens")  # parameters of tests

start_of_utils = utils.ServerProcess.start
match_of_utils = utils.match_regex


def start(server, timeout_seconds=START_SECONDS):
    if server.model_hf_repo:
        wanted = " ".join(filter(None, (server.model_hf_repo, server.model_hf_file)))
        if wanted not in STAND_INS:
            pytest.skip(f"no local model for {wanted}")
        server.model_file, server.model_hf_repo, server.model_hf_file = STAND_INS[wanted], None, None
        server.offline = False
        if "bert" in wanted:  # whose file says how texts are pooled
            server.pooling = server.pooling or "last"
    start_of_utils(server, max(timeout_seconds, START_SECONDS))


class Learnt:
    """Equals what llama-server answered in the same test."""

    def __init__(self, key):
        self.key = key

    def __eq__(self, found):
        facts = json.loads(FACTS.read_text()) if FACTS.exists() else {}
        if LEARNS:
            FACTS.write_text(json.dumps({**facts, self.key: found}, indent=1, sort_keys=True))
        return LEARNS or facts.get(self.key) == found

    def __repr__(self):
        return f"llama-server's number for {self.key}"


def pytest_collection_modifyitems(items):
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        for name in set(NUMBERS) & set(parameters):
            parameters[name] = Learnt(f"{item.name} {name}")


utils.ServerProcess.start = start
utils.ServerPreset.load_all = staticmethod(lambda: None)  # would fetch all models of all tests
utils.match_regex = lambda regex, text: bool(text) if regex in WORDS else match_of_utils(regex, text)
