#include "cloud/stream_request.h"

#include "cloud/json_member.h"
#include "cloud/native_assembly.h"
#include "cloud/ollama_assembly.h"
#include "cloud/openai_assembly.h"
#include "json/json.h"

#include <algorithm>
#include <array>

namespace samovar::cloud {
namespace {

using json::Value;

enum class Family : uint8_t { kOpenAi, kNative, kOllama };

struct Route {
  std::string_view end;  // of its path: the node's server may have a prefix
  Family family;
};

// The first that fits.
constexpr std::array kRoutes = {
    Route{"/chat/completions", Family::kOpenAi},
    Route{"/v1/completions", Family::kOpenAi},
    Route{"/copilot-codex/completions", Family::kOpenAi},
    Route{"/completions", Family::kNative},
    Route{"/completion", Family::kNative},
    Route{"/infill", Family::kNative},
    Route{"/api/chat", Family::kOllama},
    Route{"/api/generate", Family::kOllama},
};

std::optional<Family> family_of(std::string_view path) {
  for (const Route& route : kRoutes) {
    if (path.ends_with(route.end)) return route.family;
  }
  return std::nullopt;
}

// Ollama streams unless it is told not to; the others stream when they are told to.
bool wants_whole(const Value& request, Family family) {
  const Value* const stream = member(request, "stream");
  if (family == Family::kOllama) return stream != nullptr && *stream == Value(false);
  return stream == nullptr || stream->is_null() || *stream == Value(false);
}

// Asks for what tells answers and their ends apart, where the client has left that out.
NativeWish native_wish(Value& request) {
  NativeWish wish;
  const Value* const tokens = member(request, "return_tokens");
  wish.returns_tokens = tokens != nullptr && *tokens == Value(true);
  if (!request.contains("response_fields") || !request["response_fields"].is_array()) return wish;
  Value& fields = request["response_fields"];
  if (fields.empty()) return wish;  // all of them
  for (const char* needed : {"index", "stop"}) {
    if (std::find(fields.begin(), fields.end(), needed) != fields.end()) continue;
    fields.push_back(needed);
    wish.hidden.emplace_back(needed);
  }
  const char* const chances = "completion_probabilities";
  if (std::find(fields.begin(), fields.end(), chances) == fields.end()) {
    wish.hidden.emplace_back(chances);
  }
  return wish;
}

}  // namespace

std::optional<StreamRequest> as_stream_request(std::string_view path, std::string_view body) {
  const auto family = family_of(path);
  if (!family) return std::nullopt;
  auto request = json::parse(body);
  if (!request.ok() || !request->is_object() || !wants_whole(*request, *family)) {
    return std::nullopt;
  }
  (*request)["stream"] = true;
  StreamRequest out;
  if (*family == Family::kOllama) {
    out.begin_assembly = ollama_assembly;
  } else {
    request->erase("sse_ping_interval");  // the node's signs of life are ours to want
    request->erase("return_progress");    // shown in streams only
    if (*family == Family::kOpenAi) {
      (*request)["stream_options"] = {{"include_usage", true}};
      out.begin_assembly = openai_assembly;
    } else {
      out.begin_assembly = [wish = native_wish(*request)] { return native_assembly(wish); };
    }
  }
  out.body = json::dump(*request);
  return out;
}

}  // namespace samovar::cloud
