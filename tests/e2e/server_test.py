"""Starting, probing and ending a server.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import subprocess
import urllib.request
from pathlib import Path

import pytest

from server_process import free_port


def get(server, path):
    with urllib.request.urlopen(server.url + path, timeout=10) as answer:
        return answer.status, answer.read().decode()


@pytest.mark.parametrize("path", ["/health", "/livez", "/readyz", "/metrics", "/"])
def test_a_ready_server_answers_probes_and_pages(server, path):
    status, body = get(server, path)
    assert status == 200
    assert body


def test_the_model_is_listed(server):
    _, body = get(server, "/v1/models")
    models = json.loads(body)
    assert models["object"] == "list"
    assert len(models["data"]) == 1


def test_sigterm_ends_an_idle_server_with_success(start_server):
    assert start_server().stop() == 0


def test_a_busy_port_is_one_sentence_that_names_it(server, samovar, small_model):
    result = samovar.run("serve", small_model, "--port", server.port, timeout=30)
    said = result.stderr.decode()
    assert result.returncode > 0
    assert str(server.port) in said


def test_listening_for_everyone_without_a_key_is_refused(samovar, small_model):
    result = samovar.run("serve", small_model, "--host", "0.0.0.0", "--port", "0", timeout=30)
    said = result.stderr.decode()
    assert result.returncode > 0
    assert "--api-key" in said and "--insecure-open" in said


def test_the_server_listens_on_loopback_only(server):
    rows = [row.split() for name in ("tcp", "tcp6") for row in Path("/proc/net", name).read_text().splitlines()[1:]]
    listening = [row[1] for row in rows if row[3] == "0A"]
    ours = [address for address in listening if address.endswith(f":{server.port:04X}")]
    assert ours == [f"0100007F:{server.port:04X}"]


def test_under_the_name_llama_server_an_open_address_is_served_with_a_warning(request, small_model, tmp_path):
    link = tmp_path / "llama-server"
    link.symlink_to(Path(request.config.getoption("--bin")).resolve())
    process = subprocess.Popen([link, "-m", str(small_model), "-c", "512", "--host", "0.0.0.0", "--port", "0"],
                               stderr=subprocess.PIPE, text=True)
    try:
        assert any(line.startswith("listening on http://0.0.0.0:") for line in process.stderr)
    finally:
        process.terminate()
        process.wait(20)


def test_an_open_address_without_a_key_warns(samovar, small_model):
    result = samovar.run("serve", "no-such:model", "--host", "0.0.0.0", "--insecure-open", "--port", "0", timeout=30)
    assert "warning: no key is set" in result.stderr.decode()


@pytest.mark.parametrize("host", ["300.1.1.1", "1.2.3", "127.0.0.1,256.0.0.1"])
def test_what_is_no_address_is_said_to_be_none(samovar, small_model, host):
    said = samovar.run("serve", small_model, "--host", host, "--port", "0", timeout=30).stderr.decode()
    assert f"--host: {host.split(',')[-1]} is no IPv4 address" in said
    assert "--api-key" not in said


def run_as_ollama(request, tmp_path, *options, ollama_host):
    """`ollama serve` of a model that is not there: what it says before it ends."""
    link = tmp_path / "ollama"
    link.symlink_to(Path(request.config.getoption("--bin")).resolve())
    result = subprocess.run([link, "serve", "no-such:model", "--port", "0", *options], capture_output=True, text=True, timeout=30,
                            env={**os.environ, "OLLAMA_HOST": ollama_host})
    assert result.returncode > 0
    return result.stderr


def test_under_the_name_ollama_only_its_own_address_may_be_open(request, tmp_path):
    port = free_port()
    assert "warning: no key is set: everybody who reaches 0.0.0.0" in run_as_ollama(request, tmp_path, ollama_host=f"0.0.0.0:{port}")


def test_under_the_name_ollama_nothing_is_open_by_itself(request, tmp_path):
    assert "warning" not in run_as_ollama(request, tmp_path, ollama_host=f"127.0.0.1:{free_port()}")


def test_under_the_name_ollama_the_other_address_needs_a_key(request, tmp_path):
    assert "--host 0.0.0.0 is open to the network" in run_as_ollama(request, tmp_path, "--host", "0.0.0.0", ollama_host=f":{free_port()}")


def test_ollamas_address_needs_a_key_under_the_own_name(samovar):
    result = samovar.run("serve", "no-such:model", "--ollama", "--port", "0", env={"OLLAMA_HOST": "0.0.0.0:0"}, timeout=30)
    assert "OLLAMA_HOST=0.0.0.0 is open to the network" in result.stderr.decode()
