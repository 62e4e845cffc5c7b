"""Planned against measured memory, as SVG.

SPDX-License-Identifier: Apache-2.0
"""

import math
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 460, 70, 210, 46, 50
COLOURS = ["#3b78b4", "#c8713a", "#4f9a5b", "#8a5fb0", "#a8323e", "#777777"]
GRID, BAND, LINE = "#dddddd", "#e8f0e4", "#7a9a6a"
TICKS = [128, 256, 512, 1024, 2048, 4096, 8192]


class Scale:
    """Logarithmic, the same for both axes, in MiB."""

    def __init__(self, values):
        self.low, self.high = 0.85 * min(values), 1.18 * max(values)

    def part(self, value):
        return math.log(value / self.low) / math.log(self.high / self.low)

    def x(self, value):
        return LEFT + (WIDTH - LEFT - RIGHT) * self.part(value)

    def y(self, value):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * self.part(value)


def grid(scale):
    parts = []
    for value in TICKS:
        if not scale.low <= value <= scale.high:
            continue
        x, y = scale.x(value), scale.y(value)
        parts += [f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{GRID}"/>',
                  f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{value}</text>',
                  f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value}</text>']
    return parts


def band(scale):
    """From 3 % under to 5 % over the truth, and the truth."""
    low, high = scale.low, scale.high
    corners = [(low, low * 0.97), (low, low * 1.05), (high, high * 1.05), (high, high * 0.97)]
    points = " ".join(f"{scale.x(x):.1f},{scale.y(y):.1f}" for x, y in corners)
    return [f'<clipPath id="plot"><rect x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" '
            f'height="{HEIGHT - TOP - BOTTOM}"/></clipPath>',
            f'<polygon points="{points}" fill="{BAND}" clip-path="url(#plot)"/>',
            f'<path d="M{scale.x(low):.1f} {scale.y(low):.1f}L{scale.x(high):.1f} {scale.y(high):.1f}" stroke="{LINE}"/>']


def draw(rows):
    scale = Scale([value for row in rows for value in row[4:6]])
    models = sorted({row[0] for row in rows})
    colour = dict(zip(models, COLOURS * len(models)))
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
             f'font-size="12"><rect width="100%" height="100%" fill="#fff"/>',
             '<text x="8" y="24" font-size="15">Planned against measured peak memory, MiB</text>',
             *band(scale), *grid(scale)]
    for model, context, parallel, kv, plan, peak in rows:
        title = escape(f"{model}, {context} x {parallel}, {kv}: planned {plan}, measured {peak}")
        parts.append(f'<circle cx="{scale.x(peak):.1f}" cy="{scale.y(plan):.1f}" r="4" fill="{colour[model]}" '
                     f'fill-opacity="0.75"><title>{title}</title></circle>')
    parts += [f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">measured</text>',
              f'<text x="16" y="{(TOP + HEIGHT - BOTTOM) / 2}" text-anchor="middle" '
              f'transform="rotate(-90 16 {(TOP + HEIGHT - BOTTOM) / 2})">planned</text>']
    for i, model in enumerate(models):
        y = TOP + 14 + 20 * i
        parts.append(f'<circle cx="{WIDTH - RIGHT + 16}" cy="{y - 4}" r="4" fill="{colour[model]}"/>'
                     f'<text x="{WIDTH - RIGHT + 26}" y="{y}">{escape(model[:28])}</text>')
    y = TOP + 14 + 20 * len(models)
    parts.append(f'<rect x="{WIDTH - RIGHT + 11}" y="{y - 9}" width="10" height="10" fill="{BAND}"/>'
                 f'<text x="{WIDTH - RIGHT + 26}" y="{y}">3 % under to 5 % over</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
