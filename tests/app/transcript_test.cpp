#include "app/transcript.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace loam {
namespace {

TEST(Transcript, ComesBackAsItWasWritten) {
  const std::vector<ChatMessage> messages{
      {"system", "Be \"brief\".", false}, {"user", "안녕\n?", false}, {"assistant", "Привет", true}};
  const auto again = parse_transcript(write_transcript(messages, "m"), "file");
  ASSERT_EQ(again.size(), messages.size());
  for (size_t i = 0; i < messages.size(); ++i) {
    EXPECT_EQ(again[i].role, messages[i].role);
    EXPECT_EQ(again[i].content, messages[i].content);
    EXPECT_EQ(again[i].partial, messages[i].partial);
  }
}

TEST(Transcript, TakesABareArray) {
  EXPECT_EQ(parse_transcript(R"([{"role": "user", "content": "Hi"}])", "file").at(0).content, "Hi");
}

TEST(Transcript, NamesWhatIsWrong) {
  const auto message_of = [](const char* json) -> std::string {
    try {
      parse_transcript(json, "chat.json");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::invalid);
      EXPECT_EQ(error.where(), "chat.json");
      return error.message();
    }
    return "no error";
  };
  EXPECT_NE(message_of("{").find("not valid JSON"), std::string::npos);
  EXPECT_NE(message_of("{}").find("messages"), std::string::npos);
  EXPECT_NE(message_of("[1]").find("message 0"), std::string::npos);
  EXPECT_NE(message_of(R"([{"role": "user", "content": "a"}, {"role": "user"}])").find("message 1"), std::string::npos);
  EXPECT_NE(message_of(R"([{"role": "admin", "content": "a"}])").find("admin"), std::string::npos);
}

}  // namespace
}  // namespace loam
