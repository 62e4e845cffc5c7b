#include "cli/running_servers.h"

#include "json/json.h"
#include "store/file_lock.h"
#include "sys/file.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

constexpr uint64_t kMaxRecordBytes = 64 << 10;

std::string servers_dir(const std::string& state_dir) {
  return state_dir + "/servers";
}

void forget(const std::string& stem) {
  std::error_code ignored;  // what can't be removed now is removed by the next look
  std::filesystem::remove(stem + ".json", ignored);
  std::filesystem::remove(stem + ".lock", ignored);
}

std::optional<ServerRecord> parse_record(const std::string& text) {
  const auto parsed = json::parse(text);
  if (!parsed.ok() || !parsed->is_object()) return std::nullopt;
  const auto text_of = [&](const char* key) {
    const auto found = parsed->find(key);
    return found != parsed->end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto number_of = [&](const char* key) {
    const auto found = parsed->find(key);
    return found != parsed->end() && found->is_number_integer() ? found->get<int64_t>()
                                                                : int64_t{0};
  };
  ServerRecord record{.pid = number_of("pid"),
                      .model = text_of("model"),
                      .url = text_of("url"),
                      .started_unix_s = number_of("started")};
  return record.pid > 0 ? std::optional(record) : std::nullopt;
}

}  // namespace

Result<ServerRegistration> ServerRegistration::create(const std::string& state_dir,
                                                      const ServerRecord& record) {
  std::error_code error;
  std::filesystem::create_directories(servers_dir(state_dir), error);
  const std::string stem = fmt::format("{}/{}", servers_dir(state_dir), record.pid);
  SAMOVAR_ASSIGN(auto lock, store::FileLock::try_acquire(stem + ".lock"));
  if (!lock) return busy(stem + ".lock is held by another process");
  ServerRegistration registration(stem, *std::move(lock));
  SAMOVAR_TRY(
      sys::write_file_atomic(stem + ".json", json::dump({{"pid", record.pid},
                                                         {"model", record.model},
                                                         {"url", record.url},
                                                         {"started", record.started_unix_s}}) +
                                                 "\n"));
  return registration;
}

ServerRegistration::~ServerRegistration() {
  if (stem_ != nullptr) forget(*stem_);
}

Result<std::vector<ServerRecord>> running_servers(const std::string& state_dir) {
  std::vector<ServerRecord> records;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(servers_dir(state_dir), error)) {
    if (entry.path().extension() != ".lock") continue;
    const std::string stem = (entry.path().parent_path() / entry.path().stem()).string();
    const auto lock = store::FileLock::try_acquire(entry.path().string());
    if (lock.ok() && lock->has_value()) {  // nobody holds it: that server is dead
      forget(stem);
      continue;
    }
    const auto text = sys::read_file(stem + ".json", kMaxRecordBytes);
    if (!text.ok()) continue;  // it ended between the two looks
    if (const auto record = parse_record(*text)) records.push_back(*record);
  }
  std::sort(records.begin(), records.end(), [](const ServerRecord& a, const ServerRecord& b) {
    return std::pair(a.started_unix_s, a.pid) < std::pair(b.started_unix_s, b.pid);
  });
  return records;
}

}  // namespace samovar::cli
