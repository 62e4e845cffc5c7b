"""`samovar gateway` in front of a stand-in node that answers well: what passes, what is put together, who may ask.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import signal
import socket
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

import cloud_stand_in
from cloud_process import (CHAT, NODE, TEXT, WORDS, answer_chat, ask, begin_events, chunk, error_of, event,
                           fails_to_start, metric, refuse, text_of, until)

BLUE = "bt1blue0000000000000"


def test_a_chat_is_asked_for_as_a_stream_and_comes_whole(start_gateway, node):
    status, headers, body = ask(start_gateway())
    assert status == 200 and headers["Content-Type"].startswith("application/json")
    answer = json.loads(body)
    assert answer["object"] == "chat.completion"
    assert answer["choices"] == [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop",
                                  "logprobs": None}]
    assert answer["usage"]["completion_tokens"] == len(WORDS)
    assert json.loads(node.asked[0][3])["stream"] is True


def test_a_stream_is_the_nodes_byte_for_byte(start_gateway, node):
    body = ask(start_gateway(), body={**CHAT, "stream": True})[2]
    assert body.startswith("data: ") and body.endswith("data: [DONE]\n\n")
    assert json.loads(node.asked[0][3]) == {**CHAT, "stream": True}


def answer_in_two_parts(node):
    """Makes the node stream "first", and "last" once the event that is RETURNED is set."""
    go_on = threading.Event()

    def answer(handler, body):
        begin_events(handler)
        handler.send_chunk(event(chunk({"content": "first"})))
        assert go_on.wait(60)
        handler.send_chunk(event(chunk({"content": "last"})) + b"data: [DONE]\n\n")
        handler.send_chunk(b"")

    node.answer = answer
    return go_on


def stream_of(gateway):
    """The answer to a chat, to be read while it comes."""
    body = json.dumps({**CHAT, "stream": True}).encode()
    return urllib.request.urlopen(urllib.request.Request(gateway.url + "/v1/chat/completions", body), timeout=60)


def test_a_streams_first_words_come_before_its_last(start_gateway, node):
    go_on = answer_in_two_parts(node)
    with stream_of(start_gateway()) as stream:
        assert b"first" in stream.readline()
        go_on.set()
        assert b"last" in stream.read()


def test_an_alias_gets_the_consoles_prefix(start_gateway, cloud, node):
    cloud.aliases["datasphere.user.saiga"] = NODE
    assert ask(start_gateway(node=("--alias", "saiga")))[0] == 200
    assert node.asked[0][2]["x-node-alias"] == "datasphere.user.saiga"
    assert "x-node-id" not in node.asked[0][2]


def test_an_alias_that_is_switched_needs_nothing_of_the_gateway(start_gateway, cloud, node):
    cloud.nodes[BLUE] = cloud_stand_in.Node(answer=answer_chat)
    cloud.aliases["datasphere.team.saiga"] = NODE
    gateway = start_gateway(node=("--alias", "datasphere.team.saiga"))
    assert ask(gateway)[0] == 200
    cloud.aliases["datasphere.team.saiga"] = BLUE
    assert ask(gateway)[0] == 200
    assert len(node.asked) == len(cloud.nodes[BLUE].asked) == 1


def test_the_node_api_may_lie_below_a_path(start_gateway, cloud):
    assert ask(start_gateway(node_api=cloud.url + "/invoke/"))[0] == 200


@pytest.mark.parametrize("events", [b"data: {\"choices\":[]}\n\ndata: [DONE]\n\n", b"data: <html>\n\n", b": only pings\n\n",
                                    event(chunk({"content": "Hel"}))], ids=["empty", "no json", "pings", "no end"])
def test_a_wrong_stream_is_no_answer(start_gateway, node, events):
    def answer(handler, body):
        begin_events(handler)
        handler.send_chunk(events)
        handler.send_chunk(b"")

    node.answer = answer
    status, _, body = ask(start_gateway())
    assert status == 502
    assert error_of(body)["code"] == "bad_gateway"


def test_a_node_that_ignores_the_wish_for_a_stream_is_understood(start_gateway, node):
    node.answer = lambda handler, body: answer_chat(handler, json.dumps({**json.loads(body), "stream": False}))
    assert text_of(ask(start_gateway())[2]) == TEXT


def test_a_client_that_leaves_ends_the_nodes_work(start_gateway, node):
    left = threading.Event()

    def endless(handler, body):
        begin_events(handler)
        try:
            while True:
                handler.send_chunk(event(chunk({"content": "x"})))
                left.wait(0.02)
        except OSError:
            left.set()
            raise

    node.answer = endless
    gateway = start_gateway()
    address = gateway.url.removeprefix("http://").split(":")
    body = json.dumps({**CHAT, "stream": True}).encode()
    with socket.create_connection((address[0], int(address[1]))) as client:
        client.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        assert client.recv(65536)
    assert left.wait(30)
    until(lambda: metric(gateway, "samovar_gateway_requests_in_flight") == 0)


def test_a_request_over_the_nodes_limit_is_refused_here(start_gateway, node):
    status, _, body = ask(start_gateway(), body=b"x" * ((16 << 20) + 1))
    assert status == 413
    assert node.asked == []


def test_a_body_that_is_no_json_is_the_nodes_to_judge(start_gateway, node):
    node.answer = refuse(400, "what is this?")
    assert ask(start_gateway(), body=b"{")[0] == 400
    assert node.asked[0][3] == b"{"


def test_many_streams_at_once_all_come_whole(start_gateway):
    gateway = start_gateway("--parallel", "100")
    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda _: ask(gateway), range(300)))
    assert [text_of(body) for _, _, body in answers] == [TEXT] * 300


def test_more_requests_than_threads_wait_their_turn(start_gateway):
    gateway = start_gateway("--parallel", "2")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: ask(gateway), range(60)))
    assert [status for status, _, _ in answers] == [200] * 60


def test_sigterm_lets_a_stream_end(start_gateway, node):
    go_on = answer_in_two_parts(node)
    gateway = start_gateway()
    with stream_of(gateway) as stream:
        assert b"first" in stream.readline()
        os.kill(gateway.server.pid, signal.SIGTERM)
        until(lambda: "ending" in gateway.server.logged())
        go_on.set()
        assert b"[DONE]" in stream.read()
    assert gateway.server.process.wait(30) == 0


def test_sigterm_sends_away_who_waits_for_a_node(start_gateway, node):
    node.answer = refuse(503, "pulling", Retry_After="300")
    gateway = start_gateway()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ask, gateway)
        until(lambda: metric(gateway, "samovar_gateway_requests_waiting") == 1)
        os.kill(gateway.server.pid, signal.SIGTERM)
        status, _, body = waiting.result()
    assert status == 503 and error_of(body)["code"] == "gateway_ending"
    assert gateway.server.process.wait(30) == 0


def test_clients_need_the_gateways_key_when_it_has_one(start_gateway, node):
    gateway = start_gateway("--api-key", "sesame")
    assert ask(gateway)[0] == 401
    assert ask(gateway, headers={"Authorization": "Bearer wrong"})[0] == 401
    assert ask(gateway, headers={"Authorization": "Bearer sesame"})[0] == 200
    assert "sesame" not in str(node.asked)


def test_the_network_is_not_served_without_a_key(request, cloud):
    code, said = fails_to_start(request, cloud, "--host", "0.0.0.0", env={"YC_TOKEN": cloud.new_token()})
    assert code == 64
    assert "is open to the network and no key is set" in said


def test_foreign_pages_and_host_names_are_kept_out(start_gateway, node):
    gateway = start_gateway()
    assert ask(gateway, headers={"Host": "evil.test"})[0] == 403
    assert ask(gateway, headers={"Origin": "http://localhost:3000"})[1]["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert ask(gateway, headers={"Origin": "https://evil.test"})[1]["Access-Control-Allow-Origin"] is None
    assert len(node.asked) == 2
