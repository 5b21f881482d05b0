#include "memory/store/turn_store.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "tests/memory/memory_support.h"

namespace loam {
namespace {

using test::TemporaryFolder;
using test::turn_of;

// Counts what it is told, and can be told to fail.
struct CountingIndex final : DerivedIndex {
  std::string_view name() const override { return "counting"; }
  void add(const Turn& turn) override {
    if (turn.text == fails_on) throw Error(Error::Code::io, "as asked");
    texts.push_back(turn.text);
  }
  void remove(std::span<const TurnId> turns) override { removed.insert(removed.end(), turns.begin(), turns.end()); }
  void clear() override { texts.clear(); }
  std::string fails_on = "never";
  std::vector<std::string> texts;
  std::vector<TurnId> removed;
};

struct TurnStoreTest : testing::Test {
  TemporaryFolder folder;
  Database database{folder.path("mem.db")};
  TurnStore store{database};
};

TEST_F(TurnStoreTest, WhatWasAddedIsFoundAsItWas) {
  NewTurn said = turn_of("s1", "Привет, 안녕 \xF0\x9F\x98\x80");
  said.space = "LTM_1";
  said.speaker = "Мария";
  said.time = 1234567890123;
  said.partial = true;
  said.key = "k";
  const TurnId id = store.add(said);
  const auto found = store.find(id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->text, said.text);
  EXPECT_EQ(found->space, "LTM_1");
  EXPECT_EQ(found->speaker, "Мария");
  EXPECT_EQ(found->time, 1234567890123);
  EXPECT_EQ(found->key, "k");
  EXPECT_TRUE(found->partial);
  EXPECT_GT(found->seen, found->time);
  EXPECT_FALSE(store.find(id + 1));
}

TEST_F(TurnStoreTest, AKeyStoresOnceForEachRoleAndNamespace) {
  NewTurn said = turn_of("s1", "once");
  said.key = "request-1";
  const TurnId first = store.add(said);
  EXPECT_EQ(store.add(said), first);
  said.role = TurnRole::assistant;
  EXPECT_NE(store.add(said), first);
  EXPECT_EQ(store.size(), 2);
}

TEST_F(TurnStoreTest, TextThatIsNotUtf8IsRefused) {
  EXPECT_THROW(store.add(turn_of("s1", "\xFF")), Error);
  EXPECT_EQ(store.size(), 0);
}

TEST_F(TurnStoreTest, NeighboursAreOfTheSameSession) {
  std::vector<TurnId> ids;
  for (const char* text : {"a", "b", "c", "d"}) {
    ids.push_back(store.add(turn_of("s1", text)));
    store.add(turn_of("s2", "other"));
  }
  const Turn c = *store.find(ids[2]);
  const auto before = store.before(c, 5), after = store.after(c, 5);
  ASSERT_EQ(before.size(), 2u);
  EXPECT_EQ(before[0].text, "b");
  EXPECT_EQ(before[1].text, "a");
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(after[0].text, "d");
  EXPECT_EQ(store.sessions("").size(), 2u);
}

TEST_F(TurnStoreTest, AnIndexThatFailsUndoesTheTurn) {
  CountingIndex index;
  store.attach(index, 1);
  index.fails_on = "bad";
  EXPECT_THROW(store.add(turn_of("s1", "bad")), Error);
  EXPECT_EQ(store.size(), 0);
  store.add(turn_of("s1", "good"));
  EXPECT_EQ(index.texts, std::vector<std::string>{"good"});
}

TEST_F(TurnStoreTest, AnIndexIsMadeAnewForANewVersionOnly) {
  store.add(turn_of("s1", "a"));
  CountingIndex first, second, third;
  store.attach(first, 1);
  EXPECT_EQ(first.texts.size(), 1u);
  TurnStore reopened(database);
  reopened.attach(second, 1);
  EXPECT_TRUE(second.texts.empty());
  reopened.attach(third, 2);
  EXPECT_EQ(third.texts.size(), 1u);
}

TEST_F(TurnStoreTest, ErasedTurnsLeaveNoByte) {
  const std::string canary = "canary-5f2e9a7c";
  std::vector<TurnId> ids;
  for (int i = 0; i < 50; ++i) ids.push_back(store.add(turn_of("s1", canary + std::to_string(i))));
  EXPECT_TRUE(folder.holds_bytes(canary));
  EXPECT_EQ(store.erase(ids), 50);
  EXPECT_FALSE(folder.holds_bytes(canary));
  EXPECT_GT(store.add(turn_of("s1", "later")), ids.back()) << "ids are never given twice";
}

TEST_F(TurnStoreTest, ASecondOpeningIsRefused) { EXPECT_THROW(Database{folder.path("mem.db")}, Error); }

TEST_F(TurnStoreTest, StoppedRebuildLeavesAllAsItWas) {
  CountingIndex index;
  store.attach(index, 1);
  for (int i = 0; i < 10; ++i) store.add(turn_of("s1", "a"));
  EXPECT_THROW(store.rebuild([](int64_t done, int64_t) { return done < 3; }), Error);
  store.rebuild();
  EXPECT_EQ(index.texts.size(), 10u);
  EXPECT_EQ(database.check_integrity(), "ok");
}

}  // namespace
}  // namespace loam
