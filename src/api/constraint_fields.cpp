#include "api/constraint_fields.h"

#include "base/log.h"
#include "json/json.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace samovar::api {
namespace {

std::optional<AnswerDocument> read_response_format(Fields& fields, const json::Value& format) {
  if (!format.is_object()) {
    fields.fail_type("response_format", "an object", format);
    return std::nullopt;
  }
  Fields inner(fields, "response_format", format);
  const std::string type = inner.string("type", "text");
  const json::Value none = json::Value::object();
  const json::Value* schema = inner.find("schema");
  if (type == "json_schema") {
    const json::Value* named = inner.find("json_schema");
    if (named != nullptr && !named->is_object()) {
      inner.fail_type("json_schema", "an object", *named);
    } else if (named != nullptr) {
      schema = Fields(inner, "json_schema", *named).find("schema");
    }
  } else if (type != "text" && type != "json_object") {
    inner.fail(bad_field("response_format.type", "invalid_value",
                         fmt::format("`response_format.type` must be \"text\", \"json_object\" or "
                                     "\"json_schema\", not \"{}\"",
                                     type)));
  }
  if (inner.error() || type == "text") return std::nullopt;
  return AnswerDocument{.param = "response_format", .schema = schema == nullptr ? none : *schema};
}

}  // namespace

std::optional<AnswerDocument> read_document(Fields& fields) {
  const std::string gbnf = fields.string("grammar", "");
  const json::Value* schema = fields.find("json_schema");
  const json::Value* format = fields.find("response_format");
  if (!gbnf.empty() && schema != nullptr) {
    fields.fail(
        bad_field("grammar", "invalid_value", "`grammar` and `json_schema` cannot both be given"));
    return std::nullopt;
  }
  if (!gbnf.empty()) return AnswerDocument{.param = "grammar", .gbnf = gbnf};
  if (schema != nullptr) return AnswerDocument{.param = "json_schema", .schema = *schema};
  if (format != nullptr) return read_response_format(fields, *format);
  return std::nullopt;
}

void warn_of_ignored(std::string_view param, const std::vector<std::string>& keywords) {
  for (const std::string& keyword : keywords) {
    log::warning("{}: the answer need not keep to {}", param, keyword);
  }
}

std::optional<grammar::Grammar> read_constraint(Fields& fields, GrammarCache& cache) {
  const auto document = read_document(fields);
  if (!document || fields.error()) return std::nullopt;
  std::string source = "document ";
  add_to_source(source, document->gbnf);
  add_to_source(source, json::dump(document->schema));
  if (auto known = cache.find(source)) return known;
  const bool any_object = document->schema.is_object() && document->schema.empty();
  auto grammar = !document->gbnf.empty() ? grammar::Grammar::parse_gbnf(document->gbnf)
                 : any_object            ? grammar::Grammar::json_object()
                                         : grammar::Grammar::from_json_schema(document->schema);
  if (!grammar.ok()) {
    fields.fail(bad_field(document->param, "invalid_value",
                          fmt::format("`{}`: {}", document->param, grammar.status().message())));
    return std::nullopt;
  }
  warn_of_ignored(document->param, grammar->ignored_keywords());
  cache.insert(std::move(source), *grammar);
  return *std::move(grammar);
}

bool asks_for_form(const json::Value& body) {
  constexpr std::array kMembers = {"grammar", "json_schema", "response_format",
                                   "tools",   "functions",   "format"};
  return std::any_of(kMembers.begin(), kMembers.end(), [&](const char* name) {
    const auto found = body.find(name);
    return found != body.end() && !found->is_null();
  });
}

}  // namespace samovar::api
