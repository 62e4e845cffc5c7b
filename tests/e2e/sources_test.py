"""Where models come from: revisions, split files, mirrors, proxies, authorities; and what keeps them in order.

SPDX-License-Identifier: Apache-2.0
"""

import json
import shutil
import ssl
import subprocess

import pytest

from origin import Origin, add_hub_file, add_hub_list, model_of, sha256

CONTENT = model_of(8, 300_000)
OTHER = model_of(9, 200_000)


@pytest.fixture
def url(origin):
    """A model on the web."""
    origin.files["/x.gguf"] = CONTENT
    return f"{origin.url}/x.gguf"


# Hugging Face


def at_revision(origin, storage, revision, commit, content):
    """`content` as u/r's x.gguf at a branch and its commit."""
    place = f"/storage/{commit}"
    storage.files[place] = content

    def resolve(handler):
        handler.send_answer(302, Location=storage.url + place, X_Repo_Commit=commit,
                            X_Linked_Etag=f'"{sha256(content)}"', X_Linked_Size=str(len(content)))

    for name in (revision.replace("/", "%2F"), commit):
        origin.routes[f"/u/r/resolve/{name}/x.gguf"] = resolve


def test_a_branch_a_tag_and_a_commit_are_models_of_their_own(puller, origin, storage):
    at_revision(origin, storage, "main", "a" * 40, CONTENT)
    at_revision(origin, storage, "refs/pr/1", "b" * 40, OTHER)
    assert puller.pull("hf:u/r@refs/pr/1:x.gguf") == OTHER
    assert puller.pull("hf:u/r@main:x.gguf") == CONTENT
    assert puller.pull("hf:u/r@" + "b" * 40 + ":x.gguf") == OTHER
    assert puller.pull("hf:u/r:x.gguf") == CONTENT
    refs = puller.cache / "models--u--r/refs"
    assert (refs / "main").read_text() == "a" * 40
    assert (refs / "refs/pr/1").read_text() == "b" * 40
    assert puller.pull("hf:u/r@refs/pr/1:x.gguf", HF_HUB_OFFLINE="1") == OTHER
    assert "revision" in puller.run("pull", "hf:u/r@../x:x.gguf").said


def test_one_part_of_a_split_file_stands_for_all(puller, origin, storage):
    parts = [f"x-Q8_0-0000{i}-of-00002.gguf" for i in (1, 2)]
    for file, content in zip(parts, (CONTENT, OTHER)):
        add_hub_file(origin, storage, "u/r", file, content)
    assert puller.pull(f"hf:u/r:{parts[0]}") == CONTENT
    assert sorted(path.name for path in puller.models()) == parts
    puller.run("rm", f"hf:u/r:{parts[0]}")
    assert not puller.models()


def test_the_customary_file_is_found_without_the_list(puller, origin, storage):
    add_hub_file(origin, storage, "TheBloke/Some-Model-GGUF", "some-model.Q4_K_M.gguf", CONTENT)
    assert puller.pull("TheBloke/Some-Model-GGUF") == CONTENT
    assert not any("/api/models/" in path for _, path, _ in origin.asked)


def test_of_several_files_of_a_quantization_the_customary_one_is_meant(puller, origin, storage):
    files = ["some-model.Q4_K_M.gguf", "some-model-v2.Q4_K_M.gguf"]
    add_hub_list(origin, "TheBloke/Some-Model-GGUF", files)
    for file, content in zip(files, (CONTENT, OTHER)):
        add_hub_file(origin, storage, "TheBloke/Some-Model-GGUF", file, content)
        puller.pull(f"hf:TheBloke/Some-Model-GGUF:{file}")
    assert puller.pull("TheBloke/Some-Model-GGUF:Q4_K_M", HF_HUB_OFFLINE="1") == CONTENT


# On the way


def test_a_proxy_is_used_where_the_environment_names_one_and_keeps_its_password(puller, origin):
    proxy = Origin()
    proxy.routes["http://model.example/x.gguf"] = lambda handler: handler.send_answer(200, CONTENT)
    address = proxy.url.replace("http://", "http://user:canary-password@")
    assert puller.pull("http://model.example/x.gguf", http_proxy=address, no_proxy="") == CONTENT
    ((_, _, headers),) = proxy.asked
    assert headers["Proxy-Authorization"].startswith("Basic ")
    puller.run("rm", "http://model.example/x.gguf")
    said = puller.fail("http://model.example/y.gguf", http_proxy=address, no_proxy="")
    assert "404" in said and "canary-password" not in said
    assert puller.run("pull", f"{origin.url}/none.gguf", http_proxy=address, no_proxy="127.0.0.1").returncode == 66
    proxy.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate for 127.0.0.1 that no system trusts, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificate")
    folder = tmp_path_factory.mktemp("authority")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
               "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "ca.pem"]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    return folder


@pytest.fixture
def secure_url(authority):
    """The address of a model behind that certificate."""
    origin = Origin()
    origin.files["/x.gguf"] = CONTENT
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "ca.pem", authority / "key.pem")
    origin.http.socket = context.wrap_socket(origin.http.socket, server_side=True)
    yield f"https://127.0.0.1:{origin.http.server_port}/x.gguf"
    origin.close()


def test_an_authority_of_ones_own_is_trusted_where_it_is_named(puller, secure_url, authority):
    names = ("SAMOVAR_EXTRA_CA", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    puller.env.update({name: "" for name in names})
    assert "certificate" in puller.fail(secure_url).lower()
    for name in names:
        assert puller.pull(secure_url, **{name: str(authority / "ca.pem")}) == CONTENT
        puller.run("rm", secure_url)
    assert "/none.pem" in puller.fail(secure_url, SAMOVAR_EXTRA_CA="/none.pem")


def test_a_redirect_to_another_host_gets_no_credentials(puller, origin, storage):
    place = add_hub_file(origin, storage, "u/r", "x.gguf", CONTENT)
    assert puller.pull("hf:u/r:x.gguf") == CONTENT
    for _, _, headers in storage.asked:
        assert not {"authorization", "cookie"} & {name.lower() for name in headers}
    assert storage.gets(place)


# du, gc, verify


def test_du_counts_what_files_share_once(puller, origin, storage):
    for file in ("x.gguf", "y.gguf"):
        add_hub_file(origin, storage, "u/r", file, CONTENT)
        puller.pull(f"hf:u/r:{file}")
    facts = json.loads(puller.run("du", "--json").stdout)
    assert facts == {"models": [{"repo": "u/r", "size_bytes": len(CONTENT), "files": 2}],
                     "total_bytes": len(CONTENT), "leftover_bytes": 0}
    assert "u/r" in puller.run("du").stdout.decode()


def test_gc_takes_what_pulls_left_and_no_model(puller, url):
    puller.pull(url)
    blobs = next(puller.cache.glob("models--*/blobs"))
    (blobs / "orphan").write_bytes(b"12345")
    (blobs / "half.incomplete").write_bytes(b"123")
    dry = puller.run("gc", "--dry-run")
    assert b"would remove" in dry.stdout and (blobs / "orphan").exists()
    assert json.loads(puller.run("du", "--json").stdout)["leftover_bytes"] == 8
    gone = json.loads(puller.run("gc", "--json").stdout)
    assert [(left["kind"], left["size_bytes"]) for left in gone] == [("unfinished pull", 3), ("blob of no snapshot", 5)]
    assert puller.models()[0].read_bytes() == CONTENT
    assert puller.run("gc").stdout == b"0 B are free again\n"


def test_verify_tells_a_file_that_has_rotted(puller, origin, storage, url):
    add_hub_file(origin, storage, "u/r", "x.gguf", CONTENT)
    puller.pull("hf:u/r:x.gguf")
    puller.pull(url)
    sound = puller.run("verify")
    assert sound.returncode == 0, sound.said
    assert "ok       hf:u/r:x.gguf\n" in sound.stdout.decode()
    assert sha256(CONTENT) in sound.stdout.decode()  # of the address, about which nobody told
    blob = puller.cache / "models--u--r/blobs" / sha256(CONTENT)
    blob.write_bytes(CONTENT[:-1] + b"\0")
    rotten = puller.run("verify", "hf:u/r:x.gguf", "--json")
    assert rotten.returncode == 65
    facts = json.loads(rotten.stdout)
    assert facts["result"] == "wrong" and facts["expected"] == sha256(CONTENT)
    assert puller.run("verify", "hf:u/none").returncode == 66


# Machines without a network


@pytest.fixture
def other_machine(samovar, tmp_path, puller):
    """Runs the binary with another cache, offline."""

    def run(*arguments, stdin=b""):
        env = {**puller.env, "HF_HUB_CACHE": str(tmp_path / "other"), "HF_HUB_OFFLINE": "1"}
        return samovar.run(*arguments, env=env, stdin=stdin, timeout=60)

    return run


def test_models_travel_as_one_file(puller, origin, storage, url, other_machine, tmp_path):
    puller.write_catalog([{"url": url}], sha=sha256(CONTENT))
    puller.pull("tiny:1m")
    add_hub_file(origin, storage, "u/r", "y.gguf", OTHER)
    puller.pull("hf:u/r:y.gguf")
    archive = tmp_path / "models.tar"
    assert puller.run("export", "tiny:1m", "u/r:y.gguf", "--output", archive).returncode == 0
    result = other_machine("import", archive)
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.splitlines()) == 2
    for name, content in (("tiny:1m", CONTENT), ("u/r:y.gguf", OTHER)):
        pulled = json.loads(other_machine("pull", name, "--json").stdout)
        assert open(pulled["path"], "rb").read() == content
    assert other_machine("verify").returncode == 0
    through_pipe = other_machine("import", "-", stdin=puller.run("export", "u/r:y.gguf").stdout)
    assert through_pipe.returncode == 0


def test_tar_and_sha256sum_understand_an_archive(puller, url, tmp_path):
    puller.pull(url)
    archive = tmp_path / "models.tar"
    puller.run("export", url, "-o", archive)
    place = tmp_path / "plain"
    place.mkdir()
    subprocess.run(["tar", "xf", archive], cwd=place, check=True)
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=place, check=True, capture_output=True)
    assert [path.read_bytes() for path in place.glob("models--*/snapshots/*/*.gguf")] == [CONTENT]


def test_an_archive_that_was_cut_or_changed_brings_nothing(puller, url, other_machine, tmp_path):
    puller.pull(url)
    archive = puller.run("export", url).stdout
    damaged = archive.replace(CONTENT[1000:1010], b"0123456789")
    for broken in (archive[: len(archive) // 2], damaged, b"", b"no archive"):
        result = other_machine("import", "-", stdin=broken)
        assert result.returncode not in (0, 1, 134, 139)
        assert other_machine("list", "--json").stdout == b"[]\n"


def test_an_archive_is_written_whole_or_not_at_all(puller, url, tmp_path):
    puller.pull(url)
    result = puller.run("export", url, "hf:u/none:x.gguf", "-o", tmp_path / "models.tar")
    assert result.returncode == 66
    full = puller.run("export", url, "-o", "/dev/full/models.tar")
    assert full.returncode != 0
    assert not list(tmp_path.glob("models.tar*"))
