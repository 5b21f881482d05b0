// tool_choice, in all APIs: with a scripted model, which would say something else, and a small one that says anything.
#include <fstream>

#include "tests/server/asked_server.h"
#include "tests/support/support.h"

namespace loam::test {
namespace {

constexpr const char* kToolScript = R"({"replies": [
  {"match": "fenced", "reply": "Sure:\n```json\n{\"name\": \"set_light\", \"arguments\": {\"room\": \"hall\", \"on\": true}}\n```"},
  {"match": "broken", "reply": "<tool_call>\n{\"name\": \"set_light\", \"arguments\": {\"room\": hall}}\n</tool_call>"},
  {"match": "twice", "reply": "<tool_call>\n{\"name\": \"stop\", \"arguments\": {}}\n</tool_call>\n<tool_call>\n{\"name\": \"stop\", \"arguments\": {}}\n</tool_call>"},
  {"match": "form", "reply": "{\"answer\": 42}"},
  {"match": "", "reply": "Hello!"}]})";

const Json kLight = Json::parse(R"({"type": "object", "properties": {
  "room": {"type": "string", "enum": ["hall", "kitchen"]}, "on": {"type": "boolean"},
  "percent": {"type": "integer", "minimum": 1, "maximum": 100}, "note": {"type": "string", "maxLength": 12},
  "steps": {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 9}, "maxItems": 3}},
  "required": ["room", "on"]})");
const Json kStop = {{"type", "object"}, {"properties", Json::object()}};

Json functions() {
  return {{{"type", "function"},
           {"function", {{"name", "set_light"}, {"description", "Turns a light on or off."}, {"parameters", kLight}}}},
          {{"type", "function"}, {"function", {{"name", "stop"}, {"description", "Stops."}, {"parameters", kStop}}}}};
}

Json named(const std::string& tool) { return {{"type", "function"}, {"function", {{"name", tool}}}}; }

bool between(const Json& value, double least, double most) {
  return value.is_number() && value >= least && value <= most;
}

void expect_schema_kept(const std::string& name, const Json& arguments) {
  SCOPED_TRACE(arguments.dump());
  ASSERT_TRUE(arguments.is_object());
  if (name == "stop") {
    EXPECT_TRUE(arguments.empty());
    return;
  }
  ASSERT_EQ(name, "set_light");
  ASSERT_TRUE(arguments.contains("room") && arguments.contains("on"));
  const Json& properties = kLight["properties"];
  for (const auto& [key, value] : arguments.items()) EXPECT_TRUE(properties.contains(key));
  EXPECT_TRUE(arguments["room"] == "hall" || arguments["room"] == "kitchen");
  EXPECT_TRUE(arguments["on"].is_boolean());
  EXPECT_TRUE(between(arguments.value("percent", Json(1)), 1, 100));
  EXPECT_TRUE(arguments.value("note", Json("")).is_string());
  const Json steps = arguments.value("steps", Json::array());
  EXPECT_LE(steps.size(), 3u);
  for (const Json& step : steps) EXPECT_TRUE(between(step, 0, 9));
}

void expect_calls(const Json& choice) {
  SCOPED_TRACE(choice.dump());
  EXPECT_EQ(choice["finish_reason"], "tool_calls");
  EXPECT_TRUE(choice["message"]["content"].is_null());
  ASSERT_TRUE(choice["message"].contains("tool_calls"));
  for (const Json& call : choice["message"]["tool_calls"])
    expect_schema_kept(call["function"]["name"], Json::parse(call["function"]["arguments"].get<std::string>()));
}

// The calls of a streamed answer, each with its arguments joined.
Json streamed_calls(const std::string& body, int& n_pieces) {
  Json calls = Json::array();
  for (size_t at = 0; (at = body.find("data: {", at)) != std::string::npos; ++at) {
    const Json chunk = Json::parse(body.substr(at + 6, body.find('\n', at) - at - 6));
    if (chunk["choices"].empty() || !chunk["choices"][0]["delta"].contains("tool_calls")) continue;
    for (const Json& delta : chunk["choices"][0]["delta"]["tool_calls"]) {
      const size_t index = delta["index"];
      if (delta.contains("id")) calls.push_back({{"name", delta["function"]["name"]}, {"arguments", ""}});
      EXPECT_EQ(index + 1, calls.size());
      calls[index]["arguments"] =
          calls[index]["arguments"].get<std::string>() + delta["function"].value("arguments", "");
      ++n_pieces;
    }
  }
  return calls;
}

class ToolChoiceTest : public AskedServer {
 protected:
  static Json chat(const std::string& text, Json more = Json::object()) {
    Json body = {{"messages", {{{"role", "user"}, {"content", text}}}},
                 {"tools", functions()},
                 {"max_tokens", 400},
                 {"seed", 1}};
    body.update(more);
    return body;
  }
  Json choice(const std::string& text, Json more = Json::object()) const {
    return post("/v1/chat/completions", chat(text, std::move(more)))["choices"][0];
  }
  void expect_streams_the_same(Json body) const {
    body["stream"] = false;
    const Json whole = post("/v1/chat/completions", body)["choices"][0]["message"]["tool_calls"];
    body["stream"] = true;
    int n_pieces = 0;
    const Json calls = streamed_calls(ask("POST", "/v1/chat/completions", body.dump()).body, n_pieces);
    ASSERT_EQ(calls.size(), whole.size());
    for (size_t i = 0; i < calls.size(); ++i) {
      EXPECT_EQ(calls[i]["name"], whole[i]["function"]["name"]);
      EXPECT_EQ(calls[i]["arguments"], whole[i]["function"]["arguments"]);
    }
    EXPECT_GT(n_pieces, static_cast<int>(2 * calls.size()));
  }
};

class ScriptedToolChoice : public ToolChoiceTest {
 protected:
  ScriptedToolChoice() {
    std::ofstream(folder_.file("script.json")) << kToolScript;
    ServerSettings settings;
    settings.models = {model("script", "scripted:" + folder_.file("script.json"))};
    start(settings);
  }
};

TEST_F(ScriptedToolChoice, RequiredAndNamedAreEnforced) {
  expect_calls(choice("hi", {{"tool_choice", "required"}}));
  for (const char* tool : {"set_light", "stop"}) {
    const Json named_choice = choice("hi", {{"tool_choice", named(tool)}});
    expect_calls(named_choice);
    ASSERT_EQ(named_choice["message"]["tool_calls"].size(), 1u);
    EXPECT_EQ(named_choice["message"]["tool_calls"][0]["function"]["name"], tool);
  }
  EXPECT_EQ(choice("hi", {{"tool_choice", "auto"}})["message"]["content"], "Hello!");
}

TEST_F(ScriptedToolChoice, OnlyWhatIsAllowedIsCalled) {
  const auto allowed = [](const char* mode, const char* tool) {
    return Json{
        {"tool_choice",
         {{"type", "allowed_tools"}, {"allowed_tools", {{"mode", mode}, {"tools", Json::array({named(tool)})}}}}}};
  };
  const Json required = choice("hi", allowed("required", "stop"));
  expect_calls(required);
  for (const Json& call : required["message"]["tool_calls"]) EXPECT_EQ(call["function"]["name"], "stop");
  EXPECT_EQ(choice("hi", allowed("auto", "stop"))["message"]["content"], "Hello!");
  EXPECT_FALSE(choice("fenced", allowed("auto", "stop"))["message"].contains("tool_calls")) << "it names another";
  const Json refusal = post("/v1/chat/completions", chat("hi", allowed("auto", "none such")), 400);
  EXPECT_EQ(refusal["error"]["param"], "tool_choice") << refusal;
}

TEST_F(ScriptedToolChoice, OneCallOrSeveral) {
  for (const char* tool_choice : {"auto", "required"}) {
    const Json all = choice("twice", {{"tool_choice", tool_choice}});
    EXPECT_EQ(all["message"]["tool_calls"].size(), 2u) << all;
    const Json one = choice("twice", {{"tool_choice", tool_choice}, {"parallel_tool_calls", false}});
    EXPECT_EQ(one["message"]["tool_calls"].size(), 1u) << one;
  }
  EXPECT_EQ(choice("twice", {{"tool_choice", named("stop")}})["message"]["tool_calls"].size(), 1u);
}

TEST_F(ScriptedToolChoice, FencedJsonThatNamesAToolIsACall) {
  const Json called = choice("fenced");
  EXPECT_EQ(called["finish_reason"], "tool_calls");
  EXPECT_EQ(called["message"]["content"], "Sure:");
  EXPECT_EQ(called["message"]["tool_calls"][0]["function"]["name"], "set_light");
  const Json text = choice("fenced", {{"tool_choice", "none"}});
  EXPECT_EQ(text["finish_reason"], "stop");
  EXPECT_FALSE(text["message"].contains("tool_calls"));
  EXPECT_NE(text["message"]["content"].get<std::string>().find("set_light"), std::string::npos);
}

TEST_F(ScriptedToolChoice, WhatCannotBeReadIsTextWithAWarning) {
  const Json broken = choice("broken");
  EXPECT_EQ(broken["finish_reason"], "stop");
  EXPECT_EQ(broken["message"]["warnings"].size(), 1u);
  EXPECT_EQ(broken["message"]["content"],
            "<tool_call>\n{\"name\": \"set_light\", \"arguments\": {\"room\": hall}}\n</tool_call>");
}

TEST_F(ScriptedToolChoice, BesideAFormTheModelCallsOrAnswers) {
  const Json schema = {{"type", "object"},
                       {"properties", {{"answer", {{"type", "integer"}}}}},
                       {"required", {"answer"}},
                       {"additionalProperties", false}};
  const Json form = {{"response_format", {{"type", "json_schema"}, {"json_schema", {{"schema", schema}}}}}};
  EXPECT_EQ(choice("form", form)["message"]["content"], R"({"answer": 42})");
  EXPECT_EQ(choice("twice", form)["message"]["tool_calls"].size(), 2u);
  Json required = form;
  required["tool_choice"] = "required";
  expect_calls(choice("form", required));
}

TEST_F(ScriptedToolChoice, StreamsTheSameCalls) {
  expect_streams_the_same(chat("hi", {{"tool_choice", "required"}}));
  expect_streams_the_same(chat("hi", {{"tool_choice", named("set_light")}}));
}

TEST_F(ScriptedToolChoice, IsTheSameInAllApis) {
  Json flat = Json::array();
  for (const Json& tool : functions()) {
    flat.push_back({{"type", "function"}});
    flat.back().update(tool["function"]);
  }
  for (const Json& tool_choice : {Json("required"), Json{{"type", "function"}, {"name", "set_light"}}}) {
    const Json call =
        post("/v1/responses", {{"input", "hi"}, {"tools", flat}, {"tool_choice", tool_choice}})["output"][0];
    ASSERT_EQ(call["type"], "function_call") << call;
    expect_schema_kept(call["name"], Json::parse(call["arguments"].get<std::string>()));
  }
  const Json tools = {{{"name", "set_light"}, {"input_schema", kLight}}, {{"name", "stop"}, {"input_schema", kStop}}};
  for (const Json& tool_choice : {Json{{"type", "any"}}, Json{{"type", "tool"}, {"name", "set_light"}}}) {
    const Json message = post("/v1/messages", chat("hi", {{"tools", tools}, {"tool_choice", tool_choice}}));
    EXPECT_EQ(message["stop_reason"], "tool_use");
    ASSERT_EQ(message["content"][0]["type"], "tool_use") << message;
    expect_schema_kept(message["content"][0]["name"], message["content"][0]["input"]);
  }
  const Json none = {{"tools", tools}, {"tool_choice", {{"type", "none"}}}};
  EXPECT_EQ(post("/v1/messages", chat("twice", none))["content"][0]["type"], "text");
  const Json line =
      post("/api/chat", chat("hi", {{"model", "script"}, {"stream", false}, {"tool_choice", "required"}}));
  ASSERT_TRUE(line["message"].contains("tool_calls")) << line;
  const Json& call = line["message"]["tool_calls"][0]["function"];
  expect_schema_kept(call["name"], call["arguments"]);
}

TEST_F(ScriptedToolChoice, RefusesWhatCannotBeEnforced) {
  const auto refused = [&](const Json& more) {
    return post("/v1/chat/completions", chat("hi", more), 400)["error"]["param"].get<std::string>();
  };
  EXPECT_EQ(refused({{"tool_choice", named("none_such")}}), "tool_choice");
  EXPECT_EQ(refused({{"tool_choice", "required"}, {"tools", Json::array()}}), "tool_choice");
  EXPECT_EQ(refused({{"tool_choice", {{"type", "function"}}}}), "tool_choice");
  EXPECT_EQ(refused({{"tool_choice", "always"}}), "tool_choice");
  Json strict = functions();
  strict[0]["function"]["strict"] = true;
  strict[0]["function"]["parameters"]["properties"]["note"]["pattern"] = "(?<=x)y";
  EXPECT_TRUE(refused({{"tools", strict}}).starts_with("tools[0].function.parameters"));
}

class SmallModelToolChoice : public ToolChoiceTest {
 protected:
  void SetUp() override {
    const std::string path = model_path("smollm2-135m");
    LOAM_NEEDS(path);
    ServerSettings settings;
    settings.models = {model("smollm2", path)};
    start(settings);
  }
};

TEST_F(SmallModelToolChoice, CallsAreValidWhateverItDraws) {
  for (const Json& tool_choice : {Json("required"), named("set_light")}) {
    const Json body = chat("Make the hall bright.", {{"tool_choice", tool_choice},
                                                     {"parallel_tool_calls", false},
                                                     {"temperature", 1},
                                                     {"top_p", 1},
                                                     {"top_k", 0},
                                                     {"n", 8}});
    const Json choices = post("/v1/chat/completions", body)["choices"];
    ASSERT_EQ(choices.size(), 8u);
    for (const Json& each : choices) {
      expect_calls(each);
      EXPECT_EQ(each["message"]["tool_calls"].size(), 1u);
    }
  }
}

TEST_F(SmallModelToolChoice, StreamsTheSameCalls) {
  expect_streams_the_same(chat("Make the hall bright.", {{"tool_choice", named("set_light")}, {"temperature", 1}}));
}

}  // namespace
}  // namespace loam::test
