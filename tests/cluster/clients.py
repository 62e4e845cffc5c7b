#!/usr/bin/env python3
"""Clients that ask without pause: clients.py URL COUNT TOKENS. A connection for each question.

Ends when its stdin does, each client after its running question, and prints {"answered": N, "failed": ["what", ...]}.
SPDX-License-Identifier: Apache-2.0
"""

import json
import sys
import threading
import urllib.request

TIMEOUT_S = 120


def ask(url, tokens):
    body = {"messages": [{"role": "user", "content": "Count to one hundred."}], "max_tokens": tokens, "temperature": 0}
    request = urllib.request.Request(url + "/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        return json.load(answer)["choices"][0]["message"]["content"]


def main():
    url, count, tokens = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    ending = threading.Event()
    answered, failed = [], []

    def client():
        while not ending.is_set():
            try:
                answered.append(ask(url, tokens))
            except (OSError, ValueError) as error:
                failed.append(f"{type(error).__name__}: {error}")
                ending.wait(0.5)

    clients = [threading.Thread(target=client) for _ in range(count)]
    for each in clients:
        each.start()
    sys.stdin.read()
    ending.set()
    for each in clients:
        each.join()
    print(json.dumps({"answered": len(answered), "failed": failed}))


if __name__ == "__main__":
    main()
