#include "api/generation.h"

#include "api/context_limit.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

// Chances that a whole answer may hold: some 100 MB of JSON.
constexpr size_t kMaxChances = size_t{1} << 18;

}  // namespace

struct Generation::Member {
  Member(int64_t index, const tokenizer::Vocabulary& vocabulary, const GenerationOptions& options)
      : choice(index, vocabulary, options.choice),
        reader(options.reading),
        watch(options.metrics) {}
  enum class Stage : uint8_t { kWaiting, kRunning, kDone };
  Choice choice;
  AnswerReader reader;
  RequestMetrics::Watch watch;
  Stage stage = Stage::kWaiting;
  bool has_progress = false;
  bool has_token = false;
  size_t n_prompt_tokens = 0;  // told with their chances
  std::shared_ptr<engine::RequestNote> note;
  std::vector<ShownToken> echo_tokens;
  int64_t n_thought_tokens = 0;
  std::string text, thought;       // of a whole answer
  std::vector<ShownToken> tokens;  // of a whole answer
};

// The engine's end of one choice.
class Generation::Sink final : public engine::EventSink {
 public:
  Sink(std::shared_ptr<Generation> generation, size_t index)
      : generation_(std::move(generation)), index_(index) {}
  void on_event(const engine::Event& event) override { generation_->on_event(index_, event); }

 private:
  std::shared_ptr<Generation> generation_;
  size_t index_;
};

// Lives while the turn is used. Where memory runs out, the engine is told to stop and the turn is
// free again: the last event will be the client's answer.
class Generation::TurnInUse {
 public:
  explicit TurnInUse(Generation& generation) : generation_(generation) {}
  TurnInUse(const TurnInUse&) = delete;
  TurnInUse& operator=(const TurnInUse&) = delete;
  ~TurnInUse() {
    if (ended_) return;
    generation_.failed_ = true;
    generation_.stop_all(engine::StopSign::kEnough);
    generation_.turn_taken_.store(false);
  }
  void end() { ended_ = true; }

 private:
  Generation& generation_;
  bool ended_ = false;
};

Generation::Generation(ServedPointer served, std::unique_ptr<AnswerShape> shape,
                       GenerationWork work, GenerationOptions options, net::Responder responder,
                       Poster poster)
    : served_(std::move(served)),
      shape_(std::move(shape)),
      work_(std::move(work)),
      options_(std::move(options)),
      responder_(std::move(responder)),
      poster_(std::move(poster)) {
  const size_t n_choices = work_.prompts.size() * static_cast<size_t>(work_.n);
  outcomes_.resize(n_choices);
  members_.reserve(n_choices);
  for (size_t i = 0; i < n_choices; ++i) {
    stop_signs_.push_back(std::make_shared<std::atomic<engine::StopSign>>(engine::StopSign::kNone));
    members_.emplace_back(static_cast<int64_t>(i), served_->model->tokenizer().vocabulary(),
                          options_);
  }
}

Generation::~Generation() = default;

void Generation::start() {
  TurnInUse turn(*this);
  // All prompts before the first is submitted: a stream that began cannot be refused.
  const auto empty = options_.empty_prompts_end ? EmptyPrompts::kTaken : EmptyPrompts::kRefused;
  if (const auto problem = check_prompts(*served_->engine, work_.prompts, empty)) {
    refuse(*problem);
  } else if (const Status submitted = submit_ready(); !submitted.ok()) {
    refuse(from_status(submitted));
  } else {
    responder_.on_close([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->stop_all(engine::StopSign::kGone);
    });
    begin_stream();
  }
  turn.end();
  take_turn();
}

void Generation::begin_stream() {
  if (is_stream()) {
    responder_.begin_stream(200, stream_headers(options_.delivery),
                            stream_ping(options_.delivery, options_.ping_interval_s));
  }
  for (size_t i = 0; i < members_.size(); ++i) {
    if (is_stream()) write_event(shape_->first_event(static_cast<int64_t>(i)));
    if (options_.echo.empty()) continue;
    const std::vector<int32_t>& prompt = work_.prompts[i / static_cast<size_t>(work_.n)];
    const auto bos = served_->model->tokenizer().vocabulary().bos();
    const bool hides_first = bos && prompt.front() == *bos;
    if (work_.request.prompt_chances && !hides_first) {
      members_[i].echo_tokens.push_back(prompt_token(prompt.front(), {}));
    }
    if (!work_.request.prompt_chances || prompt.size() == 1) show_echo(members_[i]);
  }
}

ShownToken Generation::prompt_token(int32_t id, const engine::Event& event) const {
  return {id, served_->model->tokenizer().vocabulary().bytes(id), event.chances};
}

void Generation::show_echo(Member& member) {
  const std::string& echo = options_.echo[static_cast<size_t>(member.choice.index() / work_.n)];
  if (!is_stream()) {
    member.text += echo;
    member.tokens = std::move(member.echo_tokens);
  } else if (!echo.empty()) {
    write_event(shape_->text_event(
        {.index = member.choice.index(), .text = echo, .tokens = member.echo_tokens}));
  }
  member.choice.prepend(echo);
}

void Generation::stop_all(engine::StopSign sign) {
  for (const auto& stop_sign : stop_signs_) stop_sign->store(sign);
}

void Generation::on_event(size_t index, const engine::Event& event) {
  letters_.send({index, event});
  if (turn_taken_.exchange(true)) return;
  TurnInUse turn(*this);
  poster_([self = shared_from_this()] { self->take_turn(); });
  turn.end();
}

void Generation::take_turn() {
  TurnInUse turn(*this);
  do {
    while (auto letter = letters_.try_receive()) handle(*letter);
    turn_taken_.store(false);
  } while (!letters_.empty() && !turn_taken_.exchange(true));
  turn.end();
}

void Generation::handle(const Letter& letter) {
  Member& member = members_[letter.index];
  member.watch.on_event(letter.event, stop_signs_[letter.index]->load() == engine::StopSign::kGone);
  if (letter.event.kind == engine::Event::Kind::kDone) {
    on_done(member, letter.event);
  } else if (!over_ && !failed_ && letter.event.kind == engine::Event::Kind::kToken) {
    on_token(member, letter.event);
  } else if (!over_ && !failed_ && letter.event.kind == engine::Event::Kind::kPromptToken) {
    on_prompt_token(member, letter.event);
  } else if (!over_ && !failed_) {
    on_prompt(member, letter.event);
  }
}

void Generation::on_prompt(Member& member, const engine::Event& event) {
  if (!is_stream()) return;
  const auto i_prompt = static_cast<size_t>(member.choice.index() / work_.n);
  PromptProgress progress{.index = member.choice.index(),
                          .n_total = static_cast<int64_t>(work_.prompts[i_prompt].size()),
                          .timings = event.timings,
                          .slot = event.slot};
  if (!member.has_progress) {  // as it was before the first step
    member.has_progress = true;
    PromptProgress begin = progress;
    begin.timings.n_prompt = 0;
    begin.timings.prompt_us = 0;
    write_event(shape_->progress_event(begin));
  }
  write_event(shape_->progress_event(progress));
}

void Generation::on_prompt_token(Member& member, const engine::Event& event) {
  if (!count_chances(event)) return;
  member.echo_tokens.push_back(prompt_token(event.token, event));
  const auto i_prompt = static_cast<size_t>(member.choice.index() / work_.n);
  if (++member.n_prompt_tokens + 1 == work_.prompts[i_prompt].size()) show_echo(member);
}

// False once there are more chances than a whole answer may hold: the request has ended.
bool Generation::count_chances(const engine::Event& event) {
  if (is_stream() || event.chances == nullptr) return true;
  n_chances_ += event.chances->top.size() + 1;
  if (n_chances_ <= kMaxChances) return true;
  fail(invalid_argument(
      fmt::format("the answer holds more than {} probabilities: ask for a stream, for fewer of "
                  "them or for fewer tokens",
                  kMaxChances)));
  return false;
}

void Generation::on_token(Member& member, const engine::Event& event) {
  const bool first = !member.has_token;
  member.has_token = true;
  if (!member.choice.complete()) {
    show(member, member.choice.push(event), event);
    if (member.reader.in_thought()) ++member.n_thought_tokens;
    if (member.choice.complete()) {
      stop_signs_[static_cast<size_t>(member.choice.index())]->store(engine::StopSign::kEnough);
    }
  }
  if (!count_chances(event)) return;
  if (!first) return;
  if (const Status status = submit_ready(); !status.ok()) fail(status);
}

void Generation::on_done(Member& member, const engine::Event& event) {
  member.stage = Member::Stage::kDone;
  member.has_token = true;  // the others of this prompt need not wait for one
  ++n_done_;
  // First: whoever saw the end of an answer finds it in the metrics.
  served_->engine->count_answer(member.choice.counted(event));
  if (over_) return;
  if (!event.error.ok()) return fail(event.error);
  if (failed_) return fail(out_of_memory());
  show(member, member.choice.finish(event.reason), event);
  std::vector<AnswerReader::Part> rest = member.reader.finish();
  // Nobody's text, but tokens that are shown to those who asked: the end of a call's form, or of an
  // answer that was cut inside a character.
  if (rest.empty()) rest.emplace_back();
  show_parts(member, rest, event);
  Outcome& outcome = outcomes_[static_cast<size_t>(member.choice.index())];
  outcome = member.choice.outcome(event);
  outcome.text = std::move(member.text);
  outcome.thought = std::move(member.thought);
  outcome.tokens = std::move(member.tokens);
  if (!is_stream()) outcome.calls = member.reader.calls();
  outcome.called = member.reader.called();
  outcome.n_thought_tokens = member.n_thought_tokens;
  const bool all = n_done_ == members_.size();
  if (is_stream()) {
    write_event(shape_->last_event(
        outcome, all ? std::span<const Outcome>(outcomes_) : std::span<const Outcome>()));
  }
  if (all) return finish();
  if (const Status status = submit_ready(); !status.ok()) fail(status);
}

bool Generation::ready(size_t index) const {
  if (members_[index].stage != Member::Stage::kWaiting) return false;
  const size_t first = index - index % static_cast<size_t>(work_.n);
  return index == first || members_[first].has_token;
}

Status Generation::submit_ready() {
  if (n_submitted_ == members_.size()) return {};
  if (responder_.closed()) return cancelled("the client went away");
  const int64_t n_slots = served_->engine->options().n_slots;
  for (size_t i = 0; i < members_.size(); ++i) {
    if (static_cast<int64_t>(n_submitted_ - n_done_) >= n_slots) break;
    if (!ready(i)) continue;
    const Status status = submit(i);
    // A full queue is no reason to lose what has been answered: the next end makes room.
    if (status.code() == Code::kBusy && n_submitted_ > n_done_) return {};
    if (!status.ok()) return status;
  }
  return {};
}

Status Generation::submit(size_t index) {
  const auto n = static_cast<size_t>(work_.n);
  Member& member = members_[index];
  engine::Request request = work_.request;
  request.prompt = work_.prompts[index / n];
  request.sampling.seed += index % n;
  member.note = std::make_shared<engine::RequestNote>();
  member.note->settings = work_.settings;
  request.note = member.note;
  request.stop_sign = stop_signs_[index];
  request.takes_over = n_done_ > 0 && n_done_ == n_submitted_;  // nothing is left that makes room
  request.counted_by_asker = true;
  if (n_submitted_ > 0) request.deadline_us = 0;
  if (request.prompt.empty() && options_.empty_prompts_end) {
    letters_.send({index, {.kind = engine::Event::Kind::kDone}});
  } else {
    request.sink = std::make_shared<Sink>(shared_from_this(), index);
    SAMOVAR_TRY(served_->engine->submit(std::move(request)));
  }
  member.stage = Member::Stage::kRunning;
  ++n_submitted_;
  return {};
}

void Generation::show(Member& member, const std::string& text, const engine::Event& event) {
  if (text.find('\n') != std::string::npos && member.note != nullptr) {
    member.note->has_new_line.store(true, std::memory_order_relaxed);
  }
  show_parts(member, member.reader.push(text), event);
}

// Of a whole answer. Its calls are the reader's.
void Generation::keep_parts(Member& member, const std::vector<AnswerReader::Part>& parts) {
  for (const auto& part : parts) {
    if (part.kind == chat::AnswerPart::Kind::kText) member.text += part.text;
    if (part.kind == chat::AnswerPart::Kind::kThought) member.thought += part.text;
  }
  for (ShownToken& token : member.choice.take_shown()) member.tokens.push_back(std::move(token));
}

void Generation::show_parts(Member& member, const std::vector<AnswerReader::Part>& parts,
                            const engine::Event& event) {
  if (!is_stream()) return keep_parts(member, parts);
  const std::vector<ToolCall>& calls = member.reader.calls();
  for (const auto& part : parts) {
    const std::vector<ShownToken> tokens = member.choice.take_shown();
    if (part.text.empty() && tokens.empty() && part.kind == chat::AnswerPart::Kind::kText) continue;
    write_event(shape_->text_event({.index = member.choice.index(),
                                    .kind = part.kind,
                                    .text = part.text,
                                    .i_call = part.i_call,
                                    .call = calls.empty() ? nullptr : &calls[part.i_call],
                                    .text_begin = member.choice.text_begin(),
                                    .tokens = tokens,
                                    .timings = event.timings,
                                    .slot = event.slot}));
  }
}

void Generation::write_event(const json::Value& value) {
  if (!value.is_null()) responder_.write(frame(options_.delivery, json::dump(value)));
}

void Generation::finish() {
  over_ = true;
  if (!is_stream()) {
    return responder_.send(net::Response::json(200, json::dump(shape_->whole(outcomes_))));
  }
  write_event(shape_->usage_event(outcomes_));
  if (const std::string_view end = stream_end(options_.delivery); !end.empty()) {
    responder_.write(std::string(end));
  }
  responder_.end();
}

// Before anything of the answer was sent.
void Generation::refuse(const ApiError& error) {
  over_ = true;
  stop_all(engine::StopSign::kGone);
  responder_.send(error_response(error, options_.path, served_->engine->retry_after_s()));
}

void Generation::fail(const Status& status) {
  if (!is_stream()) return refuse(from_status(status));
  over_ = true;
  stop_all(engine::StopSign::kGone);
  responder_.write(frame(options_.delivery, error_body(from_status(status), options_.path)));
  responder_.end();
}

}  // namespace samovar::api
