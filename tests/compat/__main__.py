#!/usr/bin/env python3
"""llama-server's own tests against samovar under llama-server's name, and against llama-server, on the same models.

  python3 tests/compat [--peer PATH/llama-server] [--write] [test_basic ...]

The tests come from the PyPI package that the peers of bench/compare are built from, and run in an environment of their own with
what they require (150 MB on disk). Results of llama-server are kept beside the peers; --again asks it once more.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "tests"), str(ROOT / "bench/compare")]
import peers  # noqa: E402
import table  # noqa: E402
from server_process import free_port  # noqa: E402

TESTS = peers.PEERS[0].folder() / "tools/server/tests"
VENV = ROOT / "build/venv-llama-server"
KEPT = peers.CACHE / "llama-server-results"
TINY = KEPT / "tiny.gguf"
FILES = ("test_basic", "test_completion", "test_chat_completion", "test_tokenize", "test_template", "test_infill",
         "test_ctx_shift", "test_security", "test_metrics", "test_ignore_eos", "test_embedding", "test_tool_call")


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tests/compat", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", help="only these test files; the others' last results stay in the table")
    parser.add_argument("--bin", default=str(ROOT / "build/release/samovar"))
    parser.add_argument("--peer", default=str(peers.PEERS[0].folder() / "build-server/bin/llama-server"),
                        help="a llama-server of the same package")
    parser.add_argument("--coder", default=str(ROOT / "build/golden/models/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"),
                        help="a model that fills in text")
    parser.add_argument("--again", action="store_true", help="llama-server too, where its results are kept")
    parser.add_argument("--write", action="store_true", help="the table into docs/compatibility.md")
    options = parser.parse_args()
    options.files = options.files or FILES
    return options


def prepare():
    """The tests and their Python environment. Some of them want exact versions that the project's own do not have."""
    peers.unpack(peers.PEERS[0])
    if not (VENV / "ready").exists():
        print("compat: Python packages of llama-server's tests: about 60 MB to download", flush=True)
        venv.create(VENV, with_pip=True)
        subprocess.run([VENV / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r",
                        TESTS / "requirements.txt"], check=True)
        (VENV / "ready").touch()
    KEPT.mkdir(exist_ok=True)
    if not TINY.exists():
        subprocess.run([sys.executable, ROOT / "tools/make_random_model.py", "tiny", TINY], check=True)


def run(server, name, result, options, learns):
    """One file of tests; its results go into the JUnit file `result`."""
    result.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "LLAMA_SERVER_BIN_PATH": str(server), "PORT": str(free_port()),
                   "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": f"{Path(__file__).parent}:{TESTS}",
                   "COMPAT_TINY": str(TINY), "COMPAT_CODER": str(Path(options.coder).resolve()),
                   "COMPAT_FACTS": str(KEPT / "facts.json"), "COMPAT_LEARN": str(int(learns))}
    command = [VENV / "bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "local_models",
               f"--junitxml={result}", f"unit/{name}.py"]
    with open(result.with_suffix(".log"), "w", encoding="utf-8") as log:
        subprocess.run(command, cwd=TESTS, env=environment, stdout=log, stderr=log)
    print(f"compat: {server}: {name}: {table.summary(result)}", flush=True)


def main():
    options = parse_arguments()
    prepare()
    mine = ROOT / "build/results/compat"
    with tempfile.TemporaryDirectory() as folder:
        samovar = Path(folder, "llama-server")
        samovar.symlink_to(Path(options.bin).resolve())
        for name in options.files:
            if options.again or not (KEPT / f"{name}.xml").exists():
                run(options.peer, name, KEPT / f"{name}.xml", options, learns=True)
            run(samovar, name, mine / f"{name}.xml", options, learns=False)
    page = table.page(FILES, KEPT, mine)
    print(page)
    if options.write:
        (ROOT / "docs/compatibility.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
