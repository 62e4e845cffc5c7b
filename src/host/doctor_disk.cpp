#include "host/doctor.h"
#include "sys/disk_speed.h"
#include "sys/file.h"

#include <fmt/format.h>

namespace samovar::host {
namespace {

constexpr uint64_t kTriedBytes = uint64_t{256} << 20;
constexpr uint64_t kRoomBytes = uint64_t{2} << 30;  // for one model of a small machine
constexpr double kSlowBytesPerSecond = 200e6;       // a model of 1 GB takes 5 s

Finding room(const std::string& folder) {
  const auto free = sys::free_disk_bytes(folder);
  if (!free.ok()) {
    return {"models' folder", Grade::kWrong, folder, std::string(free.status().message())};
  }
  std::string found = fmt::format("{}, {:.1f} GB free", folder, static_cast<double>(*free) / 1e9);
  if (*free >= kRoomBytes) return {"models' folder", Grade::kGood, std::move(found), ""};
  return {"models' folder", Grade::kAdvice, std::move(found),
          "little room: samovar rm takes models away, HF_HUB_CACHE names another folder"};
}

Finding speed(const std::string& file) {
  const auto rate = sys::disk_bytes_per_second(file, kTriedBytes);
  if (rate.status().code() == Code::kUnsupported) {
    return {"disk speed", Grade::kGood, "can't be measured: files are read through memory only",
            ""};
  }
  if (!rate.ok()) {
    return {"disk speed", Grade::kWrong, file, std::string(rate.status().message())};
  }
  std::string found = fmt::format("{:.0f} MB/s", *rate / 1e6);
  if (*rate >= kSlowBytesPerSecond) return {"disk speed", Grade::kGood, std::move(found), ""};
  return {
      "disk speed", Grade::kAdvice, std::move(found),
      "a cold start waits for it: keep models on the fastest disk (HF_HUB_CACHE), or the server "
      "running"};
}

}  // namespace

std::vector<Finding> examine_disk(const std::string& folder, const std::string& file) {
  std::vector<Finding> findings = {room(folder)};
  if (!file.empty()) findings.push_back(speed(file));
  return findings;
}

}  // namespace samovar::host
