"""llama-server's own routes, and the parts of OpenAI's that share their code, against a running server.

SPDX-License-Identifier: Apache-2.0
"""

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

PROMPT = "One, two, three,"


@pytest.fixture(scope="module")
def server(start_server):
    """Two slots, so that choices run beside each other."""
    return start_server("--parallel", "2", "--ctx-size", "1024", "--seed", "42")


def ask(server, path, body=None, method=None):
    """RETURNS status and text of the answer, whatever the status."""
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(server.url + path, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def get(server, path, body=None):
    status, text = ask(server, path, body)
    assert status == 200, text
    return json.loads(text)


def events(server, path, body):
    """RETURNS the events of a stream; "[DONE]" stays a string."""
    status, text = ask(server, path, {**body, "stream": True})
    assert status == 200, text
    lines = [line[len("data: "):] for line in text.split("\n\n") if line.startswith("data: ")]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


def complete(server, **body):
    return get(server, "/completion", {"prompt": PROMPT, "n_predict": 8, "temperature": 0, **body})


# Tokens and templates


@pytest.mark.parametrize("text", ["What is the capital of France ?", "\u5abd and \U0001f917", " two  spaces", ""])
def test_detokenize_gives_back_what_was_tokenized(server, text):
    tokens = get(server, "/tokenize", {"content": text})["tokens"]
    assert get(server, "/detokenize", {"tokens": tokens})["content"] == text


def test_pieces_are_texts_or_bytes(server):
    content = "unicode \u5abd and \U0001f917"
    pieces = get(server, "/tokenize", {"content": content, "with_pieces": True})["tokens"]
    joined = b"".join(p["piece"].encode() if isinstance(p["piece"], str) else bytes(p["piece"]) for p in pieces)
    assert joined.decode() == content


def test_control_tokens_are_parsed_unless_told_otherwise(server):
    marked = get(server, "/tokenize", {"content": "<|im_end|>"})["tokens"]
    plain = get(server, "/tokenize", {"content": "<|im_end|>", "parse_special": False})["tokens"]
    assert len(marked) == 1 < len(plain)


def test_apply_template_gives_the_prompt_of_a_chat(server):
    body = {"messages": [{"role": "user", "content": "Hi there"}]}
    prompt = get(server, "/apply-template", body)["prompt"]
    assert "Hi there" in prompt and prompt.endswith("<|im_start|>assistant\n")
    without = get(server, "/apply-template", {**body, "add_generation_prompt": False})["prompt"]
    assert prompt.startswith(without) and not without.endswith("assistant\n")


def test_counted_tokens_are_those_that_a_chat_reports(server):
    body = {"messages": [{"role": "user", "content": "Hi there"}]}
    counted = get(server, "/v1/chat/completions/input_tokens", body)["input_tokens"]
    usage = get(server, "/v1/chat/completions", {**body, "max_tokens": 1})["usage"]
    assert counted == usage["prompt_tokens"]


# State


def test_props_describe_the_server(server):
    props = get(server, "/props")
    assert props["total_slots"] == 2
    assert props["default_generation_settings"]["n_ctx"] == 1024
    assert props["default_generation_settings"]["params"]["seed"] == 42
    assert ".gguf" in props["model_path"]
    assert props["build_info"].startswith("b")
    assert "im_start" in props["chat_template"]


def test_slots_show_what_runs_and_what_ran(start_server):
    server = start_server("--parallel", "2", "--ctx-size", "1024")
    fresh = get(server, "/slots")
    assert [slot["id"] for slot in fresh] == [0, 1]
    assert all("params" not in slot and not slot["is_processing"] for slot in fresh)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(complete, server, n_predict=200, ignore_eos=True)
        while not any(slot["is_processing"] for slot in get(server, "/slots")):
            assert not answer.done()
        answer.result()
    used = [slot for slot in get(server, "/slots") if "params" in slot]
    assert len(used) == 1
    assert used[0]["params"]["n_predict"] == 200
    assert used[0]["next_token"][0]["n_remain"] == -1 and used[0]["next_token"][0]["n_decoded"] == 0


# /completion


def test_a_completion_says_how_it_ended_and_what_it_cost(server):
    answer = complete(server, return_tokens=True)
    assert answer["stop"] is True and answer["stop_type"] == "limit" and answer["truncated"] is False
    assert answer["tokens_predicted"] == len(answer["tokens"]) == answer["timings"]["predicted_n"] == 8
    assert answer["tokens_evaluated"] == answer["timings"]["prompt_n"] + answer["timings"]["cache_n"]
    assert answer["prompt"].endswith(PROMPT)
    assert answer["generation_settings"]["n_predict"] == 8
    assert get(server, "/detokenize", {"tokens": answer["tokens"]})["content"] == answer["content"]
    assert complete(server)["tokens"] == []


def test_a_streamed_completion_is_the_same_text_and_ends_without_done(server):
    parts = events(server, "/completion", {"prompt": PROMPT, "n_predict": 8, "temperature": 0})
    assert "".join(part["content"] for part in parts) == complete(server)["content"]
    assert all(part["stop"] is False and part["tokens"] for part in parts[:-1])
    assert parts[-1]["stop"] is True and parts[-1]["content"] == "" and "generation_settings" in parts[-1]


def test_the_stop_string_that_ended_it_is_named(server):
    answer = complete(server, n_predict=24, stop=[" six", "never"])
    assert answer["stop_type"] == "word" and answer["stopping_word"] == " six"
    assert "six" not in answer["content"]


def test_only_the_fields_that_are_asked_for(server):
    answer = complete(server, response_fields=["content", "generation_settings/n_predict", "nothing"])
    assert set(answer) == {"content", "generation_settings/n_predict"}
    assert answer["generation_settings/n_predict"] == 8


def test_prompts_in_all_forms(server):
    tokens = get(server, "/tokenize", {"content": PROMPT, "add_special": True})["tokens"]
    text = complete(server)["content"]
    assert complete(server, prompt=tokens)["content"] == text
    assert complete(server, prompt={"prompt_string": PROMPT})["content"] == text
    assert complete(server, prompt=[*tokens[:1], "x", 7])["content"]
    many = complete(server, prompt=[tokens, PROMPT, {"prompt_string": PROMPT}])
    assert [answer["index"] for answer in many] == [0, 1, 2]
    assert {answer["content"] for answer in many} == {text}


def test_nothing_is_generated_for_zero_tokens_or_an_empty_prompt(server):
    assert complete(server, n_predict=0)["content"] == ""
    assert complete(server, prompt="")["content"] == ""


def test_ignore_eos_bans_every_end_token(server):
    banned = complete(server, ignore_eos=True)["generation_settings"]["logit_bias"]
    assert banned and all(entry["bias"] is None for entry in banned)
    assert complete(server)["generation_settings"]["logit_bias"] == []


def test_a_slow_answer_of_many_lines_ends_with_its_time(server):
    answer = complete(server, prompt="A list:\n- one\n-", n_predict=500, ignore_eos=True, t_max_predict_ms=1)
    assert answer["stop_type"] == "limit" and answer["tokens_predicted"] < 500


def test_progress_starts_with_the_cache_and_ends_with_the_prompt(server):
    body = {"prompt": "A different beginning. " * 100, "n_predict": 2, "return_progress": True,
            "timings_per_token": True}
    progress = [part for part in events(server, "/completion", body) if "prompt_progress" in part]
    done = [part["prompt_progress"]["processed"] for part in progress]
    assert done[0] == progress[0]["prompt_progress"]["cache"]
    assert done[-1] == progress[-1]["prompt_progress"]["total"]
    assert done == sorted(set(done))
    assert progress[0]["timings"]["prompt_ms"] == 0


# Probabilities


def test_probabilities_of_the_model(server):
    answer = complete(server, n_probs=5)
    assert len(answer["completion_probabilities"]) == 8
    for token in answer["completion_probabilities"]:
        tops = [top["logprob"] for top in token["top_logprobs"]]
        assert len(tops) == 5 and tops == sorted(tops, reverse=True)
        assert token["logprob"] == tops[0] <= 0  # the likeliest is taken
    assert "".join(token["token"] for token in answer["completion_probabilities"]) == answer["content"]


def test_probabilities_of_the_draw_add_up(server):
    answer = complete(server, n_probs=50, post_sampling_probs=True, temperature=1, top_k=20)
    for token in answer["completion_probabilities"]:
        assert 0 < token["prob"] <= 1
        assert sum(top["prob"] for top in token["top_probs"]) == pytest.approx(1)


def test_streamed_probabilities_come_with_their_text(server):
    for part in events(server, "/completion", {"prompt": PROMPT, "n_predict": 5, "n_probs": 3, "temperature": 0}):
        if not part["stop"]:
            assert "".join(token["token"] for token in part["completion_probabilities"]) == part["content"]


def test_log_probabilities_of_a_chat(server):
    body = {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 6, "temperature": 0,
            "logprobs": True, "top_logprobs": 4}
    choice = get(server, "/v1/chat/completions", body)["choices"][0]
    assert "".join(token["token"] for token in choice["logprobs"]["content"]) == choice["message"]["content"]
    assert all(len(token["top_logprobs"]) == 4 for token in choice["logprobs"]["content"])
    streamed = [token for part in events(server, "/v1/chat/completions", body)[:-1]
                for choice in part["choices"] if choice["delta"].get("content")
                for token in choice["logprobs"]["content"]]
    assert [t["id"] for t in streamed] == [t["id"] for t in choice["logprobs"]["content"]]


def test_both_forms_of_log_probabilities_of_a_completion(server):
    body = {"prompt": PROMPT, "max_tokens": 6, "temperature": 0, "logprobs": 2}
    choice = get(server, "/v1/completions", body)["choices"][0]
    shown = choice["logprobs"]
    assert "".join(shown["tokens"]) == choice["text"]
    assert [len(top) for top in shown["top_logprobs"]] == [2] * 6
    assert shown["text_offset"][0] == 0
    assert [choice["text"][at:at + len(t)] for at, t in zip(shown["text_offset"], shown["tokens"])] == shown["tokens"]
    assert [entry["logprob"] for entry in shown["content"]] == shown["token_logprobs"]


# Several choices


def test_choices_of_several_prompts_are_numbered_in_order(server):
    body = {"prompt": ["One, two,", "The capital of France is"], "n": 2, "max_tokens": 4, "temperature": 0}
    answer = get(server, "/v1/completions", body)
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2, 3]
    texts = [choice["text"] for choice in answer["choices"]]
    assert texts[0] == texts[1] and texts[2] == texts[3] and "Paris" in texts[2]
    assert answer["usage"]["completion_tokens"] == 16
    one = [get(server, "/v1/completions", {**body, "prompt": p, "n": 1})["usage"]["prompt_tokens"]
           for p in body["prompt"]]
    assert answer["usage"]["prompt_tokens"] == sum(one)


def test_a_choice_is_what_its_seed_alone_gives(server):
    body = {"messages": [{"role": "user", "content": "Name a colour."}], "max_tokens": 8, "temperature": 1.5}
    many = get(server, "/v1/chat/completions", {**body, "n": 3, "seed": 5})["choices"]
    alone = [get(server, "/v1/chat/completions", {**body, "seed": 5 + i})["choices"][0] for i in range(3)]
    assert [c["message"]["content"] for c in many] == [c["message"]["content"] for c in alone]


def test_streamed_choices_come_mixed_and_with_one_usage(server):
    body = {"messages": [{"role": "user", "content": "Name a colour."}], "max_tokens": 6, "n": 3,
            "temperature": 0, "stream_options": {"include_usage": True}}
    parts = events(server, "/v1/chat/completions", body)
    assert parts[-1] == "[DONE]"
    assert [len(part["choices"]) for part in parts[:-1]] == [1] * (len(parts) - 2) + [0]
    texts = ["", "", ""]
    ends = [None] * 3
    for part in parts[:-2]:
        choice = part["choices"][0]
        texts[choice["index"]] += choice["delta"].get("content") or ""
        ends[choice["index"]] = choice["finish_reason"] or ends[choice["index"]]
    assert len(set(texts)) == 1 and texts[0]
    assert all(ends)
    assert parts[-2]["usage"]["completion_tokens"] > 6


def test_echo_puts_the_prompt_first(server):
    body = {"prompt": PROMPT, "max_tokens": 4, "temperature": 0}
    text = get(server, "/v1/completions", body)["choices"][0]["text"]
    assert get(server, "/v1/completions", {**body, "echo": True})["choices"][0]["text"] == PROMPT + text
    parts = events(server, "/v1/completions", {**body, "echo": True})
    assert "".join(part["choices"][0]["text"] for part in parts[:-1]) == PROMPT + text


def test_echoed_tokens_have_the_chances_that_the_model_gives_them(server):
    body = {"prompt": PROMPT, "max_tokens": 3, "temperature": 0, "echo": True, "logprobs": 2}
    choice = get(server, "/v1/completions", body)["choices"][0]
    shown = choice["logprobs"]
    assert "".join(shown["tokens"]) == choice["text"] and choice["text"].startswith(PROMPT)
    assert shown["token_logprobs"][0] is None and shown["top_logprobs"][0] is None
    assert all(chance <= 0 for chance in shown["token_logprobs"][1:])
    assert [choice["text"][at:at + len(t)] for at, t in zip(shown["text_offset"], shown["tokens"])] == shown["tokens"]
    # Each token's chance is what an answer to the text before it says.
    n_prompt = len(get(server, "/tokenize", {"content": PROMPT})["tokens"])
    for at in range(1, n_prompt):
        before = {"prompt": "".join(shown["tokens"][:at]), "n_predict": 1, "n_probs": 1000, "temperature": 0}
        tops = get(server, "/completion", before)["completion_probabilities"][0]["top_logprobs"]
        chances = {top["token"]: top["logprob"] for top in tops}
        assert chances[shown["tokens"][at]] == shown["token_logprobs"][at]


def test_a_text_can_be_scored_without_an_answer(server):
    body = {"prompt": PROMPT, "max_tokens": 0, "echo": True, "logprobs": 0}
    choice = get(server, "/v1/completions", body)["choices"][0]
    assert choice["text"] == PROMPT == "".join(choice["logprobs"]["tokens"])
    parts = events(server, "/v1/completions", body)
    told = [token for part in parts[:-1] for token in (part["choices"][0]["logprobs"] or {"tokens": []})["tokens"]]
    assert told == choice["logprobs"]["tokens"]
    assert ask(server, "/v1/completions", {**body, "logprobs": 1, "post_sampling_probs": True})[0] == 400


def test_one_prompt_that_is_too_long_refuses_all(server):
    body = {"prompt": ["short", "word " * 2000], "max_tokens": 2, "stream": True}
    status, text = ask(server, "/v1/completions", body)
    assert status == 400
    error = json.loads(text)["error"]
    assert error["code"] == "context_length_exceeded" and error["n_ctx"] == 1024 < error["n_prompt_tokens"]


# Errors


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/completion", 405), ("POST", "/health", 405), ("DELETE", "/props", 405), ("POST", "/nothing", 404),
    ("POST", "/props", 501), ("POST", "/v1/responses", 501), ("POST", "/rerank", 501),
    ("POST", "/slots/0?action=save", 501), ("GET", "/lora-adapters", 501), ("POST", "/infill", 501),
])
def test_what_is_not_there_is_said_in_the_right_shape(server, method, path, status):
    got, text = ask(server, path, b"{}" if method == "POST" else None, method)
    assert got == status
    error = json.loads(text)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["code"] == status or path.startswith("/v1/")


@pytest.mark.parametrize("body, code", [
    (b"{\"prompt\": NaN}", None), (b"[1]", None), ({"prompt": 7}, "prompt"), ({}, "prompt"),
    ({"prompt": [10**9]}, "prompt[0]"), ({"prompt": []}, "prompt"), ({"prompt": "x", "stream": "yes"}, "stream"),
    ({"prompt": "x", "n_predict": -2}, "n_predict"), ({"prompt": "x", "response_fields": 1}, "response_fields"),
    ({"prompt": {"prompt_string": "x", "multimodal_data": "y"}}, "prompt.multimodal_data"),
])
def test_wrong_requests_are_refused_by_name(server, body, code):
    status, text = ask(server, "/completion", body)
    assert status == 400
    assert json.loads(text)["error"]["param"] == code


def test_a_client_that_left_frees_its_slots(server):
    body = json.dumps({"prompt": PROMPT, "n": 2, "n_predict": 900, "ignore_eos": True}).encode()
    request = urllib.request.Request(server.url + "/completion", body, {"Content-Type": "application/json"})
    with pytest.raises(TimeoutError):
        urllib.request.urlopen(request, timeout=0.3)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(complete, server, n_predict=1).result(20)
    assert not any(slot["is_processing"] for slot in get(server, "/slots"))


def test_as_llama_server_more_context_than_the_model_was_trained_for_is_cut_to_that(start_server):
    server = start_server("--as-llama-server", "--ctx-size", "1000000", "--parallel", "1")
    assert get(server, "/props")["default_generation_settings"]["n_ctx"] == 8192


@pytest.mark.parametrize("flags, shown", [
    ([], "unsaid"), (["--as-llama-server"], "on"), (["--as-llama-server", "--reasoning", "off"], "off"),
])
def test_as_llama_server_each_template_hears_whether_to_think(start_server, flags, shown):
    template = "{% if enable_thinking is not defined %}unsaid{% elif enable_thinking %}on{% else %}off{% endif %}"
    server = start_server("--chat-template", template, "--ctx-size", "512", *flags)
    assert get(server, "/apply-template", {"messages": [{"role": "user", "content": "?"}]})["prompt"] == shown
