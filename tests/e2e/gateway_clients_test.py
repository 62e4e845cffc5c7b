"""Unmodified clients through gateway -> stand-in node -> samovar, and straight to the node API.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request

import ollama
import pytest
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from openai import NotFoundError, OpenAI

import cloud_stand_in
from cloud_process import NODE, GatewayProcess, assert_no_secret
from harness import ROOT

QUESTION = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Say hello."}]
NODE_API = "https://node-api.datasphere.yandexcloud.net"
LIMITS = {"model": "any", "temperature": 0, "max_tokens": 16}
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {
    "type": "object", "properties": {"city": {"type": "string", "maxLength": 10}}, "required": ["city"]}}}


@pytest.fixture(scope="module")
def cloud(server):
    cloud = cloud_stand_in.Cloud()
    cloud.nodes[NODE] = cloud_stand_in.Node(upstream=server.url)
    yield cloud
    cloud.close()


@pytest.fixture(scope="module")
def gateway(request, cloud, tmp_path_factory):
    key_file = cloud.new_key().write(tmp_path_factory.mktemp("key") / "key.json")
    gateway = GatewayProcess(request.config.getoption("--bin"), cloud, "--key", key_file)
    yield gateway.wait_until_ready()
    gateway.stop()
    assert_no_secret(cloud, gateway.log)


@pytest.fixture(scope="module")
def openai(gateway):
    return OpenAI(base_url=f"{gateway.url}/v1", api_key="none", max_retries=0)


def post(url, path, body):
    request = urllib.request.Request(url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.loads(answer.read())


def error_of(url, path, body):
    """RETURNS (status, body) of a request that is refused."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(url, path, body)
    return caught.value.code, json.loads(caught.value.read())


def ollama_name(url):
    with urllib.request.urlopen(url + "/api/ps", timeout=60) as answer:
        return json.load(answer)["models"][0]["model"]


def lasting(answer):
    """An answer without what differs from one run to the next."""
    for key in ("id", "created", "timings"):
        answer.pop(key, None)
    answer["usage"].pop("prompt_tokens_details", None)
    for choice in answer["choices"]:
        for call in choice.get("message", {}).get("tool_calls", []):
            call.pop("id")
    return answer


@pytest.mark.parametrize("path, more", [
    ("/v1/chat/completions", {"messages": QUESTION}),
    ("/v1/chat/completions", {"messages": QUESTION, "logprobs": True, "top_logprobs": 2, "n": 2, "stream": False}),
    ("/v1/chat/completions", {"messages": QUESTION, "tools": [WEATHER], "tool_choice": "required", "max_tokens": 60}),
    ("/v1/chat/completions", {"messages": [{"role": "user", "content": "\u041f\u0440\u0438\u0432\u0435\u0442!"}], "max_tokens": 40}),
    ("/v1/completions", {"prompt": ["Once upon a time", "Hello"], "logprobs": 2}),
    ("/v1/completions", {"prompt": "Once upon a time", "stop": ["."]}),
])
def test_an_answer_put_together_is_the_one_that_samovar_gives_whole(server, gateway, path, more):
    body = {**LIMITS, **more}
    assert lasting(post(gateway.url, path, body)) == lasting(post(server.url, path, body))


def without(answer, *names):
    return {name: value for name, value in answer.items() if name not in names}


@pytest.mark.parametrize("path, more", [
    ("/completion", {"prompt": "Once upon a time", "n_probs": 2, "return_tokens": True}),
    ("/completion", {"prompt": "Once upon a time", "response_fields": ["content", "generation_settings/seed"]}),
    ("/completion", {"prompt": ["Once upon a time", "Hello"], "stop": ["."], "n_predict": 24}),
    ("/completions", {"prompt": "\u041f\u0440\u0438\u0432\u0435\u0442", "stream": None, "sse_ping_interval": -1}),
    ("/infill", {"input_prefix": "def f(", "input_suffix": "): pass"}),
])
def test_llama_servers_answers_are_put_together(server, gateway, path, more):
    body = {"n_predict": 16, "temperature": 0, "seed": 1, **more}
    if path == "/infill":  # this model can't: the error is the node's
        assert error_of(gateway.url, path, body) == error_of(server.url, path, body)
        return
    answers = [post(url, path, body) for url in (gateway.url, server.url)]
    lists = [answer if isinstance(answer, list) else [answer] for answer in answers]
    assert len(lists[0]) == len(more["prompt"] if isinstance(more["prompt"], list) else [0])
    ours, theirs = ([without(each, "timings", "id_slot") for each in answer] for answer in lists)
    assert ours == theirs and ours[0]["content"]


@pytest.mark.parametrize("path, more", [
    ("/api/chat", {"messages": QUESTION}),
    ("/api/chat", {"messages": QUESTION, "tools": [WEATHER], "logprobs": True}),
    ("/api/chat", {"messages": []}),
    ("/api/generate", {"prompt": "\u041f\u0440\u0438\u0432\u0435\u0442!", "format": "json"}),
])
def test_ollamas_answers_are_put_together(server, gateway, path, more):
    body = {"model": ollama_name(server.url), "stream": False, "options": {"temperature": 0, "num_predict": 24}, **more}
    times = ("created_at", "total_duration", "load_duration", "prompt_eval_duration", "eval_duration")
    ours, theirs = (without(post(url, path, body), *times) for url in (gateway.url, server.url))
    assert ours == theirs and ours["done"] is True


def test_ollamas_client_streams_and_waits_through_the_gateway(server, gateway):
    client = ollama.Client(host=gateway.url, timeout=120)
    how = {"model": ollama_name(server.url), "messages": QUESTION, "options": {"temperature": 0, "num_predict": 16}}
    parts = [part.message.content for part in client.chat(stream=True, **how)]
    assert len(parts) > 2 and "".join(parts) == client.chat(**how).message.content


def test_other_routes_pass_as_they_are(server, gateway):
    body = {"input": ["a", "b"], "model": "any"}
    assert post(gateway.url, "/v1/embeddings", body)["data"] == post(server.url, "/v1/embeddings", body)["data"]


def test_openais_client_lists_chats_and_streams(openai):
    assert [model.id for model in openai.models.list()]
    whole = openai.chat.completions.create(messages=QUESTION, **LIMITS)
    stream = openai.chat.completions.create(messages=QUESTION, stream=True, stream_options={"include_usage": True}, **LIMITS)
    parts = list(stream)
    text = "".join(part.choices[0].delta.content or "" for part in parts if part.choices)
    assert text and text == whole.choices[0].message.content
    assert parts[-1].usage.completion_tokens == whole.usage.completion_tokens


def test_openais_client_gets_samovars_errors(openai):
    with pytest.raises(NotFoundError) as caught:
        openai.models.retrieve("none/such")
    assert caught.value.code == "model_not_found"


def test_langchain_streams_through_the_gateway(gateway):
    chat = ChatOpenAI(base_url=f"{gateway.url}/v1", api_key="none", model="any", temperature=0, max_tokens=16, max_retries=0)
    question = [SystemMessage("Be brief."), HumanMessage("Say hello.")]
    parts = [part.content for part in chat.stream(question)]
    assert len([part for part in parts if part]) > 1
    assert "".join(parts) == chat.invoke(question).content


@pytest.mark.parametrize("guide", ["datasphere.md", "datasphere.ru.md"])
def test_the_guides_sample_asks_the_node_api_itself(cloud, server, guide):
    """With the stand-in's address and a token of its, and a limit."""
    blocks = (ROOT / "docs/guides" / guide).read_text(encoding="utf-8").split("```python\n")[1:]
    sample, = (block.split("```")[0] for block in blocks if NODE_API in block.split("```")[0])
    sample = sample.replace(NODE_API, cloud.url).replace("stream=True", "stream=True, max_tokens=16, temperature=0")
    environment = {**os.environ, "YC_TOKEN": cloud.new_token(), "NODE_ID": NODE, "YC_FOLDER_ID": cloud_stand_in.FOLDER,
                   "PYTHONIOENCODING": "utf-8"}
    said = subprocess.run([sys.executable, "-c", sample], env=environment, check=True, capture_output=True, timeout=120)
    words = re.search(r'"content": "([^"]+)"', sample)[1]
    question = {"messages": [{"role": "user", "content": words}], "max_tokens": 16, "temperature": 0}
    answer = post(server.url, "/v1/chat/completions", question)
    assert said.stdout.decode() == answer["choices"][0]["message"]["content"]


def test_langchain_asks_the_node_api_itself(cloud):
    chat = ChatOpenAI(base_url=f"{cloud.url}/v1", api_key=cloud.new_token(), model="any", max_tokens=8, max_retries=0,
                      default_headers={"x-node-id": NODE, "x-folder-id": cloud_stand_in.FOLDER})
    assert "".join(part.content for part in chat.stream("Say hello."))
