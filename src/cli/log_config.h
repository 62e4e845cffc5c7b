// A logging configuration of Python's `logging` (YAML, as uvicorn's --log-config takes it): what of
// it means something here.
//
// Read: the level of the loggers; filename, maxBytes, backupCount and the formatter's format of the
// first handler with a file; whether a handler writes to a stream. The rest means nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/log.h"
#include "base/status.h"

#include <string>
#include <vector>

namespace samovar::cli {

// Changes `options` as the text says. RETURNS the parts that mean nothing here, "filters" or
// "handlers.mail". kCorrupt names `origin` and what is wrong.
Result<std::vector<std::string>> apply_log_config(const std::string& yaml,
                                                  const std::string& origin, log::Options& options);

}  // namespace samovar::cli
