"""Instruction-set levels: the oldest CPU, a forced level, a level that is not there.

SPDX-License-Identifier: Apache-2.0
"""

import json
import shutil
import subprocess

import pytest

import harness

EMULATOR = "qemu-x86_64-static"
PROMPT = [1, 2, 3, 4]


@pytest.fixture
def prompt(tmp_path):
    path = tmp_path / "prompt.json"
    path.write_text(json.dumps(PROMPT))
    return path


def generate(model, prompt):
    return ["run", model, "--tokens", prompt, "-n", 2, "--temp", 0, "--json"]


@pytest.mark.skipif(not shutil.which(EMULATOR), reason=f"{EMULATOR} is not installed: tools/setup.sh all")
def test_the_oldest_x86_64_cpu_generates_the_same_tokens(samovar, small_model, prompt):
    command = [EMULATOR, "-cpu", "qemu64", samovar.binary, *map(str, generate(small_model, prompt))]
    emulated = subprocess.run(command, capture_output=True, timeout=600)
    assert emulated.returncode == 0, emulated.stderr.decode()
    assert json.loads(emulated.stdout) == json.loads(samovar.output(*generate(small_model, prompt)))


def test_all_levels_of_this_machine_generate_the_same_tokens(samovar, small_model, prompt, request):
    levels = harness.chosen_levels(request.config)
    answers = {samovar.output(*generate(small_model, prompt), isa=level) for level in levels}
    assert len(answers) == 1


def test_an_unknown_level_is_an_error_that_names_it(samovar, small_model, prompt):
    result = samovar.run(*generate(small_model, prompt), isa="mmx")
    assert result.returncode > 0
    assert "mmx" in result.stderr.decode()


def test_a_level_above_the_cpu_is_an_error(samovar, small_model, prompt):
    missing = [level for level in harness.LEVELS if level not in harness.machine_levels()]
    if not missing:
        pytest.skip("this CPU has every level")
    result = samovar.run(*generate(small_model, prompt), isa=missing[-1])
    assert result.returncode > 0
    assert missing[-1] in result.stderr.decode()
