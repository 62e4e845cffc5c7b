#include "cli/listening.h"
#include "cli/output.h"
#include "cli/parse.h"
#include "cli/peer_flags.h"
#include "cli/progress_view.h"
#include "cli/suggest.h"

#include <fcntl.h>
#include <set>
#include <unistd.h>

#include <doctest/doctest.h>

namespace samovar::cli {
namespace {

using Words = std::vector<std::string>;

using Values = std::map<std::string, std::string>;
const Environment kEmpty{Values{}};

std::string problem(const Words& arguments, const Environment& environment = kEmpty) {
  const auto parsed = parse(arguments, environment);
  REQUIRE_FALSE(parsed.ok());
  CHECK(parsed.status().code() == Code::kInvalidArgument);
  return std::string(parsed.status().message());
}

TEST_CASE("help names every command, and each command's help its own flags") {
  const auto help = parse({"--help"}, kEmpty);
  REQUIRE(help.ok());
  CHECK(help->command == nullptr);
  std::set<std::string> names;
  for (const CommandEntry& entry : command_table()) {
    CHECK(names.insert(std::string(entry.name)).second);
    const std::string word(entry.name.substr(0, entry.name.find(' ')));
    CHECK_MESSAGE(help->help.find("\n  " + word) != std::string::npos, word);
  }
  CHECK(parse({}, kEmpty)->help == help->help);
  CHECK(parse({"show", "--help"}, kEmpty)->help.find("--template") != std::string::npos);
  CHECK(parse({"debug"}, kEmpty)->help.find("tokenize") != std::string::npos);
  CHECK(parse({"debug", "logits", "--help"}, kEmpty)->help.find("Usage: samovar debug logits ") !=
        std::string::npos);
}

TEST_CASE("a command's help shows what it must be given, and the values it takes by itself") {
  const std::string show = parse({"show", "--help"}, kEmpty)->help;
  CHECK(show.find("[OPTIONS] model\n") != std::string::npos);
  const std::string serve = parse({"serve", "--help"}, kEmpty)->help;
  CHECK(serve.find("[model...]") != std::string::npos);
  CHECK(serve.find("--port INT=8080 ") != std::string::npos);
  CHECK(serve.find("--kv TEXT=i16 ") != std::string::npos);
}

TEST_CASE("a command that takes several names takes them all") {
  CHECK(parse({"rm", "a:1", "b:2"}, kEmpty).ok());
  CHECK(parse({"serve", "a:1", "--port", "0", "b:2"}, kEmpty).ok());
  CHECK(problem({"show", "a:1", "b:2"}).find("unknown argument") != std::string::npos);
}

TEST_CASE("a value that is no number is named with its flag") {
  CHECK(problem({"serve", "--port", "abc"}) == "--port: expected a whole number, found `abc`");
  CHECK(problem({"serve", "--temp", "hot"}) == "--temp: expected a number, found `hot`");
}

TEST_CASE("a figure that means nothing is refused before a model is looked for") {
  const auto refusal = [](const Words& arguments) {
    const auto parsed = parse(arguments, kEmpty);
    REQUIRE(parsed.ok());
    return std::string(parsed->command->run(kEmpty).message());
  };
  CHECK(refusal({"plan", "none.gguf", "--parallel=-3"}) ==
        "--parallel: expected 0 (automatic) or more, found -3");
  CHECK(refusal({"plan", "none.gguf", "--batch-size=-5"}) ==
        "--batch-size: expected 0 (automatic) or more, found -5");
  CHECK(refusal({"serve", "none.gguf", "--parallel=-3"}).starts_with("--parallel: "));
  for (const char* seconds : {"-1", "86401", "9223372036854775807"}) {
    const std::string said = fmt::format("--drain: expected 0 to 86400 s, found {}", seconds);
    const std::string drain = fmt::format("--drain={}", seconds);
    CHECK(refusal({"serve", "none.gguf", drain}) == said);
    CHECK(refusal({"gateway", "--node", "n", "--folder", "f", drain}) == said);
  }
  CHECK(refusal({"serve", "none.gguf", "--connections-per-address=-1"}) ==
        "--connections-per-address: expected 0 (no limit) or more, found -1");
  CHECK(refusal({"host", "setup", "--zram-size=4Q"}).starts_with("--zram-size: expected bytes"));
}

TEST_CASE("mistyped commands and flags get the nearest one offered") {
  CHECK(problem({"shwo"}) == "unknown command \"shwo\"; did you mean show?");
  CHECK(problem({"list", "--jsn"}) == "unknown flag \"--jsn\"; did you mean --json?");
  CHECK(problem({"list", "--jsn=1"}).find("did you mean --json?") != std::string::npos);
  CHECK(problem({"list", "--log-lvl", "info"}).find("--log-level") != std::string::npos);
  CHECK(problem({"list", "--qqqqqqqqqq"}).find("--help lists") != std::string::npos);
  CHECK(problem({"list", "extra"}).find("unknown argument \"extra\"") != std::string::npos);
}

TEST_CASE("a missing argument is named with what it is for") {
  CHECK(problem({"show"}).find("model") != std::string::npos);
  CHECK(problem({"debug", "logits", "m.gguf"}).find("--tokens is missing") != std::string::npos);
  CHECK_FALSE(problem({"debug", "logits", "m.gguf", "--ctx", "many"}).empty());
}

TEST_CASE("global flags stand before or after the command, and have twins in the environment") {
  CHECK(parse({"--log-level", "debug", "list"}, kEmpty)->log.level == log::Level::kDebug);
  CHECK(parse({"list", "--log-level=error", "--log-json"}, kEmpty)->log.format ==
        log::Format::kJson);
  const Environment twins(Values{{"SAMOVAR_LOG_LEVEL", "info"}, {"SAMOVAR_LOG_JSON", "true"}});
  CHECK(parse({"list"}, twins)->log.level == log::Level::kInfo);
  CHECK(parse({"list"}, twins)->log.format == log::Format::kJson);
  CHECK(parse({"list", "--log-level", "off"}, twins)->log.level == log::Level::kOff);
  CHECK(problem({"list", "--log-level", "loud"}).find("warning") != std::string::npos);
  CHECK(problem({"debug", "logits", "m", "--tokens", "t", "--out", "o"},
                Environment(Values{{"SAMOVAR_CTX", "many"}}))
            .starts_with("SAMOVAR_CTX=many"));
}

TEST_CASE("spellings of peers become our flags up to a bare double dash") {
  Words words = {"-ctk", "q8_0", "-ub=64", "--", "-np"};
  rewrite_peer_flags(words);
  CHECK(words == Words{"--cache-type-k", "q8_0", "--ubatch-size=64", "--", "-np"});
}

TEST_CASE("the words that people try first are understood") {
  CHECK(arguments_of("samovar", {"--version"}) == Words{"version"});
  CHECK(arguments_of("/bin/llama-server", {"--version"}) == Words{"version"});
  CHECK(arguments_of("samovar", {"help"}) == Words{"--help"});
  CHECK(arguments_of("samovar", {"help", "debug", "logits"}) == Words{"debug", "logits", "--help"});
  CHECK(arguments_of("samovar", {"list", "--json"}) == Words{"list", "--json"});
}

TEST_CASE("only near words are suggested") {
  CHECK(nearest("vresion", {"version", "list"}) == "version");
  CHECK(nearest("x", {"version", "list"}) == "");
  CHECK(nearest("--nope", {"--top-k", "--top-p"}) == "");
  CHECK(nearest("--tpo-k", {"--top-k", "--temp"}) == "--top-k");
  CHECK(nearest(std::string(100'000, 'x'), {"version"}) == "");
}

TEST_CASE("the store's folders follow the rules of the hub's own programs") {
  const auto cache_dir = [](Values values) {
    return store_options(Environment(std::move(values))).cache_dir;
  };
  CHECK(cache_dir({{"HOME", "/h"}}) == "/h/.cache/huggingface/hub");
  CHECK(cache_dir({{"HOME", "/h"}, {"XDG_CACHE_HOME", "/x"}}) == "/x/huggingface/hub");
  CHECK(cache_dir({{"HOME", "/h"}, {"XDG_CACHE_HOME", "not absolute"}}) ==
        "/h/.cache/huggingface/hub");
  CHECK(cache_dir({{"XDG_CACHE_HOME", "/x"}, {"HF_HOME", "/f"}}) == "/f/hub");
  CHECK(cache_dir({{"HF_HOME", "/f"}, {"HF_HUB_CACHE", "/c"}}) == "/c");
  const auto options = store_options(Environment({{"HOME", "/h"},
                                                  {"HF_TOKEN", " key\n"},
                                                  {"HF_HUB_OFFLINE", "1"},
                                                  {"HF_ENDPOINT", "http://e"}}));
  CHECK(options.hf_token.reveal() == "key");
  CHECK(options.offline);
  CHECK(options.hf_endpoint == "http://e");
  CHECK(options.state_dir == "/h/.local/state/samovar");
  CHECK(options.catalog_file == "/h/.config/samovar/catalog.yaml");
}

TEST_CASE(
    "an address may have 64 connections, any number where keys are asked for, or as many as said") {
  AddressLimit limit;
  Flags flags;
  limit.declare(flags);
  CHECK(*limit.connections(false) == 64);
  CHECK(*limit.connections(true) == 0);
  *std::get<int64_t*>(flags.all()[0].target) = 10;
  *flags.all()[0].given = true;
  CHECK(*limit.connections(true) == 10);
}

TEST_CASE("what can't be told to anybody is lost, and nothing else") {
  const int before = dup(STDERR_FILENO);
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  dup2(full, STDERR_FILENO);
  CHECK_NOTHROW(tell("{} thread{}\n", 2, "s"));
  dup2(before, STDERR_FILENO);
  close(full);
  close(before);
}

TEST_CASE("sizes, counts and times are written for people") {
  CHECK(human_bytes(0) == "0 B");
  CHECK(human_bytes(999) == "999 B");
  CHECK(human_bytes(98'362'432) == "98.4 MB");
  CHECK(human_bytes(1'117'320'768) == "1.12 GB");
  CHECK(human_count(134'515'008) == "135 M");
  CHECK(human_seconds(7.4) == "7 s");
  CHECK(human_seconds(125) == "2 min 05 s");
  CHECK(human_seconds(4200) == "1 h 10 min");
}

TEST_CASE("a table's columns are as wide as what stands in them") {
  CHECK(table({{"NAME"}, {"SIZE", Column::Align::kRight}, {"FILE"}},
              {{"a", "98.4 MB", "/a"}, {"longer", "1 B", "/b"}}) ==
        "NAME       SIZE  FILE\n"
        "a       98.4 MB  /a\n"
        "longer      1 B  /b\n");
  CHECK(table({{"PID"}}, {}) == "PID\n");
}

TEST_CASE("without a terminal progress is a line per tenth at most, and one per second") {
  FakeClock clock;
  ProgressView view(false, clock);
  store::Progress progress{store::Phase::kDownload, 0, 1000, 0, "the source"};
  CHECK(view.draw(progress) == "fetching the source\n");
  int lines = 0;
  for (progress.bytes_done = 1; progress.bytes_done <= 1000; ++progress.bytes_done) {
    clock.advance_us(10'000);
    if (!view.draw(progress).empty()) ++lines;
  }
  CHECK(lines >= 9);
  CHECK(lines <= 11);
  CHECK(view.finish() == "");
}

TEST_CASE("on a terminal the line is drawn anew and ended once") {
  FakeClock clock;
  ProgressView view(true, clock);
  const std::string bar =
      view.draw({store::Phase::kDownload, 50'000'000, 100'000'000, 10e6, "source"});
  CHECK(bar.find("[###############---------------]") != std::string::npos);
  CHECK(bar.find("50.0 MB of 100 MB, 10.0 MB/s, 5 s left") != std::string::npos);
  CHECK(view.finish() == "\n");
  CHECK(view.finish() == "");
}

}  // namespace
}  // namespace samovar::cli
