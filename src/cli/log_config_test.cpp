#include "cli/log_config.h"

#include <doctest/doctest.h>

namespace samovar::cli {
namespace {

// As Google's local-llm ships it.
constexpr const char* kShipped = R"(version: 1
formatters:
  default:
    format: '%(asctime)s - %(name)s - %(levelname)s - %(message)s'
handlers:
  default:
    formatter: default
    class: logging.handlers.RotatingFileHandler
    filename: /var/log/local-llm.log
    maxBytes: 1000
    backupCount: 3
  stdout:
    formatter: default
    class: logging.StreamHandler
    stream: ext://sys.stdout
loggers:
  uvicorn.error:
    level: INFO
    handlers: [default, stdout]
  uvicorn.access:
    level: DEBUG
    handlers: [default]
root:
  level: WARNING
  handlers: [default])";

TEST_CASE("A logging configuration of Python tells level, file, its turns and its lines' form") {
  log::Options options;
  REQUIRE(apply_log_config(kShipped, "x.yaml", options).ok());
  CHECK(options.level == log::Level::kDebug);
  CHECK(options.file == "/var/log/local-llm.log");
  CHECK(options.max_file_bytes == 1000);
  CHECK(options.n_backups == 3);
  CHECK(options.python_format == "%(asctime)s - %(name)s - %(levelname)s - %(message)s");
  CHECK(options.to_stderr);
}

TEST_CASE("What means nothing here is named") {
  log::Options options;
  CHECK(apply_log_config(kShipped, "x.yaml", options)->empty());
  const auto ignored = apply_log_config(
      "{filters: {}, handlers: {a: {filename: a.log}, b: {filename: b.log}, mail: {class: "
      "logging.handlers.SMTPHandler}}}",
      "x.yaml", options);
  CHECK(*ignored == std::vector<std::string>{"filters", "handlers.b", "handlers.mail"});
}

TEST_CASE("What a configuration does not say stays as it is") {
  log::Options options{.level = log::Level::kError};
  REQUIRE(apply_log_config("{version: 1}", "x.yaml", options).ok());
  CHECK(options.level == log::Level::kError);
  CHECK(options.file.empty());
  CHECK(options.to_stderr);
  REQUIRE(apply_log_config("handlers: {f: {class: logging.FileHandler, filename: a.log}}", "x.yaml",
                           options)
              .ok());
  CHECK_FALSE(options.to_stderr);
  CHECK(apply_log_config("handlers: {f: {filename: a.log, formatter: none}}", "x.yaml", options)
            .ok());
}

TEST_CASE("What is no configuration is told with the file's name") {
  log::Options options;
  for (const char* text : {"[1, 2]", "a: [", "root: {level: LOUD}", ""}) {
    const Status problem = apply_log_config(text, "x.yaml", options).status();
    CHECK_MESSAGE(problem.message().starts_with("x.yaml: "), text);
    CHECK(problem.code() == Code::kCorrupt);
  }
}

}  // namespace
}  // namespace samovar::cli
