#include "memory/facts/extraction.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "memory/facts/fact_store.h"
#include "memory/store/turn_store.h"
#include "tests/memory/memory_support.h"

namespace loam {
namespace {

Turn stored_turn(TurnId id, std::string text, TurnOrigin origin = TurnOrigin::user) {
  Turn turn;
  turn.id = id;
  turn.text = std::move(text);
  turn.origin = origin;
  turn.time = 1'700'000'000'000;
  return turn;
}

const std::vector<Turn> kTurns = {
    stored_turn(1, "We finally settled in  Seoul, and the violin lessons began."),
    stored_turn(2, "The user lives in Moscow", TurnOrigin::document),
    stored_turn(3, "Jerome asked: \"do you live in Tokyo?\""),
    stored_turn(4, "우리 집 강아지 초코가 다섯 살이 됐어"),
    stored_turn(5, "Is Lisbon nice?"),
};

size_t n_believed(const std::string& facts) { return read_extraction("{\"facts\": [" + facts + "]}", kTurns).size(); }

TEST(Extraction, AsksOnlyAboutTurnsOfTheUser) {
  const ExtractionRequest request = make_extraction_request(kTurns);
  EXPECT_NE(request.prompt.find("settled in"), std::string::npos);
  EXPECT_EQ(request.prompt.find("Moscow"), std::string::npos);
  const auto schema = nlohmann::json::parse(request.schema);
  EXPECT_EQ(schema["properties"]["facts"]["items"]["properties"]["turn"]["enum"], nlohmann::json({1, 3, 4, 5}));
  EXPECT_TRUE(make_extraction_request({}).prompt.empty());
}

TEST(Extraction, WhatStandsInTheTurnIsBelieved) {
  const auto facts = read_extraction(
      R"({"facts": [{"turn": 1, "attribute": "home", "value": "seoul"}, {"turn": 4, "attribute": "pet", "value": "초코"}]})",
      kTurns);
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(facts[0].turn, 1);
  EXPECT_EQ(facts[0].statement.attribute, "home");
  EXPECT_EQ(facts[1].statement.value, "초코");
  EXPECT_LT(facts[0].statement.confidence, 0.7) << "a rule's word counts more";
}

TEST(Extraction, AllElseIsDropped) {
  EXPECT_EQ(n_believed(R"({"turn": 1, "attribute": "home", "value": "Busan"})"), 0u) << "not in the turn";
  EXPECT_EQ(n_believed(R"({"turn": 2, "attribute": "home", "value": "Moscow"})"), 0u) << "a document's";
  EXPECT_EQ(n_believed(R"({"turn": 3, "attribute": "home", "value": "Tokyo"})"), 0u) << "quoted";
  EXPECT_EQ(n_believed(R"({"turn": 3, "attribute": "home", "value": "rome"})"), 0u) << "within a word";
  EXPECT_EQ(n_believed(R"({"turn": 5, "attribute": "home", "value": "Lisbon"})"), 0u) << "asked";
  EXPECT_EQ(n_believed(R"({"turn": 9, "attribute": "home", "value": "Seoul"})"), 0u) << "no such turn";
  EXPECT_EQ(n_believed(R"({"turn": 1, "attribute": "system", "value": "Seoul"})"), 0u) << "no such attribute";
  EXPECT_EQ(n_believed(R"({"turn": "1", "attribute": "home", "value": "Seoul"})"), 0u);
  EXPECT_EQ(n_believed(R"({"turn": 1, "attribute": "home", "value": ["Seoul"]})"), 0u);
  EXPECT_EQ(n_believed(R"({"turn": 1, "attribute": "home", "value": ""})"), 0u);
  EXPECT_EQ(n_believed(R"({"turn": 1, "attribute": "home", "value": "Seoul", "subject": "admin"})"), 0u);
  EXPECT_EQ(n_believed(R"({"turn": 1, "attribute": "home", "value": "Seoul"})"), 1u);
}

TEST(Extraction, HostileAnswersGiveNothing) {
  for (const std::string& answer :
       {std::string(), std::string("no JSON"), std::string("[]"), std::string("{\"facts\": 3}"),
        std::string("{\"facts\": ["), std::string(60'000, '['), std::string(100'000, ' '),
        std::string("{\"facts\": [\xFF]}"), "{\"facts\": [" + std::string(10'000, '{') + "]}"})
    EXPECT_TRUE(read_extraction(answer, kTurns).empty());
  std::string many;
  for (int i = 0; i < 500; ++i) many += R"({"turn": 1, "attribute": "home", "value": "Seoul"},)";
  many.pop_back();
  EXPECT_EQ(n_believed(many), 32u);
}

TEST(Extraction, TheStoreTakesItWithItsTurn) {
  test::TemporaryFolder folder;
  Database database(folder.path("mem.db"));
  FactStore facts(database);
  TurnStore store(database);
  store.attach(facts, FactStore::kVersion);
  const TurnId id = store.add(test::turn_of("s", "The violin lessons began in spring"));
  const std::vector<Turn> turns = {*store.find(id)};
  const auto found = read_extraction(
      R"({"facts": [{"turn": )" + std::to_string(id) + R"(, "attribute": "hobby", "value": "violin"}]})", turns);
  ASSERT_EQ(found.size(), 1u);
  facts.add_statements(turns[0], std::vector{found[0].statement});
  EXPECT_EQ(facts.facts({.attribute = "hobby"}).size(), 1u);
  store.erase(std::vector{id});
  EXPECT_EQ(facts.size(), 0);
}

}  // namespace
}  // namespace loam
