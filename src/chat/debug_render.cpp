#include "chat/debug_render.h"

#include "json/json.h"

#include <charconv>
#include <ctime>

namespace samovar::chat {
namespace {

// "2026-11-22T12:34:56" as UTC; nothing for any other form.
std::optional<int64_t> parse_time(std::string_view text) {
  if (text.size() != 19) return std::nullopt;
  std::tm utc{};
  const auto field = [&](size_t at, size_t n_digits, int& out) {
    const char* begin = text.data() + at;
    return std::from_chars(begin, begin + n_digits, out).ptr == begin + n_digits;
  };
  const bool valid = field(0, 4, utc.tm_year) && field(5, 2, utc.tm_mon) &&
                     field(8, 2, utc.tm_mday) && field(11, 2, utc.tm_hour) &&
                     field(14, 2, utc.tm_min) && field(17, 2, utc.tm_sec);
  if (!valid) return std::nullopt;
  utc.tm_year -= 1900;
  utc.tm_mon -= 1;
  return timegm(&utc);
}

Result<int64_t> time_of(const json::Value& context) {
  const auto now = context.find("now");
  if (now == context.end()) return 0;
  if (now->is_number_integer()) return now->get<int64_t>();
  const auto parsed =
      now->is_string() ? parse_time(now->get_ref<const std::string&>()) : std::nullopt;
  if (!parsed) return invalid_argument("\"now\" must be seconds or \"YYYY-MM-DDThh:mm:ss\"");
  return *parsed;
}

Result<Rendered> render(const Template& chat_template, std::string_view json_line) {
  SAMOVAR_ASSIGN(const json::Value context, json::parse(json_line));
  if (!context.is_object()) return invalid_argument("line must hold a JSON object");
  SAMOVAR_ASSIGN(const int64_t now, time_of(context));
  return chat_template.render(context, now);
}

}  // namespace

std::string render_line(const Template& chat_template, std::string_view json_line) {
  const auto rendered = render(chat_template, json_line);
  if (rendered.ok()) return json::dump({{"text", rendered->text}});
  const Status& failure = rendered.status();
  return json::dump({{"error", std::string(failure.message())},
                     {"code", std::string(code_name(failure.code()))}});
}

}  // namespace samovar::chat
