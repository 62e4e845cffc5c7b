// samovar run: one answer, a chat in the terminal, or token ids in and out.
#include "api/generation_fields.h"
#include "base/clock.h"
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/line_editor.h"
#include "cli/output.h"
#include "cli/sampling_flags.h"
#include "cli/session.h"
#include "cli/speed_line.h"
#include "json/json.h"
#include "store/catalog.h"
#include "sys/file.h"

#include <unistd.h>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

constexpr uint64_t kMaxInputBytes = uint64_t{32} << 20;

Result<std::vector<int32_t>> read_token_file(const std::string& path, int64_t n_vocab) {
  SAMOVAR_ASSIGN(const std::string text, sys::read_file(path, kMaxInputBytes));
  auto parsed = json::parse(text);
  if (!parsed.ok()) return parsed.status().with_context(path);
  std::vector<int32_t> tokens;
  if (!parsed->is_array()) return invalid_argument(path + ": expected a JSON array of token ids");
  for (const json::Value& item : *parsed) {
    if (!item.is_number_integer() || item < 0 || item >= n_vocab) {
      return invalid_argument(fmt::format("{}: item {}: expected a token id below {}, found {}",
                                          path, tokens.size(), n_vocab, json::dump(item)));
    }
    tokens.push_back(item.get<int32_t>());
  }
  return tokens;
}

class Run final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("model", &model_.model,
              "a name that `samovar list` shows, or a path; smollm2:135m if none");
    flags.add("prompt", &prompt_, "answer this and end; without it, chat");
    declare_model_flags(flags, model_);
    sampling_.declare(flags);
    flags.add("--system", &system_, "the system message");
    flags.add("--tokens", &tokens_file_,
              "a file with a JSON array of ids, taken as they are ('-': stdin)");
    flags.add("--json", &json_, "print {\"ids\", \"text\"} instead of streaming text");
    flags.add("--verbose", &verbose_,
              "after each answer: tokens, speed, share of the memory bandwidth");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(params_, sampling_.params());
    SAMOVAR_ASSIGN(const store::Store models, store::Store::open(store_options(environment)));
    SAMOVAR_ASSIGN(Session session, open_session(model_, models, environment));
    session.sampling.apply(sampling_.given(), params_);
    speed_.emplace(session);
    if (verbose_) tell("{}\n", session.plan.summary());
    if (!session.served->format.note.empty() && tokens_file_.empty()) {
      tell("{}\n", session.served->format.note);
    }
    if (!tokens_file_.empty()) return run_tokens(*session.served);
    if (!prompt_.empty()) return ask_once(*session.served, prompt_);
    if (isatty(STDIN_FILENO) != 0) return chat(*session.served, environment);
    SAMOVAR_ASSIGN(const std::string input, sys::read_file("-", kMaxInputBytes));
    if (input.empty()) return invalid_argument("nothing to answer: the standard input is empty");
    return ask_once(*session.served, input);
  }

 private:
  Status run_tokens(const api::ServedModel& served) {
    SAMOVAR_ASSIGN(auto tokens,
                   read_token_file(tokens_file_, served.model->model().config().n_vocab));
    return generate(served, std::move(tokens), {.with_special = true}).status();
  }

  // The messages so far, rendered and answered.
  Result<Answer> reply(const api::ServedModel& served, const json::Value& messages) {
    SAMOVAR_ASSIGN(auto tokens, api::render_chat(served.format, served.model->tokenizer(),
                                                 {.messages = messages}, system_clock().unix_s()));
    return generate(served, std::move(tokens), {.stop = served.format.stop});
  }

  Result<Answer> generate(const api::ServedModel& served, std::vector<int32_t> tokens,
                          AnswerOptions options) {
    if (!json_) options.on_text = write_stdout;
    engine::Request request{
        .prompt = std::move(tokens), .sampling = params_, .max_tokens = sampling_.n_predict()};
    if (sampling_.context_shift()) {
      request.shift =
          api::context_shift(served.model->tokenizer().vocabulary(), sampling_.n_keep(), 0);
    }
    SAMOVAR_ASSIGN(Answer result, answer(served, std::move(request), options));
    const std::string end =
        json_ ? json::dump({{"ids", result.ids}, {"text", result.text}}) + "\n" : "\n";
    SAMOVAR_TRY(write_stdout(end));
    if (verbose_) tell("{}\n", speed_->describe(result.timings));
    return result;
  }

  json::Value first_messages() const {
    json::Value messages = json::Value::array();
    if (!system_.empty()) messages.push_back({{"role", "system"}, {"content", system_}});
    return messages;
  }

  Status ask_once(const api::ServedModel& served, const std::string& text) {
    json::Value messages = first_messages();
    messages.push_back({{"role", "user"}, {"content", text}});
    const Interrupt interrupt;
    return reply(served, messages).status();
  }

  Status chat(const api::ServedModel& served, const Environment& environment) {
    SAMOVAR_TRY(write_stdout(fmt::format(
        "Chat with {}. /clear starts anew, /bye or Ctrl-D ends, Ctrl-C stops an answer.\n",
        model_.model)));
    LineEditor editor("> ", store_options(environment).state_dir + "/history");
    const Interrupt interrupt;
    json::Value messages = first_messages();
    while (auto line = editor.read()) {
      if (*line == "/bye" || *line == "/exit") return {};
      if (*line == "/clear") messages = first_messages();
      if (line->empty() || *line == "/clear") continue;
      messages.push_back({{"role", "user"}, {"content", *line}});
      auto answered = reply(served, messages);
      if (!answered.ok()) {
        tell("samovar: {}\n", answered.status().message());
        messages.erase(messages.size() - 1);
        continue;
      }
      messages.push_back({{"role", "assistant"}, {"content", answered->text}});
    }
    return write_stdout("\n");
  }

  ModelOptions model_{.model = std::string(store::kDefaultModel)};
  SamplingFlags sampling_;
  std::string prompt_, system_, tokens_file_;
  bool json_ = false, verbose_ = false;
  sample::Params params_;
  std::optional<SpeedLine> speed_;
};

}  // namespace

std::unique_ptr<Command> make_run() {
  return std::make_unique<Run>();
}

}  // namespace samovar::cli
