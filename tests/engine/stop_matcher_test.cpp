#include "engine/stop_matcher.h"

#include <gtest/gtest.h>

namespace loam {
namespace {

struct Shown {
  std::string text;
  bool stopped;
  bool operator==(const Shown&) const = default;
};

Shown show(const std::vector<std::string>& stops, const std::vector<std::string>& pieces) {
  StopMatcher matcher(stops);
  std::string text;
  for (const std::string& piece : pieces) text += matcher.push(piece);
  const bool stopped = matcher.stopped();
  return {text + matcher.finish(), stopped};
}

TEST(StopMatcher, ShowsAtOnceWhatCannotBeginAStopString) {
  StopMatcher matcher({"END"});
  EXPECT_EQ(matcher.push("abc"), "abc");
  EXPECT_EQ(matcher.push("dE"), "d");
  EXPECT_EQ(matcher.push("N"), "");
  EXPECT_EQ(matcher.push("x"), "ENx");
  EXPECT_FALSE(matcher.stopped());
}

TEST(StopMatcher, NothingOfTheStopStringComesOut) {
  EXPECT_EQ(show({"END"}, {"one E", "N", "D two"}), (Shown{"one ", true}));
  EXPECT_EQ(show({"</s>"}, {"a<", "/", "s", ">"}), (Shown{"a", true}));
}

TEST(StopMatcher, WhatWasHeldBackComesOutAtTheEnd) { EXPECT_EQ(show({"END"}, {"the EN"}), (Shown{"the EN", false})); }

TEST(StopMatcher, ABeginningWithinABeginningIsFound) {
  EXPECT_EQ(show({"aab"}, {"a", "a", "a", "b"}), (Shown{"a", true}));
  EXPECT_EQ(show({"\n\n", "\n#"}, {"x\n", "#", "y"}), (Shown{"x", true}));
}

TEST(StopMatcher, TheStopStringThatIsCompleteFirstCounts) {
  EXPECT_EQ(show({"long stop", "st"}, {"a long stop"}), (Shown{"a long ", true}));
  EXPECT_EQ(show({"op", "stop"}, {"a stop"}), (Shown{"a ", true}));
}

TEST(StopMatcher, NothingComesAfterTheStop) {
  StopMatcher matcher({"x"});
  EXPECT_EQ(matcher.push("axb"), "a");
  EXPECT_EQ(matcher.push("more"), "");
  EXPECT_EQ(matcher.finish(), "");
}

// However the text is cut into pieces, the same comes out.
TEST(StopMatcher, PiecesDoNotMatter) {
  const std::vector<std::string> stops{"abab", "bac", "\xEA\xB0\x80"};
  for (const std::string text : {"aabababacc", "ab\xEA\xB0\x81 ab", "babababb", "aaab\xEA\xB0\x80z"}) {
    const Shown whole = show(stops, {text});
    for (unsigned cuts = 0; cuts < 1u << (text.size() - 1); ++cuts) {
      std::vector<std::string> pieces{""};
      for (size_t i = 0; i < text.size(); ++i) {
        pieces.back() += text[i];
        if (cuts >> i & 1) pieces.emplace_back();
      }
      ASSERT_EQ(show(stops, pieces), whole) << text << " cut at " << cuts;
    }
  }
}

}  // namespace
}  // namespace loam
