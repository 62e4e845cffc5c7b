"""Tools, through the official clients of OpenAI and Ollama: calls are complete JSON that validates, in a stream too, and their results go back.

The small model's template knows no tools: it gets them as a text. The larger one calls them as Qwen 2.5 does.

SPDX-License-Identifier: Apache-2.0
"""

import json
import urllib.request

import jsonschema
import ollama
import openai
import pytest

import harness
from server_process import ServerProcess

QWEN = "qwen2.5-coder-0.5b-instruct-q4_k_m"
WEATHER = {"type": "function", "function": {
    "name": "get_weather", "description": "The weather in a city, now.",
    "parameters": {"type": "object", "required": ["city", "unit"], "additionalProperties": False, "properties": {
        "city": {"type": "string", "description": "as in: Paris", "maxLength": 40},
        "unit": {"enum": ["celsius", "fahrenheit"]}, "days": {"type": "integer", "minimum": 1, "maximum": 7}}}}}
CLOCK = {"type": "function", "function": {"name": "get_time", "description": "The time, now."}}
TOOLS = [WEATHER, CLOCK]
SCHEMAS = {"get_weather": WEATHER["function"]["parameters"], "get_time": {"type": "object", "maxProperties": 0}}
QUESTION = [{"role": "user", "content": "What is the weather in Paris, in celsius?"}]


@pytest.fixture(scope="module", params=["small", pytest.param("qwen", marks=pytest.mark.large)])
def served(request, start_server):
    """A server with each of the models."""
    if request.param == "small":
        yield start_server()
        return
    server = ServerProcess(request.config.getoption("--bin"), harness.model_path(QWEN))
    yield server.wait_until_ready()
    server.stop()


@pytest.fixture(scope="module")
def client(served):
    return openai.OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0, timeout=300)


def ask(client, messages=QUESTION, **options):
    options = {"tools": TOOLS, "max_tokens": 300, "temperature": 0, "model": "any", **options}
    return client.chat.completions.create(messages=messages, **options)


def check_call(call, names=tuple(SCHEMAS)):
    assert call.type == "function" and call.id.startswith("call_")
    assert call.function.name in names
    jsonschema.validate(json.loads(call.function.arguments), SCHEMAS[call.function.name])


def joined(stream):
    """(text, calls, finish reason) of a stream; each call is [id, name, arguments]."""
    text, calls, reason = "", [], None
    for chunk in stream:
        for choice in chunk.choices:
            text += choice.delta.content or ""
            for piece in choice.delta.tool_calls or []:
                if piece.index == len(calls):
                    assert piece.id and piece.type == "function" and piece.function.name
                    calls.append([piece.id, piece.function.name, ""])
                else:
                    assert piece.index == len(calls) - 1 and piece.id is None and piece.function.name is None
                calls[piece.index][2] += piece.function.arguments or ""
            reason = choice.finish_reason or reason
    return text, calls, reason


def test_a_larger_model_calls_by_itself(client, request):
    if "qwen" not in request.node.name:
        pytest.skip("the small model calls nothing by itself")
    choice = ask(client).choices[0]
    assert choice.finish_reason == "tool_calls"
    check_call(choice.message.tool_calls[0], ["get_weather"])
    text, calls, reason = joined(ask(client, stream=True))
    assert (text, reason) == ("", "tool_calls")
    assert [call[1:] for call in calls] == [["get_weather", choice.message.tool_calls[0].function.arguments]]


@pytest.mark.parametrize("seed", range(6))
def test_a_call_that_is_required_is_made_and_validates(client, seed):
    choice = ask(client, tool_choice="required", parallel_tool_calls=False, temperature=1, seed=seed).choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    assert len(choice.message.tool_calls) == 1
    check_call(choice.message.tool_calls[0])


def test_a_named_function_is_the_one_that_is_called(client):
    for name in SCHEMAS:
        choice = ask(client, tool_choice={"type": "function", "function": {"name": name}},
                     parallel_tool_calls=False).choices[0]
        check_call(choice.message.tool_calls[0], [name])


def test_a_streamed_call_is_the_same_in_pieces(client):
    options = dict(tool_choice={"type": "function", "function": {"name": "get_weather"}}, parallel_tool_calls=False)
    whole = ask(client, **options).choices[0].message.tool_calls[0]
    parts = list(ask(client, stream=True, **options))
    text, calls, reason = joined(parts)
    assert (text, reason) == ("", "tool_calls")
    assert [call[1:] for call in calls] == [[whole.function.name, whole.function.arguments]]
    assert len(parts) > 5


def test_each_choice_has_calls_of_its_own(client):
    choices = ask(client, n=3, tool_choice="required", parallel_tool_calls=False, temperature=1, seed=1).choices
    assert len({choice.message.tool_calls[0].id for choice in choices}) == 3
    for choice in choices:
        check_call(choice.message.tool_calls[0])


def test_without_need_text_comes_and_no_marker_in_it(client):
    messages = [{"role": "user", "content": "Say hello."}]
    whole = ask(client, messages, tool_choice="none", max_tokens=24).choices[0]
    assert whole.message.tool_calls is None and whole.message.content
    text, calls, reason = joined(ask(client, messages, stream=True, max_tokens=48))
    assert "<tool_call>" not in text
    assert reason == ("tool_calls" if calls else "stop") or reason == "length"


def test_the_result_of_a_call_goes_back_to_the_model(client):
    call = ask(client, tool_choice={"type": "function", "function": {"name": "get_weather"}}, seed=1,
               parallel_tool_calls=False).choices[0].message
    messages = [*QUESTION, call.model_dump(exclude_none=True), {
        "role": "tool", "tool_call_id": call.tool_calls[0].id, "content": "{\"temperature\": 17}"}]
    answer = ask(client, messages, tool_choice="none", max_tokens=60).choices[0].message
    assert answer.content and answer.tool_calls is None


def test_a_cut_call_says_so(client):
    choice = ask(client, tool_choice={"type": "function", "function": {"name": "get_weather"}}, max_tokens=14).choices[0]
    assert choice.finish_reason == "length"


def test_log_probabilities_cover_a_call(client):
    choice = ask(client, tool_choice="required", parallel_tool_calls=False, logprobs=True).choices[0]
    text = "".join(token.token for token in choice.logprobs.content)
    assert choice.message.tool_calls[0].function.arguments in text
    streamed = ""
    for chunk in ask(client, tool_choice="required", parallel_tool_calls=False, logprobs=True, stream=True):
        for choice in chunk.choices:
            if choice.logprobs:
                streamed += "".join(token.token for token in choice.logprobs.content)
    assert streamed == text


def test_a_form_and_tools_give_the_one_or_the_other(client):
    choice = ask(client, response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": {
        "type": "object", "required": ["ok"], "properties": {"ok": {"type": "boolean"}}}}}).choices[0]
    if choice.message.tool_calls:
        check_call(choice.message.tool_calls[0])
    else:
        assert isinstance(json.loads(choice.message.content)["ok"], bool)


@pytest.mark.parametrize("options, param", [
    ({"tool_choice": {"type": "function", "function": {"name": "other"}}}, "tool_choice"),
    ({"tool_choice": "perhaps"}, "tool_choice"),
    ({"tools": [CLOCK, CLOCK]}, "tools[1]"),
    ({"tools": [CLOCK] * 129}, "tools"),
    ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools[0].function.name"),
    ({"tools": [{"type": "function", "function": {"name": "f", "parameters": {"properties": 3}}}]},
     "tools[0].function.parameters"),
    ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
    ({"extra_body": {"grammar": "root ::= \"a\""}}, "grammar"),
])
def test_what_is_wrong_with_tools_is_refused_by_name(client, options, param):
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, **options)
    assert caught.value.param == param


def get_weather(city: str, unit: str) -> str:
    """The weather in a city, now.

    Args:
      city: as in: Paris
      unit: celsius or fahrenheit
    """
    return f"17 degrees {unit} in {city}"


def test_ollamas_client_calls_a_function_and_gives_its_result_back(served):
    client, name = ollama.Client(host=served.url), served_name(served)
    messages = [{"role": "user", "content": "What is the weather in Paris?"}]
    answer = client.chat(name, messages, tools=[get_weather], options={"temperature": 0, "num_predict": 200})
    assert answer.done_reason in ("stop", "length")
    messages += [answer.message, {"role": "tool", "tool_name": "get_weather", "content": get_weather("Paris", "celsius")}]
    for call in answer.message.tool_calls or []:
        assert call.function.name == "get_weather"
        get_weather(**call.function.arguments)
    last = client.chat(name, messages, options={"temperature": 0, "num_predict": 40})
    assert last.message.content


def served_name(server):
    with urllib.request.urlopen(f"{server.url}/v1/models") as answer:
        return json.load(answer)["data"][0]["id"]


def test_ollamas_capabilities_name_tools_where_the_template_has_them(served, request):
    shown = ollama.Client(host=served.url).show(served_name(served))
    assert ("tools" in shown.capabilities) == ("qwen" in request.node.name)
