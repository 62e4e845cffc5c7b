#include "cloud/deployment_record.h"

#include "cloud/json_member.h"
#include "json/json.h"
#include "sys/file.h"

#include <utility>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

Result<const json::Value*> list_of(const json::Value& record, const char* name) {
  const json::Value* const list = member(record, name);
  if (list != nullptr && list->is_array()) return list;
  return corrupt(fmt::format("expected a record of nodes and aliases, found no list `{}`", name));
}

int64_t percent_of(const json::Value& share) {
  const json::Value* const percent = member(share, "percent");
  return percent != nullptr && percent->is_number_integer() ? percent->get<int64_t>() : 0;
}

Result<DeploymentRecord> parse_record(const json::Value& text) {
  DeploymentRecord record;
  SAMOVAR_ASSIGN(const json::Value* const aliases, list_of(text, "aliases"));
  for (const json::Value& alias : *aliases) {
    RecordedAlias read{text_or_empty(alias, "name"), {}};
    SAMOVAR_ASSIGN(const json::Value* const shares, list_of(alias, "nodes"));
    for (const json::Value& share : *shares) {
      read.shares.push_back({text_or_empty(share, "id"), percent_of(share)});
    }
    record.aliases.push_back(std::move(read));
  }
  SAMOVAR_ASSIGN(const json::Value* const nodes, list_of(text, "nodes"));
  for (const json::Value& node : *nodes) {
    record.nodes.push_back({text_or_empty(node, "name"), text_or_empty(node, "id"),
                            text_or_empty(node, "image"), text_or_empty(node, "alias"),
                            text_or_empty(node, "stamp")});
  }
  return record;
}

}  // namespace

Result<DeploymentRecord> DeploymentRecord::load(const std::string& path) {
  const auto text = sys::read_file(path, uint64_t{1} << 20);
  if (!text.ok() && text.status().code() == Code::kNotFound) return DeploymentRecord();
  if (!text.ok()) return text.status();
  const auto parsed = json::parse(*text);
  if (!parsed.ok()) return parsed.status().with_context(path);
  auto record = parse_record(*parsed);
  if (!record.ok()) return record.status().with_context(path);
  return record;
}

Status DeploymentRecord::save(const std::string& path) const {
  json::Value alias_list = json::Value::array(), node_list = json::Value::array();
  for (const RecordedAlias& alias : aliases) {
    json::Value shares = json::Value::array();
    for (const NodeShare& share : alias.shares) {
      shares.push_back({{"id", share.id}, {"percent", share.percent}});
    }
    alias_list.push_back({{"name", alias.name}, {"nodes", std::move(shares)}});
  }
  for (const RecordedNode& node : nodes) {
    node_list.push_back({{"name", node.name},
                         {"id", node.id},
                         {"image", node.image},
                         {"alias", node.alias},
                         {"stamp", node.stamp}});
  }
  const json::Value whole = {{"aliases", std::move(alias_list)}, {"nodes", std::move(node_list)}};
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

const RecordedAlias* DeploymentRecord::find_alias(const std::string& name) const {
  for (const RecordedAlias& alias : aliases) {
    if (alias.name == name) return &alias;
  }
  return nullptr;
}

const RecordedAlias* DeploymentRecord::alias_before(const std::string& node_id) const {
  for (const RecordedAlias& alias : aliases) {
    for (const NodeShare& share : alias.shares) {
      if (share.id == node_id) return &alias;
    }
  }
  return nullptr;
}

void DeploymentRecord::put_alias(RecordedAlias alias) {
  for (RecordedNode& node : nodes) {
    for (const NodeShare& share : alias.shares) {
      if (share.id == node.id) node.alias = alias.name;
    }
  }
  remove_alias(alias.name);
  aliases.push_back(std::move(alias));
}

void DeploymentRecord::remove_alias(const std::string& name) {
  std::erase_if(aliases, [&](const RecordedAlias& alias) { return alias.name == name; });
}

std::vector<RecordedNode> DeploymentRecord::left_behind(const std::string& alias) const {
  std::vector<RecordedNode> left;
  for (const RecordedNode& node : nodes) {
    if (node.alias == alias && alias_before(node.id) == nullptr) left.push_back(node);
  }
  return left;
}

}  // namespace samovar::cloud
