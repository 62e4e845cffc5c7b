"""`samovar datasphere deploy` and `undeploy` against the stand-in, with a robot at its console.

SPDX-License-Identifier: Apache-2.0
"""

import itertools
import json
import os
import re
import subprocess
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

import cloud_stand_in
from cloud_process import NODE, TEXT, WORDS, begin_events, chunk, event, refuse, target, until
from cloud_rest import ConsoleRobot

IMAGE = "cr.yandex/crpregistry/localllm:latest"


class TaggedNode(cloud_stand_in.Node):
    """A node whose models have a tag, whose chats take a while, and which tells how many it works on."""

    pause = threading.Event()

    def __init__(self, tag, not_ready=0, not_loaded=0):
        super().__init__(answer=self.reply)
        self.tag, self.n_streams, self.lock = tag, 0, threading.Lock()
        self.not_loaded = not_loaded  # looks that find its model on its way
        self.faults = [refuse(503, "pulling")] * not_ready

    def reply(self, handler, body):
        if handler.path == "/metrics":
            text = f"# HELP x\nllamacpp:requests_processing {self.n_streams}\nllamacpp:requests_deferred 0\n".encode()
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(text)))
            handler.end_headers()
            return handler.wfile.write(text)
        if handler.path == "/readyz":
            self.not_loaded -= 1
            return refuse(503, "Loading model")(handler, body)
        if handler.command == "GET":
            status = {"value": "unloaded" if self.not_loaded else "loaded"}
            return handler.send_json(200, {"data": [{"id": "m", "tags": [self.tag], "status": status}]})
        self.count(1)
        try:
            begin_events(handler)
            for word in WORDS * 3:
                self.pause.wait(0.1)
                if self.cut.is_set():
                    raise OSError("deleted")
                handler.send_chunk(event(chunk({"content": word})))
            handler.send_chunk(event(chunk({}, "stop")) + b"data: [DONE]\n\n")
            return handler.send_chunk(b"")
        finally:
            self.count(-1)

    def count(self, more):
        with self.lock:
            self.n_streams += more


@pytest.fixture
def deploy(samovar, cloud, key_file, tmp_path):
    """deploy(new_node, *options): a running deployment with a robot at the console."""
    running = []

    def begin(new_node, *options, command="deploy", names=None, paused=None, alias="saiga"):
        words = ("--alias", alias, "--image", IMAGE) if command == "deploy" else ()
        process = subprocess.Popen([samovar.binary, "datasphere", command, *words, "--poll", "1", *target(cloud), "--key",
                                    str(key_file), *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, cwd=tmp_path, env={**os.environ, "no_proxy": "*"})
        running.append(process)
        robot = ConsoleRobot(cloud, process, new_node)
        robot.names |= names or {}
        robot.paused |= paused or {}
        return robot

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


def ended(robot, seconds=120):
    code = robot.process.wait(seconds)
    robot.thread.join(10)
    return code, robot.process.stderr.read().decode()


def test_a_deployment_makes_node_and_alias_and_the_next_one_replaces_the_node(deploy, cloud, tmp_path):
    first = deploy(lambda values: TaggedNode("one", not_ready=1), "--stamp", "one")
    assert ended(first)[0] == 0, first.text
    assert first.acts == ["make node", "make alias"]
    assert "HTTP 503: pulling" in first.text
    second = deploy(lambda values: TaggedNode("two"), "--stamp", "two", names=first.names)
    assert ended(second)[0] == 0, second.text
    assert second.acts == ["make node", "switch alias", "delete node"]
    record = json.loads((tmp_path / "datasphere.json").read_text())
    active, = record["aliases"][0]["nodes"]
    assert active["id"] == cloud.aliases["datasphere.user.saiga"] == record["nodes"][0]["id"]
    assert len(record["nodes"]) == 1
    last = deploy(None, command="undeploy", names=second.names)
    assert ended(last)[0] == 0, last.text
    assert last.acts == ["delete alias", "delete node"]
    assert cloud.aliases == {} and set(cloud.nodes) == {NODE}


def test_a_node_that_fetches_its_model_is_not_ready_yet(deploy, cloud):
    first = deploy(lambda values: TaggedNode("one", not_loaded=3), "--stamp", "one")
    assert ended(first)[0] == 0, first.text
    assert "HTTP 503: Loading model" in first.text and first.text.index("Loading model") < first.text.index("make alias")


def test_a_node_that_does_not_come_up_leaves_the_alias_where_it_was(deploy, cloud, tmp_path):
    first = deploy(lambda values: TaggedNode("one"), "--stamp", "one")
    assert ended(first)[0] == 0
    before = dict(cloud.aliases)
    second = deploy(lambda values: TaggedNode("two", not_ready=1000), "--stamp", "two", "--wait", "2", names=first.names)
    code, complaint = ended(second)
    assert code == 75
    assert re.search(r"did not answer within 2 s \(.*pulling\); the alias stays with bt1\w+", complaint)
    assert second.acts == ["make node"]
    assert cloud.aliases == before
    record = json.loads((tmp_path / "datasphere.json").read_text())
    assert [each["id"] for each in record["aliases"][0]["nodes"]] == [before["datasphere.user.saiga"]]


def test_another_alias_leaves_the_nodes_of_the_first_alone(deploy, run, cloud, key_file, tmp_path):
    first = deploy(lambda values: TaggedNode("one"), "--stamp", "one")
    assert ended(first)[0] == 0, first.text
    plan = run("deploy", "--alias", "other", "--image", IMAGE, "--dry-run", *target(cloud))[1]
    assert "make alias other" in plan and "delete node" not in plan
    before = cloud.aliases["datasphere.user.saiga"]
    second = deploy(lambda values: TaggedNode("two"), "--stamp", "two", names=first.names, alias="other")
    assert ended(second)[0] == 0, second.text
    assert second.acts == ["make node", "make alias"]
    assert cloud.aliases["datasphere.user.saiga"] == before and before in cloud.nodes
    last = deploy(None, "--alias", "other", command="undeploy", names=second.names)
    assert ended(last)[0] == 0, last.text
    assert set(cloud.aliases) == {"datasphere.user.saiga"} and before in cloud.nodes


def test_a_deployment_that_was_broken_off_after_the_switch_goes_on(deploy, cloud, tmp_path):
    first = deploy(lambda values: TaggedNode("one"), "--stamp", "one")
    assert ended(first)[0] == 0, first.text
    second = deploy(lambda values: TaggedNode("two"), "--stamp", "two", "--wait", "2", names=first.names,
                    paused={"delete node": threading.Event()})
    code, complaint = ended(second)
    assert code == 75 and "still is there, and costs" in complaint
    new = cloud.aliases["datasphere.user.saiga"]
    third = deploy(None, "--node", new, names=second.names)
    assert ended(third)[0] == 0, third.text
    assert third.acts == ["delete node"]
    assert set(cloud.nodes) == {NODE, new}
    again = deploy(None, "--node", new, names=second.names)
    code, complaint = ended(again)
    assert code == 64 and "is behind the alias already" in complaint


def test_a_node_with_another_image_is_not_taken_for_the_new_one(deploy, cloud):
    first = deploy(lambda values: TaggedNode("one"), "--stamp", "one")
    assert ended(first)[0] == 0, first.text
    second = deploy(lambda values: TaggedNode("one"), "--stamp", "two", "--wait", "2", names=first.names)
    code, complaint = ended(second)
    assert code == 75 and second.acts == ["make node"]
    assert "has another image, or is no samovar: none of its models has the tag two" in complaint
    third = deploy(None, "--node", complaint.split("--node ")[1].split()[0], "--wait", "2", names=second.names)
    code, complaint = ended(third)  # the record knows the stamp
    assert code == 75 and "has the tag two" in complaint


def test_an_alias_that_still_gives_some_requests_to_the_old_node_is_not_switched(deploy, cloud):
    first = deploy(lambda values: TaggedNode("one"), "--stamp", "one")
    assert ended(first)[0] == 0, first.text
    old = cloud.aliases["datasphere.user.saiga"]
    slips = itertools.cycle([False, False, False, True])
    cloud.node_behind = lambda alias: old if next(slips) else cloud.aliases[alias]
    second = deploy(lambda values: TaggedNode("two"), "--stamp", "two", "--wait", "2", names=first.names)
    code, complaint = ended(second)
    assert code == 75 and "the old node stays" in complaint
    assert second.acts == ["make node", "switch alias"] and old in cloud.nodes


def test_an_image_is_not_built_for_a_node_that_is_there(run, cloud):
    code, _, complaint = run("deploy", "--alias", "saiga", "--image", IMAGE, "--node", "bt1there", "--build", ".", "--dry-run",
                             *target(cloud))
    assert code == 64 and "leave --build away" in complaint


def test_an_id_that_is_none_is_refused_at_once(deploy, cloud, tmp_path):
    first = deploy(lambda values: TaggedNode("one"), "--node", "bad id")
    code, complaint = ended(first, 20)
    assert code == 64 and "id of the new node: expected an identifier" in complaint
    assert not (tmp_path / "datasphere.json").exists()


def test_an_alias_that_is_not_switched_keeps_the_old_node(deploy, cloud):
    first = deploy(lambda values: TaggedNode("one"), "--stamp", "one")
    assert ended(first)[0] == 0
    second = deploy(lambda values: TaggedNode("two"), "--stamp", "two", "--wait", "2", names=first.names,
                    paused={"switch alias": threading.Event()})
    code, complaint = ended(second)
    assert code == 75 and "the old node stays" in complaint
    assert len(cloud.nodes) == 3  # with NODE, which nobody remembers


def test_a_deployment_under_a_hundred_streams_loses_none(start_gateway, deploy, cloud):
    first = deploy(lambda values: TaggedNode("one"), "--stamp", "one")
    assert ended(first)[0] == 0
    old = cloud.nodes[cloud.aliases["datasphere.user.saiga"]]
    gateway = start_gateway("--parallel", "128", node=("--alias", "saiga"))
    text = TEXT * 3
    stop = threading.Event()

    def client():
        """Chats until the deployment is over. RETURNS how many came whole, and how many did not."""
        good = bad = 0
        body = json.dumps({"messages": [], "stream": True}).encode()
        while not stop.is_set():
            with urllib.request.urlopen(urllib.request.Request(gateway.url + "/v1/chat/completions", body), timeout=60) as answer:
                events = [json.loads(line[6:]) for line in answer.read().decode().split("\n") if line.startswith("data: {")]
            words = "".join(each["choices"][0]["delta"].get("content", "") for each in events if each.get("choices"))
            good, bad = (good + 1, bad) if words == text else (good, bad + 1)
        return good, bad

    with ThreadPoolExecutor(100) as pool:
        clients = [pool.submit(client) for _ in range(100)]
        until(lambda: old.n_streams >= 90)
        second = deploy(lambda values: TaggedNode("two"), "--stamp", "two", names=first.names)
        code, complaint = ended(second)
        stop.set()
        results = [each.result() for each in clients]
    assert code == 0, second.text + complaint
    assert sum(bad for _, bad in results) == 0
    assert sum(good for good, _ in results) >= 100
    assert second.acts == ["make node", "switch alias", "delete node"]
    assert "its last answer has ended" in second.text
    new = cloud.nodes[cloud.aliases["datasphere.user.saiga"]]
    assert any(method == "POST" for method, _, _, _ in new.asked)


def test_the_old_node_goes_when_the_drain_time_has_passed(deploy, cloud):
    first = deploy(lambda values: TaggedNode("one"), "--stamp", "one")
    assert ended(first)[0] == 0
    cloud.nodes[cloud.aliases["datasphere.user.saiga"]].n_streams = 1  # one that never ends
    second = deploy(lambda values: TaggedNode("two"), "--stamp", "two", "--drain", "1", names=first.names)
    assert ended(second)[0] == 0
    assert "1 s have passed; what still runs there is cut" in second.text


def test_a_node_without_a_stamp_asks_the_person_whether_it_is_done(deploy, cloud):
    first = deploy(lambda values: TaggedNode("one"))
    assert ended(first)[0] == 0, first.text
    assert "Enter once that is saved" in first.text


def test_the_end_of_input_ends_a_deployment(run, cloud, key_file):
    code, _, complaint = run("deploy", "--alias", "saiga", "--image", IMAGE, *target(cloud), key=key_file)
    assert code != 0 and "the input has ended" in complaint
