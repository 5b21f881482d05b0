#include "memory/emotion/emotion_index.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/memory/memory_support.h"

namespace loam {
namespace {

constexpr UnixTime kNoon = 1'700'049'600'000 - 2 * 3'600'000;  // 2023-11-15 10:00 UTC
constexpr UnixTime kHours = 3'600'000;

struct EmotionIndexTest : testing::Test {
  test::TemporaryFolder folder;
  Database database{folder.path("mem.db")};
  TurnStore store{database};
  EmotionIndex index{database};
};

TEST_F(EmotionIndexTest, TheUsersTurnsAreFeltWhenTheyAreStored) {
  store.attach(index, EmotionIndex::kVersion);
  const TurnId sad = store.add(test::turn_of("s", "요즘 너무 우울해"));
  NewTurn answer = test::turn_of("s", "그렇군요, 슬프네요");
  answer.role = TurnRole::assistant;
  const TurnId reply = store.add(answer);
  ASSERT_TRUE(index.find(sad));
  EXPECT_EQ(index.find(sad)->label, EmotionLabel::sadness);
  EXPECT_EQ(index.find(sad)->scores, feel("요즘 너무 우울해").scores);
  EXPECT_FALSE(index.find(reply));
}

TEST_F(EmotionIndexTest, AVectorJudgesOnceMore) {
  store.attach(index, EmotionIndex::kVersion);
  const TurnId id = store.add(test::turn_of("s", "I am home"));
  EXPECT_EQ(index.find(id)->method, EmotionMethod::words);
  index.update(*store.find(id), std::vector<float>(kEmotionHeadFeatures, 0.05F));
  EXPECT_EQ(index.find(id)->method, EmotionMethod::head);
  const Turn turn = *store.find(id);
  store.erase(std::vector<TurnId>{id});
  index.update(turn, std::vector<float>(kEmotionHeadFeatures, 0.05F));
  EXPECT_FALSE(index.find(id)) << "a turn that was erased meanwhile comes not back";
}

TEST_F(EmotionIndexTest, IsMadeFromTurnsThatWereThereBefore) {
  const TurnId id = store.add(test::turn_of("s", "Мне страшно"));
  store.attach(index, EmotionIndex::kVersion);
  ASSERT_TRUE(index.find(id));
  EXPECT_EQ(index.find(id)->label, EmotionLabel::fear);
}

TEST_F(EmotionIndexTest, DaysAreThoseOfTheUsersClock) {
  store.attach(index, EmotionIndex::kVersion);
  store.add(test::turn_of("a", "Мне очень грустно", kNoon));
  store.add(test::turn_of("a", "Спасибо, я так рада", kNoon + 3 * kHours));
  store.add(test::turn_of("b", "Ура, победа, я счастлива", kNoon + 15 * kHours));  // 01:00 UTC of the next day
  const auto days = index.by_day("", 0, kNoon + 100 * kHours);
  ASSERT_EQ(days.size(), 2U);
  EXPECT_EQ(days[0].n_turns, 2);
  EXPECT_EQ(days[0].day % (24 * kHours), 0);
  EXPECT_EQ(days[0].n_labels[static_cast<size_t>(EmotionLabel::sadness)], 1);
  EXPECT_GT(days[1].valence, days[0].valence);
  // Two hours behind UTC the third turn belongs to the first day.
  EXPECT_EQ(index.by_day("", 0, kNoon + 100 * kHours, -2 * kHours).size(), 1U);
  EXPECT_TRUE(index.by_day("LTM_1", 0, kNoon + 100 * kHours).empty());
  EXPECT_EQ(index.by_day("default", kNoon + kHours, kNoon + 4 * kHours).size(), 1U);
}

}  // namespace
}  // namespace loam
