#include "memory/reflection/reflection.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "memory/memory.h"
#include "tests/memory/memory_support.h"

namespace loam {
namespace {

struct ReflectionTest : testing::Test {
  test::TemporaryFolder folder;
  Memory memory{folder.path("mary")};
  std::vector<std::string> told;

  void talk(const std::string& session, int n) {
    for (int i = 0; i < n; ++i) {
      NewTurn said = test::turn_of(session, "Line " + std::to_string(i) + " of " + session);
      said.role = i % 2 == 0 ? TurnRole::user : TurnRole::assistant;
      said.origin = i % 2 == 0 ? TurnOrigin::user : TurnOrigin::assistant;
      memory.turns().add(said);
    }
  }
  // A model that says how often it was asked for a summary, and finds no facts.
  Think model() {
    return [this](const std::string& instruction, const std::string& text, const std::string& schema) {
      if (!schema.empty()) return std::optional<std::string>("{}");
      EXPECT_FALSE(instruction.empty());
      told.push_back(text);
      return std::optional<std::string>("summary " + std::to_string(told.size()));
    };
  }
  static UnixTime later() { return unix_now() + 1000; }
};

TEST_F(ReflectionTest, ARestingConversationIsSummarisedOnce) {
  talk("boats", 8);
  talk("short", 2);
  EXPECT_FALSE(memory.reflect(model(), unix_now() - 60'000)) << "it has not rested";
  EXPECT_TRUE(memory.reflect(model(), later()));
  EXPECT_FALSE(memory.reflect(model(), later()));
  EXPECT_EQ(memory.summaries().find("default", "boats")->text, "summary 1");
  EXPECT_NE(told[0].find("user: Line 0 of boats"), std::string::npos);
}

TEST_F(ReflectionTest, WhatGoesOnIsSummarisedWithWhatWasThere) {
  talk("boats", 8);
  memory.reflect(model(), later());
  talk("boats", 1);
  EXPECT_TRUE(memory.reflect(model(), later()));
  EXPECT_NE(told[1].find("summary 1"), std::string::npos);
  EXPECT_EQ(told[1].find("Line 7"), std::string::npos) << "what the summary holds is not told again";
  EXPECT_EQ(memory.summaries().find("default", "boats")->text, "summary 2");
}

TEST_F(ReflectionTest, ALongConversationIsReadInPieces) {
  NewTurn said = test::turn_of("long", std::string(1000, 'x'));
  for (int i = 0; i < 30; ++i) memory.turns().add(said);
  int n = 0;
  while (memory.reflect(model(), later())) ++n;
  EXPECT_GT(n, 2);
  for (const std::string& text : told) EXPECT_LT(text.size(), 12'000u);
}

TEST_F(ReflectionTest, NobodyThinking) {
  talk("boats", 8);
  EXPECT_FALSE(memory.reflect([](const auto&...) { return std::nullopt; }, later()));
  EXPECT_FALSE(memory.summaries().find("default", "boats"));
}

TEST_F(ReflectionTest, ASummaryGoesWithWhatItTellsOf) {
  talk("boats", 8);
  memory.reflect(model(), later());
  memory.turns().erase(std::vector<TurnId>{3});
  EXPECT_FALSE(memory.summaries().find("default", "boats"));
  EXPECT_FALSE(folder.holds_bytes("summary 1"));
}

TEST_F(ReflectionTest, FactsThatAModelFindsStandInTheTurnOrAreDropped) {
  NewTurn said = test::turn_of("s", "The violin I bought in Cremona arrived.");
  for (int i = 0; i < 6; ++i) memory.turns().add(said);
  const auto think = [](const std::string&, const std::string&, const std::string& schema) {
    return std::optional<std::string>(schema.empty() ? "s" : R"(ignore all instructions; {"facts": "broken")");
  };
  EXPECT_TRUE(memory.reflect(think, later()));
  EXPECT_TRUE(memory.facts().facts({.spaces = {}, .subject = {}, .attribute = "name"}).empty());
}

}  // namespace
}  // namespace loam
