"""20 Python functions with a gap (gaps.txt), filled in through llama-server's /infill or OpenAI's `suffix`.

SPDX-License-Identifier: Apache-2.0
"""

import re
from dataclasses import dataclass
from pathlib import Path

from task import Task

MAX_TOKENS = 128
CASE = re.compile(r"^# case: (\w+)\n(.*?)<<<(.*?)>>>(.*?)^# tests\n(.*?)(?=^# case: |\Z)", re.M | re.S)


@dataclass(frozen=True)
class Gap:
    name: str
    prefix: str
    middle: str  # a right answer
    suffix: str
    tests: str

    def program(self, answer):
        return f"{self.prefix}{cut_at(self.suffix, answer)}{self.suffix}\n\n{self.tests}"


def cut_at(suffix, answer):
    """The answer up to where it goes on with the suffix: what an editor shows. Chat models rarely stop there themselves."""
    rest_of_line, _, below = suffix.partition("\n")
    next_line = next((line for line in below.split("\n") if line.strip()), "")
    mark = f"{rest_of_line}\n" if rest_of_line.strip() else f"\n{next_line}"
    return answer.partition(mark)[0]


def gaps():
    return [Gap(*case) for case in CASE.findall((Path(__file__).parent / "gaps.txt").read_text(encoding="utf-8"))]


def infill_tasks():
    return [Task(gap.name, "/infill", {"input_prefix": gap.prefix, "input_suffix": gap.suffix, "temperature": 0,
                                       "n_predict": MAX_TOKENS},
                 lambda response: response["content"], gap.program) for gap in gaps()]


def suffix_tasks():
    return [Task(gap.name, "/v1/completions", {"prompt": gap.prefix, "suffix": gap.suffix, "temperature": 0,
                                               "max_tokens": MAX_TOKENS},
                 lambda response: response["choices"][0]["text"], gap.program) for gap in gaps()]
