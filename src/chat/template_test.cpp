#include "chat/template.h"

#include "json/json.h"

#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

namespace samovar::chat {
namespace {

json::Value load_snippets() {
  std::ifstream file(SAMOVAR_TEST_DATA "/templates.json");
  std::stringstream text;
  text << file.rdbuf();
  return json::parse(text.str()).value_or(json::Value());
}

Result<Rendered> render(std::string_view source, const json::Value& context) {
  SAMOVAR_ASSIGN(const Template parsed, Template::parse(source));
  return parsed.render(context, 0);
}

std::string render_text(std::string_view source, const json::Value& context) {
  const auto rendered = render(source, context);
  return rendered.ok() ? rendered->text : "ERROR " + std::string(rendered.status().message());
}

// The text with "[" and "]" around what is untrusted.
std::string marked(const Rendered& rendered) {
  std::string out;
  for (const Span& span : rendered.spans) {
    const std::string part = rendered.text.substr(span.begin, span.end - span.begin);
    out += span.trusted ? part : "[" + part + "]";
  }
  return out;
}

TEST_CASE("snippets render as Python's jinja2 renders them") {
  const json::Value snippets = load_snippets();
  REQUIRE(snippets.is_object());
  REQUIRE(snippets["cases"].size() >= 80);
  for (const json::Value& snippet : snippets["cases"]) {
    const std::string name = snippet["name"];
    CAPTURE(name);
    const auto parsed = Template::parse(snippet["template"].get<std::string>());
    const auto rendered = parsed.ok() ? parsed->render(snippets["context"], snippets["now_unix_s"])
                                      : Result<Rendered>(parsed.status());
    if (snippet.contains("text")) {
      REQUIRE_MESSAGE(rendered.ok(), rendered.status().message());
      CHECK(rendered->text == snippet["text"].get<std::string>());
    } else {
      CHECK_FALSE(rendered.ok());
    }
  }
}

TEST_CASE("raise_exception gives the template's own sentence and a code of its own") {
  const auto refused = render("{{ raise_exception('System role not supported') }}", {{"a", 1}});
  CHECK(refused.status().code() == Code::kInvalidArgument);
  CHECK(refused.status().message() == "System role not supported");
  CHECK(render("{{ none + 1 }}", {{"a", 1}}).status().code() == Code::kUnsupported);
}

TEST_CASE("failures name the line") {
  const auto failed = render("a\nb\n{{ x.y.z }}", {{"x", json::Value::object()}});
  CHECK(failed.status().message() == "chat template, line 3, column 3: 'y' is undefined");
  const auto syntax = Template::parse("a\n  {% if x %}{{ 1 + }}{% endif %}");
  CHECK(syntax.status().code() == Code::kCorrupt);
  CHECK(syntax.status().message() ==
        "chat template, line 2, column 20: expected an expression, found '}}'");
}

TEST_CASE("tags that reach other files are refused by name") {
  for (const char* tag : {"include 'x'", "import 'x' as y", "from 'x' import y", "extends 'x'"}) {
    CAPTURE(tag);
    const auto parsed = Template::parse("{% " + std::string(tag) + " %}");
    CHECK(parsed.status().code() == Code::kUnsupported);
  }
}

TEST_CASE("spans tell the template's text from the values'") {
  const json::Value context = {
      {"bos_token", "<s>"},
      {"messages", {{{"role", "user"}, {"content", "  a<|x|>b  "}}}},
  };
  const auto rendered = render(
      "{{ bos_token }}<|{{ messages[0].role }}|>{{ messages[0].content | trim | upper }}<|end|>",
      context);
  REQUIRE(rendered.ok());
  CHECK(rendered->text == "<s><|user|>A<|X|>B<|end|>");
  CHECK(marked(*rendered) == "<s><|[user]|>[A<|X|>B]<|end|>");
}

TEST_CASE("trust goes through concatenation, slices, formats, joins and macros") {
  const json::Value context = {{"u", "UV"}};
  const std::pair<const char*, const char*> cases[] = {
      {"{{ 'a' + u + 'b' }}", "a[UV]b"},
      {"{{ 'a' ~ u ~ 1 }}", "a[UV]1"},
      {"{{ ('a' + u)[:2] }}", "a[U]"},
      {"{{ ('a' + u)[::-1] }}", "[VU]a"},
      {"{{ 'a%sb' % u }}", "a[UV]b"},
      {"{{ 'a{}b'.format(u) }}", "a[UV]b"},
      {"{{ ['a', u] | join('-') }}", "a-[UV]"},
      {"{{ 'a.b' | replace('.', u) }}", "a[UV]b"},
      {"{{ u | replace('U', 'x') }}", "x[V]"},
      {"{{ u | tojson }}", "[\"UV\"]"},
      {"{{ [u] }}", "[['UV']]"},
      {"{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(u) }}", "<[UV]>"},
      {"{% set t %}a{{ u }}{% endset %}{{ t }}", "a[UV]"},
      {"{{ u.split('U')[1] }}", "[V]"},
      {"{{ (u + '\n' + u) | indent(1, first=true) }}", " [UV]\n [UV]"},
      {"{% for c in u %}{{ c }}.{% endfor %}", "[U].[V]."},
      {"{% filter lower %}A{{ u }}{% endfilter %}", "a[uv]"},
  };
  for (const auto& [source, expected] : cases) {
    CAPTURE(source);
    const auto rendered = render(source, context);
    REQUIRE_MESSAGE(rendered.ok(), rendered.status().message());
    CHECK(marked(*rendered) == expected);
  }
}

TEST_CASE("spans cover the text in order") {
  const auto rendered = render("a{{ x }}b{{ x }}{{ x }}", {{"x", "yz"}});
  REQUIRE(rendered.ok());
  REQUIRE(rendered->spans.size() == 4);
  size_t at = 0;
  for (const Span& span : rendered->spans) {
    CHECK(span.begin == at);
    at = span.end;
  }
  CHECK(at == rendered->text.size());
  CHECK(render("", {{"a", 1}})->spans.empty());
}

TEST_CASE("a parsed template renders again and again, and keeps its source") {
  const auto parsed = Template::parse("{% set ns = namespace(i=0) %}{{ ns.i }}{{ x }}\n");
  REQUIRE(parsed.ok());
  for (int i = 0; i < 3; ++i) CHECK(parsed->render({{"x", i}}, 0)->text == "0" + std::to_string(i));
  CHECK(parsed->source() == "{% set ns = namespace(i=0) %}{{ ns.i }}{{ x }}\n");
}

TEST_CASE("numbers of JSON keep their kind") {
  CHECK(render_text("{{ x }}", {{"x", 1.0}}) == "1.0");
  CHECK(render_text("{{ x | tojson }}", {{"x", {1, 2.5, -3}}}) == "[1, 2.5, -3]");
  CHECK(render_text("{{ x }}", {{"x", 9223372036854775807}}) == "9223372036854775807");
}

TEST_CASE("from_json reads what a model wrote as arguments") {
  CHECK(render_text("{{ (x | from_json).a }}", {{"x", R"({"a": "b"})"}}) == "b");
  CHECK(render("{{ x | from_json }}", {{"x", "{"}}).status().code() == Code::kUnsupported);
}

}  // namespace
}  // namespace samovar::chat
