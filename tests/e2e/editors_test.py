"""What editors' plugins send, in the shapes they send it: VS Code Copilot Chat, Continue, llama.vscode.

SPDX-License-Identifier: Apache-2.0
"""

import json
import re

import pytest
import requests

COPILOT = {"User-Agent": "GitHubCopilotChat/0.35.0", "Authorization": "Bearer "}
FILE = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n"
STOPS = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "/src/", "#- coding: utf-8", "\n\n\n"]

# Name of the case, path, body. MODEL stands for the name that the lists tell.
CASES = [
    ("copilot chat", "/v1/chat/completions", {
        "model": "MODEL", "messages": [{"role": "system", "content": "You are an AI programming assistant."},
                                       {"role": "user", "content": [{"type": "text", "text": "Say hello."}]}],
        "temperature": 0.1, "top_p": 1, "n": 1, "stream": True, "stream_options": {"include_usage": True}, "copilot_cache_control": {"type": "ephemeral"}}),
    ("continue chat, openai", "/v1/chat/completions", {
        "messages": [{"role": "system", "content": "You are an expert."}, {"role": "user", "content": "Say hello."}],
        "model": "MODEL", "max_tokens": 12, "stream": True, "stop": ["<|im_end|>"]}),
    ("continue autocomplete, openai", "/v1/completions", {
        "prompt": FILE, "model": "MODEL", "max_tokens": 12, "temperature": 0.01, "stream": True, "stop": STOPS}),
    ("continue chat, ollama", "/api/chat", {
        "model": "MODEL", "messages": [{"role": "user", "content": "Say hello."}],
        "options": {"num_predict": 12, "num_ctx": 8192, "num_thread": 4, "use_mmap": True}, "keep_alive": 1800, "stream": True}),
    ("continue autocomplete, ollama", "/api/generate", {
        "model": "MODEL", "prompt": FILE, "raw": True, "keep_alive": 1800, "stream": True,
        "options": {"temperature": 0.01, "num_predict": 12, "stop": STOPS, "num_ctx": 4096, "mirostat": 0, "min_p": 0.05}}),
    ("continue chat, llama.cpp", "/completion", {
        "prompt": "<|im_start|>user\nSay hello.<|im_end|>\n<|im_start|>assistant\n", "stream": True, "n_predict": 12, "frequency_penalty": 0,
        "presence_penalty": 0, "min_p": 0.05, "mirostat": 0, "top_k": 40, "top_p": 0.9, "temperature": 0.5, "stop": ["<|im_end|>"]}),
    ("llama.vscode edit", "/v1/chat/completions", {
        "messages": [{"role": "system", "content": "You are an expert coder."}, {"role": "user", "content": "Rename a to x in: a = 1"}],
        "stream": False, "cache_prompt": True, "samplers": "edkypmxt", "temperature": 0.8, "dynatemp_range": 0, "dynatemp_exponent": 1,
        "top_k": 40, "top_p": 0.95, "min_p": 0.05, "typical_p": 1, "xtc_probability": 0, "xtc_threshold": 0.1, "repeat_last_n": 64,
        "repeat_penalty": 1, "presence_penalty": 0, "frequency_penalty": 0, "dry_multiplier": 0, "dry_base": 1.75, "dry_allowed_length": 2,
        "dry_penalty_last_n": -1, "max_tokens": -1, "timings_per_token": False}),
    ("llama.vscode chat", "/v1/chat/completions", {
        "messages": [{"role": "system", "content": "You are an expert coder."}, {"role": "user", "content": "Say hello."}],
        "stream": False, "temperature": 0.8, "model": ""}),
]


@pytest.fixture(scope="module")
def server(start_server):
    return start_server("--ctx-size", "1024", "--parallel", "2", "--n-predict", "24")


@pytest.fixture(scope="module")
def model(server):
    return requests.get(f"{server.url}/api/tags", timeout=10).json()["models"][0]["model"]


def post(server, path, body, **headers):
    answer = requests.post(f"{server.url}{path}", json=body, headers=headers, timeout=120)
    assert answer.status_code == 200, answer.text
    return answer


def events(text):
    return [line.removeprefix("data: ") for line in text.split("\n\n") if line.startswith("data: ")]


def text_of(answer):
    """The text of an answer in whichever form it came, and whether its end was told."""
    kind = answer.headers["Content-Type"]
    answer.encoding = "utf-8"
    if kind.startswith("application/x-ndjson"):
        lines = [json.loads(line) for line in answer.text.splitlines()]
        return "".join(line.get("response", "") or line.get("message", {}).get("content", "") for line in lines), lines[-1]["done"]
    if kind.startswith("text/event-stream"):
        told = events(answer.text)
        chunks = [json.loads(one) for one in told if one != "[DONE]"]
        if "content" in chunks[0]:
            return "".join(chunk["content"] for chunk in chunks), chunks[-1]["stop"]
        choices = [chunk["choices"][0] for chunk in chunks if chunk["choices"]]
        pieces = [choice.get("text") or choice.get("delta", {}).get("content") or "" for choice in choices]
        return "".join(pieces), told[-1] == "[DONE]"
    return answer.json()["choices"][0]["message"]["content"], True


@pytest.mark.parametrize("path, body", [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_recorded_request_is_answered_with_text_and_an_end(server, model, path, body):
    body = {**body, **({"model": model} if body.get("model") == "MODEL" else {})}
    text, ended = text_of(post(server, path, body))
    assert text
    assert ended


def test_copilot_finds_a_model_through_ollamas_lists(server, model):
    version = requests.get(f"{server.url}/api/version", headers=COPILOT, timeout=10).json()["version"]
    assert tuple(map(int, version.split("."))) >= (0, 6, 4)
    assert all(one["model"] for one in requests.get(f"{server.url}/api/tags", headers=COPILOT, timeout=10).json()["models"])
    shown = post(server, "/api/show", {"model": model}, **COPILOT).json()
    info = shown["model_info"]
    assert "completion" in shown["capabilities"]
    assert shown["details"]["family"] == info["general.architecture"]
    assert info[f"{info['general.architecture']}.context_length"] == 1024
    assert info["general.basename"] == model
    assert shown["template"]


def test_copilots_stream_ends_with_its_usage(server, model):
    body = {**CASES[0][2], "model": model}
    chunks = [json.loads(one) for one in events(post(server, "/v1/chat/completions", body, **COPILOT).text)[:-1]]
    assert chunks[-1]["choices"] == [] and chunks[-1]["usage"]["completion_tokens"] > 0
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks if chunk["choices"]][-1] in ("stop", "length")


def test_continue_understands_the_parameters_of_a_model(server, model):
    shown = post(server, "/api/show", {"name": model}).json()
    for line in shown.get("parameters", "").splitlines():
        assert re.fullmatch(r'(\S+)\s+(".*"|\S+)', line), line


# llama.vscode fills in: this needs a model with tokens for it.


@pytest.fixture(scope="module")
def coder(request):
    import harness
    from server_process import ServerProcess

    model = harness.model_path("qwen2.5-coder-0.5b-instruct-q4_k_m")
    server = ServerProcess(request.config.getoption("--bin"), model, "--ctx-size", "2048", "--parallel", "2")
    yield server.wait_until_ready()
    server.stop()


INFILL = {"input_prefix": "def add(a, b):\n", "input_suffix": "\n\nprint(add(1, 2))\n", "prompt": "    return ",
          "input_extra": [{"text": "def mul(a, b):\n    return a * b\n", "time": 1, "filename": "mul.py"}],
          "top_k": 40, "top_p": 0.99, "stream": False, "samplers": ["top_k", "top_p", "infill"], "cache_prompt": True,
          "t_max_prompt_ms": 500, "t_max_predict_ms": 2500, "n_predict": 24, "n_indent": 4}


@pytest.mark.large
def test_llama_vscode_gets_a_line(coder):
    answer = post(coder, "/infill", INFILL).json()
    assert "a + b" in answer["content"]
    assert answer["timings"]["predicted_n"] > 0 and answer["tokens_cached"] > 0 and answer["truncated"] is False


@pytest.mark.large
def test_llama_vscode_prepares_the_cache_for_its_next_line(coder):
    extra = [{"text": "x = 1\n" * 200, "time": 1, "filename": "long.py"}]
    prepared = {"input_prefix": "", "input_suffix": "", "prompt": "", "input_extra": extra, "n_predict": 0, "samplers": [], "cache_prompt": True,
                "t_max_prompt_ms": 500, "t_max_predict_ms": 1}
    assert post(coder, "/infill", prepared).json()["content"] == ""
    answer = post(coder, "/infill", {**INFILL, "input_extra": extra}).json()
    assert answer["timings"]["cache_n"] > 500


@pytest.mark.large
def test_llama_vim_asks_for_some_members_only(coder):
    wanted = ["content", "timings/prompt_n", "timings/predicted_n", "truncated", "tokens_cached"]
    answer = post(coder, "/infill", {**INFILL, "stop": ["\n"], "id_slot": 0, "response_fields": wanted}).json()
    assert set(answer) == set(wanted)


@pytest.mark.large
def test_copilot_style_typing_cancels_and_goes_on(coder):
    for typed in ("    r", "    re", "    retu"):
        with requests.post(f"{coder.url}/infill", json={**INFILL, "prompt": typed, "stream": True, "n_predict": 500}, stream=True, timeout=60) as answer:
            next(answer.iter_lines())
    assert post(coder, "/infill", INFILL).json()["content"]
