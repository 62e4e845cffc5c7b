"""Draws the panels of a Grafana dashboard as one SVG, from the answers of a Prometheus.

A picture of the data and of the layout; Grafana's own look is not imitated.
SPDX-License-Identifier: Apache-2.0
"""

import math
from html import escape

CELL_W, CELL_H, GAP = 52, 24, 4  # pixels of Grafana's grid
COLORS = ["#3274d9", "#e0752d", "#56a64b", "#b877d9", "#c4162a", "#8a6d00", "#447ebc"]
FRAME, FAINT, TEXT, QUIET = "#d8d9da", "#ececec", "#1f2328", "#6b7280"
BYTES = ["B", "KiB", "MiB", "GiB", "TiB"]


def with_unit(value, unit):
    """"1.6 GiB", "12 ms", "85 %"; unit as Grafana names it."""
    if unit == "bytes":
        power = min(len(BYTES) - 1, int(math.log(value, 1024))) if value >= 1 else 0
        return f"{value / 1024 ** power:.3g} {BYTES[power]}"
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "s" and 0 < abs(value) < 1:
        return f"{value * 1000:.3g} ms"
    number = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return number + {"s": " s", "reqps": "/s", "tokens/s": " tok/s"}.get(unit, "")


def text(x, y, what, size=11, color=TEXT, anchor="start"):
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="{color}" text-anchor="{anchor}">{escape(what)}</text>'


def line(points, color):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.5"/>'


def top_of(series):
    """Where the axis ends; 1 while everything is 0."""
    return 1.1 * max(value for _, points in series for _, value in points) or 1


def finite(series):
    return [(name, [(at, value) for at, value in points if math.isfinite(value)]) for name, points in series]


def plot(series, top, box, span):
    """Lines of the series inside box (x, y, width, height); span: first and last time."""
    x, y, width, height = box
    seconds = max(1e-9, span[1] - span[0])
    for i, (_, points) in enumerate(series):
        places = [(x + width * (at - span[0]) / seconds, y + height * (1 - value / top)) for at, value in points]
        yield line(places, COLORS[i % len(COLORS)])


def draw_lines(panel, series, box, span):
    x, y, width, height = box
    unit = panel["fieldConfig"]["defaults"]["unit"]
    top = top_of(series)
    rows = 1 + (len(series) - 1) // 3
    inner = (x + 58, y, width - 64, height - 14 * rows - 4)
    for part in (0, 0.5, 1):
        level = inner[1] + inner[3] * (1 - part)
        yield f'<line x1="{inner[0]}" x2="{inner[0] + inner[2]}" y1="{level:.1f}" y2="{level:.1f}" stroke="{FAINT}"/>'
        yield text(inner[0] - 4, level + 4, with_unit(top * part, unit), 9, QUIET, "end")
    yield from plot(series, top, inner, span)
    for i, (name, _) in enumerate(series):
        left, base = x + (i % 3) * width / 3, y + height - 14 * (rows - 1 - i // 3)
        yield f'<rect x="{left:.0f}" y="{base - 8:.0f}" width="9" height="3" fill="{COLORS[i % len(COLORS)]}"/>'
        yield text(left + 13, base - 3, name, 9, QUIET)


def draw_number(panel, series, box, span):
    x, y, width, height = box
    unit = panel["fieldConfig"]["defaults"]["unit"]
    points = series[0][1]
    if panel["type"] == "gauge":
        yield f'<rect x="{x}" y="{y + height - 16}" width="{width}" height="10" fill="{FAINT}"/>'
        filled = width * min(1, points[-1][1])
        yield f'<rect x="{x}" y="{y + height - 16}" width="{filled:.1f}" height="10" fill="{COLORS[2]}"/>'
    else:
        yield from plot(series[:1], top_of(series[:1]), (x, y + height - 26, width, 22), span)
    yield text(x + width / 2, y + 28, with_unit(points[-1][1], unit), 20, TEXT, "middle")


def draw_panel(panel, series, span):
    place = panel["gridPos"]
    x, y = place["x"] * CELL_W + GAP, place["y"] * CELL_H + GAP
    width, height = place["w"] * CELL_W - GAP, place["h"] * CELL_H - GAP
    if panel["type"] == "row":
        yield text(x, y + 16, panel["title"], 14)
        return
    yield f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="#fff" stroke="{FRAME}"/>'
    yield text(x + 8, y + 16, panel["title"], 12)
    series = [entry for entry in finite(series) if entry[1]]
    box = (x + 8, y + 24, width - 16, height - 32)
    if not series:
        yield text(x + width / 2, y + height / 2 + 8, "no data", 12, QUIET, "middle")
        return
    yield from (draw_lines if panel["type"] == "timeseries" else draw_number)(panel, series, box, span)


def draw(panels, ask, span):
    """RETURNS the SVG. ask(panel) gives [(name, [(time, value)])]; span: first and last time."""
    bottom = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels)
    width, height = 24 * CELL_W + GAP, bottom * CELL_H + GAP
    body = "\n".join(part for panel in panels for part in draw_panel(panel, ask(panel), span))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'font-family="Helvetica, Arial, sans-serif">\n<rect width="100%" height="100%" fill="#f7f8fa"/>\n{body}\n</svg>\n')
