"""The command lines that the chart writes, run by the program that they are for.

SPDX-License-Identifier: Apache-2.0
"""

import http.client

import pytest

from deployment import one, render
from server_process import ServerProcess

SMALL = ["--set", "context=1024"]


def container_of(rendered, name):
    pod = one(rendered, "StatefulSet")["spec"]["template"]["spec"]
    return next(c for c in pod["initContainers"] + pod["containers"] if c["name"] == name)


def arguments_of(container, model, key_file="/keys/api-keys"):
    """As in the pod, but for the model, the port (the tests choose a free one) and where the keys lie."""
    named = {"qwen2.5-coder:1.5b": str(model), "--api-key-file=/keys/api-keys": f"--api-key-file={key_file}"}
    return [named.get(a, a) for a in container["args"] if not a.startswith("--port=")]


def environment_of(container, home):
    return {entry["name"]: entry["value"] for entry in container["env"]} | {"HOME": str(home)}


def needs_command(samovar, name):
    if not any(line.split()[:1] == [name] for line in samovar.output("--help").decode().splitlines()):
        pytest.skip(f"this samovar has no command {name} yet")


def status(server, path, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", path, headers=headers or {})
    code = connection.getresponse().status
    connection.close()
    return code


@pytest.fixture
def serve(samovar, small_model, tmp_path):
    """serve(*options of helm): the chart's server, ready; the keys, when there are any, in a file of their own."""
    servers = []

    def start(*options):
        rendered = render(*SMALL, *options)
        container = container_of(rendered, "samovar")
        keys = tmp_path / "api-keys"
        for secret in (m for m in rendered if m["kind"] == "Secret"):
            keys.write_text(secret["stringData"]["api-keys"], encoding="utf-8")
        server = ServerProcess.of_command([samovar.binary, *arguments_of(container, small_model, keys)], "/readyz",
                                          environment_of(container, tmp_path))
        servers.append(server)
        return server.wait_until_ready()

    yield start
    for server in servers:
        server.stop()


def test_the_server_starts_and_its_probes_answer(serve):
    server = serve()
    assert status(server, "/livez") == status(server, "/readyz") == status(server, "/metrics") == 200
    assert server.stop() == 0


def test_with_keys_the_probes_need_none_and_prometheus_has_its_own(serve):
    server = serve("--set", "auth.keys={key-one,key-two}")
    assert status(server, "/livez") == status(server, "/readyz") == 200
    assert status(server, "/metrics") == status(server, "/v1/models") == 401
    assert status(server, "/metrics", {"Authorization": "Bearer key-one"}) == 200
    assert status(server, "/v1/models", {"Authorization": "Bearer key-two"}) == 200


def test_the_plan_is_checked_with_the_charts_command_line(samovar, small_model):
    needs_command(samovar, "plan")
    samovar.output(*arguments_of(container_of(render(*SMALL), "plan"), small_model))


def test_cache_and_batch_are_known_to_the_plan_and_to_the_server(samovar, small_model, serve):
    needs_command(samovar, "plan")
    options = ["--set", "cacheTokens=2048", "--set", "batchSize=64"]
    samovar.output(*arguments_of(container_of(render(*SMALL, *options), "plan"), small_model))
    assert status(serve(*options), "/readyz") == 200


def test_helm_test_asks_a_server_whether_it_is_well(samovar, serve):
    needs_command(samovar, "health")
    server = serve()
    arguments = one(render(), "Pod")["spec"]["containers"][0]["args"]
    asked = [a.replace("http://llama-server:8080", server.url) for a in arguments]
    assert samovar.run(*asked).returncode == 0
    server.stop()
    assert samovar.run(*asked).returncode != 0
