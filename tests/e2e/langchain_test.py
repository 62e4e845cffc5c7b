"""LangChain's ChatOpenAI against a running server.

SPDX-License-Identifier: Apache-2.0
"""

import asyncio

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI, OpenAI

QUESTION = [SystemMessage("Be brief."), HumanMessage("Say hello.")]
SCHEMA = {"title": "Colour", "type": "object", "properties": {"colour": {"type": "string", "maxLength": 12}},
          "required": ["colour"], "additionalProperties": False}


@pytest.fixture(scope="module")
def options(server):
    return dict(base_url=f"{server.url}/v1", api_key="none", model="any", temperature=0, max_tokens=16, max_retries=0, timeout=120)


@pytest.fixture(scope="module")
def chat(options):
    return ChatOpenAI(**options)


def test_a_streamed_chat_is_the_same_text_in_parts(chat):
    whole = chat.invoke(QUESTION)
    parts = list(chat.stream(QUESTION))
    assert whole.content
    assert "".join(part.content for part in parts) == whole.content
    assert len([part for part in parts if part.content]) > 1
    assert whole.usage_metadata["output_tokens"] > 0
    assert whole.response_metadata["finish_reason"] in ("stop", "length")


def test_a_stream_brings_its_usage_when_asked(options):
    parts = list(ChatOpenAI(**options, stream_usage=True).stream(QUESTION))
    total = parts[0]
    for part in parts[1:]:
        total += part
    assert total.usage_metadata["output_tokens"] > 0


def test_an_asynchronous_stream_is_the_same_text(chat):
    async def collect():
        return "".join([part.content async for part in chat.astream(QUESTION)])

    assert asyncio.run(collect()) == chat.invoke(QUESTION).content


def test_several_chats_at_once_get_the_answers_of_each_alone(chat):
    questions = ["Say hello.", "Name a colour.", "Count to three."]
    alone = [chat.invoke(question).content for question in questions]
    assert [answer.content for answer in chat.batch(questions)] == alone


def test_a_conversation_goes_on(chat):
    answer = chat.invoke([*QUESTION, AIMessage("Hello!"), HumanMessage("And again?")])
    assert answer.content


def test_a_structured_answer_keeps_to_its_schema(options):
    structured = ChatOpenAI(**{**options, "max_tokens": 64}).with_structured_output(SCHEMA, method="json_schema")
    answer = structured.invoke("Name a colour.")
    assert set(answer) == {"colour"}


def test_a_completion_continues_a_text(options):
    assert "Paris" in OpenAI(**options).invoke("The capital of France is")
