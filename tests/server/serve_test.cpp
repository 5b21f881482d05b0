// A whole server with a scripted model, asked over a socket.
#include <fstream>
#include <sstream>

#include "tests/server/asked_server.h"
#include "tests/server/running_server.h"

namespace loam::test {
namespace {

constexpr const char* kScript = R"({"replies": [
  {"match": "weather", "reply": "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}}\n</tool_call>"},
  {"match": "think", "reply": "<think>\nhm\n</think>\n\nIt is 42."},
  {"match": "Once upon", "reply": " a time."},
  {"match": "", "reply": "Hello, 세계!"}]})";

class Serve : public AskedServer {
 protected:
  Serve() {
    std::ofstream(folder_.file("script.json")) << kScript;
    const std::string script = "scripted:" + folder_.file("script.json");
    ServerSettings settings;
    settings.models = {model("first", script), model("second", script)};
    settings.profiles.push_back({.name = "brief",
                                 .model = "first",
                                 .system = "Be brief.",
                                 .parameters = {{"temperature", 0}},
                                 .token_budget = 3});
    start(settings);
  }

  static Json chat(const std::string& text, Json more = Json::object()) {
    Json body = {{"model", "first"}, {"messages", {{{"role", "user"}, {"content", text}}}}};
    body.update(more);
    return body;
  }

  void expect_refused(const Json& body, const std::string& param, int status = 400) const {
    const Json answer = post("/v1/chat/completions", body, status);
    EXPECT_EQ(answer["error"]["param"], param) << answer;
  }
};

TEST_F(Serve, AnswersInAllForms) {
  EXPECT_EQ(post("/v1/chat/completions", chat("hi"))["choices"][0]["message"]["content"], "Hello, 세계!");
  EXPECT_EQ(post("/v1/completions", {{"model", "first"}, {"prompt", "Once upon"}})["choices"][0]["text"], " a time.");
  EXPECT_EQ(post("/v1/responses", {{"model", "first"}, {"input", "hi"}})["output"][0]["content"][0]["text"],
            "Hello, 세계!");
  EXPECT_EQ(post("/v1/messages", chat("hi", {{"max_tokens", 99}}))["content"][0]["text"], "Hello, 세계!");
  EXPECT_EQ(post("/api/chat", chat("hi", {{"stream", false}}))["message"]["content"], "Hello, 세계!");
  EXPECT_EQ(post("/api/generate", {{"model", "first"}, {"prompt", "hi"}, {"stream", false}})["response"],
            "Hello, 세계!");
}

TEST_F(Serve, StreamsTheSameTextAndEndsWithDone) {
  const Response response = ask("POST", "/v1/chat/completions", chat("hi", {{"stream", true}}).dump());
  std::string text;
  for (size_t at = 0; (at = response.body.find("data: {", at)) != std::string::npos; ++at) {
    const Json chunk = Json::parse(response.body.substr(at + 6, response.body.find('\n', at) - at - 6));
    text += chunk["choices"][0]["delta"].value("content", "");
  }
  EXPECT_EQ(text, "Hello, 세계!");
  EXPECT_TRUE(response.body.ends_with("data: [DONE]\n\n"));
}

TEST_F(Serve, TellsHowFarAPromptIsRead) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "q7 ";  // more tokens than one step reads
  const Json request = chat(text, {{"stream", true}, {"return_progress", true}});
  std::istringstream lines(ask("POST", "/v1/chat/completions", request.dump()).body);
  int64_t last = 0, total = 0;
  for (std::string line; std::getline(lines, line);) {
    const Json event = Json::parse(line.starts_with("data: ") ? line.substr(6) : "", nullptr, false);
    if (!event.is_object() || !event.contains("prompt_progress")) continue;
    EXPECT_TRUE(event["choices"].empty());
    EXPECT_GT(event["prompt_progress"]["processed"].get<int64_t>(), last);
    last = event["prompt_progress"]["processed"];
    total = event["prompt_progress"]["total"];
  }
  EXPECT_GT(last, 0);
  EXPECT_GT(total, last);
}

TEST_F(Serve, TellsCallsAndReasoningApart) {
  const Json tool = {{"type", "function"},
                     {"function", {{"name", "get_weather"}, {"parameters", {{"type", "object"}}}}}};
  const Json called = post("/v1/chat/completions", chat("weather?", {{"tools", {tool}}}))["choices"][0];
  EXPECT_EQ(called["finish_reason"], "tool_calls");
  EXPECT_EQ(called["message"]["tool_calls"][0]["function"]["name"], "get_weather");
  const Json thought = post("/v1/chat/completions", chat("think"))["choices"][0]["message"];
  EXPECT_EQ(thought["reasoning_content"], "hm");
}

TEST_F(Serve, ProfilesPresetAndLimit) {
  const Json answer = post("/v1/chat/completions", chat("hi", {{"model", "brief"}}));
  EXPECT_EQ(answer["usage"]["completion_tokens"], 3);
  EXPECT_EQ(answer["choices"][0]["finish_reason"], "length");
}

TEST_F(Serve, NamesWhatIsWrongWithARequest) {
  expect_refused(chat("hi", {{"temperature", -1}}), "temperature");
  expect_refused(chat("hi", {{"top_logprobs", 500}}), "top_logprobs");
  expect_refused(chat("hi", {{"stop", std::vector<std::string>(5000, "x")}}), "stop");
  expect_refused(chat("hi", {{"max_tokens", "5"}}), "max_tokens");
  expect_refused(chat("hi", {{"max_tokens", 1.5}}), "max_tokens");
  expect_refused(chat("hi", {{"n", 1'000'000'000}}), "n");
  expect_refused(chat("hi", {{"logit_bias", {{"99999999", 1}}}}), "logit_bias");
  expect_refused(chat("hi", {{"messages", Json::array()}}), "messages");
  expect_refused(chat("hi", {{"model", "none"}}), "model", 404);
  expect_refused(chat("hi", {{"response_format", {{"type", "json_schema"}}}}), "response_format.json_schema.schema");
  EXPECT_EQ(post("/v1/chat/completions", chat("hi"))["choices"][0]["message"]["content"], "Hello, 세계!");
}

TEST_F(Serve, RefusesWhatDoesNotFitTheContextWithBothNumbersOrCutsItAsAsked) {
  Json long_chat = chat(std::string(1500, 'a'));
  long_chat["messages"].push_back({{"role", "assistant"}, {"content", "ok"}});
  long_chat["messages"].push_back({{"role", "user"}, {"content", std::string(1000, 'b')}});
  const Json refused = post("/v1/chat/completions", long_chat, 400);
  EXPECT_EQ(refused["error"]["code"], "context_length_exceeded");
  EXPECT_NE(refused["error"]["message"].get<std::string>().find("2048"), std::string::npos);
  long_chat["truncation"] = "auto";
  EXPECT_EQ(post("/v1/chat/completions", long_chat)["usage"]["dropped_messages"], 2);
}

TEST_F(Serve, HoldsTheTextToASchema) {
  const Json schema = {{"type", "object"},
                       {"properties", {{"a", {{"type", "integer"}}}}},
                       {"required", {"a"}},
                       {"additionalProperties", false}};
  const Json format = {{"type", "json_schema"}, {"json_schema", {{"name", "x"}, {"schema", schema}}}};
  const Json answer = post("/v1/chat/completions", chat("hi", {{"response_format", format}, {"max_tokens", 400}}));
  const Json object = Json::parse(answer["choices"][0]["message"]["content"].get<std::string>(), nullptr, false);
  EXPECT_TRUE(object.is_object() && object["a"].is_number_integer()) << answer;
}

TEST_F(Serve, SameSeedSameTextBesideOthers) {
  const Json body = chat("hi", {{"seed", 7}, {"n", 3}, {"temperature", 1}});
  const Json one = post("/v1/chat/completions", body), two = post("/v1/chat/completions", body);
  EXPECT_EQ(one["choices"], two["choices"]);
}

TEST_F(Serve, TellsOfItsModels) {
  EXPECT_EQ(Json::parse(ask("GET", "/v1/models").body)["data"].size(), 3u);
  EXPECT_EQ(ask("GET", "/v1/models/none").status, 404);
  EXPECT_EQ(Json::parse(ask("GET", "/health").body)["models"].size(), 2u);
  EXPECT_NE(ask("GET", "/metrics").body.find("loam_generated_tokens_total{model=\"first\"}"), std::string::npos);
  EXPECT_EQ(Json::parse(ask("GET", "/openapi.json").body)["openapi"], "3.1.0");
}

TEST_F(Serve, TokenizesInTheFormsOfLlamaServerAndVllm) {
  const Json tokens = {104, 105};
  EXPECT_EQ(post("/tokenize", {{"model", "first"}, {"content", "hi"}})["tokens"], tokens);
  EXPECT_EQ(post("/detokenize", {{"model", "first"}, {"tokens", tokens}})["content"], "hi");

  const Json info = Json::parse(ask("GET", "/tokenizer_info").body);
  const Json asked = {{"model", "first"}, {"prompt", "hi"}, {"add_special_tokens", false}};
  const Json answer = post("/tokenize", asked);
  EXPECT_EQ(answer["tokens"], tokens);
  EXPECT_EQ(answer["count"], 2);
  EXPECT_EQ(answer["max_model_len"], info["model_max_length"]);
  EXPECT_EQ(post("/detokenize", {{"model", "first"}, {"tokens", tokens}})["prompt"], "hi");
  const Json end = post("/tokenize", {{"prompt", info["eos_token"]}, {"add_special_tokens", false}});
  EXPECT_EQ(end["count"], 1) << end;
}

TEST_F(Serve, GoesOnFromAnEarlierResponseOfTheSameUser) {
  const Json first = post("/v1/responses", {{"model", "first"}, {"input", "hi"}});
  const Json next =
      post("/v1/responses", {{"model", "first"}, {"input", "think"}, {"previous_response_id", first["id"]}});
  EXPECT_EQ(next["output"][0]["type"], "reasoning");
  post("/v1/responses", {{"model", "first"}, {"input", "x"}, {"previous_response_id", "resp_none"}}, 404);
}

TEST_F(Serve, ClientsThatLeaveFreeTheirPlaces) {
  for (int i = 0; i < 20; ++i) {
    RawClient client(server_->port());
    const std::string body = chat("hi", {{"stream", true}, {"ignore_eos", true}}).dump();
    client.send(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
    client.read_until("data: ");
  }
  EXPECT_TRUE(
      eventually([&] { return ask("GET", "/metrics").body.find("loam_requests_under_way 0\n") != std::string::npos; }));
  EXPECT_EQ(post("/v1/chat/completions", chat("hi"))["choices"][0]["message"]["content"], "Hello, 세계!");
}

class ServeAtWork : public AskedServer {
 protected:
  ServeAtWork() {
    std::ofstream(folder_.file("script.json")) << R"({"replies": [{"match": "", "reply": "Hello!"}], "delay_ms": 1})";
    ServerSettings settings;
    settings.models = {model("slow", "scripted:" + folder_.file("script.json"))};
    start(settings);
  }
  // A stream that goes on for a while, and has begun.
  RawClient stream() const {
    RawClient client(server_->port());
    const Json body = {{"messages", {{{"role", "user"}, {"content", "hi"}}}},
                       {"stream", true},
                       {"ignore_eos", true},
                       {"max_tokens", 500}};
    const std::string text = body.dump();
    client.send(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
        std::to_string(text.size()) + "\r\n\r\n" + text);
    client.read_until("data: ");
    return client;
  }
};

TEST_F(ServeAtWork, EndsWhileItsModelsAnswer) {
  const RawClient one = stream(), two = stream();
  server_.reset();
}

TEST_F(ServeAtWork, AModelThatIsUnloadedEndsItsAnswers) {
  RawClient client = stream();
  post("/api/generate", {{"model", "slow"}, {"keep_alive", 0}});
  EXPECT_NE(client.read_until("[DONE]").find("[DONE]"), std::string::npos);
  EXPECT_EQ(ask("POST", "/v1/completions", R"({"prompt": "Once", "max_tokens": 1})").status, 200);
}

}  // namespace
}  // namespace loam::test
