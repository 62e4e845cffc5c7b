"""The official OpenAI client against a running server.

SPDX-License-Identifier: Apache-2.0
"""

from concurrent.futures import ThreadPoolExecutor

import openai
import pytest

QUESTION = [{"role": "user", "content": "Say hello."}]


@pytest.fixture(scope="module")
def client(server):
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0, timeout=120)


@pytest.fixture(scope="module")
def model(client):
    return client.models.list().data[0].id


def chat(client, model, **options):
    return client.chat.completions.create(model=model, messages=QUESTION, max_tokens=16, temperature=0, **options)


def test_a_chat_answers_with_text_and_usage(client, model):
    answer = chat(client, model)
    choice = answer.choices[0]
    assert choice.message.role == "assistant"
    assert choice.message.content
    assert choice.finish_reason in ("stop", "length")
    assert 0 < answer.usage.completion_tokens <= 16
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_streamed_chat_is_the_same_text_in_parts(client, model):
    whole = chat(client, model).choices[0].message.content
    parts = list(chat(client, model, stream=True))
    assert "".join(part.choices[0].delta.content or "" for part in parts if part.choices) == whole
    assert len(parts) > 2
    assert [part.choices[0].finish_reason for part in parts if part.choices][-1] in ("stop", "length")


def test_a_streamed_chat_ends_with_usage_when_asked(client, model):
    parts = list(chat(client, model, stream=True, stream_options={"include_usage": True}))
    assert parts[-1].usage.completion_tokens > 0
    assert parts[-1].choices == []


def test_a_completion_continues_a_text(client, model):
    answer = client.completions.create(model=model, prompt="The capital of France is", max_tokens=8, temperature=0)
    assert "Paris" in answer.choices[0].text


def test_a_streamed_completion_is_the_same_text_in_parts(client, model):
    options = dict(model=model, prompt="One, two, three,", max_tokens=12, temperature=0)
    whole = client.completions.create(**options).choices[0].text
    parts = list(client.completions.create(stream=True, **options))
    assert "".join(part.choices[0].text for part in parts if part.choices) == whole


def test_the_same_seed_gives_the_same_text(client, model):
    options = dict(model=model, prompt="Once upon a time", max_tokens=16, temperature=1.0)
    texts = [client.completions.create(seed=seed, **options).choices[0].text for seed in (7, 7, 8)]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


def test_a_stop_string_ends_the_text_before_it(client, model):
    options = dict(model=model, prompt="One, two, three,", max_tokens=24, temperature=0)
    answer = client.completions.create(stop=[" six"], **options).choices[0]
    assert answer.finish_reason == "stop"
    assert "five" in answer.text and "six" not in answer.text


def test_max_tokens_ends_with_length(client, model):
    answer = client.completions.create(model=model, prompt="One, two,", max_tokens=3, temperature=0)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 3


@pytest.mark.parametrize("field, value", [("max_tokens", -5), ("n", 0), ("temperature", "hot"), ("seed", 0.5)])
def test_a_wrong_field_is_named_in_the_error(client, model, field, value):
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=model, messages=QUESTION, **{field: value})
    assert field in str(caught.value)


@pytest.mark.parametrize("field, value", [("temperature", -1), ("top_p", 2)])
def test_a_number_out_of_range_moves_to_the_nearest_bound(client, model, field, value):
    assert client.chat.completions.create(model=model, messages=QUESTION, max_tokens=2, **{field: value}).choices


def test_an_over_long_prompt_is_refused_in_openai_shape(client, model):
    with pytest.raises(openai.BadRequestError) as caught:
        client.completions.create(model=model, prompt="word " * 100_000, max_tokens=1)
    assert caught.value.code == "context_length_exceeded"


def test_requests_at_the_same_time_all_get_their_answers(client, model):
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: chat(client, model).choices[0].message.content, range(4)))
    assert len(set(answers)) == 1
