// A whole server that remembers: what it keeps of chats, and what it brings back, as a client sees it.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "memory/memory_home.h"
#include "tests/server/asked_server.h"
#include "tests/server/running_server.h"

namespace loam::test {
namespace {

// The model says back what it was told about, so that a test sees what was in its prompt.
constexpr const char* kMemoryScript = R"({"replies": [
  {"match": "is called Nabi", "reply": "Nabi it is."},
  {"match": "", "reply": "I do not know."}]})";

class ServerMemory : public AskedServer {
 protected:
  ServerMemory() {
    std::ofstream(folder_.file("script.json")) << kMemoryScript;
    begin();
  }

  void begin() {
    ServerSettings settings;
    settings.models = {model("echo", "scripted:" + folder_.file("script.json"))};
    settings.memory_folder = folder_.file("users");
    start(settings);
  }
  void end() {
    if (!server_) return;
    server_->stop(std::chrono::seconds(10));
    server_.reset();
  }

  static Json chat(Json messages, Json more = Json::object()) {
    Json body = {{"model", "echo"}, {"messages", std::move(messages)}};
    body.update(more);
    return body;
  }
  static Json user(const std::string& text) { return {{"role", "user"}, {"content", text}}; }

  std::string answer_to(const std::string& text, Json more = Json::object()) const {
    return post("/v1/chat/completions",
                chat(Json::array({user(text)}), std::move(more)))["choices"][0]["message"]["content"];
  }

  // Opened by the test once the server is gone.
  std::vector<Turn> kept(const std::string& name) {
    end();
    std::vector<Turn> turns;
    MemoryHome(folder_.file("users")).of(name)->turns().for_each("", "", [&](const Turn& turn) {
      turns.push_back(turn);
      return true;
    });
    return turns;
  }
};

TEST_F(ServerMemory, KeepsQuestionsAndAnswersOfAllChatApis) {
  answer_to("one");
  post("/v1/messages", chat(Json::array({user("two")}), {{"max_tokens", 99}}));
  post("/v1/responses", {{"model", "echo"}, {"input", "three"}});
  post("/api/chat", chat(Json::array({user("four")}), {{"stream", false}}));
  const auto turns = kept("local");
  ASSERT_EQ(turns.size(), 8u);
  EXPECT_EQ(turns[0].text, "one");
  EXPECT_EQ(turns[1].text, "I do not know.");
  EXPECT_EQ(turns[1].role, TurnRole::assistant);
  EXPECT_EQ(turns[1].session, turns[0].session);
  EXPECT_EQ(turns[6].text, "four");
  EXPECT_NE(turns[6].session, turns[0].session);
}

TEST_F(ServerMemory, AStreamsEndIsToldWhenItsAnswerIsKept) {
  const Response response =
      ask("POST", "/v1/chat/completions", chat(Json::array({user("hi")}), {{"stream", true}}).dump());
  EXPECT_TRUE(response.body.ends_with("data: [DONE]\n\n"));
  EXPECT_EQ(kept("local").size(), 2u);
}

TEST_F(ServerMemory, OffMeansOff) {
  answer_to("secret one", {{"memory", false}});
  answer_to("secret two", {{"memory", {{"write", false}}}});
  RawClient client(server_->port());
  const std::string body = chat(Json::array({user("secret three")})).dump();
  client.send(
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "X-Loam-Memory: off\r\nConnection: close\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_EQ(client.read_response().status, 200);
  post("/v1/completions", {{"model", "echo"}, {"prompt", "secret four"}});
  end();
  EXPECT_FALSE(std::filesystem::exists(folder_.file("users/local/mem.db")) && !kept("local").empty());
}

TEST_F(ServerMemory, WhatMemoryIsToldIsChecked) {
  const auto refused = [&](const Json& memory, const std::string& param) {
    EXPECT_EQ(
        post("/v1/chat/completions", chat(Json::array({user("hi")}), {{"memory", memory}}), 400)["error"]["param"],
        param);
  };
  refused("yes", "memory");
  refused({{"recall", "sometimes"}}, "memory.recall");
  refused({{"namespace", ""}}, "memory.namespace");
  refused({{"namespace", std::string(300, 'x')}}, "memory.namespace");
  refused({{"session", "a\nb"}}, "memory.session");
}

TEST_F(ServerMemory, NamespacesAndSessionsAreTheRequests) {
  answer_to("one", {{"memory", {{"namespace", "LTM_1"}, {"session", "s"}}}});
  const auto turns = kept("local");
  ASSERT_EQ(turns.size(), 2u);
  EXPECT_EQ(turns[0].space, "LTM_1");
  EXPECT_EQ(turns[1].session, "s");
}

TEST_F(ServerMemory, TheModelReadsWhatWasToldInAnotherConversation) {
  answer_to("My cat is called Nabi.");
  EXPECT_EQ(answer_to("How is my cat called?"), "Nabi it is.");
  EXPECT_EQ(answer_to("How is my cat called?", {{"memory", false}}), "I do not know.");
  end();
  begin();
  EXPECT_EQ(answer_to("What is my cat called?"), "Nabi it is.");
}

TEST_F(ServerMemory, TellsWhatIsKeptAndWhy) {
  answer_to("My cat is called Nabi.");
  answer_to("How is my cat called?");
  const Json found = post("/v1/memory/search", {{"query", "cat"}})["results"];
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0]["text"], "My cat is called Nabi.");
  EXPECT_GT(found[0]["reasons"]["words"], 0);
  const Json stats = post("/v1/memory/stats", Json::object());
  EXPECT_EQ(stats["turns"], 4);
  EXPECT_EQ(stats["without_vector"], 0) << "there is no embedding model";
  EXPECT_EQ(Json::parse(ask("GET", "/v1/memory/list?limit=3").body)["turns"].size(), 3u);
  EXPECT_EQ(Json::parse(ask("GET", "/v1/memory/facts").body)["facts"][0]["value"], "Nabi");
  const Json why = Json::parse(ask("GET", "/v1/memory/why").body);
  EXPECT_EQ(why["question"]["text"], "How is my cat called?");
  EXPECT_EQ(why["recalled"][0]["text"], "My cat is called Nabi.");
}

TEST_F(ServerMemory, GivesEverythingOutAndTakesDocumentsIn) {
  answer_to("My cat is called Nabi.");
  EXPECT_EQ(post("/v1/memory/add-document", {{"title", "Manual"}, {"text", "The boiler needs 1.5 bar."}})["chunks"], 1);
  EXPECT_EQ(Json::parse(ask("GET", "/v1/memory/documents").body)["documents"][0]["title"], "Manual");
  const std::string lines = ask("GET", "/v1/memory/export").body;
  EXPECT_EQ(std::ranges::count(lines, '\n'), 3);
  EXPECT_EQ(Json::parse(lines.substr(0, lines.find('\n')))["text"], "My cat is called Nabi.");
}

TEST_F(ServerMemory, TakesWhatAnExportGivesHoweverMuchItIs) {
  Json line = {{"id", 0},        {"space", "default"}, {"session", "s"}, {"role", "user"}, {"origin", "import"},
               {"speaker", ""},  {"text", ""},         {"time", 1},      {"seen", 2},      {"partial", false},
               {"key", "import"}};
  std::string lines;
  for (int i = 0; i < 300; ++i) {
    line["text"] = std::to_string(i) + std::string(10'000, 'x');
    line["key"] = "import:" + std::to_string(i);
    lines += line.dump() + "\n";
  }
  EXPECT_EQ(post("/v1/memory/import", {{"lines", lines}})["added"], 300);
  EXPECT_EQ(post("/v1/memory/import", {{"lines", lines}})["added"], 0);
  EXPECT_EQ(post("/v1/memory/import", {{"lines", lines + "{\n"}}, 400)["error"]["param"], "line 301");
  EXPECT_EQ(std::ranges::count(ask("GET", "/v1/memory/export").body, '\n'), 300);  // 3 MB, more than may wait unsent
  EXPECT_EQ(std::ranges::count(ask("GET", "/v1/memory/export?since=2").body, '\n'), 0);
  EXPECT_EQ(ask("GET", "/v1/memory/export?format=yaml").status, 400);
}

TEST_F(ServerMemory, ForgetsByWordsAndDocumentAndTellsBefore) {
  post("/v1/memory/add", {{"text", "The heron stands in the pond."}});
  post("/v1/memory/add", {{"text", "The pond is deep."}});
  const auto add = [&](const std::string& text, const std::string& hash) {
    const Json blocks = Json::array({{{"text", text}, {"heading", "Birds"}, {"page", 3}}});
    const Json document = {{"path", "/birds.pdf"}, {"title", "Birds"}, {"hash", hash}, {"blocks", blocks}};
    return post("/v1/memory/add-document", document)["chunks"];
  };
  EXPECT_EQ(add("Herons eat fish.", "1"), 1);
  EXPECT_EQ(add("Herons eat frogs.", "2"), 1);  // in place of the one before
  EXPECT_EQ(Json::parse(ask("GET", "/v1/memory/documents").body)["documents"][0]["hash"], "2");
  EXPECT_EQ(post("/v1/memory/search", {{"query", "herons eat"}, {"namespace", "documents"}})["results"].size(), 1u);

  const Json told = post("/v1/memory/forget", {{"query", "heron"}, {"namespace", "default"}, {"dry", true}});
  EXPECT_EQ(told["would_forget"], 1);
  EXPECT_EQ(told["turns"][0]["text"], "The heron stands in the pond.");
  EXPECT_EQ(post("/v1/memory/stats", Json::object())["turns"], 3);
  EXPECT_EQ(post("/v1/memory/forget", {{"document", "/birds.pdf"}})["forgotten"], 1);
  EXPECT_EQ(post("/v1/memory/forget", {{"query", "heron"}})["forgotten"], 1);
  EXPECT_EQ(post("/v1/memory/stats", {{"check", true}})["integrity"], "ok");
}

TEST_F(ServerMemory, ForgetsWhatItIsTold) {
  const int64_t note = post("/v1/memory/add", {{"text", "The code is 4711-kestrel."}})["turn"];
  EXPECT_EQ(post("/v1/memory/forget", {{"turns", {note}}})["forgotten"], 1);
  EXPECT_EQ(post("/v1/memory/forget", Json::object(), 400)["error"]["param"], "turns");
  EXPECT_TRUE(post("/v1/memory/search", {{"query", "kestrel code"}})["results"].empty());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.file("users")))
    EXPECT_TRUE(!entry.is_regular_file() || read_file(entry.path()).find("kestrel") == std::string::npos) << entry;
}

}  // namespace
}  // namespace loam::test
