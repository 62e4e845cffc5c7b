#include "api/constraint_fields.h"

#include "base/log.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

std::optional<grammar::Grammar> taken(Fields& fields, std::string_view param,
                                      Result<grammar::Grammar> grammar) {
  if (grammar.ok()) return *std::move(grammar);
  fields.fail(bad_field(param, "invalid_value",
                        fmt::format("`{}`: {}", param, grammar.status().message())));
  return std::nullopt;
}

std::optional<grammar::Grammar> read_response_format(Fields& fields, const json::Value& format) {
  if (!format.is_object()) {
    fields.fail_type("response_format", "an object", format);
    return std::nullopt;
  }
  Fields inner(format, "response_format.");
  const std::string type = inner.string("type", "text");
  const json::Value none = json::Value::object();
  const json::Value* schema = inner.find("schema");
  if (type == "json_schema") {
    const json::Value* named = inner.find("json_schema");
    if (named != nullptr && !named->is_object()) {
      inner.fail_type("json_schema", "an object", *named);
    } else if (named != nullptr) {
      schema = Fields(*named, "response_format.json_schema.").find("schema");
    }
  } else if (type != "text" && type != "json_object") {
    inner.fail(bad_field("response_format.type", "invalid_value",
                         fmt::format("`response_format.type` must be \"text\", \"json_object\" or "
                                     "\"json_schema\", not \"{}\"",
                                     type)));
  }
  if (inner.error()) {
    fields.fail(*inner.error());
    return std::nullopt;
  }
  if (type == "text") return std::nullopt;
  return read_schema(fields, "response_format", schema == nullptr ? none : *schema);
}

}  // namespace

std::optional<grammar::Grammar> read_schema(Fields& fields, std::string_view param,
                                            const json::Value& schema) {
  if (schema.is_object() && schema.empty()) {
    return taken(fields, param, grammar::Grammar::json_object());
  }
  auto grammar = grammar::Grammar::from_json_schema(schema);
  if (grammar.ok()) {
    for (const std::string& keyword : grammar->ignored_keywords()) {
      log::warning("{}: the answer need not keep to {}", param, keyword);
    }
  }
  return taken(fields, param, std::move(grammar));
}

std::optional<grammar::Grammar> read_constraint(Fields& fields) {
  const std::string gbnf = fields.string("grammar", "");
  const json::Value* schema = fields.find("json_schema");
  const json::Value* format = fields.find("response_format");
  if (!gbnf.empty() && schema != nullptr) {
    fields.fail(
        bad_field("grammar", "invalid_value", "`grammar` and `json_schema` cannot both be given"));
    return std::nullopt;
  }
  if (!gbnf.empty()) return taken(fields, "grammar", grammar::Grammar::parse_gbnf(gbnf));
  if (schema != nullptr) return read_schema(fields, "json_schema", *schema);
  if (format != nullptr) return read_response_format(fields, *format);
  return std::nullopt;
}

}  // namespace samovar::api
