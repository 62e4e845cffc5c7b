#!/usr/bin/env python3
"""Many answers at once: total speed of N streams against one, equal texts, and the gain of a shared beginning.

  bench/streams.py --model MODEL [--bin build/release/samovar] [--peer PATH/llama-server] [-n 8] [--tokens 96] [--json]

Every program serves the same file with 2 threads (--threads) and N slots. Prompts differ from stream to stream; an answer
is greedy and has a fixed length. "one" is the mean of the N prompts asked one after the other, "all" asks them together.
The prefix lines give the time to the first token of a long prompt, and of the same prompt with another end.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import http.client
import json
import statistics
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from server_process import ServerProcess  # noqa: E402

GIVE_UP_SECONDS = 600
TOPICS = ["tea", "rain", "copper", "sailing", "bread", "winter", "trains", "music", "paper", "glass", "bees", "maps"]


class Server(ServerProcess):
    def complete(self, prompt, n_tokens):
        """RETURNS (text, seconds to the first token, seconds of the tokens after it, tokens)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=GIVE_UP_SECONDS)
        body = {"prompt": prompt, "max_tokens": n_tokens, "temperature": 0, "ignore_eos": True, "stream": True}
        began = time.monotonic()
        connection.request("POST", "/v1/completions", json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status != 200:
            raise SystemExit(f"status {response.status}: {response.read()[:300]}")
        text, first, last, usage = "", None, began, 0
        for line in response:
            if not line.startswith(b"data: {"):
                continue
            event = json.loads(line[6:])
            usage = (event.get("usage") or {}).get("completion_tokens", usage)
            piece = event["choices"][0]["text"] if event.get("choices") else ""
            if piece:
                first = first or time.monotonic()
                last = time.monotonic()
                text += piece
        connection.close()
        return text, (first or last) - began, last - (first or last), usage or n_tokens


def together(server, prompts, n_tokens):
    """RETURNS (texts, seconds from the start to the last end)."""
    texts = [None] * len(prompts)

    def work(i):
        texts[i] = server.complete(prompts[i], n_tokens)[0]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(prompts))]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return texts, time.monotonic() - began


def prefix(server, rounds):
    """Medians of the time to the first token: of a new prompt of some 2,000 tokens, and with another end."""
    fresh, shared = [], []
    for number in range(rounds):
        long = f"Note {number}. " + " ".join(f"Item {i}: {TOPICS[i % len(TOPICS)]} and {i * number + 7}." for i in range(180))
        fresh.append(server.complete(long + " First question: why?", 2)[1])
        shared.append(server.complete(long + " Second question: how many?", 2)[1])
    return statistics.median(fresh), statistics.median(shared)


def measure(command, options):
    server = Server.of_command(command, "/health").wait_until_ready(start_seconds=GIVE_UP_SECONDS)
    try:
        prompts = [f"Write a long story about {topic}. Once upon a time" for topic in TOPICS[:options.n]]
        server.complete("warm up", 4)
        one, all_, equal = [], [], True
        for _ in range(options.rounds):
            answers = [server.complete(prompt, options.tokens) for prompt in prompts]
            one.append(statistics.mean((answer[3] - 1) / answer[2] for answer in answers))
            texts, seconds = together(server, prompts, options.tokens)
            all_.append(options.n * options.tokens / seconds)
            equal = equal and texts == [answer[0] for answer in answers]
        fresh, shared = prefix(server, options.rounds)
    finally:
        server.stop()
    return {"one_tokens_per_second": statistics.median(one), "all_tokens_per_second": statistics.median(all_),
            "times": statistics.median(all_) / statistics.median(one), "equal_texts": equal,
            "first_token_s": fresh, "first_token_shared_s": shared, "shared_ratio": shared / fresh}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/samovar")
    parser.add_argument("--peer", help="a llama-server")
    parser.add_argument("--model", required=True)
    parser.add_argument("-n", type=int, default=8, help="streams, at most 12")
    parser.add_argument("--tokens", type=int, default=96)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    slots = ["--parallel", str(options.n), "--threads", str(options.threads)]
    samovar = [options.bin, "serve", options.model, "--ctx-size", "4096", *slots]
    programs = {"samovar": samovar, "samovar without speculation": [*samovar, "--no-speculation"]}
    if options.peer:
        programs["llama-server"] = [options.peer, "-m", options.model, "--ctx-size", str(4096 * options.n), *slots]
    for name, command in programs.items():
        row = measure(command, options)
        if options.json:
            print(json.dumps({"program": name, "model": options.model, "streams": options.n, **row}))
            continue
        print(f"{name}, {options.model}: one stream {row['one_tokens_per_second']:.1f} tok/s, {options.n} streams "
              f"{row['all_tokens_per_second']:.1f} tok/s = {row['times']:.2f}x, texts "
              f"{'equal' if row['equal_texts'] else 'DIFFER'}; first token of a long prompt {row['first_token_s']:.2f} s, "
              f"with a shared beginning {row['first_token_shared_s']:.3f} s = {100 * row['shared_ratio']:.1f} %")


if __name__ == "__main__":
    main()
