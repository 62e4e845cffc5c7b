"""The programs we compare ourselves with, built once from their source packages into build/peers.

SPDX-License-Identifier: Apache-2.0
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import sdist  # noqa: E402

CACHE = ROOT / "build" / "peers"
BUILD_BYTES = 1_500_000_000  # unpacked sources and one build, at most

COMMON = ["-DCMAKE_BUILD_TYPE=Release", "-DBUILD_SHARED_LIBS=OFF", "-DLLAMA_BUILD_TESTS=OFF",
          "-DLLAMA_BUILD_SERVER=OFF"]
ISA_FLAGS = {
    "native": ["-DGGML_NATIVE=ON"],
    "avx2": ["-DGGML_NATIVE=OFF", "-DGGML_SSE42=ON", "-DGGML_AVX=ON", "-DGGML_AVX2=ON", "-DGGML_FMA=ON",
             "-DGGML_F16C=ON", "-DGGML_BMI2=ON", "-DGGML_AVX512=OFF"],
}


# A script of ik_llama.cpp's build that its package lacks.
BUILD_INFO_PATH = "common/cmake/build-info-gen-cpp.cmake"
BUILD_INFO = """set(BUILD_NUMBER 0)
set(BUILD_COMMIT sdist)
configure_file(common/build-info.cpp.in common/build-info.cpp)
"""


@dataclass(frozen=True)
class Peer:
    name: str
    source: sdist.Sdist
    tree: str  # of the program, below the unpacked package
    flags: tuple

    def folder(self):
        return CACHE / self.source.requirement.replace("-", "_").replace("==", "-") / self.tree

    def binary(self, isa):
        return self.folder() / f"build-{isa}" / "bin" / "llama-bench"

    def build_flags(self, isa):
        return [*COMMON, *self.flags, *ISA_FLAGS[isa]]


PEERS = [
    Peer("llama.cpp", sdist.LLAMA_CPP, "vendor/llama.cpp",
         ("-DLLAMA_OPENSSL=OFF", "-DLLAMA_BUILD_EXAMPLES=OFF", "-DLLAMA_BUILD_APP=OFF")),
    # Attention over f16 keys and values only, as we measure: half of the time to build.
    Peer("ik_llama.cpp", sdist.IK_LLAMA_CPP, "vendor/ik_llama.cpp", ("-DGGML_IQK_FA_ALL_QUANTS=OFF",)),
]


def unpack(peer):
    if peer.folder().is_dir():
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    sdist.announce("compare", f"sources of {peer.name} ({peer.source})", peer.source.size,
                   peer.source.size + BUILD_BYTES, CACHE)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        with tarfile.open(sdist.fetch("compare", peer.source, scratch)) as archive:
            archive.extractall(scratch)
        folder = next(path for path in Path(scratch).iterdir() if (path / peer.tree).is_dir())
        add_missing(folder / peer.tree)
        os.rename(folder, CACHE / folder.name)


def add_missing(tree):
    script, user = tree / BUILD_INFO_PATH, tree / "common/CMakeLists.txt"
    if not script.exists() and script.name in user.read_text(encoding="utf-8"):
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(BUILD_INFO)


def run_logged(command, log):
    with open(log, "a", encoding="utf-8") as out:
        if subprocess.run(command, stdout=out, stderr=out).returncode:
            sys.exit(f"compare: {command[0]} failed; see {log} (--peer leaves the others out)")


def build(peer, isa):
    """The path of the peer's llama-bench for "native" or "avx2", built when it is not there yet."""
    binary = peer.binary(isa)
    if binary.is_file():
        return binary
    unpack(peer)
    folder, log = binary.parents[1], CACHE / f"{peer.name}-{isa}.log"
    print(f"compare: building {peer.name} for {isa} (10 minutes or more; {log})", flush=True)
    run_logged(["cmake", "-S", peer.folder(), "-B", folder, "-G", "Ninja", *peer.build_flags(isa)], log)
    run_logged(["cmake", "--build", folder, "-j", str(os.cpu_count()), "--target", "llama-bench"], log)
    return binary
