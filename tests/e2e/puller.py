"""`samovar pull` with a cache, a home and a catalog of its own.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest


class Puller:
    """The binary, and where it pulls to."""

    def __init__(self, samovar, folder, origin):
        self.samovar, self.folder, self.origin = samovar, folder, origin
        self.cache = folder / "hub"
        (folder / "catalog.yaml").write_text("[]\n")
        self.env = {
            "HOME": str(folder / "home"),
            "HF_HUB_CACHE": str(self.cache),
            "HF_ENDPOINT": origin.url,
            "HF_TOKEN": "hf_canary_token",
            "XDG_STATE_HOME": str(folder / "state"),
            "SAMOVAR_CATALOG": str(folder / "catalog.yaml"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": f"{origin.url}/simple/",
            "PIP_EXTRA_INDEX_URL": "",
            "http_proxy": "",
            "https_proxy": "",
        }

    def write_catalog(self, sources, sha=None, size=None):
        lines = ["- name: tiny:1m", "  description: d", "  license: MIT", "  file: tiny.gguf"]
        lines += [f"  sha256: {sha}"] if sha else []
        lines += [f"  size_bytes: {size}"] if size else []
        lines += ["  sources:"] + [f"    - {json.dumps(source)}" for source in sources]
        (self.folder / "catalog.yaml").write_text("\n".join(lines) + "\n")

    def run(self, *arguments, **env):
        result = self.samovar.run(*arguments, env={**self.env, **env}, timeout=120)
        result.said = result.stderr.decode()
        assert b"hf_canary_token" not in result.stderr + result.stdout
        return result

    def pull(self, name, **env):
        """Pulls and RETURNS the bytes of the model."""
        result = self.run("pull", name, "--json", **env)
        assert result.returncode == 0, result.said
        return Path(json.loads(result.stdout)["path"]).read_bytes()

    def fail(self, name, **env):
        """RETURNS what was said on stderr; the exit code must not be 0 and no model may have appeared."""
        result = self.run("pull", name, **env)
        assert result.returncode not in (0, 1, 134, 139), result.said
        assert not self.models(), "a model is in the cache after a failed pull"
        return result.said

    def start(self, name):
        environment = {**os.environ, **self.env}
        command = [self.samovar.binary, "pull", name]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def models(self):
        return [path for path in self.cache.glob("models--*/snapshots/*/*") if path.exists()]

    def partials(self):
        return list(self.cache.glob("models--*/blobs/*.incomplete"))

    def wait_for_partial(self, n_bytes):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if any(path.stat().st_size >= n_bytes for path in self.partials()):
                return
            time.sleep(0.01)
        pytest.fail(f"no partial file of {n_bytes} bytes within 30 s")
