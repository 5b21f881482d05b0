// loam memory while a server has the memory open: every command asks that server, and says what it would have said.
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/running_server.h"
#include "server/access/key_store.h"
#include "tests/app/program.h"

namespace loam::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class ServedMemory : public testing::Test {
 protected:
  void SetUp() override {
    home_ = testing::TempDir() + "loam-home-XXXXXX";
    ASSERT_NE(mkdtemp(home_.data()), nullptr);
    setenv("LOAM_HOME", home_.c_str(), 1);
    std::ofstream(home_ + "/script.json") << R"({"replies": [{"match": "", "reply": "Noted."}]})";
  }
  void TearDown() override {
    stop();
    unsetenv("LOAM_API_KEY");
    unsetenv("LOAM_HOME");
    fs::remove_all(home_);
  }

  void serve() {
    std::vector<std::string> arguments = {program_path(), "serve", "echo=scripted:" + home_ + "/script.json", "--port",
                                          "0"};
    const auto argv = program_arguments(arguments);
    server_ = fork();
    if (server_ == 0) {
      const int log = open((home_ + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      dup2(log, STDOUT_FILENO);
      dup2(log, STDERR_FILENO);
      execv(argv[0], argv.data());
      _exit(127);
    }
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (running_servers().empty() && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ASSERT_FALSE(running_servers().empty()) << read_file(home_ + "/log");
  }
  void stop() {
    if (server_ <= 0) return;
    kill(server_, SIGTERM);
    exit_status(std::exchange(server_, 0));
  }

  static Outcome memory(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "memory");
    return run_loam(std::move(arguments));
  }
  static std::string told(std::vector<std::string> arguments) {
    const Outcome outcome = memory(std::move(arguments));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome.out;
  }
  std::string file(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(home_ + "/" + name).parent_path());
    std::ofstream(home_ + "/" + name) << text;
    return home_ + "/" + name;
  }

  std::string home_;
  pid_t server_ = 0;
};

// The same session of commands, alone and beside a server.
TEST_F(ServedMemory, EveryCommandAnswersAsWithoutAServer) {
  const std::string chat = file("chat.txt", "User: My cat is called Nabi.\nAssistant: A fine name.\n");
  file("notes/birds.md", "# Birds\n\nThe heron stands in the pond.\n");
  file("notes/fish.md", "# Fish\n\nCarps are shy.\n");
  const std::string persona = file("echo.toml", "name = \"Echo\"\nvoice = \"brief\"\n");
  const auto session = [&](const std::string& user) {
    std::string said;
    const auto say = [&](std::vector<std::string> arguments) {
      arguments.insert(arguments.end(), {"--user", user});
      said += told(std::move(arguments));
    };
    say({"import", chat, "--session", "s"});
    say({"import", chat, "--session", "s"});
    const std::string added = told({"add", home_ + "/notes", "--user", user});
    said += added.substr(0, added.find(" in "));
    say({"add", "The key is under the mat.", "--title", "Key"});
    fs::rename(home_ + "/notes/fish.md", home_ + "/fish.md");
    const std::string again = told({"add", home_ + "/notes", "--prune", "--user", user});
    said += again.substr(0, again.find(" in "));
    fs::rename(home_ + "/fish.md", home_ + "/notes/fish.md");
    say({"persona", "--set", persona});
    say({"persona"});
    say({"persona", "--core"});
    say({"persona", "--export-card", home_ + "/card.json"});
    for (const char* query : {"heron pond", "key mat", "carps"})
      for (const Json& found : Json::parse(told({"search", query, "--json", "--model", "none", "--user", user})))
        said += found["text"].get<std::string>() + found["speaker"].get<std::string>();
    for (const Json& each : Json::parse(told({"list", "--json", "--user", user})))
      said += each["session"].get<std::string>() + each["turns"].dump();
    say({"facts", "--history"});
    const std::string exported = told({"export", "--user", user});
    EXPECT_EQ(std::ranges::count(exported, '\n'), 4);
    say({"export", "--format", "chat"});
    EXPECT_EQ(memory({"forget", "--turn", "999", "--yes", "--user", user}).status, 1);
    say({"forget", "--query", "heron", "--yes"});
    say({"forget", "--session", "s", "--yes"});
    const Json stats = Json::parse(told({"stats", "--json", "--user", user}));
    EXPECT_EQ(stats["integrity"], "ok");
    EXPECT_EQ(told({"rebuild", "--user", user}), "");
    return said + stats["turns"].dump();
  };
  const std::string alone = session("anna");
  serve();
  EXPECT_EQ(session("ivan"), alone);
  EXPECT_NE(alone.find("The heron stands"), std::string::npos) << alone;
  EXPECT_EQ(told({"add", "All may read this.", "--shared"}), "added\n");
  EXPECT_EQ(told({"add", "All may read this.", "--shared"}), "it was there already\n");
}

// Sixty days, on every sixth of which the user drinks coffee in Kazan and has a headache.
TEST_F(ServedMemory, PatternsAreFoundShownAndMuted) {
  std::string log;
  for (int day = 0; day < 60; ++day) {
    std::string text = day % 6 == 0 ? "too much coffee, a headache and so sad in Kazan" : "all is well";
    for (int k = 0; k < 6; ++k) text += " filler" + std::string(1, static_cast<char>('a' + (day * 7 + k * 11) % 26));
    const int64_t time = 1'704'100'000'000 + day * 86'400'000LL;
    log += Json{{"id", day + 1},    {"space", "default"}, {"session", "day" + std::to_string(day)},
                {"role", "user"},   {"origin", "user"},   {"speaker", ""},
                {"text", text},     {"time", time},       {"seen", time},
                {"partial", false}, {"key", ""}}
               .dump() +
           "\n";
  }
  told({"import", file("log.jsonl", log)});
  const Json patterns = Json::parse(told({"patterns", "--json"}));
  const auto pair = std::ranges::find_if(patterns, [](const Json& pattern) {
    return pattern["kind"] == "pair" && pattern["items"] == Json::array({"coffee", "headache"});
  });
  ASSERT_NE(pair, patterns.end()) << patterns.dump(1);
  EXPECT_EQ((*pair)["turns"], Json({1, 7, 13, 19, 25, 31, 37, 43, 49, 55}));
  EXPECT_TRUE(std::ranges::any_of(patterns, [](const Json& pattern) {
    return std::ranges::find(pattern["names"], "place") != pattern["names"].end();
  })) << "Kazan";
  const std::string key = (*pair)["pattern"].get<std::string>().substr(0, 8);
  EXPECT_TRUE(contains(told({"patterns"}), key + "  possible pattern: “coffee” and “headache” come up together"));
  told({"patterns", "--mute", key});
  EXPECT_TRUE(contains(told({"patterns"}), "(10 conversations)  (muted)"));
  told({"patterns", "--unmute", key});
  EXPECT_FALSE(contains(told({"patterns"}), "(muted)"));
  EXPECT_EQ(memory({"patterns", "--mute", "zz"}).status, 2);
  EXPECT_TRUE(contains(told({"emotions"}), "2024-01-01      1    -")) << told({"emotions"});
}

TEST_F(ServedMemory, WithKeysShowsNobodyAnothersMemoryAndSaysWhatToDo) {
  told({"add", "Anna's secret.", "--user", "anna"});
  KeyStore keys(home_ + "/keys.toml");
  const std::string anna = keys.add("anna", Role::admin), ivan = keys.add("ivan", Role::user);
  serve();
  setenv("LOAM_API_KEY", ivan.c_str(), 1);
  const Outcome refused = memory({"list", "--user", "anna"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_TRUE(contains(refused.err, "ivan's") && contains(refused.err, "anna's key")) << refused.err;
  setenv("LOAM_API_KEY", anna.c_str(), 1);
  EXPECT_TRUE(contains(told({"export", "--user", "anna"}), "secret"));
  unsetenv("LOAM_API_KEY");
  const Outcome keyless = memory({"list", "--user", "anna"});
  EXPECT_EQ(keyless.status, 1);
  EXPECT_TRUE(contains(keyless.err, "LOAM_API_KEY") && contains(keyless.err, "loam stop")) << keyless.err;
}

}  // namespace
}  // namespace loam::test
