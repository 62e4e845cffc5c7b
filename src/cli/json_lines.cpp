#include "cli/json_lines.h"

#include "cli/output.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace samovar::cli {
namespace {

// The buffer that getline() grows.
struct LineBuffer {
  char* data = nullptr;
  size_t capacity = 0;
  LineBuffer() = default;
  LineBuffer(const LineBuffer&) = delete;
  LineBuffer& operator=(const LineBuffer&) = delete;
  ~LineBuffer() { std::free(data); }
};

}  // namespace

Status answer_lines(const std::function<std::string(std::string_view line)>& answer) {
  LineBuffer buffer;
  for (;;) {
    const ssize_t n = getline(&buffer.data, &buffer.capacity, stdin);
    if (n < 0) break;
    std::string_view line(buffer.data, static_cast<size_t>(n));
    if (line.ends_with('\n')) line.remove_suffix(1);
    SAMOVAR_TRY(write_stdout(answer(line) + "\n"));
  }
  return std::ferror(stdin) == 0 ? Status() : errno_error(errno, "standard input");
}

}  // namespace samovar::cli
