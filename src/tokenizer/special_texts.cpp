#include "tokenizer/special_texts.h"

namespace samovar::tokenizer {
namespace {

using enum Special;

constexpr SpecialText kSpecialTexts[] = {
    {kEot, "<|eot_id|>"},          // Llama 3
    {kEot, "<|im_end|>"},          // ChatML
    {kEot, "<|end|>"},             // Phi 3
    {kEot, "<end_of_turn>"},       // Gemma
    {kEot, "<end_of_utterance>"},  // SmolVLM
    {kEot, "<|endoftext|>"},
    {kEot, "<|end_of_text|>"},  // Granite
    {kEot, "<EOT>"},
    {kEot, "_<EOT>"},
    {kEot, "[EOT]"},                                    // Kimi K2
    {kEot, "<\uFF5Cend\u2581of\u2581sentence\uFF5C>"},  // DeepSeek
    {kEom, "<|eom_id|>"},
    {kFimPrefix, "<|fim_prefix|>"},  // Qwen
    {kFimPrefix, "<fim-prefix>"},
    {kFimPrefix, "<fim_prefix>"},                  // StarCoder, Granite
    {kFimPrefix, "<\uFF5Cfim\u2581begin\uFF5C>"},  // DeepSeek
    {kFimPrefix, "<PRE>"},
    {kFimPrefix, "\u2581<PRE>"},      // CodeLlama
    {kFimPrefix, "<|code_prefix|>"},  // GLM 4.5
    {kFimPrefix, "<|prefix|>"},       // Falcon H1
    {kFimSuffix, "<|fim_suffix|>"},
    {kFimSuffix, "<fim-suffix>"},
    {kFimSuffix, "<fim_suffix>"},
    {kFimSuffix, "<\uFF5Cfim\u2581hole\uFF5C>"},
    {kFimSuffix, "<SUF>"},
    {kFimSuffix, "\u2581<SUF>"},
    {kFimSuffix, "<|code_suffix|>"},
    {kFimSuffix, "<|suffix|>"},
    {kFimMiddle, "<|fim_middle|>"},
    {kFimMiddle, "<fim-middle>"},
    {kFimMiddle, "<fim_middle>"},
    {kFimMiddle, "<\uFF5Cfim\u2581end\uFF5C>"},
    {kFimMiddle, "<MID>"},
    {kFimMiddle, "\u2581<MID>"},
    {kFimMiddle, "<|code_middle|>"},
    {kFimMiddle, "<|middle|>"},
    {kFimPad, "<|fim_pad|>"},
    {kFimPad, "<fim-pad>"},
    {kFimPad, "<fim_pad>"},
    {kFimPad, "<PAD>"},
    {kFimPad, "[PAD]"},
    {kFimRep, "<|fim_repo|>"},
    {kFimRep, "<|repo_name|>"},
    {kFimRep, "<fim-repo>"},
    {kFimRep, "<REPO>"},
    {kFimRep, "<reponame>"},
    {kFimSep, "<|file_sep|>"},
};

constexpr std::string_view kEndTexts[] = {
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<|return|>",  // gpt-oss
    "<|call|>",
    "<|flush|>",  // Solar
    "<|calls|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "</s>",
    "<|eom_id|>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "[EOS]",
    "<|end_of_text|>",
    "<end_of_utterance>",
    "<eos>",  // Gemma 4
    "<turn|>",
    "<|tool_response>",
    "<\uFF5Cend\u2581of\u2581sentence\uFF5C>",
    "[e~[",  // MiniMax
};

constexpr std::string_view kVisibleTexts[] = {
    "<|channel|>",
    "<|message|>",
    "<|start|>",
    "<|constrain|>",
};

}  // namespace

std::span<const SpecialText> special_texts() {
  return kSpecialTexts;
}
std::span<const std::string_view> end_texts() {
  return kEndTexts;
}
std::span<const std::string_view> visible_texts() {
  return kVisibleTexts;
}

}  // namespace samovar::tokenizer
