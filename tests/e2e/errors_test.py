"""What goes wrong ends in one sentence on stderr and an exit code that is not 0.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import subprocess

import pytest


@pytest.fixture
def prompt(tmp_path):
    path = tmp_path / "prompt.json"
    path.write_text("[1, 2, 3]")
    return path


def assert_one_sentence(result, *words):
    said = result.stderr.decode("utf-8", "replace").strip()
    assert result.returncode > 0, f"exit {result.returncode}: {said}"
    assert said and len(said.splitlines()) <= 2, said
    for word in words:
        assert str(word) in said


def test_a_missing_model_is_named(samovar, prompt, tmp_path):
    missing = tmp_path / "nowhere.gguf"
    assert_one_sentence(samovar.run("run", missing, "--tokens", prompt, "-n", 1), missing)


def test_a_file_that_is_no_model_is_named(samovar, prompt, tmp_path):
    path = tmp_path / "text.gguf"
    path.write_text("This is a poem.\n" * 100)
    assert_one_sentence(samovar.run("run", path, "--tokens", prompt, "-n", 1), path)


@pytest.mark.parametrize("keep", [0, 3, 24, 100_000, -1], ids=lambda keep: f"{keep} bytes")
def test_a_truncated_model_is_named(samovar, small_model, prompt, tmp_path, keep):
    path = tmp_path / "cut.gguf"
    content = small_model.read_bytes()
    path.write_bytes(content[: keep if keep >= 0 else len(content) - 1])
    assert_one_sentence(samovar.run("run", path, "--tokens", prompt, "-n", 1), path)


@pytest.mark.parametrize("flags, words", [
    (["--kv", "q4_0"], ["--kv", "q4_0", "q8_0"]),
    (["-ctk", "q5_1"], ["--cache-type-k", "q5_1"]),
    (["-ctk", "q8_0", "-ctv", "f16"], ["--cache-type-k q8_0", "--cache-type-v f16", "one type"]),
    (["--keep", "-2"], ["--keep", "-2"]),
])
def test_a_wrong_cache_is_refused_by_its_flag(samovar, small_model, prompt, flags, words):
    assert_one_sentence(samovar.run("run", small_model, "--tokens", prompt, "-n", 1, *flags), *words)


def test_a_wrong_flag_is_named(samovar):
    result = samovar.run("run", "--no-such-flag")
    assert result.returncode > 0
    assert "--no-such-flag" in result.stderr.decode()


def test_a_wrong_command_is_named(samovar):
    result = samovar.run("brew-tea")
    assert result.returncode > 0
    assert "brew-tea" in result.stderr.decode()


def test_a_prompt_longer_than_the_context_says_both_lengths(samovar, small_model, tmp_path):
    prompt = tmp_path / "long.json"
    prompt.write_text(json.dumps([5] * 20_000))
    assert_one_sentence(samovar.run("run", small_model, "--tokens", prompt, "-n", 1), "20000")


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_an_answer_to_a_full_disk_is_an_error(samovar, small_model, form):
    with open("/dev/full", "wb") as full:
        result = subprocess.run([samovar.binary, "run", small_model, "Say hello.", "-n", "4", *form],
                                stdout=full, stderr=subprocess.PIPE)
    assert_one_sentence(result, "standard output")


def test_an_answer_ends_when_its_reader_has_gone(samovar, small_model):
    reading, writing = os.pipe()
    os.close(reading)
    command = [samovar.binary, "run", small_model, "Tell a long story.", "-n", "4000"]
    with os.fdopen(writing, "wb") as closed:
        result = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE)
    assert_one_sentence(result, "standard output was closed")


def test_an_empty_standard_input_is_no_prompt(samovar, small_model):
    assert_one_sentence(samovar.run("run", small_model, "-n", 1, stdin=b""), "standard input is empty")


def test_output_to_a_full_disk_is_an_error(samovar):
    with open("/dev/full", "wb") as full:
        result = subprocess.run([samovar.binary, "version"], stdout=full, stderr=subprocess.PIPE)
    assert_one_sentence(result)
