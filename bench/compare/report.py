"""Tables and pictures of docs/benchmarks.md, and the machine that the figures come from.

SPDX-License-Identifier: Apache-2.0
"""

import datetime
import os
import re
from html import escape

INTRODUCTION = """# Benchmarks

Written by `bench/compare`; each section says when and where. Figures are medians of alternated rounds, in tokens per
second; ratios are medians of the rounds' ratios. `pp512` is a prompt of 512 tokens, `tg32` an answer of 32,
`@d4096` behind 4,096 tokens of context.
"""
COLOURS = ["#c8713a", "#3b78b4", "#6a9a4b", "#8a6fb0"]
BAR, LABELS, FULL = 16, 130, 420  # heights and widths in pixels


def speed(value):
    return "-" if value is None else f"{value:.1f}" if value >= 100 else f"{value:.2f}"


def ratio(value):
    return "-" if value is None else f"{value:.2f}"


def table(header, rows):
    lines = [" | ".join(header), "|".join("---" for _ in header), *(" | ".join(row) for row in rows)]
    return "".join(f"| {line} |\n" if "---" not in line else f"|{line}|\n" for line in lines)


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown CPU")


def circumstances(engines, threads, n_rounds):
    """When and where, in Markdown."""
    now = datetime.datetime.now().strftime("%Y-%m-%d %H:%M")
    load = " / ".join(f"{value:.1f}" for value in os.getloadavg())
    lines = [f"{now}, {cpu_model()}, {os.cpu_count()} cores, load before {load}; {threads} threads, {n_rounds} rounds.", ""]
    lines += [f"- {engine.name}: {engine.build()}" for engine in engines]
    return "\n".join(lines) + "\n"


def replace_section(text, title, body):
    """`text` with its section `title` replaced, or a new one at its end."""
    section = f"## {title}\n{body.rstrip()}\n"
    text = text or INTRODUCTION
    old = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.M | re.S)
    if old.search(text):
        return old.sub(lambda _: section + "\n", text).rstrip() + "\n"
    return f"{text.rstrip()}\n\n{section}"


def chart(title, groups):
    """An SVG of bars. groups: [(label, {engine: value or None})]; bars are relative to their group's best."""
    engines = list(groups[0][1])
    height = 60 + len(groups) * (BAR * len(engines) + 14)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABELS + FULL + 90}" height="{height}" '
             f'font-family="sans-serif" font-size="12">',
             f'<rect width="100%" height="100%" fill="#fff"/><text x="8" y="20" font-size="15">{escape(title)}</text>']
    for place, engine in enumerate(engines):
        parts.append(f'<text x="{8 + 130 * place}" y="42" fill="{COLOURS[place]}">{escape(engine)}</text>')
    top = 56
    for label, values in groups:
        best = max(value for value in values.values() if value is not None)
        middle = top + BAR * len(engines) // 2 + 4
        parts.append(f'<text x="{LABELS - 8}" y="{middle}" text-anchor="end">{escape(label)}</text>')
        for place, value in enumerate(values.values()):
            width = FULL * (value or 0) / best
            parts.append(f'<rect x="{LABELS}" y="{top}" width="{width:.1f}" height="{BAR - 2}" fill="{COLOURS[place]}"/>'
                         f'<text x="{LABELS + width + 6:.1f}" y="{top + 11}">{speed(value)}</text>')
            top += BAR
        top += 14
    return "\n".join([*parts, "</svg>", ""])
