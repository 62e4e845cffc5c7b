"""A server that holds all that it may hold, and what that takes.

SPDX-License-Identifier: Apache-2.0
"""

import http.client
import json
import math
import random
import socket
import threading

from server_process import ServerProcess

ANSWER_TOKENS, SPARE_TOKENS = 8, 24
LARGEST_BODY, FREE_OF_EACH = 32 << 20, 64 << 10  # net::ServerOptions, net::BodyBudget
BEGINNING_TOKENS = 640  # more than a window of 512
COVERAGE_TOKENS = 4096  # prompts of so many tokens in all have met nearly every page of the embeddings
REPEATED = "one two three four five six seven eight nine ten. " * 12  # what comes next is guessed: rows with logits
FORMS = [{"type": "array", "minItems": 1000, "items": {"type": "integer"}}, {"type": "string", "minLength": 4000},
         {"type": "array", "minItems": 1000, "items": {"type": "number"}}]
MASK_BYTES = 8 << 20  # grammar::MaskOptions, the half that is for masks
TIMEOUT_SECONDS = 900


def post(port, path, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: status {answer.status}: {text[:300]}")
        return json.loads(text)
    finally:
        connection.close()


def fill_contexts(port, context, slots, n_vocab, seed):
    """One prompt for each slot, at the same time."""
    rng = random.Random(seed)
    n_prompt = context - SPARE_TOKENS

    def ask(prompt):
        post(port, "/completion", {"prompt": prompt, "n_predict": ANSWER_TOKENS, "ignore_eos": True})

    threads = [threading.Thread(target=ask, args=([rng.randrange(n_vocab) for _ in range(n_prompt)],))
               for _ in range(slots)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return n_prompt * slots


def remember_beginnings(port, context, slots, n_vocab):
    """Prompts that may be continued later: a cache with sliding windows keeps the last window of two for each slot."""
    rng = random.Random(1)
    n_prompt, n_prompts = min(context // 4, BEGINNING_TOKENS), 3 * slots
    for _ in range(n_prompts):
        post(port, "/completion", {"prompt": [rng.randrange(n_vocab) for _ in range(n_prompt)], "n_predict": 2})
    return n_prompt * n_prompts


def begin_uploads(port, n_bytes):
    """Bodies of n_bytes in all whose last byte never comes. RETURNS their sockets."""
    sockets = []
    while n_bytes > FREE_OF_EACH:
        size = min(LARGEST_BODY, n_bytes + FREE_OF_EACH) - 1
        upload = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
        upload.sendall(f"POST /completion HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size + 1}\r\n\r\n".encode())
        upload.sendall(bytes(size))
        sockets.append(upload)
        n_bytes -= size + 1 - FREE_OF_EACH
    return sockets


def tokens_of_form(n_vocab):
    """Each needs a mask of its own, of a bit for each token; those of all forms fill what is kept of them."""
    return math.ceil(MASK_BYTES / (n_vocab / 8) / len(FORMS))


def fill_and_measure(binary, model, arguments, plan, http_bytes):
    """The peak of resident memory of a server that was given all the work its plan allows."""
    server = ServerProcess(binary, model, *arguments)
    uploads = []
    try:
        server.wait_until_ready()
        n_vocab = plan["vocabulary"]
        uploads = begin_uploads(server.port, http_bytes)
        post(server.port, "/completion", {"prompt": REPEATED, "n_predict": 48, "temperature": 0})
        for form in FORMS:
            post(server.port, "/completion", {"prompt": "Say:", "n_predict": tokens_of_form(n_vocab), "json_schema": form})
        done, is_full = remember_beginnings(server.port, plan["context"], plan["slots"], n_vocab), False
        while not is_full or done < COVERAGE_TOKENS:
            done += fill_contexts(server.port, plan["context"], plan["slots"], n_vocab, seed=done)
            is_full = True
        return server.peak_bytes()
    finally:
        for upload in uploads:
            upload.close()
        server.stop()
