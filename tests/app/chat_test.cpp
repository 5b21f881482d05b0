#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "tests/app/program.h"

namespace loam::test {
namespace {

using Json = nlohmann::json;

TEST(Chat, ABaseModelIsRefusedWithAHint) {
  LOAM_NEEDS(model_path("gemma3-270m"));
  const Outcome outcome = run_loam({"chat", "gemma3-270m"}, "Hi\n");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, "base model") && contains(outcome.err, "loam generate")) << outcome.err;
}

TEST(Chat, AnswersThePipesLines) {
  LOAM_NEEDS(model_path("smollm2-135m"));
  const TemporaryFile saved;
  const std::string script = "What colour is the sky?\n/stats\n/system Be brief.\nName one \\\nfruit.\n/save " +
                             saved.path() + "\n/undo\n/clear\n/quit\nnever read\n";
  const Outcome outcome = run_loam({"chat", "smollm2-135m", "--temp", "0", "-n", "16"}, script);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "blue")) << outcome.out;
  EXPECT_FALSE(contains(outcome.out, "<|im_end|>"));
  EXPECT_FALSE(contains(outcome.out, "t/s"));
  EXPECT_TRUE(contains(outcome.err, "t/s")) << outcome.err;

  const Json messages = Json::parse(read_file(saved.path()))["messages"];
  ASSERT_EQ(messages.size(), 5u);
  EXPECT_EQ(messages[0]["content"], "Be brief.");
  EXPECT_EQ(messages[1]["content"], "What colour is the sky?");
  EXPECT_EQ(messages[3]["content"], "Name one \nfruit.");
  const bool cut = messages[2].value("partial", false) || messages[4].value("partial", false);
  EXPECT_EQ(cut, contains(outcome.err, "cut off after 16 tokens")) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, messages[2]["content"].get<std::string>()));
}

TEST(Chat, ContinuesASavedConversation) {
  LOAM_NEEDS(model_path("smollm2-135m"));
  const TemporaryFile saved(R"([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}])");
  const TemporaryFile again;
  const Outcome outcome =
      run_loam({"chat", "smollm2-135m"}, "/load " + saved.path() + "\n/save " + again.path() + "\n");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(Json::parse(read_file(again.path()))["messages"], Json::parse(read_file(saved.path())));
}

TEST(Chat, WrongCommandsFailButDoNotEnd) {
  LOAM_NEEDS(model_path("smollm2-135m"));
  const Outcome outcome = run_loam({"chat", "smollm2-135m"}, "/nonsense\n/undo\n/retry\n/load /no/such/file\n/help\n");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "");
  for (const char* part : {"/nonsense", "take back", "answer again", "/no/such/file", "/system"})
    EXPECT_TRUE(contains(outcome.err, part)) << part << "\n" << outcome.err;
}

TEST(Chat, AFullContextIsSaidWithNumbers) {
  LOAM_NEEDS(model_path("smollm2-135m"));
  std::string message;
  for (int i = 0; i < 100; ++i) message += "word ";
  const Outcome outcome = run_loam({"chat", "smollm2-135m", "-c", "48"}, message + "\nWrite a very long story.\n");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, "the context holds 48")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "of 48 tokens")) << outcome.err;  // the second answer runs into the end
  EXPECT_TRUE(contains(outcome.err, "/clear") && contains(outcome.err, "--ctx")) << outcome.err;
}

TEST(Chat, AtATerminalEditsStopsAndQuits) {
  const std::string model = model_path("smollm2-135m");
  LOAM_NEEDS(model);
  const TemporaryHome home;
  const TemporaryFile saved;
  Terminal terminal({"chat", model, "--temp", "0"}, home.environment());
  ASSERT_TRUE(terminal.expect("/help")) << terminal.seen();
  ASSERT_TRUE(expect_prompt(terminal)) << terminal.seen();

  terminal.type("never sent\x03");  // Ctrl+C clears the line
  ASSERT_TRUE(terminal.expect("\r\n\x1b[?2004l") && expect_prompt(terminal)) << terminal.seen();

  terminal.type("Write a very long story about 한국.\n");
  ASSERT_TRUE(terminal.expect("\x1b[?2004l")) << terminal.seen();
  ASSERT_TRUE(terminal.expect("the")) << terminal.seen();
  terminal.type("\x03");
  ASSERT_TRUE(terminal.expect("[stopped]") && expect_prompt(terminal)) << terminal.seen();

  terminal.type("/save " + saved.path() + "\n");
  ASSERT_TRUE(terminal.expect("Saved 2 messages") && expect_prompt(terminal)) << terminal.seen();
  const Json messages = Json::parse(read_file(saved.path()))["messages"];
  EXPECT_EQ(messages[0]["content"], "Write a very long story about 한국.");
  EXPECT_EQ(messages[1]["partial"], true);

  terminal.type("\x1b[200~/system two\rlines\x1b[201~\n");  // pasted text is one message
  ASSERT_TRUE(terminal.expect("is set") && expect_prompt(terminal)) << terminal.seen();
  terminal.type("/system\n");
  ASSERT_TRUE(terminal.expect("two\r\nlines") && expect_prompt(terminal)) << terminal.seen();
  terminal.type("/quit\n");
  EXPECT_EQ(terminal.wait(), 0);
}

TEST(Chat, ControlDEndsAndTheHistoryIsPrivate) {
  const std::string model = model_path("smollm2-135m");
  LOAM_NEEDS(model);
  const TemporaryHome home;
  {
    Terminal terminal({"chat", model, "--no-color"}, home.environment());
    ASSERT_TRUE(expect_prompt(terminal)) << terminal.seen();
    terminal.type("/system Привет\n");
    ASSERT_TRUE(terminal.expect("is set")) << terminal.seen();
    ASSERT_TRUE(expect_prompt(terminal)) << terminal.seen();
    terminal.type("\x04");
    EXPECT_EQ(terminal.wait(), 0);
  }
  struct stat status {};
  ASSERT_EQ(stat(home.history().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  {
    Terminal terminal({"chat", model, "--no-color"}, home.environment());
    ASSERT_TRUE(expect_prompt(terminal)) << terminal.seen();
    terminal.type("\x1b[A");  // up: the last message of the earlier session
    EXPECT_TRUE(terminal.expect("Привет")) << terminal.seen();
    terminal.type("\x03");
    ASSERT_TRUE(expect_prompt(terminal)) << terminal.seen();
    terminal.type("\x04");
    EXPECT_EQ(terminal.wait(), 0);
  }
}

}  // namespace
}  // namespace loam::test
