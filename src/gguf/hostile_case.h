// HostileCase: one way to break a small valid GGUF file, and how it must be refused. For tests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "gguf/file.h"
#include "gguf/test_file.h"

#include <span>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace samovar::gguf {

struct HostileCase {
  const char* name;
  void (*break_it)(TestFile& file);
  Code code;
  const char* message_has;  // the record and field at fault
  Limits limits = {};
};

inline void check_refused(std::span<const HostileCase> cases) {
  for (const HostileCase& hostile : cases) {
    CAPTURE(std::string(hostile.name));
    TestFile made;
    hostile.break_it(made);
    const ExactBytes bytes(made.build());
    const Result<File> file = File::parse(bytes.span(), Scope::kWhole, hostile.limits);
    CHECK_FALSE(file.ok());
    if (file.ok()) continue;
    const std::string message(file.status().message());
    CHECK_MESSAGE(file.status().code() == hostile.code, message);
    CHECK_MESSAGE(message.find(hostile.message_has) != message.npos, message);
  }
}

}  // namespace samovar::gguf
