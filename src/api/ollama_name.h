// Model names as Ollama's clients spell them: [host/][namespace/]model[:tag], without case, the tag
// `latest` being the default.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace samovar::api {

// In lower case, without what is understood by itself: ":latest", "registry.ollama.ai/",
// "library/".
std::string plain_ollama_name(std::string_view name);
bool same_ollama_name(std::string_view a, std::string_view b);

// What the store calls it: "hf.co/user/repo:Q4_K_M" is "hf:user/repo:Q4_K_M", "m:latest" is "m".
std::string store_name(std::string_view name);

}  // namespace samovar::api
