"""Thoughts on OpenAI's routes: where they go, what counts them, and what switches them off.

The small model does not think by itself: a grammar makes it begin a thought, or its template opens one.

SPDX-License-Identifier: Apache-2.0
"""

import openai
import pytest

TURNS = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
TAGGED = TURNS + "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}"
OPENED = TURNS + "<think>\n"
THOUGHT = 'root ::= "<think>\\nhm, so\\n</think>\\n\\nYes."'
QUESTION = [{"role": "user", "content": "Is it so?"}]
OFF = [{"reasoning_effort": "none"}, {"thinking_budget_tokens": 0}, {"chat_template_kwargs": {"enable_thinking": False}}]


@pytest.fixture(scope="module")
def client_of(start_server):
    clients = {}

    def get(template, *options):
        if (template, options) not in clients:
            server = start_server("--chat-template", template, "--ctx-size", 2048, "--parallel", 1, *options)
            clients[template, options] = openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0, timeout=120)
        return clients[template, options]

    return get


def ask(client, **body):
    return client.chat.completions.create(model="any", messages=QUESTION, temperature=0, max_tokens=40, extra_body=body)


def shown(message):
    return getattr(message, "reasoning_content", None), message.content


def test_a_thought_goes_where_the_format_says(client_of):
    def answer(**body):
        return ask(client_of(TAGGED), grammar=THOUGHT, **body)

    thought, text = shown(answer().choices[0].message)
    assert thought and not text
    assert shown(answer(reasoning_format="deepseek").choices[0].message) == (thought, text)
    assert shown(answer(reasoning_format="deepseek-legacy").choices[0].message) == (thought, f"<think>{thought}</think>")
    apart, whole = shown(answer(reasoning_format="none").choices[0].message)
    assert apart is None and whole.strip().startswith("<think>") and thought in whole
    usage = answer().usage
    assert 0 < usage.completion_tokens_details.reasoning_tokens <= usage.completion_tokens


def test_the_server_decides_where_a_request_does_not(client_of):
    assert shown(ask(client_of(TAGGED, "--reasoning-format", "none"), grammar=THOUGHT).choices[0].message)[0] is None


def test_a_streamed_thought_comes_in_deltas_of_its_own(client_of):
    client = client_of(TAGGED)
    thought = text = ""
    for chunk in client.chat.completions.create(model="any", messages=QUESTION, stream=True, max_tokens=40, temperature=0,
                                                extra_body={"grammar": THOUGHT}):
        for choice in chunk.choices:
            thought += getattr(choice.delta, "reasoning_content", None) or ""
            text += choice.delta.content or ""
    assert (thought, text) == shown(ask(client, grammar=THOUGHT).choices[0].message)


def test_a_thought_that_the_prompt_opened_is_one(client_of):
    answer = ask(client_of(OPENED))
    thought, text = shown(answer.choices[0].message)
    assert thought and not text
    assert answer.usage.completion_tokens_details.reasoning_tokens >= answer.usage.completion_tokens - 1


def test_a_form_is_kept_to_behind_a_thought(client_of):
    answer = ask(client_of(TAGGED), response_format={"type": "json_schema", "json_schema": {
        "name": "n", "schema": {"const": "yes"}}})
    assert answer.choices[0].message.content == '"yes"'
    opened = ask(client_of(OPENED), response_format={"type": "json_schema", "json_schema": {
        "name": "n", "schema": {"const": "yes"}}}).choices[0]
    thought, text = shown(opened.message)
    assert thought and text in ("", '"yes"')


@pytest.mark.parametrize("body", OFF)
def test_a_request_switches_thoughts_off(client_of, body):
    client = client_of(TAGGED)
    native = client.with_options(base_url=str(client.base_url).removesuffix("/v1/"))
    for more, ends in ((body, "<think>\n\n</think>\n\n"), ({}, "assistant\n")):
        prompt = native.post("/apply-template", cast_to=object, body={"messages": QUESTION, **more})["prompt"]
        assert prompt.endswith(ends)


@pytest.mark.parametrize("flags", [("--reasoning", "off"), ("--reasoning-budget", "0")])
def test_the_server_switches_thoughts_off(client_of, flags):
    client = client_of(TAGGED, *flags)
    native = client.with_options(base_url=str(client.base_url).removesuffix("/v1/"))
    prompt = native.post("/apply-template", cast_to=object, body={"messages": QUESTION})["prompt"]
    assert prompt.endswith("</think>\n\n")


def n_thought(answer):
    return answer.usage.completion_tokens_details.reasoning_tokens


@pytest.mark.parametrize("name", ["thinking_budget_tokens", "reasoning_budget_tokens"])
def test_a_thought_is_ended_when_it_had_its_tokens(client_of, name):
    client = client_of(OPENED)
    free, short = ask(client), ask(client, **{name: 5})
    thought, text = shown(short.choices[0].message)
    assert text and n_thought(free) > n_thought(short) >= 5
    assert shown(free.choices[0].message)[0].startswith(thought)
    assert short.usage.completion_tokens == 40


def test_last_words_stand_at_the_end_of_a_thought(client_of):
    client = client_of(OPENED)
    thought, text = shown(ask(client, reasoning_budget_tokens=5, reasoning_budget_message=" Enough of that.").choices[0].message)
    assert thought.endswith(" Enough of that.") and text
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, reasoning_budget_tokens=5, reasoning_budget_message="so </think> be it")
    assert caught.value.param == "reasoning_budget_message"


def test_the_server_has_a_budget_and_last_words_for_all(client_of):
    client = client_of(OPENED, "--reasoning-budget", "5", "--reasoning-budget-message", " So be it.")
    assert shown(ask(client).choices[0].message)[0].endswith(" So be it.")
    assert n_thought(ask(client, reasoning_budget_tokens=15)) > 15


@pytest.mark.parametrize("body", OFF)
def test_a_thought_that_a_template_opens_all_the_same_is_closed(client_of, body):
    thought, text = shown(ask(client_of(OPENED), **body).choices[0].message)
    assert not thought and text


def test_a_form_is_kept_to_behind_a_thought_that_was_ended(client_of):
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"const": "yes"}}}
    for budget in (0, 5):
        answer = ask(client_of(OPENED), response_format=form, reasoning_budget_tokens=budget).choices[0]
        assert answer.message.content == '"yes"' and answer.finish_reason == "stop"


@pytest.mark.parametrize("flags, said", [
    (("--reasoning", "maybe"), "--reasoning: expected on, off or auto"),
    (("--reasoning-format", "loud"), "--reasoning-format: expected none, auto"),
    (("--reasoning-budget", "-2"), "--reasoning-budget: expected -1 or more, found -2"),
])
def test_a_wrong_flag_is_named(samovar, small_model, flags, said):
    result = samovar.run("serve", small_model, *flags)
    assert result.returncode != 0 and said in result.stderr.decode()


def test_without_the_template_there_are_no_tools(client_of):
    with pytest.raises(openai.BadRequestError) as caught:
        client_of(TAGGED, "--no-jinja").chat.completions.create(
            model="any", messages=QUESTION, tools=[{"type": "function", "function": {"name": "f"}}])
    assert caught.value.param == "tools" and "--no-jinja" in caught.value.message
