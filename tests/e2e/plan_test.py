"""`samovar plan`, `advise` and `doctor` as a user types them.

SPDX-License-Identifier: Apache-2.0
"""

import json
import re

import pytest

from origin import add_hub_file, add_hub_list

MIB = 1 << 20
REPO = "user/small-GGUF"
FILE = "small-Q4_1.gguf"


def plan(samovar, *arguments, **how):
    return json.loads(samovar.output("plan", *arguments, "--json", **how))


@pytest.fixture
def hub(origin, storage, small_model):
    """A hub with the small model, and where its bytes come from."""
    add_hub_list(origin, REPO, [FILE])
    origin.place = add_hub_file(origin, storage, REPO, FILE, small_model.read_bytes())
    origin.storage = storage
    return origin


@pytest.fixture
def elsewhere(tmp_path, hub):
    """The environment of a machine without models."""
    (tmp_path / "catalog.yaml").write_text("[]\n")
    return {"HOME": str(tmp_path), "HF_HUB_CACHE": str(tmp_path / "hub"), "HF_ENDPOINT": hub.url,
            "SAMOVAR_CATALOG": str(tmp_path / "catalog.yaml"), "http_proxy": "", "https_proxy": ""}


def test_the_ledger_names_every_byte(samovar, small_model):
    found = plan(samovar, small_model, "--ctx-size", "2048", "--parallel", "2")
    assert sum(line["bytes"] for line in found["ledger"]) == found["total_bytes"]
    assert found["fits"] is True
    assert found["context"] == 2048 and found["slots"] == 2 and found["cache_tokens"] == 4096
    names = {line["name"]: line["bytes"] for line in found["ledger"]}
    assert names["weights"] == small_model.stat().st_size
    assert names["KV cache"] == 4096 * 30 * 3 * 2 * (2 * 64 + 4)  # layers, heads, keys and values, codes and a scale
    assert found["rule_of_thumb_bytes"] == pytest.approx(found["parameters"] * 4 * 1.2 * 4 / 32, abs=1)


def test_the_text_has_the_ledger_the_rule_of_thumb_and_a_verdict(samovar, small_model):
    text = samovar.output("plan", small_model, "--ctx", "1024", "--parallel", "1").decode()
    assert re.search(r"^weights +94 MiB", text, re.MULTILINE)
    assert re.search(r"^rule of thumb +\d+ MiB +parameters x 4 B x 1.2 x 4 / 32$", text, re.MULTILINE)
    assert "It fits; " in text


def test_check_says_one_line_where_it_fits(samovar, small_model):
    arguments = ["plan", "--check", small_model, "--ctx-size=1024", "--parallel=1", "--kv=i16"]
    text = samovar.output(*arguments).decode()
    assert text.startswith("1 slot of up to 1024 tokens, 1024 in all: weights 94 MiB mapped")


def test_check_fails_with_the_ledger_where_it_does_not_fit(samovar, small_model):
    result = samovar.run("plan", "--check", small_model, "--ctx-size=8192", "--parallel=1", "--kv=i16", "--memory", "300M")
    assert result.returncode not in (0, 134, 139)
    assert result.stdout == b""
    said = result.stderr.decode()
    assert re.search(r"^KV cache +18\d MiB", said, re.MULTILINE)
    assert "It does not fit" in said and "--ctx-size" in said


def test_what_is_proposed_really_fits(samovar, small_model):
    base = [small_model, "--parallel", "1", "--memory", "300M"]
    refused = plan(samovar, *base, "--ctx-size", "8192")
    assert refused["fits"] is False and refused["alternatives"]
    flags = [other["change"].split() for other in refused["alternatives"] if other["change"].startswith("--")]
    assert flags
    for change in flags:
        context = [] if "--ctx-size" in change else ["--ctx-size", "8192"]
        assert plan(samovar, *base, *context, *change)["fits"] is True


def test_a_model_that_is_not_here_is_planned_from_its_header_alone(samovar, small_model, hub, elsewhere):
    arguments = ["--ctx-size", "2048", "--parallel", "2", "--memory", "8G"]
    found = plan(samovar, f"hf:{REPO}:Q4_1", *arguments, env=elsewhere)
    here = plan(samovar, small_model, *arguments)
    assert found["is_here"] is False and here["is_here"] is True
    assert found["ledger"] == here["ledger"]
    assert found["fetched_bytes"] < 5 * MIB
    ranges = [headers["Range"] for headers in hub.storage.gets(hub.place)]
    last = [int(re.fullmatch(r"bytes=\d+-(\d+)", asked)[1]) for asked in ranges]
    assert max(last) < 5 * MIB


def test_an_address_is_planned_the_same_way(samovar, hub, elsewhere, small_model):
    hub.storage.files["/x.gguf"] = small_model.read_bytes()
    found = plan(samovar, f"{hub.storage.url}/x.gguf", env=elsewhere)
    assert found["source"] == f"{hub.storage.url}/x.gguf"
    assert found["parameters"] == 134515008


def test_a_server_that_knows_no_ranges_is_named(samovar, hub, elsewhere, small_model):
    content = small_model.read_bytes()
    hub.storage.routes["/x.gguf"] = lambda handler: handler.send_answer(200, content)
    result = samovar.run("plan", f"{hub.storage.url}/x.gguf", env=elsewhere)
    assert result.returncode not in (0, 134, 139)
    assert "sends whole files only" in result.stderr.decode()


def test_what_is_no_model_is_refused_after_one_request(samovar, hub, elsewhere):
    hub.storage.files["/x.gguf"] = b"PK\3\4" + bytes(9 * MIB)
    result = samovar.run("plan", f"{hub.storage.url}/x.gguf", env=elsewhere)
    assert result.returncode not in (0, 134, 139)
    assert "expected 'GGUF'" in result.stderr.decode()
    assert len(hub.storage.gets("/x.gguf")) == 1


def test_a_python_package_has_to_be_pulled_first(samovar, elsewhere):
    result = samovar.run("plan", "pypi:some-model", env=elsewhere)
    assert result.returncode not in (0, 134, 139)
    assert "samovar pull pypi:some-model" in result.stderr.decode()


def test_offline_nothing_is_asked_for(samovar, hub, elsewhere):
    result = samovar.run("plan", f"hf:{REPO}:Q4_1", env={**elsewhere, "HF_HUB_OFFLINE": "1"})
    assert "samovar pull" in result.stderr.decode()
    assert hub.asked == []


def test_a_smaller_file_of_the_repository_is_proposed(samovar, hub, elsewhere, small_model):
    content = small_model.read_bytes()
    add_hub_file(hub, hub.storage, REPO, "small-Q8_0.gguf", content + bytes(100 * MIB))
    add_hub_list(hub, REPO, ["small-Q8_0.gguf", FILE])
    big = plan(samovar, f"hf:{REPO}:small-Q8_0.gguf", "--memory", "260M", "--ctx-size", "1024", "--parallel", "1",
               env=elsewhere)
    assert big["fits"] is False
    assert f"hf:{REPO}:{FILE}" in [other["change"] for other in big["alternatives"]]


def test_a_smaller_file_is_proposed_for_a_name_of_the_catalog_too(samovar, hub, elsewhere, small_model, tmp_path):
    add_hub_file(hub, hub.storage, REPO, "small-Q8_0.gguf", small_model.read_bytes() + bytes(100 * MIB))
    add_hub_list(hub, REPO, ["small-Q8_0.gguf", FILE])
    (tmp_path / "catalog.yaml").write_text(
        "- name: big:1\n  description: A big model.\n  license: Apache-2.0\n  file: small-Q8_0.gguf\n"
        f"  sources:\n    - hf: {{repo: {REPO}, file: small-Q8_0.gguf}}\n")
    big = plan(samovar, "big:1", "--memory", "260M", "--ctx-size", "1024", "--parallel", "1", env=elsewhere)
    assert big["fits"] is False
    assert f"hf:{REPO}:{FILE}" in [other["change"] for other in big["alternatives"]]


def test_serve_says_and_keeps_the_same_plan(samovar, start_server, small_model):
    arguments = ["--ctx-size", "1024", "--parallel", "2"]
    found = plan(samovar, small_model, *arguments)
    logged = start_server(*arguments).logged()
    total = re.search(r"2 slots of up to 1024 tokens, .* = (\d+) of \d+ MiB", logged)
    assert total and int(total[1]) == round(found["total_bytes"] / MIB)


def test_advice_compares_models_with_a_forecast(samovar, small_model):
    found = json.loads(samovar.output("advise", small_model, "--json"))
    (model,) = found["models"]
    assert model["fits"] is True and found["choice"] == str(small_model)
    assert model["answer_per_second"] > 0
    assert found["read_bytes_per_second"] > 0
    assert json.loads(samovar.output("advise", small_model, "--memory", "100M", "--json"))["choice"] is None
    assert b"A good choice here: samovar run" in samovar.output("advise", small_model)


def test_advice_looks_at_all_files_of_a_repository(samovar, hub, elsewhere):
    text = samovar.output("advise", f"hf:{REPO}", env=elsewhere).decode()
    assert f"hf:{REPO}:{FILE}" in text


def test_advice_says_so_where_no_header_can_be_read(samovar, elsewhere):
    text = samovar.output("advise", "https://127.0.0.1:1/x.gguf", env=elsewhere).decode()
    assert text.endswith("\nNo header can be read: pull a model (samovar pull NAME), and ask again.\n")


def test_the_doctor_finds_nothing_wrong_here(samovar, small_model):
    found = json.loads(samovar.output("doctor", small_model, "--json"))
    assert found["healthy"] is True
    subjects = {finding["subject"] for finding in found["findings"]}
    assert {"CPU", "cores", "memory", "swap", "zram", "huge pages", "cgroup", "governor", "disk speed"} <= subjects
    assert any(subject.startswith("page cache of ") for subject in subjects)


def test_the_doctor_names_a_broken_model(samovar, tmp_path):
    (tmp_path / "x.gguf").write_bytes(b"GGUF" + bytes(100))
    result = samovar.run("doctor", tmp_path / "x.gguf")
    assert result.returncode not in (0, 134, 139)
    assert re.search(rb"file x.gguf +wrong", result.stdout)
