// Memory as a server uses it: what clients send, and what is kept of it.
#include "memory/memory.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "memory/memory_home.h"
#include "tests/memory/memory_support.h"

namespace loam {
namespace {

using test::TemporaryFolder;
using Texts = std::vector<ChatText>;

ChatText user(std::string text) { return {TurnRole::user, std::move(text)}; }
ChatText assistant(std::string text) { return {TurnRole::assistant, std::move(text)}; }

struct MemoryTest : testing::Test {
  TemporaryFolder folder;
  Memory memory{folder.path("mary")};

  std::vector<std::string> kept() {
    std::vector<std::string> texts;
    memory.turns().for_each("", "", [&](const Turn& turn) {
      texts.push_back(std::string(turn_role_name(turn.role)) + ": " + turn.text);
      return true;
    });
    return texts;
  }
};

TEST_F(MemoryTest, AClientThatSendsTheWholeHistoryStaysInItsSession) {
  const Exchange first = memory.begin(Texts{user("My cat is called Nabi.")}, {});
  memory.finish(first, "A nice name!", false);
  const Exchange second =
      memory.begin(Texts{user("My cat is called Nabi."), assistant(" A nice name! "), user("She is two.")}, {});
  EXPECT_EQ(second.session, first.session);
  EXPECT_NE(second.question, first.question);
  EXPECT_EQ(kept(),
            (std::vector<std::string>{"user: My cat is called Nabi.", "assistant: A nice name!", "user: She is two."}));
}

TEST_F(MemoryTest, TheSameFirstWordsBeginAnotherSession) {
  const Exchange first = memory.begin(Texts{user("Hi")}, {});
  const Exchange second = memory.begin(Texts{user("Hi")}, {});
  EXPECT_NE(second.session, first.session);
}

TEST_F(MemoryTest, AQuestionThatIsAskedAgainIsKeptOnce) {
  memory.begin(Texts{user("Hi")}, {});
  const Texts history = {user("Hi"), assistant("Hello"), user("What now?")};
  const Exchange once = memory.begin(history, {}), again = memory.begin(history, {});
  EXPECT_EQ(once.question, again.question);
  EXPECT_EQ(kept().size(), 2u);
}

TEST_F(MemoryTest, AnIdempotencyKeyKeepsAFirstQuestionOnce) {
  const MemoryOptions options{.idempotency_key = "abc"};
  const Exchange once = memory.begin(Texts{user("Hi")}, options), again = memory.begin(Texts{user("Hi")}, options);
  EXPECT_EQ(once.question, again.question);
  EXPECT_EQ(once.session, again.session);
}

TEST_F(MemoryTest, AToolsResultBelongsToTheQuestionBeforeIt) {
  const Exchange asked = memory.begin(Texts{user("What time is it?")}, {});
  const Exchange told = memory.begin(Texts{user("What time is it?"), assistant(""), {TurnRole::tool, "12:00"}}, {});
  EXPECT_EQ(told.session, asked.session);
  EXPECT_EQ(told.question, asked.question);
}

TEST_F(MemoryTest, AConversationThatBeganElsewhereIsKeptFromItsStart) {
  memory.begin(Texts{user("one"), assistant("1"), user("two"), assistant("2"), user("three")}, {});
  EXPECT_EQ(kept(),
            (std::vector<std::string>{"user: one", "assistant: 1", "user: two", "assistant: 2", "user: three"}));
  EXPECT_EQ(memory.turns().find(1)->origin, TurnOrigin::import);
  EXPECT_EQ(memory.turns().find(5)->origin, TurnOrigin::user);
}

TEST_F(MemoryTest, AnotherBranchOfAConversationIsKeptToo) {
  const Exchange first = memory.begin(Texts{user("one")}, {});
  memory.begin(Texts{user("one"), assistant("1"), user("two")}, {});
  const Exchange branch = memory.begin(Texts{user("one"), assistant("1"), user("zwei")}, {});
  EXPECT_EQ(branch.session, first.session);
  EXPECT_EQ(kept(), (std::vector<std::string>{"user: one", "user: two", "user: zwei"}));
}

TEST_F(MemoryTest, NamespacesAreApart) {
  const MemoryOptions work{.space = "LTM_1"};
  memory.begin(Texts{user("one")}, {});
  const Exchange exchange = memory.begin(Texts{user("one"), assistant("1"), user("two")}, work);
  memory.finish(exchange, "2", true);
  EXPECT_EQ(memory.turns().spaces(), (std::vector<std::string>{"LTM_1", "default"}));
  EXPECT_TRUE(memory.turns().find(5)->partial);
}

TEST_F(MemoryTest, OffMeansThatNothingIsWritten) {
  const MemoryOptions off{.write = false, .recall = RecallMode::off};
  const Exchange exchange = memory.begin(Texts{user("secret")}, off);
  EXPECT_EQ(memory.finish(exchange, "answer", false), 0);
  EXPECT_EQ(memory.turns().size(), 0);
  EXPECT_FALSE(folder.holds_bytes("secret"));
}

TEST(MemoryHome, EachUserHasAFolderThatNoNameLeadsOutOf) {
  const TemporaryFolder folder;
  MemoryHome home(folder.path("users"));
  home.of("mary")->begin(Texts{user("mine")}, {});
  EXPECT_EQ(home.of("mary")->turns().size(), 1);
  EXPECT_EQ(home.of("ivan.k")->turns().size(), 0);
  for (const char* name : {"", ".", "..", "../mary", "a/b", "-x", "мария"}) EXPECT_THROW(home.of(name), Error) << name;
}

}  // namespace
}  // namespace loam
