#!/usr/bin/env python3
"""Time from start to ready and to the first token, and memory of an idle server: medians of several starts.

  bench/startup.py --model MODEL [--bin build/release/samovar] [--peer PATH/llama-server] [--cold] [--json]

Ready is the moment when the server says so. The page cache is warm after the first, uncounted start; --cold drops the
file from it before each start, and measures the time to read the file once.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import http.client
import json
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from server_process import ServerProcess  # noqa: E402

POLL_SECONDS = 0.002
GIVE_UP_SECONDS = 120
COMPLETION = json.dumps({"prompt": "Hello", "max_tokens": 1, "temperature": 0})


def complete(port):
    """The status of a completion of one token."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_SECONDS)
    try:
        connection.request("POST", "/v1/completions", COMPLETION, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def memory_mib(pid):
    """Resident memory of a process by kind, in MiB."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        rows = dict(line.split(":", 1) for line in status if line.startswith(("Rss", "VmRSS")))
    return {name: int(value.split()[0]) / 1024 for name, value in rows.items()}


def drop_from_cache(path):
    """Only pages that no other process has mapped."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def read_once(path):
    buffer, began = bytearray(1 << 20), time.monotonic()
    with open(path, "rb", buffering=0) as file:
        while file.readinto(buffer):
            pass
    return time.monotonic() - began


def one_start(command, ready_path):
    began = time.monotonic()
    server = ServerProcess.of_command(command, ready_path)
    try:
        server.wait_until_ready(POLL_SECONDS, GIVE_UP_SECONDS)
        ready = time.monotonic() - began
        idle = memory_mib(server.pid)["RssAnon"]
        status = complete(server.port)
        if status != 200:
            raise SystemExit(f"{command[0]} answered a completion with status {status}")
        return {"ready_s": ready, "first_token_s": time.monotonic() - began, "anonymous_mib": idle}
    finally:
        server.stop()


def measure(command, ready_path, options):
    """Medians of all starts."""
    starts = []
    for number in range(options.starts + 1):
        read = {}
        if options.cold:
            drop_from_cache(options.model)
            read = {"read_once_s": read_once(options.model)}
            drop_from_cache(options.model)
        start = one_start(command, ready_path)
        if number > 0 or options.cold:
            starts.append({**start, **read})
    return {name: statistics.median(start[name] for start in starts) for name in starts[0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/samovar")
    parser.add_argument("--peer", help="a llama-server")
    parser.add_argument("--model", required=True)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    programs = {"samovar": ([options.bin, "serve", options.model], "/readyz")}
    if options.peer:
        programs["llama-server"] = ([options.peer, "-m", options.model], "/health")
    for name, (command, ready_path) in programs.items():
        medians = measure(command, ready_path, options)
        if options.json:
            print(json.dumps({"program": name, "model": options.model, **medians}))
            continue
        read = f" (to read the file once: {1000 * medians['read_once_s']:.0f} ms)" if options.cold else ""
        print(f"{name}, {options.model}: ready after {1000 * medians['ready_s']:.0f} ms, first token after "
              f"{1000 * medians['first_token_s']:.0f} ms{read}, {medians['anonymous_mib']:.1f} MiB anonymous memory "
              f"when idle (medians of {options.starts})")


if __name__ == "__main__":
    main()
