#include "api/chat_format.h"

#include "api/thought_splitter.h"
#include "base/check.h"
#include "chat/builtin_format.h"
#include "chat/held_text.h"
#include "chat/tool_prompt.h"
#include "json/json.h"

#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace samovar::api {
namespace {

constexpr std::string_view kTemplateKey = "tokenizer.chat_template";

std::string known_formats() {
  std::string names;
  for (const chat::BuiltinFormat& format : chat::builtin_formats()) {
    names += (names.empty() ? "" : ", ") + std::string(format.name);
  }
  return names;
}

Result<ChatFormat> parse_format(std::string_view source, std::string name, std::string note) {
  auto parsed = chat::Template::parse(source);
  if (!parsed.ok()) return parsed.status().with_context(name);
  const chat::Capabilities capabilities = chat::probe(*parsed);
  const chat::ToolFormat* own = chat::find_tool_format(source);
  const bool shows_tools = own != nullptr && capabilities.tools;
  return ChatFormat{.name = std::move(name),
                    .note = std::move(note),
                    .chat_template = std::make_shared<const chat::Template>(*std::move(parsed)),
                    .capabilities = capabilities,
                    .tools = shows_tools ? own : &chat::generic_tool_format(),
                    .shows_tools = shows_tools,
                    .thoughts = chat::find_thought_tags(source)};
}

Result<ChatFormat> from_builtin(const chat::BuiltinFormat& format, std::string note) {
  SAMOVAR_ASSIGN(ChatFormat out,
                 parse_format(format.source, std::string(format.name), std::move(note)));
  for (const std::string_view stop : format.stop) out.stop.emplace_back(stop);
  return out;
}

// The names a format can be guessed from: the path holds the repository's name in a hub cache.
std::string naming_hints(const gguf::File& file) {
  auto name = file.get_string("general.name", "");
  return file.path() + " " + std::string(name.ok() ? *name : "");
}

std::string text_of(const tokenizer::Vocabulary& vocabulary,
                    std::optional<tokenizer::Token> token) {
  return token ? std::string(vocabulary.text(*token)) : std::string();
}

// Names that templates of Llama 3 and Firefunction read; without them they show an old date or
// fail. Firefunction takes its tools as text.
void add_names(json::Value& kwargs, const json::Value& tools, int64_t now_unix_s) {
  const auto now = fmt::gmtime(static_cast<std::time_t>(now_unix_s));
  if (!kwargs.contains("date_string")) kwargs["date_string"] = fmt::format("{:%d %b %Y}", now);
  if (!kwargs.contains("datetime")) {
    kwargs["datetime"] = fmt::format("{:%b %d %Y %H:%M:%S GMT}", now);
  }
  if (!kwargs.contains("functions")) kwargs["functions"] = tools.is_null() ? "[]" : tools.dump(4);
}

// Tools, calls and results as the template takes them.
void fit_tools(const ChatFormat& format, ChatPrompt& prompt) {
  const bool shows_calls = format.shows_tools && format.capabilities.tool_calls;
  if (shows_calls && format.tools->short_ids) chat::shorten_call_ids(prompt.messages);
  if (!shows_calls) chat::write_calls_as_text(prompt.messages, *format.tools);
  if (format.shows_tools) return;
  chat::write_results_as_text(prompt.messages);
  if (prompt.tools.is_null()) return;
  chat::add_instruction(
      prompt.messages, chat::describe_tools(prompt.tools),
      format.capabilities.system_role ? chat::SystemRole::kTaken : chat::SystemRole::kRefused);
  prompt.tools = nullptr;
}

void add_span(chat::Rendered& rendered, std::string_view text, bool trusted) {
  if (text.empty()) return;
  const size_t begin = rendered.text.size();
  rendered.text += text;
  rendered.spans.push_back({begin, rendered.text.size(), trusted});
}

// What the answer has begun with. A thought is written as models write it; one that the template
// has opened is closed before the answer's text.
Status add_prefill(const ChatPrompt& prompt, const chat::ThoughtTags& tags,
                   chat::Rendered& rendered) {
  const bool thinks_on = prompt.goes_on == GoesOn::kThought;
  if (prompt.prefill.empty() && prompt.prefill_thought.empty()) return {};
  const bool is_open = thoughts_behind(rendered.text, tags) == Thoughts::kBegun;
  const bool is_over =
      !tags.empty() && chat::without_trailing_blanks(rendered.text).ends_with(tags.close);
  if (thinks_on && (tags.empty() || is_over)) {
    return invalid_argument(tags.empty() ? "there is no thought to go on with: this model's chat "
                                           "template knows none"
                                         : "there is no thought to go on with: thinking is off");
  }
  const bool has_thought = !tags.empty() && !is_over && !prompt.prefill_thought.empty();
  if (has_thought && !is_open) add_span(rendered, fmt::format("{}\n", tags.open), true);
  if (has_thought) add_span(rendered, prompt.prefill_thought, false);
  if (thinks_on) return {};
  if (has_thought || is_open) add_span(rendered, fmt::format("\n{}\n\n", tags.close), true);
  add_span(rendered, prompt.prefill, false);
  return {};
}

}  // namespace

Result<ChatFormat> choose_chat_format(const gguf::File& file, std::string_view wish,
                                      std::string_view fallback) {
  if (!wish.empty()) {
    const chat::BuiltinFormat* format = chat::find_builtin_format(wish);
    if (format != nullptr) return from_builtin(*format, "");
    const bool is_text = wish.find_first_of("{ \n") != std::string_view::npos;
    if (is_text) return parse_format(wish, "the template that was given", "");
    return invalid_argument(fmt::format("--chat-template: no built-in format `{}`; there are {}",
                                        wish, known_formats()));
  }
  SAMOVAR_ASSIGN(const std::string_view own, file.get_string(kTemplateKey, ""));
  if (!own.empty()) return parse_format(own, "the model's own template", "");
  if (const chat::BuiltinFormat* proposed = chat::propose_builtin_format(naming_hints(file))) {
    return from_builtin(
        *proposed,
        fmt::format("this model carries no chat template: using the built-in format `{}`, "
                    "by its name; --chat-template takes another one",
                    proposed->name));
  }
  const chat::BuiltinFormat* format = chat::find_builtin_format(fallback);
  SAMOVAR_CHECK(format != nullptr);
  return from_builtin(*format,
                      fmt::format("this model carries no chat template: {}; "
                                  "--chat-template takes one of {}",
                                  fallback == kPlainFormat
                                      ? std::string("it continues plain text")
                                      : fmt::format("using the built-in format `{}`", fallback),
                                  known_formats()));
}

Result<chat::Rendered> render_chat_text(const ChatFormat& format,
                                        const tokenizer::Tokenizer& tokenizer, ChatPrompt prompt,
                                        int64_t now_unix_s) {
  const tokenizer::Vocabulary& vocabulary = tokenizer.vocabulary();
  add_names(prompt.kwargs, prompt.tools, now_unix_s);
  fit_tools(format, prompt);
  SAMOVAR_TRY(chat::normalize_messages(prompt.messages, format.capabilities));
  SAMOVAR_ASSIGN(const json::Value context,
                 chat::make_context({.messages = &prompt.messages,
                                     .tools = &prompt.tools,
                                     .extra = &prompt.kwargs,
                                     .bos_token = text_of(vocabulary, vocabulary.bos()),
                                     .eos_token = text_of(vocabulary, vocabulary.eos()),
                                     .add_generation_prompt = prompt.add_generation_prompt}));
  SAMOVAR_ASSIGN(chat::Rendered rendered, format.chat_template->render(context, now_unix_s));
  SAMOVAR_TRY(add_prefill(prompt, format.thoughts, rendered));
  return rendered;
}

bool begins_with_bos(const chat::Rendered& rendered, const tokenizer::Vocabulary& vocabulary) {
  if (!vocabulary.bos() || rendered.spans.empty() || !rendered.spans.front().trusted) return false;
  const std::string_view first(rendered.text.data(), rendered.spans.front().end);
  return first.starts_with(vocabulary.text(*vocabulary.bos()));
}

std::vector<int32_t> chat_tokens(const chat::Rendered& rendered,
                                 const tokenizer::Tokenizer& tokenizer) {
  std::vector<tokenizer::TextSpan> spans;
  for (const chat::Span& span : rendered.spans) {
    spans.push_back(
        {std::string_view(rendered.text).substr(span.begin, span.end - span.begin), span.trusted});
  }
  return tokenizer.encode_spans(spans, !begins_with_bos(rendered, tokenizer.vocabulary()));
}

Result<std::vector<int32_t>> render_chat(const ChatFormat& format,
                                         const tokenizer::Tokenizer& tokenizer, ChatPrompt prompt,
                                         int64_t now_unix_s) {
  SAMOVAR_ASSIGN(const chat::Rendered rendered,
                 render_chat_text(format, tokenizer, std::move(prompt), now_unix_s));
  return chat_tokens(rendered, tokenizer);
}

}  // namespace samovar::api
