#include "memory/recall/recall.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "memory/documents/chunker.h"
#include "memory/recall/selection.h"
#include "memory/text/calendar.h"
#include "memory/text/token_estimate.h"
#include "tests/memory/memory_support.h"

namespace loam {
namespace {

using test::TemporaryFolder;
using test::turn_of;

RecallQuery query_for(std::string text) {
  RecallQuery query;
  query.text = std::move(text);
  return query;
}

// Vectors by hand: one dimension for each of a few subjects.
class SubjectEmbedder : public TextEmbedder {
 public:
  std::string name() const override { return "subjects"; }
  size_t dimensions() const override { return 3; }
  std::vector<std::vector<float>> embed(std::span<const std::string> texts) override {
    std::vector<std::vector<float>> vectors;
    for (const std::string& text : texts) {
      if (text.find("dog") != std::string::npos || text.find("puppy") != std::string::npos) {
        vectors.push_back({1, 0, 0});
      } else {
        vectors.push_back(text.find("sea") != std::string::npos ? std::vector<float>{0, 1, 0}
                                                                : std::vector<float>{0, 0, 1});
      }
    }
    return vectors;
  }
};

class RecallTest : public testing::Test {
 protected:
  RecallTest() : database_(folder_.path("mem.db")), words_(database_), vectors_(database_, "subjects", 3) {
    store_ = std::make_unique<TurnStore>(database_);
    store_->attach(words_, LexicalIndex::kVersion);
    store_->attach(vectors_, VectorIndex::kVersion);
    recaller_ = std::make_unique<Recaller>(*store_, words_);
  }

  TurnId add(std::string session, std::string text, UnixTime time = 0) {
    return store_->add(turn_of(std::move(session), std::move(text), time));
  }
  std::vector<TurnId> ids(const RecallQuery& query) {
    std::vector<TurnId> found;
    for (const Recalled& each : recaller_->recall(query)) found.push_back(each.turn.id);
    return found;
  }
  std::vector<TurnId> ids(std::string text) {
    RecallQuery query;
    query.text = std::move(text);
    return ids(query);
  }
  // Something else to talk about, so that words are rarer than turns.
  void add_other_talk(int n) {
    for (int i = 0; i < n; ++i)
      add("other" + std::to_string(i / 10), "weather number " + std::to_string(i) + " is fine");
  }

  TemporaryFolder folder_;
  Database database_;
  LexicalIndex words_;
  VectorIndex vectors_;
  std::unique_ptr<TurnStore> store_;
  std::unique_ptr<Recaller> recaller_;
};

using Ids = std::vector<TurnId>;

TEST_F(RecallTest, FindsInflectedWordsOfThreeLanguages) {
  add_other_talk(30);
  const TurnId english = add("a", "We adopted two puppies from the shelter");
  const TurnId russian = add("b", "Вчера мы настраивали видеокарту для обучения");
  const TurnId korean = add("c", "자연어처리 모델을 학교에서 돌려 봤어");
  EXPECT_EQ(ids("when did they adopt a puppy?").at(0), english);
  EXPECT_EQ(ids("какую видеокарту настраивали").at(0), russian);
  EXPECT_EQ(ids("학교는 어디였지?").at(0), korean);
  EXPECT_EQ(ids("처리").at(0), korean);
}

TEST_F(RecallTest, NothingBelowTheFloor) {
  add_other_talk(30);
  add("a", "We adopted two puppies from the shelter");
  EXPECT_TRUE(ids("quantum chromodynamics of shelterless neutrinos").empty());
  EXPECT_TRUE(ids("").empty());
  EXPECT_TRUE(ids("?!").empty());
}

TEST_F(RecallTest, AnAnswerIsFoundByItsQuestion) {
  add_other_talk(30);
  add("a", "Which instrument do you play?");
  const TurnId answer = add("a", "Mostly jazz, on an old one from my grandfather.");
  RecallQuery query;
  query.text = "instrument";
  query.floor = false;
  const auto found = ids(query);
  EXPECT_NE(std::ranges::find(found, answer), found.end());
}

TEST_F(RecallTest, FiltersAreHard) {
  add_other_talk(20);
  NewTurn turn = turn_of("a", "the perplexity was seven", 1'000);
  const TurnId first = store_->add(turn);
  turn.space = "LTM_1";
  turn.session = "b";
  turn.text = "a perplexity of eight";
  turn.time = 2'000;
  const TurnId second = store_->add(turn);
  RecallQuery query;
  query.text = "perplexity";
  EXPECT_EQ(ids(query).size(), 2U);
  query.spaces = {"LTM_1"};
  EXPECT_EQ(ids(query), Ids{second});
  query.spaces = {"no such"};
  EXPECT_EQ(ids(query), Ids{});
  query.spaces = {};
  query.exclude_session = "b";
  EXPECT_EQ(ids(query), Ids{first});
  query.exclude_session.clear();
  query.exclude_turns = {first};
  EXPECT_EQ(ids(query), Ids{second});
  query.exclude_turns.clear();
  query.as_of = 1'500;
  EXPECT_EQ(ids(query), Ids{first});
}

TEST_F(RecallTest, ATimeThatTheQuestionSpeaksOfCounts) {
  const UnixTime now = day_range(2024, 3, 13)->from;
  add_other_talk(20);
  const TurnId old = add("a", "my dentist said it is fine", now - 200 * kDay);
  const TurnId fresh = add("b", "my dentist said it is fine today", now - kDay / 2);
  RecallQuery query;
  query.text = "what did the dentist say yesterday?";
  query.now = now;
  EXPECT_EQ(ids(query).at(0), fresh);
  query.text = "what did the dentist say in August 2023?";
  EXPECT_EQ(ids(query).at(0), old);
}

TEST_F(RecallTest, QuotedWordsMustStandTogetherToCount) {
  add_other_talk(20);
  add("a", "the house on the hill was large, we drank green tea in it last summer, all of us");
  const TurnId together = add("b", "we painted the green house on the hill last summer, all of us");
  const auto found = recaller_->recall(query_for("\"green house\""));
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].turn.id, together);
  EXPECT_GT(found[0].reasons.phrase, 1);
}

TEST_F(RecallTest, WhatSaysTheSameIsShownOnce) {
  add_other_talk(20);
  for (int i = 0; i < 5; ++i) add("s" + std::to_string(i), "My favourite instrument is the cello.");
  const TurnId other = add("t", "The cello lesson is on Tuesday with Anna.");
  const auto found = ids("cello");
  EXPECT_EQ(found.size(), 2U);
  EXPECT_NE(std::ranges::find(found, other), found.end());
}

TEST_F(RecallTest, KeepsToLimitAndBudget) {
  add_other_talk(20);
  for (int i = 0; i < 20; ++i) {
    add("s" + std::to_string(i),
        "cello " + std::to_string(i) + " " + std::string(4000, 'x') + " lesson " + std::to_string(i * 7));
  }
  RecallQuery query;
  query.text = "cello";
  query.limit = 5;
  query.budget = SIZE_MAX;
  EXPECT_EQ(ids(query).size(), 5U);
  query.budget = 800;
  size_t n_tokens = 0;
  for (const Recalled& each : recaller_->recall(query)) n_tokens += estimate_tokens(each.excerpt);
  EXPECT_GT(n_tokens, 0U);
  EXPECT_LE(n_tokens, 800U);
}

TEST_F(RecallTest, VectorsFindWhatSharesNoWord) {
  SubjectEmbedder embedder;
  Recaller hybrid(*store_, words_, &vectors_, &embedder);
  add_other_talk(20);
  const TurnId dog = add("a", "Our new puppy sleeps all day");
  EXPECT_TRUE(hybrid.recall(query_for("dogs")).empty());
  while (hybrid.catch_up(8) > 0) {
  }
  const auto found = hybrid.recall(query_for("dogs"));
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].turn.id, dog);
  EXPECT_NEAR(found[0].reasons.similarity, 1, 0.01);
  EXPECT_TRUE(ids("dogs").empty());  // without vectors
  store_->erase(Ids{dog});
  EXPECT_TRUE(hybrid.recall(query_for("dogs")).empty());
}

// Somebody who waits has the machine after some 256 tokens: 1,000 bytes, or one longer turn.
TEST_F(RecallTest, VectorsAreMadeInSmallPiecesWhileSomebodyWaits) {
  SubjectEmbedder embedder;
  Recaller hybrid(*store_, words_, &vectors_, &embedder);
  for (int i = 0; i < 30; ++i) add("s" + std::to_string(i), std::string(200, 'a'));
  add("long", std::string(5000, 'b'));
  const auto always = [] { return true; };
  EXPECT_EQ(hybrid.catch_up(16, always), 5U);
  int n_asked = 0;
  EXPECT_EQ(hybrid.catch_up(16, [&] { return ++n_asked == 2; }), 10U);
  EXPECT_EQ(hybrid.catch_up(16, [] { return false; }), 16U) << "nobody waits";
  EXPECT_EQ(hybrid.catch_up(16, always), 0U);
}

TEST_F(RecallTest, SessionsByTheirBestTurnAndAllOfTheirWords) {
  add_other_talk(20);
  add("trip", "We took the train to the mountains");
  add("trip", "The mountains were full of snow");
  add("work", "The train project is late");
  const auto sessions = recaller_->recall_sessions(query_for("train to the mountains"));
  ASSERT_FALSE(sessions.empty());
  EXPECT_EQ(sessions[0].session, "trip");
}

TEST_F(RecallTest, ErasedTermsLeaveNoByte) {
  add_other_talk(300);
  const TurnId secret = add("a", "My canary is Zyxqwvology, 비밀번호를카나리아라고 и канареечность");
  ASSERT_EQ(ids("zyxqwvology"), Ids{secret});
  EXPECT_TRUE(folder_.holds_bytes("zyxqwvolog"));
  store_->erase(Ids{secret});
  EXPECT_TRUE(ids("zyxqwvology").empty());
  for (const char* bytes : {"zyxqwvolog", "Zyxqwvolog", "카나", "канареечн"})
    EXPECT_FALSE(folder_.holds_bytes(bytes)) << bytes;
}

TEST_F(RecallTest, WhatIsUndoneIsNotRecalled) {
  add_other_talk(20);
  {
    Transaction transaction(database_);
    add("a", "the theremin stands in the attic");
  }
  EXPECT_TRUE(ids("theremin").empty());
  const TurnId kept = add("a", "a theremin, after all");
  EXPECT_EQ(ids("theremin"), Ids{kept});
}

TEST_F(RecallTest, RebuildingFindsTheSame) {
  add_other_talk(20);
  const TurnId turn = add("a", "the theremin stands in the attic");
  store_->rebuild();
  EXPECT_EQ(ids("theremin"), Ids{turn});
}

TEST_F(RecallTest, CommonWordsAreBoundedAndRareOnesWin) {
  std::vector<NewTurn> turns;
  for (int i = 0; i < 15'000; ++i)
    turns.push_back(turn_of("s" + std::to_string(i / 50), "common talk " + std::to_string(i)));
  turns.push_back(turn_of("rare", "common talk about a theremin"));
  const TurnId rare = store_->add(turns).back();
  EXPECT_EQ(ids("common theremin").at(0), rare);
  EXPECT_FALSE(ids("common talk").empty());
}

TEST_F(RecallTest, AnyTextMayBeAskedFor) {
  add_other_talk(20);
  for (const std::string& text : {std::string("\" OR words:* NEAR("), std::string(1'000'000, 'a'),
                                  std::string("\xFF\xFE\0x", 4), std::string("NOT AND - ^ * ' '' \"\"")}) {
    EXPECT_NO_THROW(ids(text));
  }
}

TEST(Excerpt, ShowsWhatStandsAroundTheTerms) {
  const std::string text = std::string(3000, 'a') + " the perplexity was seven " + std::string(3000, 'b');
  const std::string excerpt = excerpt_of(text, {"perplex"}, 500);
  EXPECT_NE(excerpt.find("perplexity was seven"), std::string::npos);
  EXPECT_LE(excerpt.size(), 510U);
  EXPECT_EQ(excerpt_of("short", {"short"}, 500), "short");
}

TEST(Excerpt, IsOfWholeSentences) {
  std::string text;
  for (int i = 0; i < 60; ++i)
    text += "This is sentence " + std::to_string(i) + (i == 30 ? " of herons. " : " of it. ");
  const std::string excerpt = excerpt_of(text, {"heron"}, 300);
  EXPECT_NE(excerpt.find("30 of herons."), std::string::npos) << excerpt;
  EXPECT_TRUE(excerpt.starts_with("… This is")) << excerpt;
  EXPECT_TRUE(excerpt.ends_with("of it. …")) << excerpt;
  EXPECT_LE(excerpt.size(), 310U);
}

}  // namespace
}  // namespace loam
