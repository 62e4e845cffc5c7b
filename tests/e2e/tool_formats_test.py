"""Each family's template on the small model: tools are in its prompt, calls come back whole, and calls and results of a conversation are shown.

SPDX-License-Identifier: Apache-2.0
"""

import json

import jsonschema
import openai
import pytest

import inputs
from server_process import ServerProcess

TEMPLATES = {
    "hermes": "Qwen-Qwen2.5-7B-Instruct", "hermes, with thoughts": "Qwen-Qwen3-0.6B",
    "llama3": "meta-llama-Llama-3.2-3B-Instruct", "mistral": "mistralai-Mistral-Nemo-Instruct-2407",
    "mistral-args": "unsloth-mistral-Devstral-Small-2507", "tool_call-list": "ibm-granite-granite-3.3-2B-Instruct",
    "functionary": "meetkai-functionary-medium-v3.1", "generic": "microsoft-Phi-3.5-mini-instruct",
    "generic, without a system role": "google-gemma-2-2b-it", "generic, for XML": "Qwen3-Coder",
}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 20}, "unit": {"enum": ["c", "f"]}},
          "required": ["city", "unit"]}
TOOLS = [{"type": "function", "function": {"name": "get_weather", "description": "In a city, now.", "parameters": SCHEMA}}]
QUESTION = {"role": "user", "content": "What is the weather in Kazan?"}


@pytest.fixture(scope="module", params=sorted(TEMPLATES))
def client(request, small_model):
    path = inputs.TEMPLATES / f"{TEMPLATES[request.param]}.jinja"
    if not path.is_file():
        pytest.skip(f"template {path.stem} is not here: tests/golden/inputs.py fetches it")
    server = ServerProcess(request.config.getoption("--bin"), small_model, "--chat-template-file", path, "--ctx-size", 4096,
                           "--parallel", 1)
    yield openai.OpenAI(base_url=f"{server.wait_until_ready().url}/v1", api_key="none", max_retries=0, timeout=300)
    server.stop()


def ask(client, messages, **options):
    options = {"model": "any", "tools": TOOLS, "temperature": 0.7, "seed": 5, "max_tokens": 200, "reasoning_effort": "none",
               **options}
    return client.chat.completions.create(messages=messages, **options)


def test_a_required_call_is_whole_and_goes_back_with_its_result(client):
    choice = ask(client, [QUESTION], tool_choice="required", parallel_tool_calls=False).choices[0]
    assert choice.finish_reason == "tool_calls"
    (call,) = choice.message.tool_calls
    assert call.function.name == "get_weather"
    jsonschema.validate(json.loads(call.function.arguments), SCHEMA)
    result = {"role": "tool", "tool_call_id": call.id, "content": "17 degrees"}
    messages = [QUESTION, choice.message.model_dump(exclude_none=True), result]
    assert ask(client, messages, max_tokens=8).choices[0].finish_reason in ("stop", "length", "tool_calls")
    native = str(client.base_url).removesuffix("/v1/")
    prompt = client.with_options(base_url=native).post(
        "/apply-template", cast_to=object, body={"messages": messages, "tools": TOOLS})["prompt"]
    for shown in ("In a city, now.", json.loads(call.function.arguments)["unit"], "17 degrees"):
        assert shown in prompt


def test_a_stream_has_the_same_call(client):
    options = dict(tool_choice="required", parallel_tool_calls=False)
    whole = ask(client, [QUESTION], **options).choices[0].message.tool_calls[0].function.arguments
    pieces = [piece for chunk in ask(client, [QUESTION], stream=True, **options) for choice in chunk.choices
              for piece in choice.delta.tool_calls or []]
    assert "".join(piece.function.arguments for piece in pieces) == whole
    assert [piece.function.name for piece in pieces if piece.function.name] == ["get_weather"]


def test_an_answer_without_a_call_has_no_text_of_markers(client):
    choice = ask(client, [{"role": "user", "content": "Say hello."}], max_tokens=30).choices[0]
    assert not any(marker in (choice.message.content or "") for marker in ("<tool_call>\n{", "[TOOL_CALLS]", "<|tool_call|>"))
