// least_tokens: how many tokens a text has at least, by counting its bytes, so that a text far too
// long for a context is known as such without the memory and the time of cutting it into tokens.
//
// A byte that stands in no token longer than n bytes is at least the n-th part of one: a token of m
// bytes holds m of these parts, each of them 1/m or less.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tokenizer/vocabulary.h"

#include <cstddef>
#include <string_view>

namespace samovar::tokenizer {

// Never more than `text` really has, whether control tokens are parsed in it or not.
// `strips_spaces`: white space behind a special token is dropped (Phi-3). Time: linear in the
// vocabulary (some milliseconds) and in the text.
size_t least_tokens(const Vocabulary& vocabulary, bool strips_spaces, std::string_view text);

}  // namespace samovar::tokenizer
