#include "app/chat_session.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"

namespace loam::test {
namespace {

// Says how many messages it was asked with, and remembers what it was asked aside.
struct CountingBackend final : ChatBackend {
  ChatAnswer answer(const std::vector<ChatMessage>& messages, const SamplingOptions&, const ChatCallbacks&) override {
    return {.text = std::to_string(messages.size()) + " messages", .finish = FinishReason::end_token};
  }
  ChatAnswer answer_aside(const std::vector<ChatMessage>& messages, const SamplingOptions&,
                          const ChatCallbacks&) override {
    aside = messages.back().content;
    return {.text = summary, .finish = summary.empty() ? FinishReason::cancelled : FinishReason::end_token};
  }
  int64_t tokens_used() const override { return 0; }
  int64_t context() const override { return 4096; }

  std::string summary = "They spoke of boats.", aside;
};

struct CompactTest : testing::Test {
  CountingBackend backend;
  ChatSession session{backend, {}};
};

TEST_F(CompactTest, ASummaryStandsInPlaceOfAllButTheLastExchange) {
  session.set_system("Be brief.");
  for (const char* text : {"first", "second", "third"}) session.ask(text, {});
  EXPECT_EQ(session.compact({}), "They spoke of boats.");
  EXPECT_NE(backend.aside.find("user: second"), std::string::npos);
  EXPECT_EQ(backend.aside.find("user: third"), std::string::npos);
  ASSERT_EQ(session.messages().size(), 3u);
  EXPECT_TRUE(session.system().starts_with("Be brief."));
  EXPECT_TRUE(session.system().ends_with("They spoke of boats."));
  EXPECT_EQ(session.messages()[1].content, "third");
}

TEST_F(CompactTest, ALaterSummaryTellsOfTheEarlierOneAndReplacesIt) {
  for (const char* text : {"first", "second"}) session.ask(text, {});
  session.compact({});
  session.ask("third", {});
  backend.summary = "They spoke of boats and tea.";
  session.compact({});
  EXPECT_NE(backend.aside.find("They spoke of boats."), std::string::npos);
  EXPECT_EQ(session.system().find("They spoke of boats."), std::string::npos);
  EXPECT_TRUE(session.system().ends_with("They spoke of boats and tea."));
}

TEST_F(CompactTest, NothingChangesWhereItIsStoppedOrThereIsNothing) {
  EXPECT_THROW(session.compact({}), Error);
  session.ask("first", {});
  EXPECT_THROW(session.compact({}), Error);
  session.ask("second", {});
  backend.summary = "";
  EXPECT_THROW(session.compact({}), Error);
  EXPECT_EQ(session.messages().size(), 4u);
}

}  // namespace
}  // namespace loam::test
