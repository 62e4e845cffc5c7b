"""The finished binary against the golden data (README.md says what must be equal, and how nearly).

SPDX-License-Identifier: Apache-2.0
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import harness
import inputs

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
LOGIT_TOLERANCE = 2e-4  # F32 arithmetic; 1e-4 is the aim, the rest is room for the order of sums
KL_FACTOR = 1.15  # as good as llama.cpp, within the scatter of its own runs
NEAR_TIE = 0.25  # logits this close may swap between engines
REAL_CONTEXT = 4096


def load(*parts):
    return json.loads(DATA.joinpath(*parts).read_text(encoding="utf-8"))


def names(folder, suffix=".json"):
    return sorted(path.name[: -len(suffix)] for path in (DATA / folder).glob(f"*{suffix}"))


def for_model(name, *values):
    """A pytest parameter that is left out unless the larger models were asked for."""
    marks = [] if name == inputs.SMALL else [pytest.mark.large]
    return pytest.param(name, *values, marks=marks, id="-".join([name, *map(str, values)]))


def logits_of(samovar, scratch, model, tokens, kv, context, isa):
    """[n_tokens, n_vocab] f32, as `debug logits` writes them."""
    ids, out = scratch / "ids.json", scratch / "logits.f32"
    ids.write_text(json.dumps(tokens))
    samovar.output("debug", "logits", model, "--tokens", ids, "--out", out, "--kv", kv, "--ctx", context, isa=isa)
    return np.fromfile(out, np.float32).reshape(len(tokens), -1)


# ------------------------------------------------------------------------------------------ tokenizers
def expected_ids(text, entry):
    """Yields (request, ids). A kind that is not given has the ids of the kind before it."""
    ids = None
    for key, special, parse in (("ids", False, False), ("ids_parse_special", False, True), ("ids_add_special", True, True)):
        ids = entry.get(key, ids)
        yield {"text": text, "add_special": special, "parse_special": parse}, ids


@pytest.mark.parametrize("vocab", [name for name in names("tokenizers") if name != "strings"])
def test_token_ids_are_equal(samovar, vocab):
    golden = load("tokenizers", f"{vocab}.json")
    path = inputs.VOCABS / golden["file"] if golden.get("file") else harness.model_path(vocab)
    entries = list(zip(load("tokenizers", "strings.json")["strings"], golden["strings"]))
    entries += [(entry["text"], entry) for entry in golden.get("own_special", [])]
    cases = [case for text, entry in entries for case in expected_ids(text, entry)]
    answers = samovar.json_lines("debug", "tokenize", path, rows=[request for request, _ in cases])
    wrong = [(request, ids, answer) for (request, ids), answer in zip(cases, answers) if answer.get("ids") != ids]
    assert not wrong, f"{len(wrong)} of {len(cases)} differ, the first: {wrong[0]}"


# ------------------------------------------------------------------------------------------- templates
# What the Python sandbox refuses and another engine may well render: not required to be an error.
SANDBOX_ONLY = ("SecurityError", "UndefinedError", "TypeError")


def is_right(golden, answer):
    either = [golden.get("output"), golden.get("if_undefined", {}).get("output")]
    if answer.get("text") is not None and answer["text"] in either:
        return True
    if "error" in golden:
        return golden["error"] in SANDBOX_ONLY or "error" in answer
    return False


TEMPLATES = {name: golden for name, golden in load("templates", "expected.json").items()
             if golden["source"].endswith(".jinja")}


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_chat_template_renders_as_jinja2(samovar, name):
    cases = load("templates", "cases.json")
    common = {key: cases[key] for key in ("bos_token", "eos_token", "now")}
    path = inputs.TEMPLATES / Path(TEMPLATES[name]["source"]).name
    rows = [{**case["input"], **common} for case in cases["cases"]]
    answers = samovar.json_lines("debug", "render", "--template-file", path, rows=rows)
    for case, answer in zip(cases["cases"], answers):
        golden = TEMPLATES[name]["results"][case["case"]]
        assert is_right(golden, answer), f"{case['case']}: {answer}, wanted {golden}"


# ------------------------------------------------------------------------------------ tiny random models
@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory):
    """Makes tiny models, each once."""
    folder = tmp_path_factory.mktemp("tiny")

    def make(variant, seed):
        path = folder / f"tiny-{variant}-s{seed}.gguf"
        if not path.exists():
            command = [sys.executable, HERE / "make_tiny.py", variant, str(seed), folder]
            subprocess.run(command, check=True, capture_output=True)
        return path

    return make


@pytest.mark.parametrize("variant", names("tiny"))
def test_tiny_model_logits_are_near(samovar, tiny_model, tmp_path, variant, isa):
    golden = load("tiny", f"{variant}.json")
    model = tiny_model(variant, golden["seed"])
    logits = logits_of(samovar, tmp_path, model, golden["tokens"], "f32", golden["n_ctx"], isa)
    wanted = np.array(golden["logits"], np.float32)
    worst = float(np.abs(logits[golden["positions"]] - wanted).max())
    assert worst <= LOGIT_TOLERANCE
    best = logits.argmax(1).tolist()
    assert sum(a != b for a, b in zip(best, golden["argmax_all"])) <= 1


# -------------------------------------------------------------------------------------------- real models
def kl32(golden, logits, position):
    """KL divergence over the 32 best tokens of the reference and one bucket for the rest; natural log."""
    row = logits[position].astype(np.float64)
    row -= row.max()
    log_q = (row - np.log(np.exp(row).sum()))[golden["top_ids"][position]]
    log_p = np.array(golden["top_logprobs"][position])
    p = np.exp(log_p)
    rest_p, rest_q = max(1 - p.sum(), 1e-12), max(1 - np.exp(log_q).sum(), 1e-12)
    return float((p * (log_p - log_q)).sum() + rest_p * np.log(rest_p / rest_q))


@pytest.mark.parametrize("name", [for_model(name) for name in names("real", ".ref.json")])
def test_real_model_is_as_near_to_f32_as_llama_cpp(samovar, tmp_path, record_property, name, isa):
    golden = load("real", f"{name}.ref.json")
    window = golden["window"]
    model = harness.model_path(name)
    logits = logits_of(samovar, tmp_path, model, golden["tokens"][:window], "i16", REAL_CONTEXT, isa)
    mean = float(np.mean([kl32(golden, logits, position) for position in range(window)]))
    peer = load("real", "beat.json")[name]
    record_property("kl32", mean)
    print(f"{name} {isa}: kl32 {mean:.5f}, llama.cpp {peer}")
    assert mean <= KL_FACTOR * peer


def first_difference(golden, ids):
    """The first step at which `ids` leaves the golden text for no good reason, or None."""
    for step, wanted in enumerate(golden["ids"]):
        if step < len(ids) and ids[step] == wanted:
            continue
        last = step == len(golden["ids"]) - 1
        if step >= len(ids):
            return None if last and golden.get("stopped_by_eog") else f"ends at step {step}, wanted {wanted}"
        (first, first_logprob), (second, second_logprob) = golden["top5"][step][:2]
        if first_logprob - second_logprob < NEAR_TIE and ids[step] in (first, second):
            return None
        return f"step {step}: {ids[step]}, wanted {wanted} (margin {first_logprob - second_logprob:.3f})"
    return None


GREEDY = [for_model(name, index) for name in names("greedy") for index in range(len(load("greedy", f"{name}.json")["runs"]))]


@pytest.mark.parametrize("name, index", GREEDY)
def test_greedy_ids_are_equal(samovar, tmp_path, name, index, isa):
    golden = load("greedy", f"{name}.json")["runs"][index]
    prompt = tmp_path / "prompt.json"
    prompt.write_text(json.dumps(golden["prompt_ids"]))
    model = harness.model_path(name)
    output = samovar.output("run", model, "--tokens", prompt, "-n", len(golden["ids"]), "--temp", 0, "--json", isa=isa)
    assert first_difference(golden, json.loads(output)["ids"]) is None
