"""Answers of a server, kept in a file for each program, model and suite, so that a run goes on where it was left.

SPDX-License-Identifier: Apache-2.0
"""

import concurrent.futures
import http.client
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from server_process import ServerProcess  # noqa: E402

GIVE_UP_SECONDS = 900
START_SECONDS = 300


class Refused(Exception):
    """The server does not take the request; the text says what it answered."""


class AnswerFile:
    """One JSON object a line: {"task", "answer"}."""

    def __init__(self, path):
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.by_task = {row["task"]: row["answer"] for row in map(json.loads, lines)}

    def add(self, task, answer):
        self.by_task[task] = answer
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"task": task, "answer": answer}) + "\n")


def ask(server, task):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=GIVE_UP_SECONDS)
    try:
        connection.request("POST", task.path, json.dumps(task.body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read()
    finally:
        connection.close()
    if response.status != 200:
        raise Refused(f"{task.name}: status {response.status}: {text.decode('utf-8', 'replace')[:200]}")
    return task.text_of(json.loads(text))


def collect(command, tasks, kept, n_streams, limit):
    """Asks up to `limit` of the `tasks` whose answers `kept` lacks, `n_streams` at once.
    RETURNS how many are left. RAISES Refused."""
    missing = [task for task in tasks if task.name not in kept.by_task]
    if not missing:
        return 0
    server = ServerProcess.of_command(command, "/health").wait_until_ready(start_seconds=START_SECONDS)
    try:
        with concurrent.futures.ThreadPoolExecutor(n_streams) as pool:
            asked = {pool.submit(ask, server, task): task for task in missing[:limit]}
            for future in concurrent.futures.as_completed(asked):
                kept.add(asked[future].name, future.result())
    finally:
        server.stop()
    return len(missing) - len(asked)
