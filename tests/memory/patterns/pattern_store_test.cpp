#include "memory/patterns/pattern_store.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/memory/memory_support.h"

namespace loam {
namespace {

constexpr UnixTime kDayInStore = 24LL * 3600 * 1000;
constexpr UnixTime kToday = 1'700'000'000'000;

struct PatternStoreTest : testing::Test {
  PatternStoreTest() { store.attach(patterns, PatternStore::kVersion); }

  static TurnPattern pattern_of(PatternKind kind, std::vector<std::string> items, std::vector<TurnId> turns,
                                std::string key, double p) {
    TurnPattern pattern;
    pattern.kind = kind;
    pattern.items = std::move(items);
    pattern.turns = std::move(turns);
    pattern.key = std::move(key);
    pattern.p = p;
    pattern.n_sessions = 5;
    return pattern;
  }

  std::vector<TurnId> add_turns() {
    return {store.add(test::turn_of("a", "커피 두통")), store.add(test::turn_of("b", "coffee canary77 headache"))};
  }

  test::TemporaryFolder folder;
  Database database{folder.path("mem.db")};
  TurnStore store{database};
  PatternStore patterns{database};
};

TEST_F(PatternStoreTest, IsReadAsItWasWritten) {
  const auto ids = add_turns();
  const TurnPattern written = pattern_of(PatternKind::pair, {"커피", "두통"}, ids, "k1", 0.25);
  patterns.replace("default", std::vector{written});
  const auto read = patterns.list("default");
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].items, written.items);
  EXPECT_EQ(read[0].turns, ids);
  EXPECT_EQ(read[0].p, 0.25);
  EXPECT_EQ(read[0].n_sessions, 5);
  EXPECT_TRUE(patterns.list("LTM_1").empty());
}

TEST_F(PatternStoreTest, WhatWasMutedStaysMutedWhenItIsFoundAgain) {
  const auto ids = add_turns();
  const std::vector found = {pattern_of(PatternKind::burst, {"coffee"}, ids, "k1", 0.01)};
  patterns.replace("default", found);
  EXPECT_EQ(patterns.choose("default", "coffee?", Language::en, kToday).size(), 1U);
  patterns.mute("default", "k1", true);
  patterns.replace("default", found);
  EXPECT_TRUE(patterns.choose("default", "coffee?", Language::en, kToday).empty());
  patterns.mute("default", "k1", false);
  EXPECT_EQ(patterns.choose("default", "coffee?", Language::en, kToday).size(), 1U);
}

TEST_F(PatternStoreTest, ChoosesTwoThatMatterAndRestsSevenDays) {
  const auto ids = add_turns();
  patterns.replace("default", std::vector{pattern_of(PatternKind::burst, {"coffee"}, ids, "k1", 0.01),
                                          pattern_of(PatternKind::pair, {"coffee", "headache"}, ids, "k2", 0.02),
                                          pattern_of(PatternKind::weekday, {"coffee", "0"}, ids, "k3", 0.03),
                                          pattern_of(PatternKind::hour, {"piano", "8"}, ids, "k4", 0.001)});
  const auto chosen = patterns.choose("default", "Should I drink coffees?", Language::en, kToday);
  ASSERT_EQ(chosen.size(), 2U);
  EXPECT_EQ(chosen[0].key, "k1");
  EXPECT_EQ(chosen[1].key, "k3");
  patterns.mark_shown("default", "k1", kToday);
  const auto later = patterns.choose("default", "coffee", Language::en, kToday + 6 * kDayInStore);
  ASSERT_EQ(later.size(), 2U);
  EXPECT_EQ(later[0].key, "k3");
  EXPECT_EQ(patterns.choose("default", "coffee", Language::en, kToday + 8 * kDayInStore)[0].key, "k1");
  EXPECT_TRUE(patterns.choose("default", "what time is it", Language::en, kToday).empty());
}

TEST_F(PatternStoreTest, APatternGoesWithATurnThatIsErased) {
  const auto ids = add_turns();
  patterns.replace("default", std::vector{pattern_of(PatternKind::burst, {"canary77"}, ids, "k1", 0.01),
                                          pattern_of(PatternKind::burst, {"커피"}, {ids[0]}, "k2", 0.02)});
  patterns.mute("default", "k1", true);
  store.erase(std::vector<TurnId>{ids[1]});
  ASSERT_EQ(patterns.list("default").size(), 1U);
  EXPECT_EQ(patterns.list("default")[0].key, "k2");
  EXPECT_FALSE(folder.holds_bytes("canary77"));
}

}  // namespace
}  // namespace loam
