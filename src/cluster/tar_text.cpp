#include "cluster/tar_text.h"

#include <numeric>

#include <fmt/format.h>

namespace samovar::cluster {
namespace {

constexpr size_t kBlock = 512;
constexpr size_t kNameBytes = 100;   // with the zero at its end
constexpr size_t kChecksumAt = 148;  // of 8 bytes, which count as blanks in the sum
constexpr size_t kLinkNameBytes = 100;

std::string padded(std::string text, size_t n_bytes) {
  text.resize(n_bytes, '\0');
  return text;
}

std::string header(std::string_view name, size_t size, char type, int mode, int owner) {
  std::string block = padded(std::string(name), kNameBytes);
  block += padded(fmt::format("{:07o}", mode), 8);
  block += padded(fmt::format("{:07o}", owner), 8);
  block += padded(fmt::format("{:07o}", owner), 8);
  block += padded(fmt::format("{:011o}", size), 12);
  block += padded(fmt::format("{:011o}", 0), 12);  // the time
  block += std::string(8, ' ');
  block += type;
  block += std::string(kLinkNameBytes, '\0');
  block += padded("ustar", 6) + "00";
  block.resize(kBlock, '\0');
  const unsigned sum = std::accumulate(block.begin(), block.end(), 0u, [](unsigned so_far, char c) {
    return so_far + static_cast<unsigned char>(c);
  });
  return block.replace(kChecksumAt, 8, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
}

}  // namespace

Status TarText::add(std::string_view name, std::string_view content, char type, int mode,
                    int owner) {
  if (name.size() >= kNameBytes) {
    return too_large(
        fmt::format("tar: a name of at most {} bytes is expected, found {}", kNameBytes - 1, name));
  }
  text_ += header(name, content.size(), type, mode, owner);
  text_ += content;
  text_.resize((text_.size() + kBlock - 1) / kBlock * kBlock, '\0');
  return {};
}

Status TarText::add_file(std::string_view name, std::string_view content, int mode) {
  return add(name, content, '0', mode, 0);
}

Status TarText::add_folder(std::string_view name, int mode, int owner) {
  return add(fmt::format("{}/", name), {}, '5', mode, owner);
}

std::string TarText::finish() {
  text_.append(2 * kBlock, '\0');
  return std::move(text_);
}

}  // namespace samovar::cluster
