#!/usr/bin/env python3
"""Draws the dashboard from a server under load: picture.py MODEL.gguf [--bin BINARY] [--seconds N] [--out FILE.svg]

Starts samovar and Prometheus, lets clients ask for a while, asks every query of the dashboard, and ends both. Needs
prometheus (tools/deploy_tools.sh).
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import json
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/golden")]

from deployment import DASHBOARD, RULES, find_tool, replace_variables  # noqa: E402
from panel_svg import draw  # noqa: E402
from scraped_server import ScrapedServer  # noqa: E402

WINDOW = "8s"


def legend(pattern, labels):
    return re.sub(r"\{\{(\w+)\}\}", lambda label: labels.get(label[1], ""), pattern)


def series_of(scraped, panel, seconds):
    found = []
    for target in panel.get("targets", []):
        for labels, points in scraped.query_range(replace_variables(target["expr"], WINDOW), seconds):
            found.append((legend(target["legendFormat"], labels), points))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("model")
    parser.add_argument("--bin", default=str(ROOT / "build/release/samovar"))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--out", type=Path, default=ROOT / "docs/images/dashboard.svg")
    options = parser.parse_args()
    prometheus = find_tool("prometheus")
    if not prometheus:
        sys.exit("no prometheus here: tools/deploy_tools.sh fetches it")
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    with ScrapedServer(options.bin, prometheus, options.model, RULES) as scraped:
        scraped.wait_for_scrapes(options.seconds)
        now = time.time()
        svg = draw(panels, lambda panel: series_of(scraped, panel, options.seconds), (now - options.seconds, now))
    options.out.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
