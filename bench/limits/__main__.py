#!/usr/bin/env python3
"""Servers inside limits of memory and CPU time, in a cgroup of their own (root).

  bench/limits memory MODEL --memory 2G [--minutes 10] [OPTION OF serve...]   mixed load; the peak beside the plan
  bench/limits zram MODEL --memory 2G                                         the largest contexts with and without zram
  bench/limits quota MODEL [--rounds 3]                                       0.5, 1 and 2 cores: speed and throttling

Each prints rows of a table in Markdown. The model's file is copied and the copy read inside the cgroup, so that its pages
count there: those in the page cache before are charged to nobody. zram is a device made for it and removed.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "plan"))
import cgroup  # noqa: E402
import mixed  # noqa: E402
import quota  # noqa: E402
import zram  # noqa: E402

UNITS = {"M": 1 << 20, "G": 1 << 30}


def size(text):
    return int(float(text[:-1]) * UNITS[text[-1]]) if text[-1] in UNITS else int(text)


def main():
    parser = argparse.ArgumentParser(prog="bench/limits", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["memory", "zram", "quota"])
    parser.add_argument("model")
    parser.add_argument("--bin", default="build/release/samovar")
    parser.add_argument("--memory", type=size, default=2 << 30, help="the cgroup's limit: 2G")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", default="build/limits", help="for the copy of the model")
    options, options.serve = parser.parse_known_args()
    if not cgroup.is_possible():
        raise SystemExit("bench/limits: needs root, and cgroups that it may make below /sys/fs/cgroup")
    {"memory": mixed.measure, "zram": zram.measure, "quota": quota.measure}[options.what](options)


if __name__ == "__main__":
    main()
