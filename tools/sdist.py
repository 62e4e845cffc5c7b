"""Fetches a source package of Python through pip without running its build, checked by sha256.

SPDX-License-Identifier: Apache-2.0
"""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# pip asks a source package for its name and version by running its build tool. This stand-in answers
# instead, so that no build tool is fetched and no code of the archive runs.
STAND_IN = '''
import os
def prepare_metadata_for_build_wheel(folder, config_settings=None):
    name, version = os.environ["SAMOVAR_SDIST"].split("==")
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    os.makedirs(os.path.join(folder, info))
    with open(os.path.join(folder, info, "METADATA"), "w") as out:
        out.write(f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    return info
'''


@dataclass(frozen=True)
class Sdist:
    """A source package whose build tool is scikit-build-core."""
    requirement: str  # "name==version"
    size: int  # bytes of the archive
    sha256: str

    def __str__(self):
        return self.requirement


LLAMA_CPP = Sdist("llama-cpp-python==0.3.36", 76_589_250,
                  "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e")
IK_LLAMA_CPP = Sdist("ik-llama-cpp-python==0.1.5", 42_257_843,
                     "33c67eb99e4dcab5e611050433243815709b8b3067753f9ce18375013cf002ad")


def megabytes(count):
    return f"{count / 1e6:.0f} MB"


def announce(who, what, download, needed, folder):
    """Says what is fetched and how large it is; stops when the disk has too little room."""
    print(f"{who}: {what}: {megabytes(download)} to download", flush=True)
    free = shutil.disk_usage(folder).free
    if free < needed:
        sys.exit(f"{who}: not enough disk: {megabytes(needed)} needed in {folder}, {megabytes(free)} free")


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def check_sha256(who, path, wanted):
    found = sha256(path)
    if found != wanted:
        sys.exit(f"{who}: {path.name}: sha256 is {found}, expected {wanted}")


def pip_download(folder, requirement, *options, env=None):
    command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps",
               "--no-cache-dir", "-d", folder, *options, requirement]
    subprocess.run(command, check=True, env={**os.environ, **(env or {})})


def fetch(who, sdist, scratch):
    """The path of the archive, fetched into the folder `scratch`."""
    stand_in = Path(scratch, "stand_in", "scikit_build_core")
    stand_in.mkdir(parents=True)
    (stand_in / "__init__.py").touch()
    (stand_in / "build.py").write_text(STAND_IN)
    pip_download(scratch, sdist.requirement, "--no-binary", ":all:", "--no-build-isolation",
                 env={"PYTHONPATH": str(stand_in.parent), "SAMOVAR_SDIST": sdist.requirement})
    archive = next(Path(scratch).glob("*.tar.gz"))
    check_sha256(who, archive, sdist.sha256)
    return archive
