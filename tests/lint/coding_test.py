#!/usr/bin/env python3
"""Tests the scripts of bench/coding and tests/compat, without a server or a sandbox.

SPDX-License-Identifier: Apache-2.0
"""

import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench/coding"), str(ROOT / "tests/compat")]
import answers  # noqa: E402
import gaps  # noqa: E402
import humaneval  # noqa: E402
import table  # noqa: E402

JUNIT = """<testsuites><testsuite>
<testcase name="test_a[1]"/><testcase name="test_a[2]"><failure message="no"/></testcase>
<testcase name="test_b"><skipped message="no model"/></testcase>
</testsuite></testsuites>"""


class Gaps(unittest.TestCase):
    def test_each_gap_is_filled_rightly_by_its_own_middle_and_by_no_empty_one(self):
        self.assertEqual(len(gaps.gaps()), 20)
        for gap in gaps.gaps():
            exec(compile(gap.program(gap.middle), gap.name, "exec"), {})
            with self.assertRaises(Exception, msg=gap.name):
                exec(compile(gap.program(""), gap.name, "exec"), {})

    def test_an_answer_ends_where_it_goes_on_with_the_suffix(self):
        self.assertEqual(gaps.cut_at("\n    return a\n", "a, b = b, a\n    return a\n\nmain()"), "a, b = b, a")
        self.assertEqual(gaps.cut_at("]\n    return x\n", "c[0] in y]\n    return x"), "c[0] in y")
        self.assertEqual(gaps.cut_at("\n\n\ndef next():\n", "1\n\n\ndef other():"), "1\n\n\ndef other():")


class Answers(unittest.TestCase):
    def test_a_file_of_answers_goes_on_where_it_was(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "new", "answers.jsonl")
            answers.AnswerFile(path).add("one", "first\nsecond")
            self.assertEqual(answers.AnswerFile(path).by_task, {"one": "first\nsecond"})

    def test_code_is_the_first_block_of_an_answer_or_all_of_it(self):
        self.assertEqual(humaneval.code_of("Here:\n```python\na = 1\n```\nIt sets a.\n```\nb\n```"), "a = 1\n")
        self.assertEqual(humaneval.code_of("```\na = 1"), "a = 1")
        self.assertEqual(humaneval.code_of("a = 1"), "a = 1")


class Table(unittest.TestCase):
    def test_cases_of_one_test_share_a_row_that_says_why_not(self):
        with tempfile.TemporaryDirectory() as folder:
            junit = Path(folder, "x.xml")
            junit.write_text(JUNIT, encoding="utf-8")
            found = table.results(junit)
        self.assertEqual(found, {"test_a[1]": "passes", "test_a[2]": "fails", "test_b": "skipped"})
        known = [("x::test_a?2*", "another model"), ("x::test_b", "no model")]
        self.assertEqual(list(table.rows("x", found, found, known)),
                         ["| `test_a` | 2 | 1 of 2 | 1 of 2 | another model |",
                          "| `test_b` | 1 | not run | not run | no model |"])


if __name__ == "__main__":
    unittest.main()
