#include "memory/transfer/export.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "memory/transfer/turn_json.h"
#include "memory/transfer/written_time.h"
#include "tests/memory/transfer/transfer_support.h"

namespace loam {
namespace {

using test::turn_of;

struct ExportTest : test::TransferTest {
  std::string exported(const TurnFilter& filter = {}) {
    std::string lines;
    export_turns(store, filter, [&](std::string_view line) { lines += line; });
    return lines;
  }
  void say(const std::string& question, const std::string& answer, bool partial = false) {
    NewTurn turn = turn_of("s1", question, ++time_);
    store.add(turn);
    turn.text = answer;
    turn.role = TurnRole::assistant;
    turn.origin = TurnOrigin::assistant;
    turn.partial = partial;
    store.add(turn);
  }
  std::string conversations(const TrainingFilter& filter = {}) {
    std::string lines;
    report_ = export_conversations(store, filter, [&](std::string_view line) { lines += line; });
    return lines;
  }
  UnixTime time_ = 1000;
  TrainingReport report_;
};

TEST_F(ExportTest, ARoundTripGivesEqualDatabases) {
  NewTurn odd = turn_of("сессия \"1\"", "줄1\nline 2\t\\ \xF0\x9F\x98\x80", 5);
  odd.space = "LTM_1";
  odd.role = TurnRole::tool;
  odd.origin = TurnOrigin::tool;
  odd.speaker = "имя";
  odd.partial = true;
  odd.key = "k1";
  const TurnId first = store.add(odd);
  store.erase(std::span(&first, 1));  // ids do not begin at 1, and have a gap
  odd.key = "k2";
  store.add(odd);
  const TurnId gone = store.add(turn_of("s", "gone"));
  store.add(turn_of("s", "", 6));
  store.add(turn_of("s", "", 7));  // the same again, later
  store.erase(std::span(&gone, 1));
  const std::string before = exported();

  Database other(folder.path("other.db"));
  TurnStore into(other);
  EXPECT_EQ(import_chats(into, write("export.jsonl", before)).n_known, 0);
  std::string after;
  export_turns(into, {}, [&](std::string_view line) { after += line; });
  EXPECT_EQ(after, before);
}

TEST_F(ExportTest, RestoringIntoTheSameStoreAddsNothing) {
  store.add(turn_of("s", "one"));
  store.add(turn_of("s", "two"));
  EXPECT_EQ(import_chats(store, write("export.jsonl", exported())).n_known, 2);
  EXPECT_EQ(store.size(), 2);
}

TEST_F(ExportTest, TurnsOfAnotherStoreGetFreshIdsWhereTheirsAreTaken) {
  store.add(turn_of("s", "theirs"));
  const std::string lines = exported();
  Database other(folder.path("other.db"));
  TurnStore into(other);
  into.add(turn_of("s", "mine"));
  EXPECT_EQ(import_chats(into, write("export.jsonl", lines)).n_known, 0);
  EXPECT_EQ(into.find(1)->text, "mine");
  EXPECT_EQ(into.find(2)->text, "theirs");
}

TEST_F(ExportTest, BrokenLinesAreNamed) {
  store.add(turn_of("s", "one"));
  const std::string good = exported();
  const auto where = [&](const std::string& bad) {
    return test::error_in([&] { import_chats(store, write("bad.jsonl", good + bad)); }).where();
  };
  EXPECT_EQ(where("{\"id\": 1"), "line 2");
  EXPECT_EQ(where("[]"), "line 2");
  EXPECT_EQ(where(std::string(400, '7')), "line 2");
  EXPECT_EQ(where("\n" + std::string(100'000, '[')), "line 3");
  std::string wrong = good;
  wrong.replace(wrong.find("\"id\":1"), 6, "\"id\":18446744073709551615");
  EXPECT_EQ(where(wrong), "line 2");
}

TEST_F(ExportTest, TheFilterChoosesByNameAndTime) {
  for (int i = 1; i <= 4; ++i) store.add(turn_of(i % 2 ? "odd" : "even", std::to_string(i), 1000 * i));
  TurnFilter filter;
  filter.session = "odd";
  filter.until = 3000;
  EXPECT_EQ(turn_from_json(exported(filter), 1).text, "1");
}

TEST_F(ExportTest, TrainingTakesCompletePairsOnly) {
  say("q1", "a1");
  store.add(turn_of("s1", "q2, first part"));
  say("q2, second part", "a2");
  store.add(turn_of("s1", "unanswered"));
  store.add(turn_of("s2", "nobody answers"));
  EXPECT_EQ(nlohmann::json::parse(conversations()), nlohmann::json::parse(R"({"messages": [
    {"role": "user", "content": "q1"}, {"role": "assistant", "content": "a1"},
    {"role": "user", "content": "q2, first part\n\nq2, second part"}, {"role": "assistant", "content": "a2"}]})"));
  EXPECT_EQ(report_.n_pairs, 2);
}

TEST_F(ExportTest, TrainingLeavesPoorAnswersOut) {
  std::string circles;
  for (int i = 0; i < 60; ++i) circles += "снова и ";
  say("q1", circles);
  say("q2", "cut", true);
  say("q3", "짧다");
  say("q4", "a good answer");
  say("q4", "a good answer");
  TrainingFilter filter;
  EXPECT_EQ(nlohmann::json::parse(conversations(filter)).at("messages").size(), 4u);
  EXPECT_EQ(report_.n_left_out, 3);
  filter.only_good = false;
  conversations(filter);
  EXPECT_EQ(report_.n_left_out, 0);
  filter.min_characters = 3;
  EXPECT_EQ(conversations(filter), "") << "questions of two characters";
}

TEST_F(ExportTest, ALongSessionGivesSeveralLines) {
  for (int i = 0; i < 100; ++i) say("question " + std::to_string(i), "answer");
  conversations();
  EXPECT_EQ(report_.n_conversations, 2);
  EXPECT_EQ(report_.n_pairs, 100);
}

TEST(WrittenTime, FormsOfManyCountries) {
  const auto noon = parse_written_time("2025-06-29T12:00:00Z");
  EXPECT_EQ(noon, 1751198400000);
  EXPECT_EQ(parse_written_time("2025-06-29T15:00:00.0+03:00"), noon);
  EXPECT_EQ(parse_written_time("2025-06-29 12:00:00.123456Z"), *noon + 123);
  const auto local = parse_written_time("2025-06-29 17:38");
  ASSERT_TRUE(local);
  for (const char* same : {"29.06.2025 at 17:38", "6/29/2025 5:38 PM", "29/06/2025 17:38", "2025.6.29 17:38"})
    EXPECT_EQ(parse_written_time(same), local) << same;
  for (const char* bad : {"", "yesterday", "2025", "2025-13-01", "32.01.2025", "2025-06-29 25:00", "2025-06-29x",
                          "99999-01-01", "2025-06-29 12", "6/29/2025 13:00 PM"})
    EXPECT_FALSE(parse_written_time(bad)) << bad;
}

}  // namespace
}  // namespace loam
