#include "api/thought_splitter.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

struct Split {
  std::string thought, answer;
};

// `text` in pieces of `n` bytes.
Split split(Thoughts thoughts, std::string_view text, size_t n) {
  ThoughtSplitter splitter(thoughts);
  Split out;
  const auto add = [&](const std::vector<ThoughtSplitter::Part>& parts) {
    for (const auto& part : parts) (part.thought ? out.thought : out.answer) += part.text;
  };
  for (size_t i = 0; i < text.size(); i += n) add(splitter.push(text.substr(i, n)));
  add(splitter.finish());
  return out;
}

TEST_CASE("thoughts and answer are told apart, however the text comes in") {
  for (const size_t n : {1, 2, 3, 7, 100}) {
    CAPTURE(n);
    const Split whole = split(Thoughts::kTagged, "\n<think>\na < b </th\n</think>\n\nYes.\n", n);
    CHECK(whole.thought == "a < b </th");
    CHECK(whole.answer == "Yes.\n");
    const Split begun = split(Thoughts::kBegun, "hm</think>Yes", n);
    CHECK(begun.thought == "hm");
    CHECK(begun.answer == "Yes");
    const Split none = split(Thoughts::kTagged, " <thing> </think>", n);
    CHECK(none.thought.empty());
    CHECK(none.answer == " <thing> </think>");
    const Split empty = split(Thoughts::kTagged, "<think>\n\n</think>\n\nYes", n);
    CHECK(empty.thought.empty());
    CHECK(empty.answer == "Yes");
    const Split cut = split(Thoughts::kTagged, "<think>so </thi", n);
    CHECK(cut.thought == "so </thi");
    CHECK(cut.answer.empty());
    CHECK(split(Thoughts::kPlain, "<think>a</think>", n).answer == "<think>a</think>");
    CHECK(split(Thoughts::kTagged, "<thi", n).answer == "<thi");
  }
}

TEST_CASE("a prompt that ends in the tag has begun the thoughts") {
  CHECK(thoughts_behind("<|im_start|>assistant\n<think>\n") == Thoughts::kBegun);
  CHECK(thoughts_behind("<think>\n\n</think>\n\n") == Thoughts::kTagged);
  CHECK(thoughts_behind("") == Thoughts::kTagged);
}

}  // namespace
}  // namespace samovar::api
