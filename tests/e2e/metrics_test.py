"""/metrics: every series of docs/guides/metrics.md with its type and labels, and that figures agree with answers.

SPDX-License-Identifier: Apache-2.0
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from server_process import free_port

GUIDE = Path(__file__).resolve().parents[2] / "docs/guides/metrics.md"
# Labels that a scraper sets: a series must not have them.
RESERVED = {"pod", "namespace", "job", "instance", "service", "container", "endpoint"}


def documented():
    """name -> (type, labels), from the tables of the guide."""
    rows = re.findall(r"^\| `([a-z_]+:[a-z_0-9]+)(?:\{([a-z_, ]*)\})?` \| (\w+) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: (kind, set(labels.replace(" ", "").split(",")) - {""}) for name, labels, kind in rows}


def families(text):
    """The parser takes _total off a counter's name, and gives one to a sample without: name as exposed -> family."""
    exposed = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    found = {}
    for family in text_string_to_metric_families(text):
        counted = f"{family.name}_total"
        found[counted if counted in exposed else family.name] = family
    return found


def scrape(server, query="", **headers):
    answer = requests.get(f"{server.url}/metrics{query}", headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4"
    assert int(answer.headers["Process-Start-Time-Unix"]) > 1_700_000_000
    return families(answer.text)


def value(found, name, **labels):
    return sum(sample.value for sample in found[name].samples
               if sample.name in (name, f"{name}_count", f"{name}_total") and labels.items() <= sample.labels.items())


def complete(server, prompt="One, two, three,", **options):
    body = {"prompt": prompt, "n_predict": 16, "temperature": 0, "ignore_eos": True, **options}
    return requests.post(f"{server.url}/completion", json=body, timeout=120).json()


@pytest.fixture(scope="module")
def server(start_server):
    return start_server("--parallel", "2", "--ctx-size", "1024")


def test_every_series_of_the_guide_is_there_and_no_other(server):
    complete(server, "A, A, A, A, A, A, A, A, A,", n_predict=64)  # guesses tokens
    found, wanted = scrape(server), documented()
    assert set(found) == set(wanted)
    for name, (kind, labels) in wanted.items():
        family = found[name]
        assert family.type == kind, name
        assert family.documentation, name
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == labels, sample
            assert not RESERVED & set(sample.labels)


def test_totals_are_the_sums_of_the_timings(start_server):
    server = start_server("--parallel", "1", "--ctx-size", "512")
    timings = [complete(server)["timings"] for _ in range(3)]
    found = scrape(server)

    def total(name):
        return sum(one[name] for one in timings)

    assert value(found, "llamacpp:prompt_tokens_total") == total("prompt_n")
    assert value(found, "llamacpp:prompt_tokens_cached_total") == total("cache_n") > 0
    assert value(found, "llamacpp:tokens_predicted_total") == total("predicted_n")
    assert value(found, "llamacpp:prompt_seconds_total") == pytest.approx(total("prompt_ms") / 1e3)
    assert value(found, "llamacpp:tokens_predicted_seconds_total") == pytest.approx(total("predicted_ms") / 1e3)
    assert value(found, "vllm:prompt_tokens_total") == total("prompt_n") + total("cache_n") == value(found, "vllm:prefix_cache_queries_total")
    assert value(found, "vllm:prefix_cache_hits_total") == total("cache_n")
    assert value(found, "vllm:generation_tokens_total") == total("predicted_n")
    assert value(found, "vllm:request_success_total", finished_reason="length") == 3
    for name in ("vllm:time_to_first_token_seconds", "vllm:e2e_request_latency_seconds", "samovar:queue_wait_seconds"):
        assert value(found, name) == 3, name
    assert value(found, "vllm:inter_token_latency_seconds") == total("predicted_n") - 3
    assert value(found, "llamacpp:n_tokens_max") == value(found, "llamacpp:n_past_max") > 16


def test_an_idle_server_uses_no_cache_for_requests_but_keeps_what_it_read(server):
    complete(server)
    found = scrape(server)
    assert value(found, "vllm:kv_cache_usage_perc") == value(found, "vllm:gpu_cache_usage_perc") == 0
    assert value(found, "llamacpp:kv_cache_tokens") > 0
    assert 0 < value(found, "llamacpp:kv_cache_usage_ratio") < 1
    info = found["vllm:cache_config_info"].samples[0].labels
    n_tokens = int(info["block_size"]) * int(info["num_gpu_blocks"])
    assert n_tokens * value(found, "llamacpp:kv_cache_usage_ratio") == pytest.approx(value(found, "llamacpp:kv_cache_tokens"), rel=0.01)


def test_a_client_that_left_is_an_abort(start_server):
    server = start_server("--parallel", "1", "--ctx-size", "1024")
    with requests.post(f"{server.url}/completion", json={"prompt": "One", "n_predict": 900, "ignore_eos": True, "stream": True}, stream=True, timeout=60) as answer:
        next(answer.iter_lines())
    while value(scrape(server), "llamacpp:requests_processing"):
        pass
    complete(server)
    found = scrape(server)
    assert value(found, "vllm:request_success_total", finished_reason="abort") == 1
    assert value(found, "vllm:request_success_total", finished_reason="length") == 1


def test_throughput_is_that_since_the_last_scrape_unless_told_otherwise(start_server):
    servers = {kind: start_server("--ctx-size", "512", "--metrics-throughput", kind) for kind in ("scrape", "lifetime")}
    rates = {}
    for kind, server in servers.items():
        complete(server)
        rates[kind] = [value(scrape(server, query), "llamacpp:predicted_tokens_seconds") for query in ("?reset=0", "", "")]
    assert rates["scrape"][0] == rates["scrape"][1] > 0 == rates["scrape"][2]
    assert rates["lifetime"][0] == rates["lifetime"][1] == rates["lifetime"][2] > 0


def test_figures_ask_for_a_key_unless_they_are_public_or_have_their_own_port(start_server):
    port = free_port()
    server = start_server("--ctx-size", "512", "--api-key", "sesame", "--metrics-port", port)
    assert requests.get(f"{server.url}/metrics", timeout=10).status_code == 401
    assert scrape(server, Authorization="Bearer sesame")
    own = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10)
    assert own.status_code == 200 and "llamacpp:requests_processing 0" in own.text
    assert requests.get(f"http://127.0.0.1:{port}/v1/models", timeout=10).status_code == 404
    assert requests.post(f"http://127.0.0.1:{port}/metrics", b" " * 5000, timeout=10).status_code == 413
    public = start_server("--ctx-size", "512", "--api-key", "sesame", "--metrics-public")
    assert scrape(public)
    assert requests.get(f"{public.url}/v1/models", timeout=10).status_code == 401


def test_promtool_finds_nothing_but_names_that_clients_expect(server):
    if not shutil.which("promtool"):
        pytest.skip("no promtool here (Debian's package prometheus has it)")
    text = requests.get(f"{server.url}/metrics", timeout=10).content
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=60)
    said = (checked.stdout + checked.stderr).decode().splitlines()
    expected = re.compile(r"should not contain ':'|n_tokens_max|n_past_max")
    assert [line for line in said if not expected.search(line)] == []
    assert checked.returncode in (0, 3)  # 3: opinions about names


@pytest.mark.parametrize("window", ["", "5", "0s", "soon"])
def test_a_wrong_window_is_named(samovar, window):
    result = samovar.run("serve", "--metrics-throughput", window, "--port", "0", timeout=30)
    assert result.returncode != 0
    assert "--metrics-throughput" in result.stderr.decode()
