// The description of the API (web/openapi.json) says what the program does: its routes are those of
// the table, and the members of its bodies are those that the parsers read.
#include "api/api.h"
#include "api/build_info.h"
#include "api/field_record.h"
#include "api/tiny_served_model.h"
#include "api/web_page.h"
#include "json/json.h"
#include "net/exchange.h"
#include "sys/test_tree.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace samovar::api {
namespace {

using json::Value;

Value description() {
  auto parsed = json::parse(web_file("/openapi.json", {}).body);
  REQUIRE(parsed.ok());
  return *std::move(parsed);
}

// The same without "$ref".
const Value& resolved(const Value& document, const Value& node) {
  const auto ref = node.find("$ref");
  if (ref == node.end()) return node;
  return document.at(Value::json_pointer(ref->get<std::string>().substr(1)));
}

const Value& body_of(const Value& document, const Value& operation) {
  return resolved(document, operation.at("requestBody")).at("content").at("application/json");
}

using Members = std::map<std::string, std::vector<const Value*>>;  // path -> its schemas

// All members that a schema describes, by path: "messages[].content[].type".
void collect(const Value& document, const Value& unresolved, const std::string& path,
             Members& members) {
  const Value& schema = resolved(document, unresolved);
  if (!path.empty()) members[path].push_back(&schema);
  for (const char* several : {"allOf", "oneOf"}) {
    if (!schema.contains(several)) continue;
    for (const Value& one : schema.at(several)) collect(document, one, path, members);
  }
  if (schema.contains("items")) collect(document, schema.at("items"), path + "[]", members);
  if (!schema.contains("properties")) return;
  for (const auto& [name, property] : schema.at("properties").items()) {
    collect(document, property, path.empty() ? name : path + "." + name, members);
  }
}

bool has(const std::vector<const Value*>& schemas, const char* keyword, const Value& value) {
  for (const Value* schema : schemas) {
    if (schema->value(keyword, Value()) == value) return true;
  }
  return false;
}

std::optional<double> number(const std::vector<const Value*>& schemas, const char* keyword) {
  for (const Value* schema : schemas) {
    const auto found = schema->find(keyword);
    if (found == schema->end()) continue;
    return found->is_boolean() ? (found->get<bool>() ? 1.0 : 0.0) : found->get<double>();
  }
  return std::nullopt;
}

const char* type_of(FieldRead::Kind kind) {
  switch (kind) {
    case FieldRead::Kind::kInteger:
      return "integer";
    case FieldRead::Kind::kNumber:
      return "number";
    case FieldRead::Kind::kBoolean:
      return "boolean";
    case FieldRead::Kind::kString:
      return "string";
    case FieldRead::Kind::kStrings:
      return "array";
    case FieldRead::Kind::kAny:
      break;
  }
  return nullptr;
}

// Whose range is checked by hand around the reader: tests/e2e/fields_test.py asks the server.
bool has_own_range(const std::string& path) {
  static const std::set<std::string> kOwn = {"best_of", "options.repeat_last_n", "top_logprobs",
                                             "thinking_budget_tokens", "reasoning_budget_tokens"};
  return kOwn.contains(path);
}

void compare(const FieldRead& read, const std::string& path,
             const std::vector<const Value*>& schemas) {
  CAPTURE(path);
  const char* const type = type_of(read.kind);
  if (type != nullptr) CHECK(has(schemas, "type", type));
  const auto same = [](std::optional<double> a, std::optional<double> b) {
    return a.has_value() == b.has_value() && (!a || doctest::Approx(*a).epsilon(1e-6) == *b);
  };
  const bool is_number =
      read.kind == FieldRead::Kind::kInteger || read.kind == FieldRead::Kind::kNumber;
  const auto fallback = number(schemas, "default");
  if (fallback) CHECK(same(fallback, read.fallback));
  if (!is_number || has_own_range(path)) return;
  CHECK(same(number(schemas, "minimum"), read.min));
  CHECK(same(number(schemas, "maximum"), read.max));
  CHECK(has(schemas, "x-clamp", true) == (read.range == Range::kClamp));
}

// The examples of a body; and the first of them with each example that a member has of its own.
std::vector<Value> samples(const Value& document, const Value& body) {
  std::vector<Value> out;
  for (const auto& [name, example] : body.at("examples").items()) {
    out.push_back(example.at("value"));
  }
  Members members;
  collect(document, body.at("schema"), "", members);
  for (const auto& [path, schemas] : members) {
    if (path.find_first_of(".[") != std::string::npos) continue;
    for (const Value* schema : schemas) {
      for (const Value& example : schema->value("examples", Value::array())) {
        out.push_back(out.front());
        out.back()[path] = example;
      }
    }
  }
  return out;
}

class Asked {
 public:
  Asked() : api_(options(tree_)) {
    api_.set_poster([](const std::function<void()>& task) { task(); });
    api_.set_model(TinyServedModel{.n_slots = 2, .fills_in = true}.make());
  }
  ~Asked() { api_.set_model(nullptr); }

  // What is read of `body`. The client has gone: nobody hears the answer.
  std::map<std::string, FieldRead> reads(net::Method method, const std::string& path,
                                         const Value& body) {
    const auto flags = std::make_shared<net::Connection::Flags>();
    flags->gone = true;
    net::Request request{.method = method, .path = path, .body = json::dump(body)};
    request.headers.set("Host", "localhost");
    const FieldRecord record;
    api_.handle(std::move(request), net::Responder(std::make_shared<net::Exchange>(
                                        1, flags, [](const auto&) { return false; })));
    return record.reads();
  }

 private:
  static ApiOptions options(sys::TestTree& tree) {
    store::StoreOptions store;
    store.cache_dir = tree.path() + "/hub";
    store.state_dir = tree.path() + "/state";
    store.offline = true;
    auto opened = store::Store::open(std::move(store));
    REQUIRE(opened.ok());
    return {.model_id = "smollm2:135m",
            .props = true,
            .compile_threads = 0,  // what is read is noted by thread
            .models = std::make_shared<const store::Store>(*std::move(opened))};
  }

  sys::TestTree tree_;
  Api api_;
};

// Ollama's options reach the reader of all sampling members, but only under the names it knows.
bool cannot_be_given(const std::string& path, const Members& members) {
  return path.starts_with("options.") && !members.contains(path) &&
         members.contains("options.temperature");
}

// Itself, or a member of it.
bool is_read(const std::map<std::string, FieldRead>& reads, const std::string& path) {
  const auto next = reads.lower_bound(path);
  if (next != reads.end() && next->first == path) return true;
  return std::any_of(next, reads.end(), [&](const auto& read) {
    return read.first.starts_with(path + ".") || read.first.starts_with(path + "[");
  });
}

void check_body(Asked& asked, const Value& document, const std::string& path, net::Method method,
                const Value& operation) {
  CAPTURE(path);
  const Value& body = body_of(document, operation);
  Members members;
  collect(document, body.at("schema"), "", members);
  std::map<std::string, FieldRead> reads;
  for (const Value& sample : samples(document, body)) {
    for (auto& [field, read] : asked.reads(method, path, sample)) {
      const bool known = reads.contains(field) && read.kind == FieldRead::Kind::kAny;
      if (!known) reads[field] = read;
    }
  }
  CHECK_FALSE(reads.empty());
  for (const auto& [field, read] : reads) {
    if (cannot_be_given(field, members)) continue;
    CHECK_MESSAGE(members.contains(field), "read, but not described: ", field);
    const bool is_used = members.contains(field) && !has(members.at(field), "x-ignored", true);
    if (is_used) compare(read, field, members.at(field));
  }
  for (const auto& [field, schemas] : members) {
    const bool item = field.ends_with("[]");
    CHECK_MESSAGE((item || is_read(reads, field) || has(schemas, "x-ignored", true)),
                  "described, but not read: ", field);
    if (!item) CHECK_MESSAGE(!has(schemas, "description", ""), "without a description: ", field);
  }
}

TEST_CASE("the routes described are those that are answered, with their methods and keys") {
  std::map<std::string, std::set<std::string>> described;
  const Value document = description();
  std::map<std::string, bool> is_public;
  for (const auto& [path, item] : document.at("paths").items()) {
    for (const auto& [method, operation] : item.items()) {
      described[path].insert(method);
      is_public[path] = operation.contains("security");
    }
  }
  for (const Api::RouteInfo& route : Api::routes()) {
    CAPTURE(route.path);
    std::set<std::string> methods;
    if (route.methods.find("GET") != std::string::npos) methods.insert("get");
    if (route.methods.find("POST") != std::string::npos) methods.insert("post");
    if (route.methods.find("DELETE") != std::string::npos) methods.insert("delete");
    CHECK(described[std::string(route.path)] == methods);
    CHECK(is_public[std::string(route.path)] != route.needs_key);
  }
  CHECK(described.size() == Api::routes().size());
}

TEST_CASE("the members described are those that the parsers read, with types, ranges, defaults") {
  Asked asked;
  const Value document = description();
  int n_bodies = 0;
  for (const auto& [path, item] : document.at("paths").items()) {
    for (const auto& [method, operation] : item.items()) {
      if (!operation.contains("requestBody")) continue;
      ++n_bodies;
      const net::Method asked_by = method == "post" ? net::Method::kPost : net::Method::kDelete;
      check_body(asked, document, path, asked_by, operation);
    }
  }
  CHECK(n_bodies > 15);
}

TEST_CASE("a long body is not read on the thread that brought it") {
  Asked asked;
  const std::string text(size_t{300} << 10, 'a');
  CHECK_FALSE(asked.reads(net::Method::kPost, "/tokenize", {{"content", "a"}}).empty());
  CHECK(asked.reads(net::Method::kPost, "/tokenize", {{"content", text}}).empty());
}

TEST_CASE("the description has the version of the program") {
  const std::string version = description().at("info").at("version");
  CHECK("b" + version == build_fingerprint());
}

}  // namespace
}  // namespace samovar::api
