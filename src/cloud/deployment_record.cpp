#include "cloud/deployment_record.h"

#include "cloud/json_member.h"
#include "json/json.h"
#include "sys/file.h"

#include <utility>

namespace samovar::cloud {

Result<DeploymentRecord> DeploymentRecord::load(const std::string& path) {
  DeploymentRecord record;
  const auto text = sys::read_file(path, uint64_t{1} << 20);
  if (!text.ok() && text.status().code() == Code::kNotFound) return record;
  if (!text.ok()) return text.status();
  const auto parsed = json::parse(*text);
  if (!parsed.ok()) return parsed.status().with_context(path);
  record.alias = text_or_empty(*parsed, "alias");
  record.active = text_or_empty(*parsed, "active");
  const json::Value* const nodes = member(*parsed, "nodes");
  if (nodes == nullptr || !nodes->is_array()) {
    return corrupt(path + ": expected a record of nodes, found no list `nodes`");
  }
  for (const json::Value& node : *nodes) {
    record.nodes.push_back(
        {text_or_empty(node, "name"), text_or_empty(node, "id"), text_or_empty(node, "image")});
  }
  return record;
}

Status DeploymentRecord::save(const std::string& path) const {
  json::Value list = json::Value::array();
  for (const RecordedNode& node : nodes) {
    list.push_back({{"name", node.name}, {"id", node.id}, {"image", node.image}});
  }
  const json::Value whole = {{"alias", alias}, {"active", active}, {"nodes", std::move(list)}};
  const std::string text = whole.dump(2, ' ', false, json::Value::error_handler_t::replace);
  return sys::write_file_atomic(path, text + "\n");
}

const RecordedNode* DeploymentRecord::find(const std::string& name_or_id) const {
  for (const RecordedNode& node : nodes) {
    if (node.name == name_or_id || node.id == name_or_id) return &node;
  }
  return nullptr;
}

void DeploymentRecord::put(RecordedNode node) {
  remove(node.id);
  nodes.push_back(std::move(node));
}

void DeploymentRecord::remove(const std::string& id) {
  std::erase_if(nodes, [&](const RecordedNode& node) { return node.id == id; });
}

}  // namespace samovar::cloud
