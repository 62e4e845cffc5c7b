"""The servers that are compared, with the same threads, streams and context.

SPDX-License-Identifier: Apache-2.0
"""

CONTEXT = 4096  # tokens of each stream


def commands(options, model):
    """{name: command} of samovar and, where --peer names it, llama-server."""
    slots = ["--parallel", str(options.streams), "--threads", str(options.threads)]
    found = {"samovar": [options.bin, "serve", model, "--ctx-size", str(CONTEXT), *slots]}
    if options.peer:
        # Its context is one for all slots.
        llama = [options.peer, "-m", model, "--ctx-size", str(CONTEXT * options.streams), *slots]
        found["llama-server"] = llama
        if options.suite == "typing":
            # Takes keys and values over to other places of the text: faster, and another answer.
            found["llama-server --cache-reuse 256"] = [*llama, "--cache-reuse", "256"]
    return found
