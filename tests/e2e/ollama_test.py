"""The official Ollama client, and what VS Code's Copilot asks, against a running server.

SPDX-License-Identifier: Apache-2.0
"""

import json
import urllib.error
import urllib.request

import ollama
import pytest

from server_process import free_port

QUESTION = [{"role": "user", "content": "Say hello."}]
SHORT = {"temperature": 0, "num_predict": 8}
N_CTX = 512


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def server(start_server, port, tmp_path_factory):
    """A server with Ollama's port and a store of its own."""
    home = tmp_path_factory.mktemp("home")
    env = {"OLLAMA_HOST": f"127.0.0.1:{port}", "HF_HUB_CACHE": str(home / "hub"), "XDG_STATE_HOME": str(home / "state"),
           "OLLAMA_ORIGINS": "http://app.example,chrome-extension://*"}
    return start_server("--ollama", "--ctx-size", N_CTX, env=env)


@pytest.fixture(scope="module")
def url(server, port):
    return f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def client(url):
    return ollama.Client(host=url, timeout=120)


@pytest.fixture(scope="module")
def model(client):
    return client.list().models[0].model


def ask(url, path, body=None, method=None, **headers):
    """RETURNS status, headers and text of the answer, whatever the status."""
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read().decode()


def error(url, path, body=None, method=None):
    """RETURNS status and message of an error, which must have Ollama's shape."""
    status, _, text = ask(url, path, body, method)
    said = json.loads(text)
    assert list(said) == ["error"]
    return status, said["error"]


# What there is


@pytest.mark.parametrize("origin, allowed", [
    ("http://app.example", True), ("chrome-extension://abc", True), ("http://localhost:3000", True), ("http://other.example", False)])
def test_pages_of_origins_that_the_environment_names_may_ask(url, origin, allowed):
    headers = ask(url, "/api/version", Origin=origin)[1]
    assert headers["Access-Control-Allow-Origin"] == (origin if allowed else None)


def test_the_port_says_that_it_runs(url, server):
    for method in ("GET", "HEAD"):
        status, _, text = ask(url, "/", method=method)
        assert (status, text) == (200, "Ollama is running" if method == "GET" else "")
    assert ask(server.url, "/")[2].lstrip().lower().startswith("<!doctype html>")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_version_is_numbers_with_dots(url, server, method):
    for base in (url, server.url):
        status, _, text = ask(base, "/api/version", method=method)
        assert status == 200
        if method == "GET":
            assert all(part.isdigit() for part in json.loads(text)["version"].split("."))


def test_the_model_is_listed_and_shown(client, model):
    listed = client.list().models[0]
    assert listed.size > 1_000_000
    assert len(listed.digest) == 64
    assert listed.details.family == "llama"
    assert listed.details.parameter_size == "134.52M"
    shown = client.show(model)
    assert "completion" in shown.capabilities
    assert shown.modelinfo["general.architecture"] == "llama"
    assert shown.modelinfo["llama.context_length"] == 8192
    assert shown.modelinfo["tokenizer.ggml.tokens"] == []
    assert "general.name" not in shown.modelinfo and "tokenizer.chat_template" not in shown.modelinfo
    assert "<|im_start|>" in shown.template


def test_a_verbose_show_has_the_long_arrays(url, model):
    shown = json.loads(ask(url, "/api/show", {"name": model, "verbose": True})[2])
    assert len(shown["model_info"]["tokenizer.ggml.tokens"]) == 49152
    by_name = {tensor["name"]: tensor for tensor in shown["tensors"]}
    assert by_name["token_embd.weight"]["shape"] == [576, 49152]


def test_the_loaded_model_is_the_running_one(client, model):
    running = client.ps().models
    assert [entry.model for entry in running] == [model]
    assert running[0].context_length == N_CTX
    assert running[0].size_vram == 0
    assert running[0].size > client.list().models[0].size


# Text


def test_a_chat_answers_whole_and_in_parts(client, model):
    whole = client.chat(model, QUESTION, options=SHORT)
    assert whole.message.role == "assistant"
    assert whole.message.content
    assert whole.done and whole.done_reason in ("stop", "length")
    assert 0 < whole.eval_count <= 8 and whole.prompt_eval_count > 8
    assert whole.total_duration >= whole.eval_duration + whole.prompt_eval_duration
    parts = list(client.chat(model, QUESTION, options=SHORT, stream=True))
    assert "".join(part.message.content for part in parts) == whole.message.content
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    assert parts[-1].eval_count == whole.eval_count


def test_a_generated_text_goes_on_from_its_context(client, model):
    whole = client.generate(model, "My name is Ada.", system="Be brief.", options=SHORT)
    assert whole.response and whole.done
    parts = list(client.generate(model, "My name is Ada.", system="Be brief.", options=SHORT, stream=True))
    assert "".join(part.response for part in parts) == whole.response
    assert parts[-1].context == whole.context
    more = client.generate(model, "What is my name?", context=whole.context, options=SHORT)
    assert more.context[: len(whole.context)] == whole.context
    assert more.prompt_eval_count > whole.prompt_eval_count


def test_raw_text_is_continued_as_it_is(client, model):
    answer = client.generate(model, "The capital of France is", raw=True, options=SHORT)
    assert "Paris" in answer.response
    assert answer.context is None


def test_lines_of_json_are_the_default(url, model):
    status, headers, text = ask(url, "/api/generate", {"model": model, "prompt": "Hi", "options": SHORT})
    assert status == 200
    assert headers["Content-Type"] == "application/x-ndjson"
    lines = text.split("\n")
    assert lines.pop() == ""
    assert all(json.loads(line)["model"] == model for line in lines)
    whole = ask(url, "/api/generate", {"model": model, "prompt": "Hi", "options": SHORT, "stream": False})
    assert whole[1]["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(whole[2])["response"] == "".join(json.loads(line)["response"] for line in lines)


def test_the_model_answers_to_its_name_in_any_case_and_with_the_default_tag(client, model):
    for name in (model.upper(), f"{model}:latest"):
        assert client.chat(name, QUESTION, options=SHORT).model == name


@pytest.mark.parametrize("keep_alive, reason", [(None, "load"), ("5m", "load"), (0, "unload"), ("0s", "unload")])
def test_without_a_prompt_the_model_is_loaded_or_unloaded(client, model, keep_alive, reason):
    generated = client.generate(model, keep_alive=keep_alive)
    assert (generated.response, generated.done, generated.done_reason) == ("", True, reason)
    chatted = client.chat(model, keep_alive=keep_alive)
    assert (chatted.message.content, chatted.done, chatted.done_reason) == ("", True, reason)


@pytest.mark.parametrize("body", [{"prompt": "Say hello."}, {}])
def test_keep_alive_zero_empties_the_cache_of_a_model_that_stays(url, client, model, body):
    def kv_tokens():
        text = ask(url, "/metrics")[2]
        return float(next(line for line in text.splitlines() if line.startswith("llamacpp:kv_cache_tokens ")).split()[1])

    client.generate(model, "Say hello.", options=SHORT)
    assert kv_tokens() > 0
    assert ask(url, "/api/generate", {"model": model, "keep_alive": 0, "stream": False, "options": SHORT, **body})[0] == 200
    while kv_tokens() > 0:
        pass
    assert [each.model for each in client.ps().models] == [model]
    assert client.generate(model, "Say hello.", options=SHORT).response


def test_options_decide_length_stop_and_seed(client, model):
    def generate(**options):
        return client.generate(model, "One, two, three,", raw=True, options={"num_predict": 12, **options})

    assert generate(num_predict=3, temperature=0).eval_count == 3
    stopped = generate(temperature=0, stop=[" six"])
    assert "five" in stopped.response and "six" not in stopped.response
    assert stopped.done_reason == "stop"
    same, again, other = (generate(temperature=1.5, seed=seed).response for seed in (7, 7, 8))
    assert same == again != other


def test_a_long_chat_loses_its_oldest_turns(client, model):
    turn = [{"role": "user", "content": "word " * 100}, {"role": "assistant", "content": "Yes."}]
    messages = [{"role": "system", "content": "Be brief."}, *turn * 8, *QUESTION]
    answer = client.chat(model, messages, options=SHORT)
    assert N_CTX / 4 < answer.prompt_eval_count < N_CTX
    status, said = error(client._client.base_url.__str__().rstrip("/"), "/api/chat",
                         {"model": model, "messages": messages, "truncate": False})
    assert status == 400 and "exceeds the context length" in said


def test_a_long_prompt_loses_its_middle(client, model):
    answer = client.generate(model, "word " * 2000, raw=True, options=SHORT)
    assert answer.prompt_eval_count == N_CTX - SHORT["num_predict"]


def test_num_ctx_is_a_limit(client, model):
    answer = client.generate(model, "word " * 200, raw=True, options={**SHORT, "num_ctx": 64})
    assert answer.prompt_eval_count + answer.eval_count <= 64
    assert answer.done_reason == "length"


def test_log_probabilities_come_with_the_text(client, model):
    answer = client.generate(model, "One, two,", raw=True, logprobs=True, top_logprobs=2, options=SHORT)
    assert "".join(entry.token for entry in answer.logprobs) == answer.response
    assert all(len(entry.top_logprobs) == 2 and entry.logprob <= 0 for entry in answer.logprobs)


# Errors


def test_an_unknown_model_is_not_found(client, url):
    for call in (client.chat, client.generate):
        with pytest.raises(ollama.ResponseError) as caught:
            call("no-such:model")
        assert (caught.value.status_code, caught.value.error) == (404, "model 'no-such:model' not found")
    assert error(url, "/api/show", {"model": "no-such:model"})[0] == 404


@pytest.mark.parametrize("path", ["/api/show", "/api/chat", "/api/generate"])
def test_requests_without_body_or_model_are_refused(url, path):
    assert error(url, path, b"") == (400, "missing request body")
    assert error(url, path, {}) == (400, "model is required")
    assert error(url, path, b"{")[0] == 400
    assert error(url, path, [])[0] == 400
    assert error(url, path, method="GET")[0] == 405


@pytest.mark.parametrize("options, said", [
    ({"num_predict": "8"}, 'option "num_predict" must be of type integer'),
    ({"temperature": "hot"}, 'option "temperature" must be of type float32'),
    ({"stop": "x"}, 'option "stop" must be of type array of strings'),
    ({"use_mmap": 1}, 'option "use_mmap" must be of type boolean'),
])
def test_an_option_of_the_wrong_type_is_named(client, model, options, said):
    with pytest.raises(ollama.ResponseError) as caught:
        client.chat(model, QUESTION, options=options)
    assert (caught.value.status_code, caught.value.error) == (400, said)


@pytest.mark.parametrize("fields, word", [
    ({"think": True}, "does not support thinking"),
    ({"think": "much"}, "think must be"),
    ({"format": {"type": "nothing"}}, "format"),
    ({"format": 7}, "format"),
    ({"keep_alive": "soon"}, "keep_alive"),
    ({"top_logprobs": 21}, "top_logprobs must be between 0 and 20"),
    ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools[0].function.name"),
    ({"messages": [{"role": "user", "content": "a", "images": ["aGk="]}]}, "image input is not supported"),
    ({"messages": [{"content": "a"}]}, "role"),
])
def test_what_a_chat_cannot_have_is_a_clear_refusal(url, model, fields, word):
    status, said = error(url, "/api/chat", {"model": model, "messages": QUESTION, **fields})
    assert status == 400
    assert word in said


@pytest.mark.parametrize("fields, word", [
    ({"raw": True, "system": "a"}, "raw mode does not support"),
    ({"template": "{{ .Prompt }}"}, "not supported yet"),
    ({"images": ["aGk="]}, "image input is not supported"),
    ({"context": ["x"]}, "context"),
    ({"context": [10**9]}, "context"),
])
def test_what_a_generated_text_cannot_have_is_a_clear_refusal(url, model, fields, word):
    status, said = error(url, "/api/generate", {"model": model, "prompt": "a", **fields})
    assert status == 400
    assert word in said


# VS Code


def test_the_sequence_of_copilots_ollama_provider(url):
    agent = {"User-Agent": "GitHubCopilotChat/0.40.0", "Authorization": "Bearer ", "Content-Type": "application/json"}
    version = json.loads(ask(url, "/api/version", **agent)[2])["version"]
    assert tuple(map(int, version.split("."))) >= (0, 6, 4)
    models = json.loads(ask(url, "/api/tags", **agent)[2])["models"]
    name = models[0]["model"]
    shown = json.loads(ask(url, "/api/show", {"model": name}, **agent)[2])
    info = shown["model_info"]
    assert isinstance(shown["capabilities"], list)
    assert shown["details"]["family"] and isinstance(shown["template"], str)
    assert info[f"{info['general.architecture']}.context_length"] == N_CTX
    assert info["general.basename"] == name
    body = {"model": name, "messages": QUESTION, "stream": True, "stream_options": {"include_usage": True}, "n": 1,
            "temperature": 0.1, "top_p": 1, "max_tokens": 8, "copilot_cache_control": {"type": "ephemeral"}}
    status, headers, text = ask(url, "/v1/chat/completions", body, **agent)
    assert status == 200
    assert headers["Content-Type"].startswith("text/event-stream")
    events = [line[len("data: "):] for line in text.split("\n\n") if line.startswith("data: ")]
    assert events[-1] == "[DONE]"
    assert json.loads(events[-2])["usage"]["completion_tokens"] > 0
