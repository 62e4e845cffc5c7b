#include "api/field_record.h"

#include <utility>

namespace samovar::api {
namespace {

thread_local FieldRecord* t_record = nullptr;

std::string without_indices(std::string_view path) {
  std::string out;
  bool in_index = false;
  for (const char c : path) {
    if (c == ']') in_index = false;
    if (!in_index) out.push_back(c);
    if (c == '[') in_index = true;
  }
  return out;
}

}  // namespace

FieldRecord::FieldRecord() : before_(std::exchange(t_record, this)) {}

FieldRecord::~FieldRecord() {
  t_record = before_;
}

bool FieldRecord::wanted() {
  return t_record != nullptr;
}

void FieldRecord::note(std::string_view path, const FieldRead& read) {
  FieldRead& known = t_record->reads_[without_indices(path)];
  if (read.kind != FieldRead::Kind::kAny) known = read;
}

}  // namespace samovar::api
