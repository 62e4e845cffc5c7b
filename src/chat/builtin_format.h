// Chat formats by name, for models whose file carries no template.
//
// Each is a template source of our own plus the strings that end an answer. Thread: pure functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::chat {

struct BuiltinFormat {
  std::string_view name;
  std::string source;                  // for Template::parse
  std::vector<std::string_view> stop;  // an answer ends before any of these
};

// "completion" first: the messages as plain text, for base models.
std::span<const BuiltinFormat> builtin_formats();
// Null for a name that is none of them.
const BuiltinFormat* find_builtin_format(std::string_view name);

// The format that a model of this repository or file name was trained on ("phi-2.Q4_K_M.gguf",
// "IlyaGusev/saiga_mistral_7b_gguf"); null when the name does not say.
const BuiltinFormat* propose_builtin_format(std::string_view repository_or_file_name);

}  // namespace samovar::chat
