#!/usr/bin/env python3
"""Tests the lint scripts: a clean tree passes, and each planted violation is found.

Needs nothing but Python and, for the symbol check, g++ and nm.
SPDX-License-Identifier: Apache-2.0
"""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools"
HEADER = "// SPDX-License-Identifier: Apache-2.0\n#pragma once\n"


class LintTest(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="samovar-lint-"))
        self.addCleanup(shutil.rmtree, self.root)
        self.write("src/LAYERS", "# number, folder\n0 base\n1 json\n1 sys\n2 gguf\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run_check(self, name, *arguments):
        command = [sys.executable, TOOLS / f"check_{name}.py", "--root", self.root, *arguments]
        return subprocess.run(command, capture_output=True, text=True)

    def assert_passes(self, name):
        result = self.run_check(name)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def assert_finds(self, name, expected):
        result = self.run_check(name)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn(expected, result.stdout)


class Layers(LintTest):
    def test_downward_and_own_includes_pass(self):
        self.write("src/gguf/file.cpp", '#include "gguf/file.h"\n#include "base/status.h"\n#include <vector>\n')
        self.assert_passes("layers")

    def test_an_upward_include_is_found(self):
        self.write("src/base/log.cpp", '#include "gguf/file.h"\n')
        self.assert_finds("layers", "src/base/log.cpp:1: \"gguf/file.h\": base (0) includes upward")

    def test_a_sideways_include_is_found(self):
        self.write("src/sys/file.cpp", '\n#  include "json/json.h"\n')
        self.assert_finds("layers", "src/sys/file.cpp:2: \"json/json.h\": sys (1) includes sideways")

    def test_an_unknown_folder_is_found(self):
        self.write("src/cellar/wine.cpp", "")
        self.assert_finds("layers", "folder cellar is not in src/LAYERS")

    def test_an_include_without_folder_is_found(self):
        self.write("src/base/log.cpp", '#include "log.h"\n')
        self.assert_finds("layers", "names no folder")

    def test_boost_in_a_unit_of_net_passes(self):
        self.write("src/LAYERS", "0 base\n2 net\n")
        self.write("src/net/session.cpp", "#include <boost/asio/post.hpp>\n")
        self.assert_passes("layers")

    def test_boost_anywhere_else_is_found(self):
        self.write("src/LAYERS", "0 base\n2 net\n")
        for name in ("src/net/session.h", "src/base/log.cpp"):
            with self.subTest(name):
                self.write(name, "#include <vector>\n#include <boost/asio/post.hpp>\n")
                self.assert_finds("layers", f"{name}:2: Boost belongs into src/net/*.cpp alone")
                (self.root / name).unlink()


class Sizes(LintTest):
    def function(self, lines, head="int answer(int x) const noexcept"):
        return f"namespace a {{\n{head} {{\n" + "  x++;  // }\n" * (lines - 2) + "}\n}  // namespace a\n"

    def test_a_function_at_the_limit_passes(self):
        self.write("src/base/a.cpp", self.function(80))
        self.assert_passes("sizes")

    def test_a_long_function_is_found(self):
        self.write("src/base/a.cpp", self.function(81))
        self.assert_finds("sizes", "src/base/a.cpp:2: function of 81 lines (at most 80): int answer(int x)")

    def test_a_long_member_of_a_class_is_found(self):
        self.write("src/base/a.h", HEADER + "class A final : public B {\n" + self.function(90) + "};\n")
        self.assert_finds("sizes", "function of 90 lines")

    def test_braces_in_text_do_not_count(self):
        text = 'const char* a() { return "{{{"; }\nconst char* b() { return R"(} " {)"; }\nchar c() { return \'{\'; }\n'
        self.write("src/base/a.cpp", text + self.function(81))
        self.assert_finds("sizes", "src/base/a.cpp:5: function of 81 lines")

    def test_a_long_table_outside_functions_passes(self):
        self.write("src/base/a.cpp", "const int kTable[] = {\n" + "  1,\n" * 200 + "};\n")
        self.assert_passes("sizes")

    def test_a_long_file_is_found_and_a_table_file_is_exempt(self):
        self.write("src/base/a_table.cpp", "// x\n" * 900)
        self.assert_passes("sizes")
        self.write("src/base/a.cpp", "// x\n" * 601)
        self.assert_finds("sizes", "src/base/a.cpp: 601 lines (at most 600)")

    def test_a_long_header_is_found(self):
        self.write("src/base/a.h", HEADER + "// x\n" * 300)
        self.assert_finds("sizes", "src/base/a.h: 302 lines (at most 300)")


class Text(LintTest):
    def test_clean_text_passes(self):
        self.write("src/base/a.h", HEADER + "// TO" + "DO(#12): grow\n")
        self.write("README.md", "\u041f\u0440\u0438, models live in /usr/share/x and /var/work/y\n")
        self.write(".git", "gitdir: /ro" + "ot/samovar/.git/worktrees/x\n")
        self.assert_passes("text")

    def test_planted_words_are_found(self):
        planted = {
            "README.md": ("see https://py" + "pi.org/simple", "a package registry's host"),
            "docs/a.md": ("cd /ro" + "ot/samovar", "a path of one machine"),
            "src/base/a.cpp": ("// TO" + "DO: later", "a mark without an issue number"),
            "src/base/b.cpp": ("std::" + "regex r;", "std::regex"),
            "CMakeLists.txt": ("add_compile_options(-ffast" + "-math)", "fast-math"),
            "src/base/c.cpp": ("// caf\u00e9", "a character outside ASCII"),
            "src/base/d.cpp": ("int a; \n", "a tab or trailing blank"),
            "src/base/e.h": ("int a;\n", "no line with #pragma once"),
        }
        for name, (text, expected) in planted.items():
            with self.subTest(name):
                self.write(name, text)
                self.assert_finds("text", expected)
                (self.root / name).unlink()


@unittest.skipUnless(shutil.which("g++") and shutil.which("nm"), "needs g++ and nm")
class Symbols(LintTest):
    def compile(self, name, source):
        unit = self.root / "unit.cpp"
        unit.write_text(source, encoding="utf-8")
        target = self.root / "build/release/kernels" / f"{name}.cpp.o"
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["g++", "-O1", "-c", unit, "-o", target], check=True)

    def test_one_install_function_passes(self):
        source = "struct T {};\nnamespace { int f() { return 1; } }\nnamespace s { void install_avx2_a(T&) { f(); } }\n"
        self.compile("avx2_a", source)
        self.compile("select", "int free_to_export;\n")
        self.assert_passes("symbols")

    def test_a_weak_symbol_is_found(self):
        source = "struct T {};\ninline __attribute__((noinline)) int leak() { return 1; }\nint x;\n"
        self.compile("avx512_a", source + "void install_avx512_a(T&) { x = leak(); }\n")
        self.assert_finds("symbols", "avx512_a.cpp.o: external symbol W leak()")
        self.assert_finds("symbols", "external symbol B x")

    def test_a_unit_without_install_is_found(self):
        self.compile("vnni_a", "namespace { int f() { return 1; } }\nstatic int x = f();\n")
        self.assert_finds("symbols", "0 install_ functions, expected exactly one")

    def test_no_objects_is_a_skip(self):
        self.assertEqual(self.run_check("symbols").returncode, 77)


@unittest.skipUnless(shutil.which("clang-format-14"), "needs clang-format-14")
class Format(LintTest):
    def test_unformatted_code_is_found(self):
        self.write(".clang-format", "BasedOnStyle: Google\n")
        self.write("src/base/a.cpp", "int a;\n")
        self.assert_passes("format")
        self.write("src/base/a.cpp", "int   a ;\n")
        self.assert_finds("format", "src/base/a.cpp: not formatted")


if __name__ == "__main__":
    unittest.main()
