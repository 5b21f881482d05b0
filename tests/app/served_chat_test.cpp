// loam chat as a client: of the server that it brings, and of one that runs elsewhere.
#include <regex>

#include "tests/app/program.h"

namespace loam::test {
namespace {

TEST(ServedChat, SaysWhatTheModelSaysWithoutAServer) {
  LOAM_NEEDS(model_path("smollm2-135m"));
  const std::string script = "What colour is the sky?\n/retry\nAnd the grass?\n/stats\n";
  const std::vector<std::string> options = {"chat", "smollm2-135m", "--temp", "0.8", "--seed", "3", "-n", "24"};
  std::vector<std::string> served = options;
  served.insert(served.end(), {"--serve", "--port", "0"});
  const Outcome here = run_loam(options, script), there = run_loam(served, script);
  EXPECT_EQ(there.status, 0) << there.err;
  EXPECT_EQ(there.out, here.out);
  EXPECT_NE(there.out, "");
  EXPECT_TRUE(contains(there.err, "cut off after 24 tokens")) << there.err;
  EXPECT_TRUE(std::regex_search(there.err, std::regex(R"(prompt \d+ tokens \([1-9]\d* reused\))"))) << there.err;
}

TEST(ServedChat, AFullContextIsSaidWithNumbers) {
  LOAM_NEEDS(model_path("smollm2-135m"));
  std::string message;
  for (int i = 0; i < 100; ++i) message += "word ";
  const Outcome outcome = run_loam({"chat", "smollm2-135m", "-c", "64", "--serve", "--port", "0"},
                                   message + "\nWrite a very long story.\n");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, "the context holds 64")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "of 64 tokens")) << outcome.err;  // the second answer runs into the end
}

TEST(ServedChat, NobodyThereIsSaid) {
  const Outcome outcome = run_loam({"chat", "--server", "http://127.0.0.1:9"}, "Hi\n");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, "http://127.0.0.1:9") && contains(outcome.err, "does not answer")) << outcome.err;
}

TEST(ServedChat, AtATerminalStopsAndOthersAskMeanwhile) {
  const std::string model = model_path("smollm2-135m");
  LOAM_NEEDS(model);
  const TemporaryHome home;
  Terminal terminal({"chat", model, "--temp", "0", "--serve", "--port", "0"}, home.environment());
  ASSERT_TRUE(terminal.expect("also at ")) << terminal.seen();
  ASSERT_TRUE(terminal.expect("/v1")) << terminal.seen();
  const std::string begun = terminal.seen();  // what follows may move what the terminal keeps
  std::smatch address;
  ASSERT_TRUE(std::regex_search(begun, address, std::regex(R"(at (http://[0-9.:]+)/v1)")));
  ASSERT_TRUE(expect_prompt(terminal)) << terminal.seen();

  terminal.type("Write a very long story about 한국.\n");
  ASSERT_TRUE(terminal.expect("\x1b[?2004l")) << terminal.seen();
  ASSERT_TRUE(terminal.expect("the")) << terminal.seen();
  terminal.type("\x03");
  ASSERT_TRUE(terminal.expect("[stopped]") && expect_prompt(terminal)) << terminal.seen();

  const Outcome other = run_loam({"chat", "--server", address[1], "-n", "4"}, "Hi\n");
  EXPECT_EQ(other.status, 0) << other.err;
  EXPECT_NE(other.out, "");
  terminal.type("/quit\n");
  EXPECT_EQ(terminal.wait(), 0);
}

}  // namespace
}  // namespace loam::test
