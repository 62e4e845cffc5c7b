"""The chat page's files as a server sends them: types, policy, caching, compression, and that the libraries are unmodified.

SPDX-License-Identifier: Apache-2.0
"""

import gzip
import hashlib
import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[2] / "web"
FILES = sorted(path.relative_to(WEB).as_posix() for path in WEB.rglob("*")
               if path.suffix in (".html", ".js", ".css", ".svg") or path.name.startswith("LICENSE"))
SUMS = dict(reversed(line.split()) for line in (WEB / "vendor/SHA256SUMS").read_text().splitlines())
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def get(server, path, **headers):
    asked = urllib.request.Request(f"{server.url}/{path}", headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_served_as_it_is(server, name):
    status, headers, body = get(server, "" if name == "index.html" else name)
    assert status == 200
    assert body == (WEB / name).read_bytes()
    assert headers["Content-Type"].startswith(TYPES.get(Path(name).suffix, "text/plain"))
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_libraries_are_those_of_the_list(server):
    assert sorted(f"vendor/{name}" for name in SUMS) == [name for name in FILES if name.startswith("vendor/")]
    for name, wanted in SUMS.items():
        assert hashlib.sha256(get(server, f"vendor/{name}")[2]).hexdigest() == wanted, name


def test_the_policy_lets_nothing_in_from_elsewhere(server):
    policy = get(server, "")[1]["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for name in ("script-src", "style-src", "connect-src"):
        assert rules[name] == "'self'"
    assert rules["img-src"] == "'self' data:"
    assert rules["require-trusted-types-for"] == "'script'"
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert "unsafe" not in policy


def test_nothing_of_the_page_is_inline():
    page = (WEB / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|https?://", page)
    for script in WEB.glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function",
                             script.read_text(encoding="utf-8")), script.name


def test_libraries_are_cached_for_good_and_the_rest_by_its_tag(server):
    library = get(server, "vendor/marked-18.2.1/marked.esm.js")[1]
    assert library["Cache-Control"] == "public, max-age=31536000, immutable"
    page = get(server, "main.js")[1]
    assert page["Cache-Control"] == "no-cache"
    status, headers, body = get(server, "main.js", If_None_Match=page["ETag"])
    assert (status, body, headers["ETag"]) == (304, b"", page["ETag"])
    assert get(server, "main.js", If_None_Match='"other"')[0] == 200


@pytest.mark.parametrize("codings, compressed", [("gzip, deflate, br", True), ("", False), ("br", False), ("gzip;q=0", False)])
def test_a_client_that_takes_gzip_gets_it(server, codings, compressed):
    _, headers, body = get(server, "main.js", Accept_Encoding=codings)
    assert (headers["Content-Encoding"] == "gzip") == compressed
    assert headers["Vary"] == "Accept-Encoding"
    assert (gzip.decompress(body) if compressed else body) == (WEB / "main.js").read_bytes()


@pytest.mark.parametrize("path", ["app.js", "vendor/", "vendor/../main.js", "files.cmake", "vendor/SHA256SUMS", "lang"])
def test_other_paths_are_not_found(server, path):
    assert get(server, path)[0] == 404
