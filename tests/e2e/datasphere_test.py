"""`samovar datasphere` against the stand-in: account, registry, nodes, aliases (`deploy`: deploy_test.py).

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import re
import stat

import pytest

from cloud_process import (NODE, TEXT, answer_chat, assert_no_secret, begin_events, chunk, event, hang_up, refuse,
                           target)
from cloud_rest import CloudRest
from cloud_stand_in import ACCOUNT, FOLDER

IMAGE = "cr.yandex/crpregistry/localllm:latest"


@pytest.fixture
def rest(cloud):
    return CloudRest(cloud)


def urls(cloud):
    return ("--iam", cloud.url, "--resource-manager", cloud.url, "--registry-api", cloud.url, "--operations", cloud.url,
            "--folder", FOLDER)


def test_check_says_that_all_is_well(run, cloud, rest, key_file):
    rest.roles |= {("container-registry.images.pusher", ACCOUNT), ("vpc.user", ACCOUNT)}
    code, said, _ = run("check", *urls(cloud), "--node", NODE, "--node-api", cloud.url, key=key_file)
    assert code == 0, said
    lines = [re.split(r"\s+", line, maxsplit=2) for line in said.splitlines()]
    assert [(state, what) for state, what, _ in lines] == [
        ("ok", "key"), ("ok", "token"), ("ok", "folder"), ("ok", "role"), ("ok", "role"), ("ok", "role"), ("ok", "node")]
    assert f"{FOLDER} is `default`, ACTIVE" in said
    assert f"{NODE} answers for m" in said


def test_check_names_each_missing_role_and_the_command_that_gives_it(run, cloud, rest, key_file):
    code, said, complaint = run("check", *urls(cloud), key=key_file)
    assert code == 64 and "3 of 6 checks failed" in complaint
    assert (f"BAD   role    vpc.user is missing, to let nodes join a subnet: yc resource-manager folder add-access-binding "
            f"{FOLDER} --role vpc.user --subject serviceAccount:{ACCOUNT}") in said


def test_check_tells_a_key_that_others_can_read(run, cloud, rest, key_file):
    key_file.chmod(0o644)
    assert f"others can read it: chmod 600 {key_file}" in run("check", *urls(cloud), key=key_file)[1]


def test_check_ends_at_a_key_that_the_cloud_does_not_know(run, cloud, rest, key_file):
    cloud.keys.clear()
    code, said, _ = run("check", *urls(cloud), key=key_file)
    assert code == 64
    assert re.search(r"^BAD +token .*HTTP 401: key ajek\w+ not found", said, re.M)
    assert "folder" not in said


def test_check_tells_a_wrong_folder(run, cloud, rest, key_file):
    code, said, _ = run("check", *urls(cloud)[:-1], "b1gother", key=key_file)
    assert code == 64
    assert re.search(r"^BAD +folder ", said, re.M)


def test_check_goes_on_where_roles_can_not_be_seen(run, cloud, rest, key_file):
    path = f"/resource-manager/v1/folders/{FOLDER}:listAccessBindings"
    cloud.rest["GET", path] = lambda handler, body: (403, {"code": 7, "message": "Permission denied"})
    code, said, _ = run("check", *urls(cloud), key=key_file)
    assert code == 0
    assert re.search(r"^\? +roles +can't be seen by this account: .*Permission denied", said, re.M)


def test_init_makes_what_is_missing_and_nothing_twice(run, cloud, rest, tmp_path):
    rest.accounts.clear()
    me = {"YC_TOKEN": cloud.new_token()}
    code, said, complaint = run("init", *urls(cloud), "--dry-run", env=me)
    assert code == 0, complaint
    assert rest.accounts == {} and rest.registries == {} and rest.roles == set()
    assert said.count("would be") == 6

    code, said, complaint = run("init", *urls(cloud), env=me)
    assert code == 0, complaint
    (account, name), = rest.accounts.items()
    (registry, _), = rest.registries.items()
    assert name == "samovar" and f"cr.yandex/{registry}/NAME:TAG" in said
    assert rest.roles == {(role, account) for role in
                          ("container-registry.images.pusher", "container-registry.images.puller", "vpc.user")}
    key = tmp_path / "key.json"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert set(json.loads(key.read_text())) == {"id", "service_account_id", "created_at", "key_algorithm", "public_key", "private_key"}
    assert "make secret samovar-key: the cloud has no public API for this step." in said
    n_posts = len([each for each in cloud.rest_asked if each[0] == "POST"])

    code, said, _ = run("init", *urls(cloud), env=me)
    assert code == 0 and said.count(": there") == 6
    assert len([each for each in cloud.rest_asked if each[0] == "POST"]) == n_posts
    assert run("check", *urls(cloud), key=key)[0] == 0  # and the key is good


def test_init_does_not_touch_the_key_of_another_account(run, cloud, rest, tmp_path):
    rest.accounts = {"ajeother": "samovar"}
    key = cloud.new_key().write(tmp_path / "key.json").read_text()
    code, _, complaint = run("init", *urls(cloud), env={"YC_TOKEN": cloud.new_token()})
    assert code == 64 and f"is of service account {ACCOUNT}, expected ajeother" in complaint
    assert (tmp_path / "key.json").read_text() == key


def test_init_makes_no_key_that_it_can_not_keep(run, cloud, rest):
    me = {"YC_TOKEN": cloud.new_token()}
    code, _, complaint = run("init", *urls(cloud), "--key-file", "/no/such/folder/key.json", env=me)
    assert code == 66 and "/no/such/folder/key.json" in complaint
    assert not [path for method, path, *_ in cloud.rest_asked if (method, path) == ("POST", "/iam/v1/keys")]


def test_a_dry_init_tells_a_key_that_would_be_of_another_account(run, cloud, rest, tmp_path):
    rest.accounts.clear()
    cloud.new_key().write(tmp_path / "key.json")
    code, _, complaint = run("init", *urls(cloud), "--dry-run", env={"YC_TOKEN": cloud.new_token()})
    assert code == 64 and f"is of service account {ACCOUNT}, and a new one would be made" in complaint


def test_init_tells_a_folder_that_is_not_ours(run, cloud, rest):
    code, _, complaint = run("init", *urls(cloud)[:-1], "b1gother", env={"YC_TOKEN": cloud.new_token()})
    assert code == 64 and "HTTP 403: Permission denied" in complaint


def test_invoke_prints_the_nodes_answer(run, cloud, key_file):
    code, said, _ = run("invoke", "GET", "/v1/models", "--node", NODE, *target(cloud), key=key_file)
    assert code == 0 and json.loads(said)["data"][0]["id"] == "m"


def test_invoke_chat_prints_the_answers_text(run, cloud, key_file):
    code, said, _ = run("invoke", "chat", "Say hello.", "--node", NODE, *target(cloud), key=key_file)
    assert (code, said) == (0, TEXT + "\n")
    asked = json.loads(cloud.nodes[NODE].asked[-1][3])
    assert asked["model"] == "m" and asked["messages"] == [{"role": "user", "content": "Say hello."}]


def test_invoke_chat_tells_an_answer_that_is_not_whole(run, cloud, key_file):
    def half(handler, body):
        if handler.command != "POST":
            return answer_chat(handler, body)
        begin_events(handler)
        handler.send_chunk(event(chunk({"content": "Half an ans"})))
        return handler.send_chunk(b"")

    cloud.nodes[NODE].answer = half
    code, said, complaint = run("invoke", "chat", "Say hello.", "--node", NODE, *target(cloud), key=key_file)
    assert (code, said) == (75, "Half an ans\n") and "ended before it was whole (text/event-stream)" in complaint
    cloud.nodes[NODE].answer = lambda handler, body: answer_chat(handler, b"{}")
    code, _, complaint = run("invoke", "chat", "Say hello.", "--node", NODE, *target(cloud), key=key_file)
    assert code == 75 and "(application/json)" in complaint


def test_invoke_shows_no_token_that_the_node_repeats(run, cloud, key_file):
    def parrot(handler, body):
        said = "auth " + handler.headers["Authorization"]
        if handler.command != "POST":
            return handler.send_json(200, {"data": [{"id": "m", "said": said}]})
        begin_events(handler)
        handler.send_chunk(event({"error": {"message": said}}))
        return handler.send_chunk(b"")

    cloud.nodes[NODE].answer = parrot
    for words in (("chat", "Say hello."), ("GET", "/v1/models")):
        _, said, complaint = run("invoke", *words, "--node", NODE, *target(cloud), key=key_file)
        assert "auth Bearer [secret]" in said + complaint
        assert_no_secret(cloud, said + complaint)


def test_invoke_sends_a_body_from_a_flag_a_file_or_standard_input(run, cloud, key_file, tmp_path):
    (tmp_path / "body.json").write_text('{"a": 2}')
    for data, stdin, expected in (('{"a": 1}', b"", b'{"a": 1}'), ("@body.json", b"", b'{"a": 2}'), ("@-", b'{"a": 3}', b'{"a": 3}')):
        assert run("invoke", "POST", "/predict", "--data", data, "--node", NODE, *target(cloud), key=key_file, stdin=stdin)[0] == 0
        assert cloud.nodes[NODE].asked[-1][3] == expected


@pytest.mark.parametrize("fault, code, words", [(refuse(403, "no"), 64, "HTTP 403: no"), (refuse(404, "none"), 66, "HTTP 404: none"),
                                                (refuse(503, "pulling"), 75, "HTTP 503: pulling"), (hang_up, 75, "127.0.0.1")])
def test_invoke_fails_as_the_node_does(run, cloud, key_file, fault, code, words):
    cloud.nodes[NODE].answer = fault
    got, _, complaint = run("invoke", "GET", "/v1/models", "--node", NODE, *target(cloud), key=key_file)
    assert got == code and words in complaint


def test_invoke_shows_its_request_without_secrets(run, cloud):
    code, said, _ = run("invoke", "GET", "/v1/models", "--alias", "saiga", *target(cloud), "--dry-run")
    assert code == 0
    assert said == (f"GET {cloud.url}/v1/models\nx-node-alias: datasphere.user.saiga\nx-folder-id: {FOLDER}\n"
                    "Authorization: Bearer [secret]\n")


def test_invoke_wants_a_method_and_a_path(run, cloud):
    assert "expected METHOD PATH" in run("invoke", "models", "--node", NODE, *target(cloud))[2]
    assert "expected METHOD PATH" in run("invoke", "FETCH", "/v1/models", "--node", NODE, *target(cloud))[2]


@pytest.fixture
def docker(tmp_path):
    """A docker that writes down its words and its input."""
    script = tmp_path / "bin" / "docker"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/words"\ncat >> "{tmp_path}/input"\n')
    script.chmod(0o755)
    return {"PATH": f"{script.parent}:{os.environ['PATH']}"}


def test_registry_login_hands_the_key_file_to_docker_by_its_input(run, docker, key_file, tmp_path):
    code, said, complaint = run("registry", "login", key=key_file, env=docker)
    assert code == 0, complaint
    assert (tmp_path / "words").read_text() == "login --username json_key --password-stdin cr.yandex\n"
    assert (tmp_path / "input").read_text() == key_file.read_text()
    assert said == "+ docker login --username json_key --password-stdin cr.yandex\n"


def test_registry_login_by_a_token(run, cloud, docker, key_file, tmp_path):
    assert run("registry", "login", "--user", "iam", "--iam", cloud.url, key=key_file, env=docker)[0] == 0
    assert (tmp_path / "input").read_text() in cloud.tokens
    cloud.rest["GET", "/v2/"] = lambda handler, body: (200, {})  # another registry
    here = ("--registry", cloud.url.removeprefix("http://"))
    code, _, complaint = run("registry", "login", "--user", "me", *here, env=docker | {"SAMOVAR_REGISTRY_PASSWORD": "pw"})
    assert code == 0 and (tmp_path / "input").read_text().endswith("pw"), complaint
    assert "SAMOVAR_REGISTRY_PASSWORD" in run("registry", "login", "--user", "me", env=docker)[2]
    assert "--user is missing" in run("registry", "login", *here, key=key_file, env=docker)[2]


def test_a_dry_push_says_what_it_would_do(run, docker, key_file, tmp_path):
    code, said, _ = run("registry", "push", "localllm", IMAGE, "--dry-run", key=key_file, env=docker)
    assert (code, said) == (0, f"+ docker save localllm\nsend it to {IMAGE} as json_key\n")
    assert run("registry", "push", "localllm", "hub.test/a", "--dry-run", key=key_file)[1].endswith("send it to hub.test/a:latest as nobody\n")
    assert not (tmp_path / "words").exists()
    assert "expected an image with its registry" in run("registry", "push", "localllm", "other", env=docker)[2]


def test_nodes_are_remembered_listed_and_forgotten(run, cloud, key_file, tmp_path):
    where = ("--folder", FOLDER)
    code, said, _ = run("node", "create", "--name", "saiga-1", "--image", IMAGE, *where, stdin=NODE.encode() + b"\n")
    assert code == 0
    for name, value in (("Name", "saiga-1"), ("Docker image", IMAGE), ("User name", "json_key"), ("Port", "8000"),
                        ("Password secret", "samovar-key"), ("Timeout", "180 (seconds)"), ("Folder", FOLDER)):
        assert re.search(rf"^ {{7}}{name} +{re.escape(value)}$", said, re.M), name
    assert "expected an identifier" in run("node", "create", "--name", "odd", "--image", IMAGE, "--id", "bad id", *where)[2]
    assert run("node", "create", "--name", "gone", "--image", IMAGE, "--id", "bt1gone", *where)[0] == 0
    shared = run("alias", "create", "both", "--to", "saiga-1=70", "--to", "gone=30", *where, "--dry-run")[1]
    assert re.search(r"^ {7}Nodes +saiga-1: 70 %, gone: 30 %$", shared, re.M)
    assert run("alias", "create", "saiga", "--to", "saiga-1", *where, stdin=b"\n")[0] == 0
    code, said, _ = run("node", "list", *target(cloud), key=key_file)
    assert code == 0
    assert re.search(rf"^saiga-1 +{NODE} +saiga +{IMAGE} +answers$", said, re.M)
    assert re.search(r"^gone +bt1gone .*HTTP 404: Node not found$", said, re.M)
    assert "switch the alias first" in run("node", "delete", "saiga-1")[2]
    assert run("node", "delete", "gone", stdin=b"\n")[0] == 0
    assert [node["name"] for node in json.loads((tmp_path / "datasphere.json").read_text())["nodes"]] == ["saiga-1"]
    assert run("node", "delete", "gone")[0] == 66


def test_a_dry_run_asks_for_nothing_and_remembers_nothing(run, tmp_path):
    where = ("--folder", FOLDER, "--dry-run")
    assert run("node", "create", "--name", "a", "--image", IMAGE, *where)[0] == 0
    code, said, complaint = run("deploy", "--alias", "saiga", "--image", IMAGE, "--build", ".", *where)
    assert code == 0, complaint
    assert "+ docker build --platform linux/amd64" in said and "make node saiga-" in said and "make alias saiga" in said
    assert not (tmp_path / "datasphere.json").exists()
