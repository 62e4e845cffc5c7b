"""Mixed load with long prompts: clients of several kinds at the same time.

SPDX-License-Identifier: Apache-2.0
"""

import collections
import http.client
import json
import random
import threading
import time

GRACE_SECONDS = 120  # for what is not answered when the time is over; a long prompt on a busy machine takes a minute
FORM = {"type": "array", "minItems": 20, "items": {"type": "object", "properties": {"n": {"type": "integer"}}}}
HOSTILE_BYTES = 24 << 20


def answer_status(address, path, body, timeout):
    """The status, or why there is none: "unfinished" when the time was over."""
    connection = http.client.HTTPConnection(address, timeout=timeout)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except TimeoutError:
        return "unfinished"
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


class MixedLoad:
    """Until `seconds` are over. `address`: host:port. `plan`: what `samovar plan --json` says of the server."""

    def __init__(self, address, plan, seconds):
        self.address, self.plan, self.end = address, plan, time.monotonic() + seconds
        self.counts, self.lock = collections.Counter(), threading.Lock()

    def tokens(self, rng, n):
        return [rng.randrange(self.plan["vocabulary"]) for _ in range(n)]

    def long_prompt(self, rng):
        n = int(self.plan["context"] * rng.uniform(0.3, 0.95)) - 64
        return {"prompt": self.tokens(rng, max(n, 64)), "n_predict": 32}

    def short_prompt(self, rng):
        return {"prompt": self.tokens(rng, 24), "n_predict": 48, "temperature": 1}

    def form(self, rng):
        return {"prompt": self.tokens(rng, 16), "n_predict": 64, "json_schema": FORM}

    def hostile(self, rng):
        return {"prompt": "x " * (HOSTILE_BYTES // 2), "n_predict": 1}

    def client(self, make_body, pause_seconds, seed):
        rng = random.Random(seed)
        while time.monotonic() < self.end:
            left = self.end - time.monotonic() + GRACE_SECONDS
            status = answer_status(self.address, "/completion", make_body(rng), left)
            with self.lock:
                self.counts[make_body.__name__, status] += 1
            time.sleep(pause_seconds)

    def run(self):
        """RETURNS how many requests of each kind had which status."""
        kinds = [(self.long_prompt, 0)] * self.plan["slots"] + [
            (self.short_prompt, 1), (self.form, 5), (self.hostile, 20)]
        threads = [threading.Thread(target=self.client, args=(make, pause, seed))
                   for seed, (make, pause) in enumerate(kinds)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.counts
