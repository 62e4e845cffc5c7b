// main: the process around one subcommand.
//
// Signals, log, the last catch, and the way a Status becomes an exit code.
// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"
#include "cli/parse.h"
#include "sys/mapped_file.h"

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

namespace samovar::cli {
namespace {

Status run(const std::vector<std::string>& arguments) {
  const Environment environment = Environment::of_process();
  SAMOVAR_ASSIGN(Parsed parsed, parse(arguments, environment));
  log::configure(parsed.log);
  if (parsed.command == nullptr) return write_stdout(parsed.help);
  return parsed.command->run(environment);
}

// Exceptions of libraries end here, as a Status.
Status run_guarded(const std::vector<std::string>& arguments) {
  try {
    return run(arguments);
  } catch (const std::bad_alloc&) {
    return resource_exhausted("out of memory");
  } catch (const std::exception& problem) {
    return internal_error(problem.what());
  }
}

}  // namespace
}  // namespace samovar::cli

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  samovar::sys::install_sigbus_handler();
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const samovar::Status status = samovar::cli::run_guarded(arguments);
  if (!status.ok()) {
    const std::string line = "samovar: " + std::string(status.message()) + "\n";
    std::fwrite(line.data(), 1, line.size(), stderr);
  }
  return samovar::exit_code(status.code());
}
