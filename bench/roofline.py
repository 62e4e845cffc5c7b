#!/usr/bin/env python3
"""Draws the roofline of one model: what each test reaches, below what the machine's memory and multipliers allow.

  bench/roofline.py MODEL -o docs/images/roofline.svg [--bin build/release/samovar] [-t 2] [-r 5]
  bench/roofline.py --json FILE... -o FILE.svg      from earlier outputs of `samovar bench --json`

Each point is one test of `samovar bench`: multiply-adds per byte of weights read (across), multiply-adds per second (up).
The roof is the machine's own, measured in the same process (Williams et al. 2009, "Roofline", figure 1).
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import json
import math
import os
import subprocess
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 440, 70, 30, 50, 50
ROOF, POINT, GRID = "#3b78b4", "#c8713a", "#ddd"
BATCHES = (2, 4, 8, 16)
PROMPTS = (32, 128, 512)


def run_bench(options):
    reports = []
    for prompt in PROMPTS:
        command = [options.bin, "bench", options.model, "--json", "-t", str(options.threads), "-r", str(options.repetitions),
                   "-p", str(prompt)]
        command += ["-n", "0"] if prompt != PROMPTS[-1] else ["-n", "32", *(f"--batch={batch}" for batch in BATCHES)]
        reports.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    return reports


class Axes:
    """Logarithmic in both directions."""

    def __init__(self, x_range, y_range):
        self.x_range, self.y_range = x_range, y_range

    @staticmethod
    def part(value, limits):
        low, high = map(math.log10, limits)
        return (math.log10(value) - low) / (high - low)

    def x(self, value):
        return LEFT + (WIDTH - LEFT - RIGHT) * self.part(value, self.x_range)

    def y(self, value):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * self.part(value, self.y_range)


def grid(axes):
    parts = []
    for exponent in range(-1, 4):
        value = 10.0**exponent
        if axes.x_range[0] <= value <= axes.x_range[1]:
            x = axes.x(value)
            parts.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="{GRID}"/>'
                         f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{value:g}</text>')
        if axes.y_range[0] <= value <= axes.y_range[1]:
            y = axes.y(value)
            parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{GRID}"/>'
                         f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    return parts


def draw(reports):
    results = [result for report in reports for result in report["results"]]
    points = [(result["test"], result["macs_per_second"] / result["bytes_per_second"], result["macs_per_second"] / 1e9)
              for result in results]
    peak = max(report["peak_macs_per_second"] for report in reports) / 1e9
    read = max(report["read_bytes_per_second"] for report in reports) / 1e9
    axes = Axes((0.8 * min(x for _, x, _ in points), 2 * max(x for _, x, _ in points)),
                (0.5 * min(y for _, _, y in points), 1.6 * peak))
    left, right, knee = *axes.x_range, peak / read
    title = f"{os.path.basename(reports[0]['model'])}: {reports[0]['threads']} threads, {reports[0]['isa']} kernels"
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
             f'font-size="12"><rect width="100%" height="100%" fill="#fff"/>',
             f'<text x="8" y="22" font-size="15">{escape(title)}</text>', *grid(axes),
             f'<path d="M{axes.x(left):.1f} {axes.y(left * read):.1f}L{axes.x(knee):.1f} {axes.y(peak):.1f}H{axes.x(right):.1f}" '
             f'fill="none" stroke="{ROOF}" stroke-width="2"/>',
             f'<text x="{axes.x(knee) + 8:.1f}" y="{axes.y(peak) - 8:.1f}" fill="{ROOF}">int8 peak {peak:.0f} GMAC/s</text>',
             f'<text x="{axes.x(knee) - 8:.1f}" y="{axes.y(peak) + 4:.1f}" fill="{ROOF}" text-anchor="end">'
             f'read {read:.1f} GB/s</text>',
             f'<text x="{WIDTH / 2}" y="{HEIGHT - 10}" text-anchor="middle">multiply-adds per byte of weights</text>',
             f'<text transform="translate(16 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">GMAC/s</text>']
    for place, (test, x, y) in enumerate(sorted(points, key=lambda point: point[1])):
        share = y / min(peak, x * read)
        # Neighbours' labels stand on different sides of their points.
        side, anchor, down = (7, "start", 16) if place % 2 == 0 else (-7, "end", -7)
        parts.append(f'<circle cx="{axes.x(x):.1f}" cy="{axes.y(y):.1f}" r="4" fill="{POINT}"/>'
                     f'<text x="{axes.x(x) + side:.1f}" y="{axes.y(y) + down:.1f}" text-anchor="{anchor}">'
                     f'{escape(test)}: {share:.2f}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?")
    parser.add_argument("--json", nargs="+", help="outputs of `samovar bench --json` instead of a run")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--bin", default="build/release/samovar")
    parser.add_argument("-t", "--threads", type=int, default=2)
    parser.add_argument("-r", "--repetitions", type=int, default=5)
    options = parser.parse_args()
    if bool(options.model) == bool(options.json):
        parser.error("expected a model or --json")
    reports = [json.load(open(name, encoding="utf-8")) for name in options.json] if options.json else run_bench(options)
    with open(options.output, "w", encoding="utf-8") as file:
        file.write(draw(reports))


if __name__ == "__main__":
    main()
