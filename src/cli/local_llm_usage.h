// What local-llm says about a command line that it does not understand, and its exit codes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <string>
#include <vector>

namespace samovar::cli {

constexpr int kLocalLlmFailure = 1;

// "Usage: llm run [OPTIONS] REPO_ID PORT ... Error: ..." on stderr. RETURNS the exit code.
// `arguments` begin with the command group.
int complain_about_usage(const std::string& program, const std::vector<std::string>& arguments,
                         const Status& problem);
// `help` with `program` instead of "samovar local-llm".
std::string in_the_name_of(const std::string& program, std::string help);

}  // namespace samovar::cli
