#include "api/answer_constraint.h"

#include "grammar/answer_grammar.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

// Many tools have more rules than one schema may; the time they may take is that of all routes.
const grammar::Limits kLimits{.max_rules = 16'384};
// A small model may not find an end of its calls by itself.
constexpr uint32_t kMaxCalls = 16;

bool took(Fields& fields, std::string_view param, const Status& status) {
  if (!status.ok()) {
    fields.fail(
        bad_field(param, "invalid_value", fmt::format("`{}`: {}", param, status.message())));
  }
  return status.ok();
}

void add_document(Fields& fields, const AnswerDocument& document, grammar::AnswerGrammar& out) {
  const Status status =
      document.gbnf.empty() ? out.set_schema(document.schema) : out.set_gbnf(document.gbnf);
  if (took(fields, document.param, status)) warn_of_ignored(document.param, out.ignored_keywords());
}

// How the calls of a tool are written.
grammar::CallText call_text(const chat::ToolFormat& format, const Tool& tool) {
  return {fmt::format("{}{}{}", format.call_begin, tool.name, format.call_middle),
          std::string(format.call_end)};
}

std::vector<grammar::BareCallText> bare_call_texts(const chat::ToolFormat& format,
                                                   const Tool& tool) {
  std::vector<grammar::BareCallText> bare;
  for (const chat::BareCall& call : format.bare) {
    // The name's closing quote decides that the answer is a call.
    bare.push_back({fmt::format("{}{}{}", call.begin, tool.name, call.middle.substr(0, 1)),
                    {std::string(call.middle.substr(1)), std::string(call.end)}});
  }
  return bare;
}

void add_tool(Fields& fields, const chat::ToolFormat& format, const Tool& tool,
              grammar::AnswerGrammar& out) {
  const Status status =
      out.add_call(call_text(format, tool), tool.parameters, bare_call_texts(format, tool));
  if (took(fields, tool.param, status)) warn_of_ignored(tool.param, out.ignored_keywords());
}

grammar::AnswerForm form_of(const ChatFormat& format, const AnswerWish& wish) {
  const chat::ToolFormat& calls = *format.tools;
  const chat::ThoughtTags thoughts = wish.may_think ? format.thoughts : chat::ThoughtTags();
  return {.thought_open = std::string(thoughts.open),
          .thought_close = std::string(thoughts.close),
          .calls_open = std::string(calls.open),
          .calls_between = std::string(calls.between),
          .calls_close = std::string(calls.close),
          .marker = std::string(calls.marker),
          .must_call = wish.tools.must_call,
          .max_calls = wish.tools.parallel && calls.is_parallel ? kMaxCalls : 1};
}

// All that the grammar is made from.
std::string source_of(const ChatFormat& format, const AnswerWish& wish,
                      const grammar::AnswerForm& form) {
  std::string source = fmt::format("{} {} ", form.must_call, form.max_calls);
  for (const std::string* text : {&form.thought_open, &form.thought_close, &form.calls_open,
                                  &form.calls_between, &form.calls_close, &form.marker}) {
    add_to_source(source, *text);
  }
  if (wish.document) {
    add_to_source(source, wish.document->gbnf);
    add_to_source(source, json::dump(wish.document->schema));
  }
  for (const Tool& tool : wish.tools.callable) {
    const grammar::CallText call = call_text(*format.tools, tool);
    source += " call ";
    add_to_source(source, call.begin);
    add_to_source(source, call.end);
    for (const grammar::BareCallText& bare : bare_call_texts(*format.tools, tool)) {
      source += " bare ";
      for (const std::string* text : {&bare.lead, &bare.text.begin, &bare.text.end}) {
        add_to_source(source, *text);
      }
    }
    add_to_source(source, json::dump(tool.parameters));
  }
  return source;
}

}  // namespace

std::optional<grammar::Grammar> constrain_answer(Fields& fields, const ChatFormat& format,
                                                 const AnswerWish& wish, GrammarCache& cache) {
  const std::optional<AnswerDocument>& document = wish.document;
  const ToolWish& tools = wish.tools;
  if (fields.error() || (!document && tools.callable.empty())) return std::nullopt;
  if (document && !document->gbnf.empty() && !tools.callable.empty()) {
    fields.fail(bad_field("grammar", "invalid_value", "`grammar` cannot be given with `tools`"));
    return std::nullopt;
  }
  const grammar::AnswerForm form = form_of(format, wish);
  std::string source = source_of(format, wish, form);
  if (auto known = cache.find(source)) return known;
  grammar::AnswerGrammar answer(kLimits);
  if (document) add_document(fields, *document, answer);
  for (const Tool& tool : tools.callable) add_tool(fields, *format.tools, tool, answer);
  if (fields.error()) return std::nullopt;
  auto grammar = answer.compile(form);
  if (!took(fields, document ? document->param : "tools", grammar.status())) return std::nullopt;
  cache.insert(std::move(source), *grammar);
  return *std::move(grammar);
}

}  // namespace samovar::api
