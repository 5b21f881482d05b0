// loam generate held to a form: --json-schema, --grammar, --regex, --choices.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/app/program.h"

namespace loam::test {
namespace {

constexpr const char* kSchema =
    R"({"type": "object", "properties": {"name": {"type": "string", "maxLength": 12}, "age": {"type": "integer", "maximum": 130}},
        "required": ["name", "age"]})";

Outcome generate(std::vector<std::string> options) {
  std::vector<std::string> arguments{"generate", "smollm2-135m", "-p", "A person: ", "-n", "60", "--temp", "1"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return run_loam(std::move(arguments));
}

TEST(GenerateConstraint, JsonSatisfiesItsSchema) {
  LOAM_NEEDS(model_path("smollm2-135m"));
  const TemporaryFile file(kSchema, ".json");
  for (const std::string& schema : {std::string(kSchema), file.path()}) {
    for (const char* seed : {"1", "2", "3"}) {
      const Outcome outcome = generate({"--json-schema", schema, "--seed", seed});
      ASSERT_EQ(outcome.status, 0) << outcome.err;
      const auto value = nlohmann::json::parse(outcome.out, nullptr, false);
      ASSERT_TRUE(value.is_object()) << outcome.out;
      EXPECT_TRUE(value.size() == 2 && value["name"].is_string() && value["age"].is_number_integer()) << outcome.out;
    }
  }
}

TEST(GenerateConstraint, GrammarsExpressionsAndChoices) {
  LOAM_NEEDS(model_path("smollm2-135m"));
  const std::string answer = generate({"--choices", "yes,no,perhaps"}).out;
  EXPECT_TRUE(answer == "yes" || answer == "no" || answer == "perhaps") << answer;
  const std::string date = generate({"--regex", "\\d{4}-\\d{2}-\\d{2}"}).out;
  EXPECT_TRUE(date.size() == 10 && date[4] == '-' && date[7] == '-') << date;
  EXPECT_EQ(generate({"--grammar", "root ::= \"a\" (\"b\" | \"c\"{0})  \"d\""}).out.front(), 'a');
}

TEST(GenerateConstraint, WhatIsWrongIsNamed) {
  LOAM_NEEDS(model_path("smollm2-135m"));
  const auto expect_refused = [](std::vector<std::string> options, std::string_view message) {
    const Outcome outcome = generate(std::move(options));
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find(message), std::string::npos) << outcome.err;
  };
  expect_refused({"--json-schema", R"({"properties": {"a": {"not": {}}}})"}, "#/properties/a/not");
  expect_refused({"--grammar", "root ::= root \"a\" | \"a\""}, "left-recursive");
  expect_refused({"--regex", "(?=a)"}, "lookaround");
  expect_refused({"--regex", "a", "--choices", "a,b"}, "--choices");
  EXPECT_EQ(generate({"--json-schema", "/nonexistent.json"}).status, 1);
}

}  // namespace
}  // namespace loam::test
