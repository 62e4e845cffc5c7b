// A logging configuration of Python's `logging` (YAML, as uvicorn's --log-config takes it): what of
// it means something here.
//
// Read: the level of the loggers; filename, maxBytes, backupCount and the formatter's format of the
// first handler with a file; whether a handler writes to a stream. The rest is left alone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/log.h"
#include "base/status.h"

#include <string>

namespace samovar::cli {

// Changes `options` as the text says. kCorrupt names `origin` and what is wrong.
Status apply_log_config(const std::string& yaml, const std::string& origin, log::Options& options);

}  // namespace samovar::cli
