"""bash completion offers what --help lists, at every level of commands.

SPDX-License-Identifier: Apache-2.0
"""

import subprocess
from pathlib import Path

import pytest

COMPLETION = Path(__file__).resolve().parents[2] / "tools/completion.bash"
SCRIPT = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _samovar; printf "%s\\n" "${COMPREPLY[@]}"'


@pytest.fixture
def completed(request, tmp_path):
    """What the Tab key offers in place of the last word."""
    (tmp_path / "model.gguf").touch()

    def completed(*words):
        command = ["bash", "-c", SCRIPT, "bash", COMPLETION, request.config.getoption("--bin"), *words]
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout.split()

    return completed


def test_commands_are_offered_at_every_level(completed):
    assert completed("cl") == ["cluster"]
    assert completed("cluster", "") == ["up", "status", "down", "image"]
    assert completed("datasphere", "registry", "") == ["login", "push"]


def test_flags_are_those_of_the_command_and_nothing_else(completed):
    assert completed("cluster", "up", "--ap") == ["--apply"]
    assert completed("serve", "--host", "x", "--backend") == ["--backend_sampling"]
    assert completed("serve", "-ll") == []
    assert {"-h", "--help"} <= set(completed("datasphere", "-"))


def test_files_stand_where_a_command_takes_them(completed):
    assert completed("run", "mod") == ["model.gguf"]
    assert completed("serve", "--port", "80", "m") == ["model.gguf"]
