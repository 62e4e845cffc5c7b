// Templates made to exhaust or crash the engine: each ends in a Status, soon and within the limits.
#include "chat/template.h"
#include "json/json.h"

#include <doctest/doctest.h>

namespace samovar::chat {
namespace {

std::string repeat(std::string_view part, size_t n) {
  std::string out;
  for (size_t i = 0; i < n; ++i) out += part;
  return out;
}

Status outcome(std::string_view source, const RenderLimits& limits = {}) {
  const json::Value context = {{"x", "y"}, {"messages", json::Value::array()}};
  const auto parsed = Template::parse(source, limits);
  return parsed.ok() ? parsed->render(context, 0).status() : parsed.status();
}

TEST_CASE("deep source is refused while parsing, without using up the stack") {
  const size_t n = 100'000;
  const std::string sources[] = {
      "{{ " + repeat("(", n) + "1" + repeat(")", n) + " }}",
      "{{ " + repeat("[", n) + repeat("]", n) + " }}",
      "{{ " + repeat("{1:", n) + "1" + repeat("}", n) + " }}",
      "{{ " + repeat("-", n) + "1 }}",
      "{{ " + repeat("not ", n) + "1 }}",
      "{{ x" + repeat(".a", n) + " }}",
      "{{ x" + repeat("[0]", n) + " }}",
      "{{ x" + repeat("()", n) + " }}",
      "{{ x" + repeat("|e", n) + " }}",
      "{{ x" + repeat(" is string", n) + " }}",
      "{{ " + repeat("1 if 1 else ", n) + "1 }}",
      "{{ 1" + repeat(" if 1", n) + " }}",
      "{{ " + repeat("f(", n) + repeat(")", n) + " }}",
      repeat("{% if 1 %}", n) + repeat("{% endif %}", n),
      repeat("{% for a in b %}", n) + repeat("{% endfor %}", n),
      repeat("{% macro m() %}", n),
      "{% set " + repeat("(", n) + "a" + repeat(")", n) + " = 1 %}",
  };
  for (const std::string& source : sources) {
    CAPTURE(source.substr(0, 40));
    CHECK(outcome(source).code() == Code::kTooLarge);
  }
}

TEST_CASE("chains that nest only in other grammars are fine") {
  CHECK(outcome("{{ 1" + repeat(" + 1", 10'000) + " }}").ok());
  CHECK(outcome("{{ 1" + repeat(" and 1", 10'000) + " }}").ok());
  CHECK(outcome("{{ 1" + repeat(" ~ 1", 10'000) + " }}").ok());
  CHECK(outcome("{% if 0 %}" + repeat("{% elif 0 %}", 10'000) + "{% endif %}").ok());
}

TEST_CASE("runaway work ends when the steps are used up") {
  const char* const sources[] = {
      "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
      "{% macro m(n) %}{% for i in [1, 2] %}{{ m(n) }}{% endfor %}{% endmacro %}{{ m(1) }}",
      "{% macro m(n) %}{% for a in [1] %}{% if a %}{% with b = 1 %}{{ [[[[ m(n + 1) | upper ~ 'x' "
      "]]]] "
      "| join | string }}{% endwith %}{% endif %}{% endfor %}{% endmacro %}{{ m(1) }}",
      "{% for a in range(60000) %}{% for b in range(60000) %}{% endfor %}{% endfor %}",
      "{{ range(10**11) }}",
      "{{ range(100000) | length }}",
      "{{ 'x' * 10**9 }}",
      "{{ [1] * 10**9 }}",
      "{{ '%1000000000d' % 1 }}",
      "{{ '%.1000000000f' % 1.5 }}",
      "{{ '{:1000000000}'.format(1) }}",
      "{{ 'x'.ljust(1000000000) }}",
      "{{ [[[1]]] | tojson(indent=1000000000) }}",
      "{{ 'a\nb' | indent(1000000000) }}",
      "{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}"
      "{% endfor %}",
      "{% set ns = namespace(l=[]) %}{% for i in range(60000) %}{% set ns.l = [ns.l] %}{% endfor "
      "%}",
      "{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% "
      "endfor %}"
      "{{ ns.l }}",
      "{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% "
      "endfor %}"
      "{{ ns.l | tojson }}",
      "{% set ns = namespace(l=[1], m=[1]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}"
      "{% set ns.m = [ns.m, ns.m] %}{% endfor %}{{ ns.l == ns.m }}",
      "{% set s = 'xxxxxxxxxxxxxxxx' * 60000 %}{{ ([s] * 60000) | map('length') | list }}",
      "{% set s = 'xxxxxxxxxxxxxxxx' * 60000 %}{% for i in range(60000) %}{{ s is lower }}{% "
      "endfor %}",
      "{% set s = 'ab' * 4000000 %}{{ ((s + 'a') in (s + 'b')) }}{{ s.replace('a', s) }}",
      "{% set s = 'x' * 1000000 %}{{ ([s + 'a', s + 'b'] * 30000) | sort }}",
      "{{ ('x' * 1000000) | list | join(',' * 1000000) }}",
      "{% for i in range(60000) %}{{ 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' * 30 }}{% endfor %}",
      "{% set ns = namespace() %}{% for i in range(60000) %}{% set ns.a = namespace(b=ns.a) %}{% "
      "endfor %}"
      "{{ range(1000000) }}",
  };
  for (const std::string source : sources) {
    CAPTURE(source);
    const Status ended = outcome(source);
    CAPTURE(ended.message());
    CHECK(ended.code() == Code::kTooLarge);
  }
}

TEST_CASE("values may refer to each other in circles") {
  CHECK(outcome("{% set ns = namespace() %}{% set ns.me = ns %}{% set ns.l = [ns] %}{{ ns.l }}")
            .ok());
  CHECK(outcome("{% macro m() %}{% endmacro %}{% set ns = namespace(m=m) %}{{ ns.m() }}").ok());
  CHECK(outcome("{% for i in [1] %}{{ loop.changed(loop) }}{% set l = loop %}{% endfor %}").ok());
  CHECK(
      outcome("{% set ns = namespace() %}{% for i in [1, 2] %}{% macro m() %}{{ i }}{% endmacro %}"
              "{% set ns.m = m %}{% endfor %}{{ ns.m() }}")
          .ok());
}

TEST_CASE("integers do not overflow") {
  for (const char* source : {"{{ 9223372036854775807 + 1 }}", "{{ -9223372036854775807 - 2 }}",
                             "{{ 9223372036854775807 * 2 }}", "{{ 10 ** 100 }}",
                             "{{ (-9223372036854775807 - 1) // -1 }}",
                             "{{ -(-9223372036854775807 - 1) }}", "{{ 99999999999999999999 }}",
                             "{{ 1e300 | int }}", "{{ (-9223372036854775807 - 1) | abs }}"}) {
    CAPTURE(source);
    CHECK_FALSE(outcome(source).ok());
  }
  CHECK(outcome("{{ (-9223372036854775807 - 1) % -1 }}{{ 'abc'[9223372036854775807:] }}"
                "{{ 'abc'[::-9223372036854775807] }}{{ [1][-9223372036854775807:] }}"
                "{{ range(9223372036854775806, 9223372036854775807) | list }}"
                "{{ range(0, 9223372036854775807, 9223372036854775806) | list }}")
            .ok());
}

TEST_CASE("smaller limits hold too") {
  CHECK(outcome("{{ 'x' * 11 }}", {.max_output_bytes = 10}).code() == Code::kTooLarge);
  CHECK(outcome("{{ 'x' * 9 }}{{ 'x' * 9 }}", {.max_output_bytes = 10}).code() == Code::kTooLarge);
  CHECK(outcome("{% for i in range(100) %}{% endfor %}", {.max_steps = 50}).code() ==
        Code::kTooLarge);
  CHECK(outcome("{{ ((((1)))) }}", {.max_depth = 4}).code() == Code::kTooLarge);
  CHECK(outcome(std::string(2 << 20, 'x')).code() == Code::kTooLarge);
}

TEST_CASE("unfinished source is an error, whatever it ends in") {
  const std::string whole =
      "{% raw %}a{% endraw %}{# c #}{% for a, b in {'k': [1, 2.5e3]}.items() if a is in 'x' %}"
      "{{ a[1:-1] | join(sep='\\u0041\\x41\\101') ~ -b ** 2 }}{% else %}{% endfor %}";
  REQUIRE(Template::parse(whole).ok());
  for (size_t n = 0; n < whole.size(); ++n) {
    const auto parsed = Template::parse(whole.substr(0, n));
    if (parsed.ok()) static_cast<void>(parsed->render({{"a", 1}}, 0));
  }
}

TEST_CASE("a context that nests too deep is refused") {
  json::Value deep = 1;
  for (int i = 0; i < 200; ++i) deep = json::Value::array({deep});
  const auto parsed = Template::parse("{{ x }}");
  REQUIRE(parsed.ok());
  CHECK(parsed->render({{"x", deep}}, 0).status().code() == Code::kTooLarge);
}

}  // namespace
}  // namespace samovar::chat
