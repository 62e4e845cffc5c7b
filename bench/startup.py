#!/usr/bin/env python3
"""Time from start to ready and memory of an idle server, medians of several starts.

  bench/startup.py --bin build/release/samovar --model MODEL [--starts 5] [--json]

Ready is the moment when /readyz answers 200; the page cache is warm after the first, uncounted start.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import http.client
import json
import signal
import socket
import statistics
import subprocess
import time

POLL_SECONDS = 0.002
GIVE_UP_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_ready(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def memory_mib(pid):
    """Resident memory of a process by kind, in MiB."""
    rows = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status") if line.startswith(("Rss", "VmRSS")))
    return {name: int(value.split()[0]) / 1024 for name, value in rows.items()}


def one_start(binary, model):
    port = free_port()
    began = time.monotonic()
    server = subprocess.Popen([binary, "serve", model, "--port", str(port)], stderr=subprocess.DEVNULL)
    try:
        while not is_ready(port):
            if server.poll() is not None or time.monotonic() - began > GIVE_UP_SECONDS:
                raise SystemExit(f"the server did not become ready (exit code {server.poll()})")
            time.sleep(POLL_SECONDS)
        ready = time.monotonic() - began
        return {"ready_s": ready, "anonymous_mib": memory_mib(server.pid)["RssAnon"]}
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/samovar")
    parser.add_argument("--model", required=True)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    one_start(options.bin, options.model)
    starts = [one_start(options.bin, options.model) for _ in range(options.starts)]
    medians = {name: statistics.median(start[name] for start in starts) for name in starts[0]}
    if options.json:
        print(json.dumps({"model": options.model, **medians}))
    else:
        print(f"{options.model}: ready after {1000 * medians['ready_s']:.0f} ms, "
              f"{medians['anonymous_mib']:.1f} MiB anonymous memory when idle (medians of {options.starts})")


if __name__ == "__main__":
    main()
