// main: the process around one subcommand.
//
// Signals, log, the memory reserve, the last catch, and the way a Status becomes an exit code.
// SPDX-License-Identifier: Apache-2.0
#include "base/memory_reserve.h"
#include "cli/local_llm_usage.h"
#include "cli/output.h"
#include "cli/parse.h"
#include "cli/peer_flags.h"
#include "sys/descriptors.h"
#include "sys/mapped_file.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <malloc.h>
#include <new>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::cli {
namespace {

void complain(std::string_view message) {  // no allocation: memory may be what is missing
  if (message.empty()) return;             // all there is to say has been said
  std::fprintf(stderr, "samovar: %.*s\n", static_cast<int>(message.size()), message.data());
}

Status perform(const std::string& program, Parsed parsed, const Environment& environment) {
  SAMOVAR_TRY(log::configure(parsed.log));
  if (!parsed.log_note.empty()) log::warning("{}", parsed.log_note);
  if (parsed.command != nullptr) return parsed.command->run(environment);
  return write_stdout(is_local_llm(program) ? in_the_name_of(program, std::move(parsed.help))
                                            : parsed.help);
}

// RETURNS the exit code.
int run(const std::string& program, const std::vector<std::string>& words) {
  const std::vector<std::string> arguments = arguments_of(program, words);
  const Environment environment = Environment::of_process();
  auto parsed = parse(arguments, environment);
  if (!parsed.ok() && is_local_llm(program)) {
    return complain_about_usage(program, arguments, parsed.status());
  }
  const Status status =
      parsed.ok() ? perform(program, *std::move(parsed), environment) : parsed.status();
  complain(status.message());
  return !status.ok() && is_local_llm(program) ? kLocalLlmFailure : exit_code(status.code());
}

// What a library throws where nothing may be thrown. A lack of memory, be it even for the
// exception, is no bug of ours or theirs.
[[noreturn]] void on_terminate() {
  bool lacks_memory = !refill_memory_reserve();
  try {
    if (std::current_exception() != nullptr) throw;
  } catch (const std::bad_alloc&) {
    lacks_memory = true;
  } catch (...) {
    complain("an exception nobody caught");
  }
  if (!lacks_memory) std::abort();
  complain("out of memory");
  std::_Exit(exit_code(Code::kResourceExhausted));
}

// Large blocks go back to the system when they are freed. glibc otherwise keeps up to 64 MiB after
// the first large one was freed (mallopt(3), M_MMAP_THRESHOLD), which no plan knows of.
void return_large_blocks() {
#if defined(__GLIBC__)
  constexpr int kLargeBytes = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, kLargeBytes);
#endif
}

// Exceptions of libraries end here. RETURNS the exit code.
int run_guarded(int argc, char** argv) {
  try {
    const std::vector<std::string> words(argv, argv + argc);
    if (words.empty()) return run("samovar", {});
    return run(words.front(), {words.begin() + 1, words.end()});
  } catch (const std::bad_alloc&) {
    complain("out of memory");
    return exit_code(Code::kResourceExhausted);
  } catch (const std::exception& problem) {
    complain(problem.what());
    return exit_code(Code::kInternal);
  }
}

}  // namespace
}  // namespace samovar::cli

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  samovar::sys::hold_standard_descriptors();
  std::set_terminate(samovar::cli::on_terminate);
  samovar::cli::return_large_blocks();
  samovar::install_memory_reserve();
  samovar::sys::install_sigbus_handler();
  return samovar::cli::run_guarded(argc, argv);
}
