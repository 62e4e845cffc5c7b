#include "chat/builtin_format.h"

#include "chat/turn_formats.h"

#include <algorithm>
#include <array>
#include <string>

namespace samovar::chat {
namespace {

constexpr std::string_view kCompletion = R"({%- for message in messages -%}
{{ message.content }}{{ '' if loop.last else '\n' }}
{%- endfor -%})";

// Source: the model card of microsoft/phi-2, "QA format".
constexpr std::string_view kPhi2 = R"({%- for message in messages -%}
{%- if message.role == 'system' -%}
{{ message.content + '\n' }}
{%- elif message.role == 'assistant' -%}
{{ ' ' + message.content + '\n' }}
{%- else -%}
{{ 'Instruct: ' + message.content + '\nOutput:' }}
{%- endif -%}
{%- endfor -%})";

// Source: the interact scripts beside IlyaGusev's saiga models; each message is a sequence of its
// own. The default system text is Russian for: "You are Saiga, a Russian-speaking automatic
// assistant. You talk with people and help them."
constexpr std::string_view kSaiga = R"({%- if messages[0].role != 'system' -%}
{{ '<s>system\n' }}
{{- '\u0422\u044b \u2014 \u0421\u0430\u0439\u0433\u0430, ' }}
{{- '\u0440\u0443\u0441\u0441\u043a\u043e\u044f\u0437\u044b\u0447\u043d\u044b\u0439 ' }}
{{- '\u0430\u0432\u0442\u043e\u043c\u0430\u0442\u0438\u0447\u0435\u0441\u043a\u0438\u0439 ' }}
{{- '\u0430\u0441\u0441\u0438\u0441\u0442\u0435\u043d\u0442. \u0422\u044b ' }}
{{- '\u0440\u0430\u0437\u0433\u043e\u0432\u0430\u0440\u0438\u0432\u0430\u0435\u0448\u044c ' }}
{{- '\u0441 \u043b\u044e\u0434\u044c\u043c\u0438 \u0438 ' }}
{{- '\u043f\u043e\u043c\u043e\u0433\u0430\u0435\u0448\u044c \u0438\u043c.</s>' }}
{%- endif -%}
{%- for message in messages -%}
{%- set role = 'bot' if message.role == 'assistant' else message.role -%}
{{ '<s>' + role + '\n' + message.content + '</s>' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<s>bot\n' }}{%- endif -%})";

// Source: the chat template of mistralai/Mistral-7B-Instruct-v0.2; a system text opens the first
// turn.
constexpr std::string_view kMistralInstruct = R"({{- bos_token -}}
{%- set state = namespace(system='') -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{%- set state.system = message.content + '\n\n' -%}
{%- elif message.role == 'assistant' -%}
{{ message.content + eos_token }}
{%- else -%}
{{ '[INST] ' + state.system + message.content + ' [/INST]' }}
{%- set state.system = '' -%}
{%- endif -%}
{%- endfor -%})";

// Source: "Gemma formatting and system instructions", ai.google.dev.
constexpr std::string_view kGemma = R"({{- bos_token -}}
{%- set state = namespace(system='') -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{%- set state.system = message.content + '\n\n' -%}
{%- else -%}
{%- set role = 'model' if message.role == 'assistant' else 'user' -%}
{{ '<start_of_turn>' + role + '\n' + state.system + message.content | trim + '<end_of_turn>\n' }}
{%- set state.system = '' -%}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<start_of_turn>model\n' }}{%- endif -%})";

constexpr std::string_view kChatml = R"({%- for message in messages -%}
{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%})";

// Source: Meta's llama repository, generation.py, chat_completion().
constexpr std::string_view kLlama2 = R"({%- set state = namespace(system='') -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{%- set state.system = '<<SYS>>\n' + message.content + '\n<</SYS>>\n\n' -%}
{%- elif message.role == 'assistant' -%}
{{ ' ' + message.content + ' ' + eos_token }}
{%- else -%}
{{ bos_token + '[INST] ' + state.system + message.content + ' [/INST]' }}
{%- set state.system = '' -%}
{%- endif -%}
{%- endfor -%})";

std::vector<BuiltinFormat> make_formats() {
  std::vector<BuiltinFormat> out{
      {"completion", std::string(kCompletion), {}},
      {"phi2-instruct", std::string(kPhi2), {"\nInstruct:", "Instruct:"}},
      {"saiga", std::string(kSaiga), {"</s>"}},
      {"mistral-instruct", std::string(kMistralInstruct), {"</s>"}},
      {"gemma", std::string(kGemma), {"<end_of_turn>"}},
      {"chatml", std::string(kChatml), {"<|im_end|>"}},
      {"llama2", std::string(kLlama2), {"</s>"}},
  };
  for (const TurnFormat& format : turn_formats()) {
    out.push_back({format.name, template_text(format), {format.stop}});
  }
  return out;
}

// A name proposes `format` when it holds each of `all` (in lower case, "_" and "." as "-") and none
// of `none`. The first rule that fits wins.
struct Rule {
  std::string_view format;
  std::array<std::string_view, 2> all;
  std::array<std::string_view, 4> none;
};
constexpr std::array<Rule, 13> kRules{{
    {"saiga", {"saiga"}, {"llama3", "llama-3", "gemma", "nemo"}},
    {"chatml", {"dolphin"}, {"llama-2", "llama2"}},
    {"chatml", {"hermes-2"}, {"base"}},
    {"chatml", {"chatml"}, {"base"}},
    {"chatml", {"qwen", "chat"}, {"base"}},
    {"chatml", {"qwen", "instruct"}, {"base"}},
    {"chatml", {"smollm", "instruct"}, {"base"}},
    {"phi2-instruct", {"phi-2"}, {"base", "orange"}},
    {"phi2-instruct", {"phi2"}, {"base", "orange"}},
    {"mistral-instruct", {"mistral", "instruct"}, {"nemo", "small", "large", "base"}},
    {"mistral-instruct", {"mixtral", "instruct"}, {"nemo", "small", "large", "base"}},
    {"gemma", {"gemma"}, {"-pt", "base", "codegemma-2b", "embedding"}},
    {"llama2", {"llama-2", "chat"}, {"base"}},
}};

}  // namespace

std::span<const BuiltinFormat> builtin_formats() {
  static const std::vector<BuiltinFormat> formats = make_formats();
  return formats;
}

const BuiltinFormat* find_builtin_format(std::string_view name) {
  const auto formats = builtin_formats();
  const auto found = std::find_if(formats.begin(), formats.end(),
                                  [&](const BuiltinFormat& format) { return format.name == name; });
  return found == formats.end() ? nullptr : &*found;
}

const BuiltinFormat* propose_builtin_format(std::string_view repository_or_file_name) {
  std::string name(repository_or_file_name);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_' || c == '.') c = '-';
  }
  const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  for (const Rule& rule : kRules) {
    const bool fits = std::all_of(rule.all.begin(), rule.all.end(), has) &&
                      std::none_of(rule.none.begin(), rule.none.end(), [&](std::string_view part) {
                        return !part.empty() && has(part);
                      });
    if (fits) return find_builtin_format(rule.format);
  }
  return nullptr;
}

}  // namespace samovar::chat
