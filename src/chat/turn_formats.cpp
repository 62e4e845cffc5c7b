#include "chat/turn_formats.h"

#include <array>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

// A format whose answers go on behind the mark that opens the assistant's turns.
constexpr TurnFormat marked(std::string_view name, TurnMarks system, TurnMarks user,
                            TurnMarks assistant, std::string_view stop, bool trims = false) {
  return {name, system, user, assistant, assistant.open, stop, trims};
}

constexpr std::array kTurnFormats{
    marked("llama3", {R"('<|start_header_id|>system<|end_header_id|>\n\n')", "'<|eot_id|>'"},
           {R"('<|start_header_id|>user<|end_header_id|>\n\n')", "'<|eot_id|>'"},
           {R"('<|start_header_id|>assistant<|end_header_id|>\n\n')", "'<|eot_id|>'"}, "<|eot_id|>",
           true),
    marked("llama4", {R"('<|header_start|>system<|header_end|>\n\n')", "'<|eot|>'"},
           {R"('<|header_start|>user<|header_end|>\n\n')", "'<|eot|>'"},
           {R"('<|header_start|>assistant<|header_end|>\n\n')", "'<|eot|>'"}, "<|eot|>", true),
    marked("command-r", {"'<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>'", "'<|END_OF_TURN_TOKEN|>'"},
           {"'<|START_OF_TURN_TOKEN|><|USER_TOKEN|>'", "'<|END_OF_TURN_TOKEN|>'"},
           {"'<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>'", "'<|END_OF_TURN_TOKEN|>'"},
           "<|END_OF_TURN_TOKEN|>", true),
    marked("phi3", {R"('<|system|>\n')", R"('<|end|>\n')"}, {R"('<|user|>\n')", R"('<|end|>\n')"},
           {R"('<|assistant|>\n')", R"('<|end|>\n')"}, "<|end|>"),
    marked("phi4", {"'<|im_start|>system<|im_sep|>'", "'<|im_end|>'"},
           {"'<|im_start|>user<|im_sep|>'", "'<|im_end|>'"},
           {"'<|im_start|>assistant<|im_sep|>'", "'<|im_end|>'"}, "<|im_end|>"),
    marked("zephyr", {R"('<|system|>\n')", R"(eos_token + '\n')"},
           {R"('<|user|>\n')", R"(eos_token + '\n')"},
           {R"('<|assistant|>\n')", R"(eos_token + '\n')"}, "<|user|>"),
    marked("falcon3", {R"('<|system|>\n')", R"('\n')"}, {R"('<|user|>\n')", R"('\n')"},
           {R"('<|assistant|>\n')", R"('\n')"}, "<|user|>"),
    marked("granite", {"'<|start_of_role|>system<|end_of_role|>'", R"('<|end_of_text|>\n')"},
           {"'<|start_of_role|>user<|end_of_role|>'", R"('<|end_of_text|>\n')"},
           {"'<|start_of_role|>assistant<|end_of_role|>'", R"('<|end_of_text|>\n')"},
           "<|end_of_text|>"),
    TurnFormat{"vicuna",
               {"''", R"('\n\n')"},
               {"'USER: '", R"('\n')"},
               {"'ASSISTANT: '", R"(eos_token + '\n')"},
               "'ASSISTANT:'",
               "USER:"},
    TurnFormat{"openchat",
               {"''", "'<|end_of_turn|>'"},
               {"'GPT4 Correct User: '", "'<|end_of_turn|>'"},
               {"'GPT4 Correct Assistant: '", "'<|end_of_turn|>'"},
               "'GPT4 Correct Assistant:'",
               "<|end_of_turn|>"},
    marked("deepseek", {"''", "''"}, {R"('### Instruction:\n')", R"('\n')"},
           {R"('### Response:\n')", R"('\n<|EOT|>\n')"}, "<|EOT|>"),
    TurnFormat{"deepseek2",
               {"''", R"('\n\n')"},
               {"'User: '", R"('\n\n')"},
               {"'Assistant: '", "eos_token"},
               "'Assistant:'",
               "User:"},
    TurnFormat{"mistral-v1",
               {"''", R"('\n\n')"},
               {"' [INST] '", "' [/INST]'"},
               {"' '", "eos_token"},
               "''",
               "[INST]",
               false,
               true},
    TurnFormat{"mistral-v3",
               {"''", R"('\n\n')"},
               {"'[INST] '", "'[/INST]'"},
               {"' '", "eos_token"},
               "''",
               "[INST]",
               false,
               true},
    TurnFormat{"mistral-v3-tekken",
               {"''", R"('\n\n')"},
               {"'[INST]'", "'[/INST]'"},
               {"''", "eos_token"},
               "''",
               "[INST]",
               false,
               true},
    TurnFormat{"mistral-v7",
               {"'[SYSTEM_PROMPT] '", "'[/SYSTEM_PROMPT]'"},
               {"'[INST] '", "'[/INST]'"},
               {"' '", "eos_token"},
               "''",
               "[INST]"},
    TurnFormat{"mistral-v7-tekken",
               {"'[SYSTEM_PROMPT]'", "'[/SYSTEM_PROMPT]'"},
               {"'[INST]'", "'[/INST]'"},
               {"''", "eos_token"},
               "''",
               "[INST]"},
};

}  // namespace

std::span<const TurnFormat> turn_formats() {
  return kTurnFormats;
}

std::string template_text(const TurnFormat& format) {
  const auto turn = [&](const TurnMarks& marks, std::string_view before) {
    return fmt::format("{} + {}message.content{} + {}", marks.open, before,
                       format.trims ? " | trim" : "", marks.close);
  };
  const std::string system = turn(format.system, "");
  return fmt::format(
      "{{%- set state = namespace(system='') -%}}\n"
      "{{%- for message in messages -%}}\n"
      "{{%- if message.role == 'system' -%}}\n{}\n"
      "{{%- elif message.role == 'assistant' -%}}\n{{{{ {} }}}}\n"
      "{{%- else -%}}\n{{{{ {} }}}}\n{{%- set state.system = '' -%}}\n"
      "{{%- endif -%}}\n"
      "{{%- endfor -%}}\n"
      "{{%- if add_generation_prompt -%}}{{{{ {} }}}}{{%- endif -%}}",
      format.folds ? fmt::format("{{%- set state.system = {} -%}}", system)
                   : fmt::format("{{{{ {} }}}}", system),
      turn(format.assistant, ""), turn(format.user, "state.system + "), format.answer);
}

}  // namespace samovar::chat
