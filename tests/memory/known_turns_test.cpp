#include "memory/known_turns.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "memory/memory.h"
#include "tests/memory/memory_support.h"

namespace loam {
namespace {

struct KnownTurnsTest : testing::Test {
  test::TemporaryFolder folder;
  Memory memory{folder.path("mary")};
  TurnStore& turns = memory.turns();
  KnownTurns known{turns};
  std::vector<ChatText> messages = {{TurnRole::user, "one"}, {TurnRole::assistant, "two"}};

  void SetUp() override { turns.attach(known, KnownTurns::kVersion); }
};

TEST_F(KnownTurnsTest, AreThoseOfTheConversationWithTheSameWords) {
  const TurnId one = turns.add(test::turn_of("s", "one")), two = turns.add(test::turn_of("s", "two"));
  turns.add(test::turn_of("s", "three"));
  turns.add(test::turn_of("elsewhere", "one"));
  EXPECT_EQ(known.find("default", "s", messages), (std::vector<TurnId>{one, two}));
  EXPECT_TRUE(known.find("LTM_1", "s", messages).empty());
  EXPECT_TRUE(known.find("default", "nowhere", messages).empty());
}

TEST_F(KnownTurnsTest, ChangeWithWhatIsSaidAndForgotten) {
  EXPECT_TRUE(known.find("default", "s", messages).empty());
  const TurnId one = turns.add(test::turn_of("s", "one"));
  EXPECT_EQ(known.find("default", "s", messages), std::vector<TurnId>{one});
  const TurnId again = turns.add(test::turn_of("s", "one"));
  EXPECT_EQ(known.find("default", "s", messages), (std::vector<TurnId>{one, again}));
  turns.erase(std::vector<TurnId>{one});
  EXPECT_EQ(known.find("default", "s", messages), std::vector<TurnId>{again});
  for (int i = 0; i < 40; ++i) known.find("default", "s" + std::to_string(i), messages);  // more than are kept
  EXPECT_EQ(known.find("default", "s", messages), std::vector<TurnId>{again});
}

// An idle memory reads nothing: neither its turns nor, where conversations rest, their summaries.
TEST_F(KnownTurnsTest, WhoIsIdleLooksOnlyAtWhatChanges) {
  turns.add(test::turn_of("s", "one"));
  while (memory.catch_up()) {
  }
  const int64_t changes = turns.n_changes();
  EXPECT_FALSE(memory.catch_up());
  EXPECT_EQ(turns.n_changes(), changes) << "looking is no change";
  for (const auto& change :
       std::vector<std::function<void()>>{[&] { turns.add(test::turn_of("s", "two")); },
                                          [&] { turns.erase(std::vector<TurnId>{1}); }, [&] { turns.rebuild(); }}) {
    const int64_t before = turns.n_changes();
    change();
    EXPECT_GT(turns.n_changes(), before);
  }
}

}  // namespace
}  // namespace loam
