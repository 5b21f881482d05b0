#include <gtest/gtest.h>

#include "tests/engine/grammar/grammar_support.h"

namespace loam {
namespace {

using test::accepts;
using test::schema;

TEST(JsonSchema, ObjectsHaveTheirPropertiesInOrder) {
  const auto grammar =
      schema(R"({"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
                                  "required": ["name", "age"], "additionalProperties": false})");
  EXPECT_TRUE(accepts(grammar, R"({"name":"Ann","age":3})"));
  EXPECT_TRUE(accepts(grammar, R"({"name": "Ann", "age": 3})"));
  EXPECT_TRUE(accepts(grammar, "{\n  \"name\": \"Ann\",\n  \"age\": 3\n}"));
  EXPECT_FALSE(accepts(grammar, R"({"age":3,"name":"Ann"})"));
  EXPECT_FALSE(accepts(grammar, R"({"name":"Ann"})"));
  EXPECT_FALSE(accepts(grammar, R"({"name":"Ann","age":3,"x":1})"));
  EXPECT_FALSE(accepts(grammar, R"({"name":"Ann","age":"3"})"));
  EXPECT_FALSE(accepts(grammar, R"({})"));
}

}  // namespace
}  // namespace loam
