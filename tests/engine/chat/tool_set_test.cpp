#include "engine/chat/tool_set.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

Json tool(const Json& function) { return {{{"type", "function"}, {"function", function}}}; }

std::string error_of(const Json& tools) {
  try {
    ToolSet set(tools);
  } catch (const Error& error) {
    return std::string(Error::name(error.code())) + ":" + error.where();
  }
  return "";
}

TEST(ToolSet, KnowsNamesAndTypes) {
  const ToolSet tools(tool({{"name", "f"},
                            {"description", "Does f."},
                            {"strict", true},
                            {"parameters", Json::parse(R"({"type": "object", "properties": {
    "text": {"type": "string"}, "count": {"type": "integer"}, "size": {"type": ["number", "null"]},
    "either": {"anyOf": [{"type": "string"}, {"type": "array"}]}, "choice": {"enum": ["a", 1]},
    "fixed": {"const": true}, "any": {}, "other": {"$ref": "#/$defs/x"}}})")}}));
  const Tool* f = tools.find("f");
  ASSERT_NE(f, nullptr);
  EXPECT_EQ(tools.find("g"), nullptr);
  EXPECT_EQ(f->description, "Does f.");
  EXPECT_TRUE(f->strict);
  EXPECT_EQ(f->types.at("text"), kJsonString);
  EXPECT_EQ(f->types.at("count"), kJsonInteger);
  EXPECT_EQ(f->types.at("size"), kJsonNumber | kJsonInteger | kJsonNull);
  EXPECT_EQ(f->types.at("either"), kJsonString | kJsonArray);
  EXPECT_EQ(f->types.at("choice"), kJsonString | kJsonInteger);
  EXPECT_EQ(f->types.at("fixed"), kJsonBoolean);
  EXPECT_EQ(f->types.at("any"), kJsonAny);
  EXPECT_EQ(f->types.at("other"), kJsonAny);
}

TEST(ToolSet, RefusesWhatIsNoTool) {
  EXPECT_EQ(error_of("x"), "invalid:tools");
  EXPECT_EQ(error_of({1}), "invalid:tools[0]");
  EXPECT_EQ(error_of({{{"type", "function"}}}), "invalid:tools[0]");
  EXPECT_EQ(error_of(tool({{"name", ""}})), "invalid:tools[0].function.name");
  EXPECT_EQ(error_of(tool({{"name", "a b"}})), "invalid:tools[0].function.name");
  EXPECT_EQ(error_of(tool({{"name", std::string(65, 'a')}})), "invalid:tools[0].function.name");
  EXPECT_EQ(error_of(tool({{"name", "a"}, {"parameters", 1}})), "invalid:tools[0].function.parameters");
  EXPECT_EQ(error_of(tool({{"name", "a"}, {"parameters", {{"type", "array"}}}})),
            "invalid:tools[0].function.parameters");
  Json twice = tool({{"name", "a"}});
  twice.push_back(twice[0]);
  EXPECT_EQ(error_of(twice), "invalid:tools[1].function.name");
  Json deep = {{"type", "object"}};
  for (int i = 0; i < 100; ++i) deep = Json{{"items", std::move(deep)}};
  EXPECT_EQ(error_of(tool({{"name", "a"}, {"parameters", std::move(deep)}})), "invalid:tools[0].function.parameters");
}

}  // namespace
}  // namespace loam
