// main: the process around one subcommand.
//
// Signals, log, the last catch, and the way a Status becomes an exit code.
// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"
#include "cli/parse.h"
#include "cli/peer_flags.h"
#include "sys/mapped_file.h"

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <string_view>
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
  const std::vector<std::string> words(argv, argv + argc);
  const std::vector<std::string> arguments =
      words.empty() ? words
                    : samovar::cli::arguments_of(words.front(), {words.begin() + 1, words.end()});
  const samovar::Status status = samovar::cli::run_guarded(arguments);
  if (!status.ok()) {
    const std::string_view message =
        status.message();  // no allocation: memory may be what is missing
    std::fprintf(stderr, "samovar: %.*s\n", static_cast<int>(message.size()), message.data());
  }
  return samovar::exit_code(status.code());
}
