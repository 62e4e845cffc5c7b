#include "engine/engine.h"

#include "engine/test_support.h"

#include <limits>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::engine {
namespace {

std::vector<int32_t> alone(const std::vector<int32_t>& prompt, int64_t max_tokens) {
  return Fixture({.n_slots = 1, .n_ctx = 256, .max_batch_rows = 256})
      .answer(greedy(prompt, max_tokens))
      .tokens;
}

TEST_CASE("an answer has max_tokens tokens and honest counts") {
  Fixture fixture({.n_slots = 1, .n_ctx = 128});
  const auto answer = fixture.answer(greedy(prompt_of(1, 10), 5));
  CHECK(answer.tokens.size() == 5);
  CHECK(answer.end.reason == FinishReason::kLength);
  CHECK(answer.end.timings.n_prompt == 10);
  CHECK(answer.end.timings.n_predicted == 5);
  CHECK(fixture.engine->stats().prompt_tokens.load() == 10);
  CHECK(fixture.engine->stats().predicted_tokens.load() == 5);
}

TEST_CASE("an answer that its asker counts is counted once, as the asker had it") {
  Fixture fixture({.n_slots = 1, .n_ctx = 128});
  Request request = greedy(prompt_of(1, 10), 5);
  request.counted_by_asker = true;
  const auto answer = fixture.answer(std::move(request));
  CHECK(answer.end.timings.n_predicted == 5);
  CHECK(fixture.engine->stats().prompt_tokens.load() == 10);
  CHECK(fixture.engine->stats().predicted_tokens.load() == 0);
  fixture.engine->count_answer({.n_predicted = 3, .predicted_us = 7});
  CHECK(fixture.engine->stats().predicted_tokens.load() == 3);
  CHECK(fixture.engine->stats().predicted_us.load() == 7);
}

TEST_CASE("rates count the steps after the first answer token, which comes with the prompt") {
  const Timings t{.n_prompt = 30, .prompt_us = 500'000, .n_predicted = 11, .predicted_us = 200'000};
  CHECK(t.prompt_per_second() == 60);
  CHECK(t.n_answer_steps() == 10);
  CHECK(t.predicted_per_second() == 50);
  CHECK(Timings{.n_predicted = 1}.predicted_per_second() == 0);
  CHECK(Timings{}.n_answer_steps() == 0);
  CHECK(Timings{}.prompt_per_second() == 0);
}

TEST_CASE("text does not depend on batch size, threads or neighbours") {
  const std::vector<int32_t> first = prompt_of(3, 90), second = prompt_of(100, 33);
  const auto expected_first = alone(first, 20), expected_second = alone(second, 20);
  for (const int64_t rows : {1, 7, 64}) {
    for (const int n_threads : {1, 3}) {
      CAPTURE(rows);
      CAPTURE(n_threads);
      Fixture fixture({.n_slots = 2, .n_ctx = 256, .max_batch_rows = rows, .n_threads = n_threads});
      const auto a = fixture.submit(greedy(first, 20));
      const auto b = fixture.submit(greedy(second, 20));
      CHECK(answer_of(*a).tokens == expected_first);
      CHECK(answer_of(*b).tokens == expected_second);
    }
  }
}

TEST_CASE("a prompt with a known beginning starts behind it and answers the same") {
  Fixture fixture({.n_slots = 1, .n_ctx = 256});
  std::vector<int32_t> prompt = prompt_of(5, 100);
  fixture.answer(greedy(prompt, 4));
  prompt.resize(70);
  prompt.insert(prompt.end(), {1, 2, 3});
  const auto answer = fixture.answer(greedy(prompt, 8));
  CHECK(answer.end.timings.n_cached == 70);
  CHECK(answer.end.timings.n_prompt == 3);
  CHECK(answer.tokens == alone(prompt, 8));
  const auto again = fixture.answer(greedy(prompt, 8));
  CHECK(again.end.timings.n_prompt == 1);  // the last token is always computed
  CHECK(again.tokens == answer.tokens);
}

TEST_CASE("what is kept for later requests is forgotten when somebody says so") {
  Fixture fixture({.n_slots = 2, .n_ctx = 256});
  const auto answer = fixture.answer(greedy(prompt_of(5, 100), 4));
  CHECK(fixture.engine->stats().kv_tokens.load() > 100);
  fixture.engine->forget();
  while (fixture.engine->stats().kv_tokens.load() > 0) std::this_thread::yield();
  const auto again = fixture.answer(greedy(prompt_of(5, 100), 4));
  CHECK(again.end.timings.n_cached == 0);
  CHECK(again.tokens == answer.tokens);
}

TEST_CASE("an answer at work does not notice that others are forgotten") {
  Fixture fixture({.n_slots = 1, .n_ctx = 256});
  const auto expected = alone(prompt_of(5, 100), 40);
  const auto events = fixture.submit(greedy(prompt_of(5, 100), 40));
  Answer answer{.tokens = {events->next().token}};
  fixture.engine->forget();
  const Answer rest = answer_of(*events);
  answer.tokens.insert(answer.tokens.end(), rest.tokens.begin(), rest.tokens.end());
  CHECK(answer.tokens == expected);
}

TEST_CASE("a full context ends the answer") {
  Fixture fixture({.n_slots = 1, .n_ctx = 64});
  const auto answer = fixture.answer(greedy(prompt_of(1, 60), -1));
  CHECK(answer.end.reason == FinishReason::kContextFull);
  CHECK(answer.tokens.size() == 4);  // with the prompt's 60
}

TEST_CASE("a request's own context is a limit inside the slot's") {
  Fixture fixture({.n_slots = 1, .n_ctx = 128});
  Request request = greedy(prompt_of(1, 30), -1);
  request.n_ctx = 40;
  const auto answer = fixture.answer(request);
  CHECK(answer.end.reason == FinishReason::kContextFull);
  CHECK(answer.tokens.size() == 10);
  request.n_ctx = 1000;
  CHECK(fixture.answer(request).tokens.size() == 98);
}

TEST_CASE("prompts that do not fit are refused at once") {
  Fixture fixture({.n_slots = 1, .n_ctx = 64});
  CHECK(fixture.engine->submit(greedy({}, 1)).code() == Code::kInvalidArgument);
  const Status refused = fixture.engine->submit(greedy(prompt_of(1, 64), 1));
  CHECK(refused.code() == Code::kInvalidArgument);
  CHECK(refused.message() ==
        "the prompt of 64 tokens exceeds the available context size of 64 tokens; shorten it, or "
        "start with a larger --ctx-size");
}

TEST_CASE("a stop sign ends a request at work and one in the queue") {
  Fixture fixture({.n_slots = 1, .n_ctx = 8192});
  Request running = greedy(prompt_of(1, 4), 8000), waiting = greedy(prompt_of(2, 4), 8000);
  const auto running_sign = running.stop_sign, waiting_sign = waiting.stop_sign;
  const auto at_work = fixture.submit(std::move(running));
  const auto in_queue = fixture.submit(std::move(waiting));
  CHECK(at_work->next().kind == Event::Kind::kToken);
  waiting_sign->store(StopSign::kGone);
  CHECK(answer_of(*in_queue).end.reason == FinishReason::kStopSign);
  running_sign->store(StopSign::kGone);
  CHECK(answer_of(*at_work).end.reason == FinishReason::kStopSign);
  CHECK(fixture.engine->stats().requests_cancelled.load() == 2);
  CHECK(fixture.engine->stats().requests_processing.load() == 0);
  CHECK(fixture.answer(greedy(prompt_of(3, 4), 2)).tokens.size() == 2);
}

TEST_CASE("a full queue and a stopped engine say busy; what waits gets its end") {
  Fixture fixture({.n_slots = 1, .n_ctx = 8192, .max_queue = 1});
  const auto running = fixture.submit(greedy(prompt_of(1, 4), 8000));
  CHECK(running->next().kind == Event::Kind::kToken);
  const auto waiting = fixture.submit(greedy(prompt_of(2, 4), 8000));
  Request refused = greedy(prompt_of(3, 4), 1);
  refused.sink = std::make_shared<EventQueue>();
  CHECK(fixture.engine->submit(refused).code() == Code::kBusy);
  Request heir = greedy(prompt_of(4, 4), 1);
  heir.takes_over = true;
  const auto beyond = fixture.submit(std::move(heir));
  fixture.engine->stop();
  CHECK(answer_of(*running).end.error.code() == Code::kBusy);
  CHECK(answer_of(*beyond).end.error.code() == Code::kBusy);
  CHECK(answer_of(*waiting).end.error.code() == Code::kBusy);
  CHECK(fixture.engine->submit(refused).code() == Code::kBusy);
}

TEST_CASE("logits that are all banned end in an error, and the engine goes on") {
  Fixture fixture({.n_slots = 1, .n_ctx = 128});
  Request request = greedy(prompt_of(1, 4), 3);
  for (int32_t token = 0; token < fixture.model->model().config().n_vocab; ++token) {
    request.sampling.logit_bias.emplace_back(token, -std::numeric_limits<float>::infinity());
  }
  CHECK(fixture.answer(std::move(request)).end.error.code() == Code::kInternal);
  CHECK(fixture.answer(greedy(prompt_of(1, 4), 3)).tokens.size() == 3);
}

TEST_CASE("drafts change how fast an answer comes, never what it says") {
  std::vector<int32_t> prompt;
  for (int i = 0; i < 8; ++i) prompt.insert(prompt.end(), {5, 6, 7, 8, 9, 10, 11});
  for (const float temperature : {0.0F, 0.3F, 1.0F}) {
    CAPTURE(temperature);
    Request plain = greedy(prompt, 30);
    plain.sampling.temperature = temperature;
    plain.sampling.seed = 7;
    plain.speculate = false;
    Request drafted = plain;
    drafted.speculate = true;
    Fixture fixture({.n_slots = 2, .n_ctx = 256});
    const auto expected = fixture.answer(std::move(plain));
    const auto answer = fixture.answer(drafted);
    CHECK(answer.tokens == expected.tokens);
    CHECK(expected.end.timings.n_drafted == 0);
    CHECK(answer.end.timings.n_draft_held <= answer.end.timings.n_drafted);
    drafted.max_tokens = 7;
    CHECK(fixture.answer(drafted).tokens.size() == 7);
  }
}

TEST_CASE("drafts leave a prompt its rows, however few a step has") {
  Fixture fixture({.n_slots = 2, .n_ctx = 4096, .max_batch_rows = 8});
  Request running = greedy(prompt_of(1, 4), 4000);
  // A text without end all of whose drafts hold.
  running.grammar = *grammar::Grammar::parse_gbnf("root ::= (\"abcdefghijklmnop\")*");
  for (const int32_t end : fixture.model->tokenizer().vocabulary().end_of_generation()) {
    running.sampling.logit_bias.emplace_back(end, -std::numeric_limits<float>::infinity());
  }
  const auto sign = running.stop_sign;
  const auto at_work = fixture.submit(std::move(running));
  for (int i = 0; i < 100; ++i) CHECK(at_work->next().kind == Event::Kind::kToken);
  CHECK(fixture.answer(greedy(prompt_of(2, 40), 2)).tokens.size() == 2);
  sign->store(StopSign::kGone);
  CHECK(answer_of(*at_work).end.reason == FinishReason::kStopSign);
}

TEST_CASE("drafts hold where an answer repeats itself") {
  Fixture fixture({.n_slots = 1, .n_ctx = 256});
  Request request = greedy(prompt_of(1, 10), 60);
  request.grammar = *grammar::Grammar::parse_gbnf("root ::= (\"a\" \"b\" \"c\" \"d\"){60}");
  const auto drafted = fixture.answer(request);
  CHECK(drafted.end.timings.n_draft_held > 20);
  request.speculate = false;
  CHECK(fixture.answer(request).tokens == drafted.tokens);
}

TEST_CASE("a prompt's beginning is shared while its first user still answers") {
  Fixture fixture({.n_slots = 2, .n_ctx = 512});
  const auto prompt = prompt_of(5, 200);
  Request first = greedy(prompt, 300);
  const auto sign = first.stop_sign;
  const auto running = fixture.submit(std::move(first));
  CHECK(running->next().kind == Event::Kind::kToken);
  const auto second = fixture.answer(greedy(prompt, 20));
  CHECK(second.end.timings.n_cached == 199);
  CHECK(second.tokens == alone(prompt, 20));
  sign->store(StopSign::kGone);
  answer_of(*running);
}

TEST_CASE("tenants share no beginnings") {
  Fixture fixture({.n_slots = 1, .n_ctx = 256});
  Request request = greedy(prompt_of(5, 100), 4);
  fixture.answer(request);
  request.tenant = 2;
  CHECK(fixture.answer(request).end.timings.n_cached == 0);
  CHECK(fixture.answer(request).end.timings.n_cached == 99);
}

TEST_CASE("a request waits until the cache has pages to start with, and then always finishes") {
  Fixture fixture({.n_slots = 4, .n_ctx = 128, .n_cache_tokens = 256});
  std::vector<std::shared_ptr<EventQueue>> all;
  for (int32_t i = 0; i < 4; ++i) all.push_back(fixture.submit(greedy(prompt_of(i, 60), 40)));
  for (int32_t i = 0; i < 4; ++i) {
    const auto answer = answer_of(*all[static_cast<size_t>(i)]);
    CHECK(answer.end.reason == FinishReason::kLength);
    CHECK(answer.tokens == alone(prompt_of(i, 60), 40));
  }
}

TEST_CASE("answers without a limit run together in a cache that could not hold all they may need") {
  Fixture fixture({.n_slots = 4, .n_ctx = 2048, .n_cache_tokens = 2048});
  std::vector<std::shared_ptr<EventQueue>> all;
  std::vector<std::shared_ptr<std::atomic<StopSign>>> signs;
  for (int32_t i = 0; i < 4; ++i) {
    Request request = greedy(prompt_of(i, 60), -1);
    signs.push_back(request.stop_sign);
    all.push_back(fixture.submit(std::move(request)));
  }
  for (const auto& events : all) CHECK(events->next().kind == Event::Kind::kToken);
  CHECK(fixture.engine->stats().requests_processing.load() == 4);
  for (const auto& sign : signs) sign->store(StopSign::kGone);
  for (const auto& events : all) CHECK(answer_of(*events).end.reason == FinishReason::kStopSign);
}

TEST_CASE("answers that outgrow the cache pause, and all finish with the texts they have alone") {
  const auto alone_in_1024 = [](const Request& request) {
    return Fixture({.n_slots = 1, .n_ctx = 1024}).answer(request).tokens;
  };
  Fixture fixture({.n_slots = 4, .n_ctx = 1024, .n_cache_tokens = 1280, .max_batch_rows = 64});
  std::vector<Request> requests;
  std::vector<std::shared_ptr<EventQueue>> all;
  for (int32_t i = 0; i < 6; ++i) {
    Request request = greedy(prompt_of(i % 2, static_cast<size_t>(60 + 50 * i)), 400 + 40 * i);
    request.sampling.temperature = i % 2 == 0 ? 0.0F : 0.8F;
    request.sampling.seed = 5;
    request.speculate = i % 3 != 0;
    requests.push_back(request);
    all.push_back(fixture.submit(std::move(request)));
  }
  for (size_t i = 0; i < all.size(); ++i) {
    const auto answer = answer_of(*all[i]);
    const auto& timings = answer.end.timings;
    CHECK(answer.end.reason == FinishReason::kLength);
    CHECK(answer.tokens == alone_in_1024(requests[i]));
    CHECK(timings.n_cached + timings.n_prompt == static_cast<int64_t>(requests[i].prompt.size()));
  }
  CHECK(fixture.engine->stats().pauses.load() > 0);
  CHECK(fixture.engine->stats().kv_active_tokens.load() == 0);
}

TEST_CASE("a request that waits past its deadline is told to come again") {
  Fixture fixture({.n_slots = 1, .n_ctx = 8192});
  Request running = greedy(prompt_of(1, 4), 8000);
  const auto sign = running.stop_sign;
  const auto at_work = fixture.submit(std::move(running));
  CHECK(at_work->next().kind == Event::Kind::kToken);
  Request late = greedy(prompt_of(2, 4), 1);
  late.deadline_us = 1;
  CHECK(answer_of(*fixture.submit(std::move(late))).end.error.code() == Code::kBusy);
  CHECK(fixture.engine->retry_after_s() >= 1);
  sign->store(StopSign::kGone);
  answer_of(*at_work);
}

TEST_CASE("a prompt's tokens have the chances that the answers to its beginnings give them") {
  const std::vector<int32_t> prompt = prompt_of(3, 20);
  for (const int64_t rows : {3, 64}) {
    CAPTURE(rows);
    Fixture fixture({.n_slots = 2, .n_ctx = 128, .max_batch_rows = rows});
    fixture.answer(greedy(prompt, 1));  // what is cached must not be left out
    const auto beside = fixture.submit(greedy(prompt_of(100, 5), 12));
    Request request = greedy(prompt, 2);
    request.chances = {.kind = sample::ChanceKind::kModel, .n_top = 2};
    request.prompt_chances = true;
    const auto events = fixture.submit(request);
    for (size_t i = 1; i < prompt.size(); ++i) {
      const Event event = events->next();
      REQUIRE(event.kind == Event::Kind::kPromptToken);
      CHECK(event.token == prompt[i]);
      REQUIRE(event.chances->top.size() == 2);
      if (i % 8 != 0) continue;
      Request begin = greedy({prompt.begin(), prompt.begin() + static_cast<std::ptrdiff_t>(i)}, 1);
      begin.chances = request.chances;
      const Event first = fixture.submit(begin)->next();
      CHECK(first.chances->top[1].token == event.chances->top[1].token);
      CHECK(first.chances->top[1].value == event.chances->top[1].value);
    }
    CHECK(answer_of(*events).tokens == alone(prompt, 2));
    CHECK(answer_of(*beside).tokens == alone(prompt_of(100, 5), 12));
  }
}

TEST_CASE("an answer keeps to its grammar, and ends where nothing more may follow") {
  Fixture fixture({.n_slots = 1, .n_ctx = 128});
  const tokenizer::Vocabulary& vocabulary = fixture.model->tokenizer().vocabulary();
  for (const float temperature : {0.0F, 1.0F}) {
    Request request = greedy(prompt_of(1, 10), 60);
    request.sampling.temperature = temperature;
    request.ignore_end = false;
    request.grammar = *grammar::Grammar::parse_gbnf("root ::= [0-9] [0-9] \"-\" [a-c]+ \".\"");
    auto matcher = request.grammar->matcher();
    const auto answer = fixture.answer(request);
    for (const int32_t token : answer.tokens) CHECK(matcher.accept(vocabulary.bytes(token)));
    if (answer.end.reason == FinishReason::kEndOfGeneration) CHECK(matcher.can_end());
    CHECK(answer.tokens.size() >= 4);
  }
}

TEST_CASE("the model's chances are those before the grammar") {
  Fixture fixture({.n_slots = 1, .n_ctx = 128});
  Request request = greedy(prompt_of(1, 10), 1);
  request.chances = {.kind = sample::ChanceKind::kModel, .n_top = 1000};
  const Event free = fixture.submit(request)->next();
  request.grammar = *grammar::Grammar::parse_gbnf("root ::= [0-9]");
  const Event bound = fixture.submit(request)->next();
  REQUIRE(free.chances);
  REQUIRE(bound.chances);
  CHECK(bound.token != free.token);
  CHECK(bound.chances->top[0].token == free.token);
  CHECK(bound.chances->top[0].value == free.chances->top[0].value);
  CHECK(bound.chances->drawn.value < free.chances->drawn.value);
}

TEST_CASE("an end token ends an answer that its grammar lets end, ignored or not") {
  Fixture fixture({.n_slots = 1, .n_ctx = 128});
  Request request = greedy(prompt_of(1, 10), 20);
  const tokenizer::Vocabulary& vocabulary = fixture.model->tokenizer().vocabulary();
  REQUIRE_FALSE(vocabulary.end_of_generation().empty());
  request.sampling.logit_bias.emplace_back(vocabulary.end_of_generation().front(), 1e6F);
  request.grammar = *grammar::Grammar::parse_gbnf("root ::= \"a\" \"b\"*");
  const auto answer = fixture.answer(std::move(request));
  CHECK(answer.tokens.size() == 1);
  CHECK(answer.end.reason == FinishReason::kEndOfGeneration);
}

TEST_CASE("a grammar that the vocabulary can't write ends its request, and the engine goes on") {
  Fixture fixture({.n_slots = 1, .n_ctx = 128});
  Request request = greedy(prompt_of(1, 10), 60);
  const tokenizer::Vocabulary& vocabulary = fixture.model->tokenizer().vocabulary();
  request.grammar = *grammar::Grammar::parse_gbnf("root ::= \"ab\"");
  for (int32_t token = 0; token < static_cast<int32_t>(vocabulary.size()); ++token) {
    if (vocabulary.bytes(token).starts_with("a")) {
      request.sampling.logit_bias.emplace_back(token, -std::numeric_limits<float>::infinity());
    }
  }
  CHECK(fixture.answer(std::move(request)).end.error.code() == Code::kInternal);
  CHECK(fixture.answer(greedy(prompt_of(1, 4), 3)).tokens.size() == 3);
}

}  // namespace
}  // namespace samovar::engine
