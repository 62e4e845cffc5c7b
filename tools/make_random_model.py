#!/usr/bin/env python3
"""Writes a model of random weights: full-size for measurements of speed, tiny for tests of servers. Nothing downloaded.

  make_random_model.py phi-2 FILE.gguf          32 layers, 2,560 wide, 2.8 B weights, 1.8 GB
  make_random_model.py mistral-7b FILE.gguf     32 layers, 4,096 wide, 7.2 B weights, 4.4 GB
  make_random_model.py tiny FILE.gguf           2 layers, 256 wide, 2.4 M weights, 2 MB
  make_random_model.py SHAPE FILE.gguf VOCABULARY.gguf    with the tokens of another file (of SentencePiece's kind)

All as Q4_K_M, which tensor in which type as llama.cpp's quantizer chooses. Blocks are random bytes with sane scales,
taken from a pool, so that rows repeat; every run writes the same bytes. The vocabulary is made up unless a file is given:
then the model's keys are those that converters of 2023 wrote, without a chat template.
SPDX-License-Identifier: Apache-2.0
"""

import os
import random
import shutil
import struct
import sys
from dataclasses import dataclass, replace
from itertools import islice, product
from string import ascii_lowercase

F32, Q4_K, Q5_K, Q6_K = 0, 12, 13, 14
BLOCK_BYTES = {Q4_K: 144, Q5_K: 176, Q6_K: 210}  # of 256 weights
POOL_BLOCKS = 40_961  # a prime: rows of one matrix start at different blocks
Q4_K_M = 15  # general.file_type
ALIGNMENT = 32
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6  # types of tokens


@dataclass(frozen=True)
class Shape:
    arch: str
    n_layer: int
    d_model: int
    n_head: int
    n_head_kv: int
    d_ff: int
    n_vocab: int
    n_ctx: int


SHAPES = {"phi-2": Shape("phi2", 32, 2560, 32, 32, 10240, 51200, 2048),
          "mistral-7b": Shape("llama", 32, 4096, 32, 8, 14336, 32000, 32768),
          "tiny": Shape("llama", 2, 256, 4, 4, 512, 2048, 4096)}


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def value_bytes(value):
    """Type and bytes of a key's value."""
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, str):
        return struct.pack("<I", 8) + text(value)
    head = lambda kind: struct.pack("<IIQ", 9, kind, len(value))  # noqa: E731
    if isinstance(value[0], str):
        return head(8) + b"".join(map(text, value))
    return head(6 if isinstance(value[0], float) else 5) + struct.pack(
        f"<{len(value)}{'f' if isinstance(value[0], float) else 'i'}", *value)


def words():
    """Made-up words, short ones first, each with the two tokens that merge into it."""
    for n in range(2, 5):
        for letters in product(ascii_lowercase, repeat=n):
            word = "".join(letters)
            yield word, word[:-1], word[-1]


def byte_alphabet():
    """The characters that stand for the 256 bytes in GPT-2's vocabulary."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [chr(code) for code in printable] + [chr(256 + i) for i in range(256 - len(printable))]


def bpe_vocabulary(n):
    made = list(islice(words(), n - 257))
    return {"model": "gpt2", "pre": "gpt-2",
            "tokens": byte_alphabet() + [word for word, _, _ in made] + ["<|endoftext|>"],
            "token_type": [NORMAL] * (n - 1) + [CONTROL],
            "merges": [f"{left} {right}" for _, left, right in made],
            "bos_token_id": n - 1, "eos_token_id": n - 1, "add_bos_token": False}


def spm_vocabulary(n):
    first = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    letters = [chr(code) for code in range(33, 127)] + ["\u2581"]
    made = [word for word, _, _ in islice(words(), n - len(first) - len(letters))]
    tokens = first + made + letters
    return {"model": "llama", "tokens": tokens,
            "scores": [0.0] * len(first) + [-float(i) for i in range(n - len(first))],
            "token_type": [UNKNOWN, CONTROL, CONTROL] + [BYTE] * 256 + [NORMAL] * (n - len(first)),
            "bos_token_id": 1, "eos_token_id": 2, "unknown_token_id": 0, "add_bos_token": True}


def vocabulary_of(path):
    """Tokens, scores and types of a file."""
    from gguf import GGUFReader  # only here: everything else needs Python alone

    reader = GGUFReader(path)
    field = {key: reader.fields[f"tokenizer.ggml.{key}"].contents() for key in ("model", "tokens", "scores", "token_type")}
    return {**field, "bos_token_id": 1, "eos_token_id": 2, "unknown_token_id": 0}


def keys(name, shape, vocabulary=None):
    arch = {"context_length": shape.n_ctx, "embedding_length": shape.d_model, "block_count": shape.n_layer,
            "feed_forward_length": shape.d_ff, "attention.head_count": shape.n_head,
            "attention.head_count_kv": shape.n_head_kv}
    if shape.arch == "phi2":
        arch |= {"rope.dimension_count": 32, "attention.layer_norm_epsilon": 1e-5}
        vocabulary = vocabulary or bpe_vocabulary(shape.n_vocab)
    else:
        arch |= {"rope.dimension_count": shape.d_model // shape.n_head, "rope.freq_base": 1e4,
                 "attention.layer_norm_rms_epsilon": 1e-5}
        vocabulary = vocabulary or spm_vocabulary(shape.n_vocab)
    return {"general.architecture": shape.arch, "general.name": f"random weights, {name}'s shape",
            "general.file_type": Q4_K_M, "general.quantization_version": 2,
            **{f"{shape.arch}.{key}": value for key, value in arch.items()},
            **{f"tokenizer.ggml.{key}": value for key, value in vocabulary.items()}}


def gets_more_bits(layer, n_layer):
    """llama.cpp, src/llama-quant.cpp: use_more_bits."""
    return layer < n_layer // 8 or layer >= 7 * n_layer // 8 or (layer - n_layer // 8) % 3 == 2


def tensors(shape):
    """(name, type, dims with the fastest first)."""
    d, kv = shape.d_model, shape.d_model // shape.n_head * shape.n_head_kv
    phi2 = shape.arch == "phi2"

    def norm(name):
        yield f"{name}.weight", F32, (d,)
        if phi2:
            yield f"{name}.bias", F32, (d,)

    def linear(name, kind, d_in, d_out):
        yield f"{name}.weight", kind, (d_in, d_out)
        if phi2:
            yield f"{name}.bias", F32, (d_out,)

    yield "token_embd.weight", Q4_K, (d, shape.n_vocab)
    for layer in range(shape.n_layer):
        p, more = f"blk.{layer}.", Q6_K if gets_more_bits(layer, shape.n_layer) else Q4_K
        yield from norm(p + "attn_norm")
        if phi2:
            yield from linear(p + "attn_qkv", Q5_K, d, d + 2 * kv)
        else:
            yield from norm(p + "ffn_norm")
            yield from linear(p + "attn_q", Q4_K, d, d)
            yield from linear(p + "attn_k", Q4_K, d, kv)
            yield from linear(p + "attn_v", more, d, kv)
            yield from linear(p + "ffn_gate", Q4_K, d, shape.d_ff)
        yield from linear(p + "attn_output", Q4_K, d, d)
        yield from linear(p + "ffn_up", Q4_K, d, shape.d_ff)
        yield from linear(p + "ffn_down", more, shape.d_ff, d)
    yield from norm("output_norm")
    yield from linear("output", Q6_K, d, shape.n_vocab)


def size_bytes(kind, dims):
    n = dims[0] * (dims[1] if len(dims) > 1 else 1)
    return 4 * n if kind == F32 else n // 256 * BLOCK_BYTES[kind]


def aligned(size):
    return -size % ALIGNMENT + size


def make_pool(kind, rng):
    """Blocks of random codes and sub-block scales; the block's own scales make weights of about 1/50."""
    size = BLOCK_BYTES[kind]
    pool = bytearray(rng.randbytes(POOL_BLOCKS * size))
    for start in range(0, len(pool), size):
        jitter = rng.uniform(0.5, 1.5)
        if kind == Q6_K:
            struct.pack_into("<e", pool, start + 208, 1.5e-5 * jitter)
        else:  # the minimum takes away the mean of the codes
            d = (1e-4 if kind == Q4_K else 5e-5) * jitter
            struct.pack_into("<ee", pool, start, d, d * (7.5 if kind == Q4_K else 15.5))
    return memoryview(bytes(pool) * 2)


def write_tensor(file, name, kind, dims, pools, rng):
    size = size_bytes(kind, dims)
    if kind == F32:
        file.write(struct.pack("<f", 1.0 if name.endswith("norm.weight") else 0.0) * dims[0])
    else:
        pool, block = pools[kind], BLOCK_BYTES[kind]
        written = 0
        while written < size:
            start = rng.randrange(POOL_BLOCKS) * block
            written += file.write(pool[start:start + min(POOL_BLOCKS * block, size - written)])
    file.write(bytes(aligned(size) - size))


def write_model(name, file, vocabulary=None):
    shape, rng = shape_of(name, vocabulary), random.Random(1)
    table, facts = list(tensors(shape)), keys(name, shape, vocabulary)
    head = [b"GGUF", struct.pack("<IQQ", 3, len(table), len(facts))]
    head += [text(key) + value_bytes(value) for key, value in facts.items()]
    offset = 0
    for tensor, kind, dims in table:
        head.append(text(tensor) + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, kind, offset))
        offset += aligned(size_bytes(kind, dims))
    head = b"".join(head)
    file.write(head + bytes(aligned(len(head)) - len(head)))
    pools = {kind: make_pool(kind, rng) for kind in sorted({kind for _, kind, _ in table} - {F32})}
    for tensor, kind, dims in table:
        write_tensor(file, tensor, kind, dims, pools, rng)
        if tensor == "output.weight":
            silence(file, kind, dims, facts["tokenizer.ggml.eos_token_id"])


def silence(file, kind, dims, token):
    """Zeros in the token's row of the matrix just written: its logit is never among the highest."""
    row, behind = size_bytes(kind, dims[:1]), file.tell()
    file.seek(-aligned(size_bytes(kind, dims)) + token * row, os.SEEK_CUR)
    file.write(bytes(row))
    file.seek(behind)


def shape_of(name, vocabulary):
    shape = SHAPES[name]
    return replace(shape, n_vocab=len(vocabulary["tokens"])) if vocabulary else shape


def main():
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in SHAPES:
        sys.exit(__doc__)
    name, path = sys.argv[1:3]
    vocabulary = vocabulary_of(sys.argv[3]) if len(sys.argv) == 4 else None
    size = sum(aligned(size_bytes(kind, dims)) for _, kind, dims in tensors(shape_of(name, vocabulary)))
    free = shutil.disk_usage(os.path.dirname(os.path.abspath(path))).free
    if free < size + 100_000_000:
        sys.exit(f"make_random_model: {path}: {size / 1e9:.1f} GB needed, {free / 1e9:.1f} GB free")
    with open(f"{path}.part", "wb") as file:
        write_model(name, file, vocabulary)
    os.rename(f"{path}.part", path)


if __name__ == "__main__":
    main()
