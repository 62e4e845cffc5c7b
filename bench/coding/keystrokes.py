"""A person types in a file of some 1,000 tokens: each key asks for a completion and drops the request before it.

SPDX-License-Identifier: Apache-2.0
"""

import http.client
import json
import statistics
import time
from pathlib import Path

import gaps
import programs
from answers import GIVE_UP_SECONDS, START_SECONDS, ServerProcess

TYPED = "    total = sum(item.price for item in items)"
KEYS_BEFORE = 31  # typed too fast to see an answer
PREDICT = 32


def file_around_cursor():
    """Texts before and behind the cursor: some 800 and 200 tokens of the gaps' functions."""
    sources = [gap.prefix + gap.middle + gap.suffix for gap in gaps.gaps()]
    before = "\n\n".join(sources[:9]) + "\n\ndef price_of_stock(items):\n"
    return before, "\n\n\n" + "\n\n".join(sources[9:11])


class Request:
    """A streamed /infill; drop() closes its connection, wherever it is."""

    def __init__(self, server, prefix, suffix):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=GIVE_UP_SECONDS)
        body = {"input_prefix": prefix, "input_suffix": suffix, "n_predict": PREDICT, "temperature": 0, "stream": True}
        self.began = time.monotonic()
        self.connection.request("POST", "/infill", json.dumps(body), {"Content-Type": "application/json"})

    def seconds_to_first_token(self):
        for line in self.connection.getresponse():
            if line.startswith(b"data: "):
                return time.monotonic() - self.began
        raise ConnectionError("no token")

    def drop(self):
        self.connection.close()


def type_text(server):
    """RETURNS seconds to the first token of each measured key."""
    before, behind = file_around_cursor()
    seconds, last = [], None
    for n_typed in range(1, len(TYPED) + 1):
        if last:
            last.drop()
        last = Request(server, before + TYPED[:n_typed], behind)
        if n_typed > KEYS_BEFORE:
            seconds.append(last.seconds_to_first_token())
    last.drop()
    return seconds


def compare(options, model):
    """Prints a row of the table: the median, and the ninth of ten, in milliseconds."""
    cells = []
    for command in programs.commands(options, model).values():
        server = ServerProcess.of_command(command, "/health").wait_until_ready(start_seconds=START_SECONDS)
        try:
            seconds = type_text(server)
        finally:
            server.stop()
        deciles = statistics.quantiles(seconds, n=10)
        cells.append(f"{1000 * statistics.median(seconds):.0f} ms (9 of 10: {1000 * deciles[-1]:.0f})")
    print(f"| {Path(model).stem} | {' | '.join(cells)} |", flush=True)
