"""Starting, probing and ending a server.

SPDX-License-Identifier: Apache-2.0
"""

import json
import subprocess
import urllib.request
from pathlib import Path

import pytest


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
