"""Runs one engine on one model: the speeds of each test, in tokens per second.

Tests are named as samovar names them: pp512, tg48, with "@d4096" behind that many tokens of context and "@b4" for
four sequences together.
SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field

import peers


@dataclass(frozen=True)
class Tests:
    prompt: int = 512
    generate: int = 48
    depths: tuple = (0,)
    batches: tuple = ()
    threads: int = 2


def run_json(command, env=None):
    told = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          env={**os.environ, **(env or {})})
    if told.returncode:
        sys.exit(f"compare: {command[0]} failed: {told.stderr.strip()[-500:]}")
    return json.loads(told.stdout)


@dataclass
class Samovar:
    binary: str
    isa: str  # "native": the best of this machine
    name: str = "samovar"
    facts: dict = field(default_factory=dict)  # of each model's last run

    def environment(self):
        return {} if self.isa == "native" else {"SAMOVAR_ISA": self.isa}

    def build(self):
        about = run_json([self.binary, "version", "--json"], self.environment())
        return f"commit {about['commit']}, {about['isa']} kernels"

    def speeds(self, model, tests):
        command = [self.binary, "bench", model, "-p", tests.prompt, "-n", tests.generate, "-t", tests.threads,
                   "-r", 1, "--json"]
        for depth in tests.depths:
            command += ["--depth", depth]
        for batch in tests.batches:
            command += ["--batch", batch]
        report = run_json(command, self.environment())
        self.facts[model] = report
        return {result["test"]: result["tokens_per_second"] for result in report["results"]}


@dataclass
class LlamaBench:
    name: str
    binary: str
    source: str  # the package it was built from
    build_flags: list
    has_depth: bool  # -d; otherwise generation behind a prompt only

    def build(self):
        return f"{self.source}, `{' '.join(self.build_flags)}`"

    def speeds(self, model, tests):
        command = [self.binary, "-m", model, "-t", tests.threads, "-r", 1, "-o", "json"]
        if self.has_depth:
            command += ["-p", tests.prompt, "-n", tests.generate, "-d", ",".join(map(str, tests.depths))]
        else:
            command += ["-p", tests.prompt if 0 in tests.depths else 0,
                        "-n", tests.generate if 0 in tests.depths else 0]
            for depth in filter(None, tests.depths):
                command += ["-gp", f"{depth},{tests.generate}"]
        return dict(map(self.result, run_json(command)))

    def result(self, row):
        depth = row.get("n_depth", row["n_prompt"] if row["n_gen"] else 0)
        prompt = row["n_prompt"] if not row["n_gen"] else 0
        test = f"pp{prompt}" if prompt else f"tg{row['n_gen']}"
        return test + (f"@d{depth}" if depth else ""), row["avg_ts"]


def all_engines(binary, isa, names):
    """samovar and the peers of these names, built when they are not there yet."""
    return [Samovar(binary, isa)] + [
        LlamaBench(peer.name, str(peers.build(peer, isa)), str(peer.source), peer.build_flags(isa),
                   has_depth=peer.name == "llama.cpp")
        for peer in peers.PEERS if peer.name in names]
