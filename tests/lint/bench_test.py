#!/usr/bin/env python3
"""Tests the scripts of bench/ and the maker of random models, without running an engine.

SPDX-License-Identifier: Apache-2.0
"""

import struct
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench/compare"), str(ROOT / "bench/kernels"), str(ROOT / "tools")]
import engines  # noqa: E402
import make_random_model  # noqa: E402
import peers  # noqa: E402
import report  # noqa: E402
import rounds  # noqa: E402
import table  # noqa: E402


class Compare(unittest.TestCase):
    def test_tests_of_all_engines_have_the_same_names(self):
        llama = engines.LlamaBench("llama.cpp", "", "", [], has_depth=True)
        ik = engines.LlamaBench("ik_llama.cpp", "", "", [], has_depth=False)
        row = {"n_prompt": 512, "n_gen": 0, "n_depth": 4096, "avg_ts": 7}
        self.assertEqual(llama.result(row), ("pp512@d4096", 7))
        self.assertEqual(llama.result(row | {"n_prompt": 0, "n_gen": 48, "n_depth": 0}), ("tg48", 7))
        self.assertEqual(ik.result({"n_prompt": 4096, "n_gen": 48, "avg_ts": 7}), ("tg48@d4096", 7))
        self.assertEqual(ik.result({"n_prompt": 512, "n_gen": 0, "avg_ts": 7}), ("pp512", 7))

    def test_medians_are_of_the_rounds_that_have_the_test(self):
        runs = [{"a": {"pp": 4}, "b": {"pp": 2}}, {"a": {"pp": 9}, "b": {"pp": 3}}, {"a": {"pp": 6}, "b": {"pp": 1}}]
        self.assertEqual(rounds.median(runs, "a", "pp"), 6)
        self.assertEqual(rounds.median_ratio(runs, "a", "b", "pp"), 3)
        self.assertIsNone(rounds.median(runs, "a", "tg"))
        self.assertIsNone(rounds.median_ratio(runs, "a", "b", "tg"))

    def test_a_section_is_replaced_in_its_place(self):
        page = report.replace_section("", "One", "first")
        page = report.replace_section(page, "Two", "second")
        page = report.replace_section(page, "One", "again \\1")
        self.assertTrue(page.startswith("# Benchmarks"))
        self.assertEqual(page[page.index("## One"):], "## One\nagain \\1\n\n## Two\nsecond\n")

    def test_tables_and_pictures_leave_out_what_was_not_measured(self):
        self.assertEqual(report.table(["a", "b"], [["1", report.speed(None)]]), "| a | b |\n|---|---|\n| 1 | - |\n")
        picture = report.chart("a<b", [("pp512", {"x": 200.0, "y": None, "z": 50.0})])
        self.assertIn("a&lt;b", picture)
        self.assertIn('width="420.0"', picture)
        self.assertIn('width="105.0"', picture)

    def test_peers_for_avx2_are_built_without_avx512(self):
        for peer in peers.PEERS:
            self.assertIn("-DGGML_AVX512=OFF", peer.build_flags("avx2"))
            self.assertIn("-DGGML_NATIVE=ON", peer.build_flags("native"))


    def test_a_script_that_a_package_lacks_is_added_where_its_build_wants_it(self):
        for wanted in (True, False):
            with tempfile.TemporaryDirectory() as folder:
                tree = Path(folder)
                (tree / "common").mkdir()
                (tree / "common/CMakeLists.txt").write_text("-P cmake/build-info-gen-cpp.cmake" if wanted else "")
                peers.add_missing(tree)
                self.assertEqual((tree / peers.BUILD_INFO_PATH).exists(), wanted)


class KernelTable(unittest.TestCase):
    def test_falling_rates_are_found_and_noise_is_not(self):
        self.assertEqual(table.falls({1: 10.0, 2: 9.8, 16: 20.0, 8: 21.0}), [(8, 16)])

    def test_names_are_split_into_matrix_and_rows(self):
        self.assertEqual(table.by_matrix({"peak": 9, "stream/m/q, o/Q4_K/8x8/16": 3}), {"stream/m/q, o/Q4_K/8x8": {16: 3}})


class RandomModel(unittest.TestCase):
    def test_half_of_the_layers_get_more_bits(self):
        chosen = [layer for layer in range(32) if make_random_model.gets_more_bits(layer, 32)]
        self.assertEqual(chosen, [0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31])

    def test_the_file_has_the_size_that_its_table_says(self):
        shape = make_random_model.Shape("llama", 2, 256, 4, 2, 512, 600, 512)
        make_random_model.SHAPES["small"] = shape
        self.addCleanup(make_random_model.SHAPES.pop, "small")
        with tempfile.TemporaryFile() as file:
            make_random_model.write_model("small", file)
            size = file.tell()
            file.seek(0)
            head = file.read(24)
        tensors = list(make_random_model.tensors(shape))
        data = sum(make_random_model.aligned(make_random_model.size_bytes(kind, dims)) for _, kind, dims in tensors)
        self.assertEqual(struct.unpack("<4sIQ", head[:16]), (b"GGUF", 3, len(tensors)))
        self.assertEqual(size % make_random_model.ALIGNMENT, 0)
        self.assertGreater(size, data)

    def test_vocabularies_have_the_right_size_and_no_token_twice(self):
        for name, shape in make_random_model.SHAPES.items():
            tokens = make_random_model.keys(name, shape)["tokenizer.ggml.tokens"]
            self.assertEqual(len(tokens), shape.n_vocab)
            self.assertEqual(len(set(tokens)), shape.n_vocab)


if __name__ == "__main__":
    unittest.main()
