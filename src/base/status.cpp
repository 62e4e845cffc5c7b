#include "base/status.h"

#include <array>
#include <cerrno>
#include <cstring>

namespace samovar {
namespace {

struct CodeImage {
  std::string_view name;
  int http;
  int exit;  // sysexits.h
};

constexpr std::array<CodeImage, 10> kImages = {{
    {"ok", 200, 0},
    {"invalid_argument", 400, 64},
    {"not_found", 404, 66},
    {"too_large", 413, 65},
    {"unsupported", 422, 69},
    {"corrupt", 422, 65},
    {"busy", 503, 75},
    {"resource_exhausted", 503, 71},
    {"cancelled", 499, 130},
    {"internal", 500, 70},
}};

const Status kOutOfMemory(Code::kResourceExhausted, "out of memory");

const CodeImage& image(Code code) {
  return kImages.at(static_cast<size_t>(code));
}

}  // namespace

std::string_view code_name(Code code) {
  return image(code).name;
}
int http_status(Code code) {
  return image(code).http;
}
int exit_code(Code code) {
  return image(code).exit;
}

Status Status::with_context(std::string_view where) const {
  if (ok()) return {};
  return {code(), std::string(where) + ": " + error_->message};
}

Status out_of_memory() noexcept {
  return kOutOfMemory;
}

Status errno_error(int error_number, std::string_view what) {
  std::string message = std::string(what) + ": " + std::strerror(error_number);
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return not_found(std::move(message));
    case ENOMEM:
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
      return resource_exhausted(std::move(message));
    default:
      return internal_error(std::move(message));
  }
}

}  // namespace samovar
