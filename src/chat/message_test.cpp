#include "chat/message.h"

#include "chat/builtin_format.h"
#include "chat/debug_render.h"
#include "json/json.h"

#include <doctest/doctest.h>

namespace samovar::chat {
namespace {

constexpr std::string_view kStringsOnly =
    "{% for m in messages %}<{{ m.role }}>{{ m['content'] + '' }}{% endfor %}";
constexpr std::string_view kPartsOnly =
    "{% for m in messages %}{% for p in m.content %}{{ p.text }}{% endfor %}{% endfor %}";
constexpr std::string_view kTools =
    "{{ tools | tojson if tools }}{% for m in messages %}{{ m.content }}"
    "{% for c in m.tool_calls or [] %}{{ c.function.name }}{{ c.function.arguments | tojson }}"
    "{% endfor %}{% endfor %}";

Template template_of(std::string_view source) {
  return *Template::parse(source);
}

TEST_CASE("a probe finds out what content a template takes") {
  const Capabilities strings = probe(template_of(kStringsOnly));
  CHECK(strings.string_content);
  CHECK_FALSE(strings.part_content);
  CHECK(strings.system_role);
  CHECK_FALSE(strings.tools);
  const Capabilities parts = probe(template_of(kPartsOnly));
  CHECK_FALSE(parts.string_content);
  CHECK(parts.part_content);
}

TEST_CASE("a probe finds out how tools are shown") {
  const Capabilities found = probe(template_of(kTools));
  CHECK(found.tools);
  CHECK(found.tool_calls);
  CHECK(found.object_arguments);
  CHECK_FALSE(probe(template_of("{{ raise_exception('no') }}")).system_role);
}

TEST_CASE("messages are rewritten for a template that takes strings") {
  const json::Value parts = json::Value::array(
      {{{"type", "text"}, {"text", "a"}}, {{"type", "input_text"}, {"text", "b"}}});
  json::Value messages = json::Value::array(
      {{{"role", "developer"}, {"content", parts}}, {{"role", "assistant"}, {"reasoning", "r"}}});
  CHECK(normalize_messages(messages, probe(template_of(kStringsOnly))).ok());
  CHECK(json::dump(messages) == R"([{"role":"system","content":"a\nb"},)"
                                R"({"role":"assistant","reasoning_content":"r","content":""}])");
}

TEST_CASE("messages are rewritten for a template that takes parts") {
  json::Value messages = json::Value::array({{{"role", "user"}, {"content", "a"}}});
  CHECK(normalize_messages(messages, probe(template_of(kPartsOnly))).ok());
  CHECK(json::dump(messages[0]["content"]) == R"([{"type":"text","text":"a"}])");
}

TEST_CASE("arguments of tool calls become objects where the template shows them as JSON") {
  const json::Value call = {{"function", {{"name", "f"}, {"arguments", R"({"a": 1})"}}}};
  json::Value messages = json::Value::array(
      {{{"role", "assistant"}, {"content", nullptr}, {"tool_calls", json::Value::array({call})}}});
  CHECK(normalize_messages(messages, probe(template_of(kTools))).ok());
  const json::Value& arguments = messages[0]["tool_calls"][0]["function"]["arguments"];
  CHECK(json::dump(arguments) == R"({"a":1})");
}

TEST_CASE("what is no message is refused by its index") {
  const std::pair<const char*, const char*> cases[] = {
      {R"({})", "messages must be an array"},
      {R"([1])", "messages[0]: must be an object"},
      {R"([{"role": "user", "content": "a"}, {"content": "a"}])",
       "messages[1]: role must be a string"},
      {R"([{"role": "user", "content": 5}])", "messages[0]: content must be a string or an array"},
      {R"([{"role": "user", "content": [{"type": "image_url"}]}])",
       "messages[0]: unsupported content[].type: image_url"},
      {R"([{"role": "assistant", "content": "", "tool_calls": [{}]}])",
       "messages[0]: tool call has no function with name and arguments"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    json::Value messages = *json::parse(text);
    const Status refused = normalize_messages(messages, {});
    CHECK(refused.code() == Code::kInvalidArgument);
    CHECK(refused.message() == expected);
  }
}

TEST_CASE("extra fields cannot replace what decides on trust") {
  const json::Value messages = json::Value::array();
  const json::Value good = {{"enable_thinking", false}};
  const json::Value bad = {{"eos_token", "<|x|>"}};
  const auto context = make_context({.messages = &messages, .extra = &good, .bos_token = "<s>"});
  REQUIRE(context.ok());
  CHECK((*context)["enable_thinking"] == false);
  CHECK_FALSE(context->contains("tools"));
  CHECK(make_context({.messages = &messages, .extra = &bad}).status().code() ==
        Code::kInvalidArgument);
}

std::string chat(std::string_view format) {
  const Message messages[] = {{"system", "S"}, {"user", "U1"}, {"assistant", "A"}, {"user", "U2"}};
  const json::Value array = to_json(messages);
  const auto context = make_context({.messages = &array, .bos_token = "<s>", .eos_token = "</s>"});
  const auto rendered = template_of(find_builtin_format(format)->source).render(context.value(), 0);
  return rendered.ok() ? rendered->text : std::string(rendered.status().message());
}

TEST_CASE("built-in formats write a conversation as their models saw it") {
  CHECK(chat("completion") == "S\nU1\nA\nU2");
  CHECK(chat("phi2-instruct") == "S\nInstruct: U1\nOutput: A\nInstruct: U2\nOutput:");
  CHECK(chat("saiga") == "<s>system\nS</s><s>user\nU1</s><s>bot\nA</s><s>user\nU2</s><s>bot\n");
  CHECK(chat("mistral-instruct") == "<s>[INST] S\n\nU1 [/INST]A</s>[INST] U2 [/INST]");
  CHECK(chat("gemma") ==
        "<s><start_of_turn>user\nS\n\nU1<end_of_turn>\n<start_of_turn>model\nA<end_of_turn>\n"
        "<start_of_turn>user\nU2<end_of_turn>\n<start_of_turn>model\n");
  CHECK(chat("chatml") ==
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU1<|im_end|>\n<|im_start|>assistant\n"
        "A<|im_end|>\n<|im_start|>user\nU2<|im_end|>\n<|im_start|>assistant\n");
  CHECK(chat("llama2") ==
        "<s>[INST] <<SYS>>\nS\n<</SYS>>\n\nU1 [/INST] A </s><s>[INST] U2 [/INST]");
}

TEST_CASE("llama-server's names of formats write what its own do") {
  CHECK(chat("llama3") ==
        "<|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nU1<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\nA<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nU2<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n");
  CHECK(chat("command-r") ==
        "<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>S<|END_OF_TURN_TOKEN|>"
        "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>U1<|END_OF_TURN_TOKEN|>"
        "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>A<|END_OF_TURN_TOKEN|>"
        "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>U2<|END_OF_TURN_TOKEN|>"
        "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>");
  CHECK(chat("phi3") ==
        "<|system|>\nS<|end|>\n<|user|>\nU1<|end|>\n<|assistant|>\nA<|end|>\n"
        "<|user|>\nU2<|end|>\n<|assistant|>\n");
  CHECK(chat("vicuna") == "S\n\nUSER: U1\nASSISTANT: A</s>\nUSER: U2\nASSISTANT:");
  CHECK(chat("mistral-v1") == " [INST] S\n\nU1 [/INST] A</s> [INST] U2 [/INST]");
  CHECK(chat("mistral-v3-tekken") == "[INST]S\n\nU1[/INST]A</s>[INST]U2[/INST]");
  CHECK(chat("mistral-v7") ==
        "[SYSTEM_PROMPT] S[/SYSTEM_PROMPT][INST] U1[/INST] A</s>[INST] U2[/INST]");
}

TEST_CASE("saiga gets its default system text when there is none") {
  const std::string line = R"({"messages": [{"role": "user", "content": "x"}]})";
  const std::string text = render_line(template_of(find_builtin_format("saiga")->source), line);
  CHECK(text == R"({"text":"<s>system\nТы — Сайга, русскоязычный автоматический ассистент. )"
                R"(Ты разговариваешь с людьми и помогаешь им.</s><s>user\nx</s>"})");
}

TEST_CASE("a format is proposed from the name, or none") {
  const std::pair<const char*, const char*> cases[] = {
      {"TheBloke/phi-2-GGUF", "phi2-instruct"},
      {"phi-2.Q4_K_M.gguf", "phi2-instruct"},
      {"TheBloke/dolphin-2_6-phi-2-GGUF", "chatml"},
      {"IlyaGusev/saiga_mistral_7b_gguf", "saiga"},
      {"TheBloke/Mistral-7B-Instruct-v0.2-GGUF", "mistral-instruct"},
      {"TheBloke/Mixtral-8x7B-Instruct-v0.1-GGUF", "mistral-instruct"},
      {"google/gemma-2b-it-GGUF", "gemma"},
      {"gemma:2b", "gemma"},
      {"TheBloke/Llama-2-7B-Chat-GGUF", "llama2"},
      {"Qwen1.5-0.5B-Chat", "chatml"},
      {"IlyaGusev/saiga_llama3_8b_gguf", nullptr},
      {"TheBloke/Mistral-7B-v0.1-GGUF", nullptr},
      {"tinyllamas/stories15M.gguf", nullptr},
      {"", nullptr},
  };
  for (const auto& [name, expected] : cases) {
    CAPTURE(name);
    const BuiltinFormat* proposed = propose_builtin_format(name);
    CHECK((proposed ? std::string(proposed->name) : "none") == (expected ? expected : "none"));
  }
}

TEST_CASE("every built-in format parses and is found by its name") {
  for (const BuiltinFormat& format : builtin_formats()) {
    CAPTURE(format.name);
    CHECK(Template::parse(format.source).ok());
    CHECK(find_builtin_format(format.name)->name == format.name);
  }
  CHECK(find_builtin_format("nope") == nullptr);
}

TEST_CASE("a debug line gives text or error as JSON") {
  const Template time = template_of("{{ strftime_now('%H:%M') }}{{ raise_exception('no') if x }}");
  CHECK(render_line(time, R"({"now": "2026-11-22T12:34:56"})") == R"({"text":"12:34"})");
  CHECK(render_line(time, R"({"now": 60})") == R"({"text":"00:01"})");
  CHECK(render_line(time, R"({"x": 1})") == R"({"error":"no","code":"invalid_argument"})");
  CHECK(json::parse(render_line(time, "{"))->contains("error"));
  CHECK(json::parse(render_line(time, R"({"now": "soon"})"))->contains("error"));
}

}  // namespace
}  // namespace samovar::chat
