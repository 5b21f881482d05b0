#include <gtest/gtest.h>

#include "tests/engine/grammar/grammar_support.h"

namespace loam {
namespace {

using test::accepts;
using test::schema;

// Documents that a schema accepts and refuses.
struct SchemaCase {
  const char* schema;
  std::vector<const char*> accepted, refused;
};

class JsonSchema : public testing::TestWithParam<SchemaCase> {};

TEST_P(JsonSchema, AcceptsWhatSatisfiesItAndNothingElse) {
  const auto grammar = schema(GetParam().schema);
  for (const char* text : GetParam().accepted) EXPECT_TRUE(accepts(grammar, text)) << text;
  for (const char* text : GetParam().refused) EXPECT_FALSE(accepts(grammar, text)) << text;
}

INSTANTIATE_TEST_SUITE_P(
    Objects, JsonSchema,
    testing::Values(
        SchemaCase{
            R"({"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
                 "required": ["name", "age"], "additionalProperties": false})",
            {R"({"name":"Ann","age":3})", R"({"name": "Ann", "age": 3})", "{\n  \"name\": \"Ann\",\n  \"age\": 3\n}",
             "{ \"name\": \"Ann\", \"age\": 3 }", "{\n\t\"name\": \"Ann\",\n\t\"age\": 3\n}"},
            {R"({"age":3,"name":"Ann"})", R"({"name":"Ann"})", R"({"name":"Ann","age":3,"x":1})", "{}", "",
             R"({"name":"Ann","age":"3"})", R"({"name":"Ann","age":3} )", R"({"name":"Ann","age":3,})",
             R"({"name":  "Ann","age":3})", R"( {"name":"Ann","age":3})", "{\n\n\"name\":\"Ann\",\"age\":3}"}},
        // Members that may be left out, and the commas between those that are there.
        SchemaCase{
            R"({"type": "object", "properties": {"a": {"type": "null"}, "b": {"type": "null"}, "c": {"type": "null"}},
                 "required": ["b"]})",
            {R"({"b":null})", R"({"a":null,"b":null})", R"({"b":null,"c":null})", R"({"a":null,"b":null,"c":null})"},
            {R"({"a":null,"c":null})", R"({,"b":null})", R"({"b":null,})", R"({"b":null"c":null})", "{}"}},
        SchemaCase{R"({"type": "object", "properties": {"a": {"type": "null"}, "b": {"type": "null"}}})",
                   {"{}", "{ }", R"({"a":null})", R"({"b":null})", R"({"a": null, "b": null})"},
                   {R"({"b":null,"a":null})", R"({"c":null})"}},
        // Names of other members are none of those that have a property, however they are spelled.
        SchemaCase{
            R"({"type": "object", "properties": {"ab": {"type": "null"}}, "additionalProperties": {"type": "integer"}})",
            {"{}", R"({"ab":null})", R"({"ab":null,"a":1,"abc":2})", R"({"":1,"é\n":2,"\u0001":3})"},
            {R"({"ab":1})", R"({"x":null})", R"({"x":1,"ab":null})", R"({"ab":null,"ab":1})", R"({"\u0061b":1})"}},
        SchemaCase{R"({"type": "object", "properties": {"a": {"type": "null"}}, "additionalProperties": true})",
                   {R"({"a":null,"b":[{"c":{}}]})", R"({"b":"x"})"},
                   {R"({"a":1})"}},
        SchemaCase{R"({"type": "object"})",
                   {"{}", R"({"a":{"b":[1,"x",null,true,-0.5e-3]}})"},
                   {"[]", "1", R"({"a"})", "{1:2}"}},
        SchemaCase{R"({"type": "object", "additionalProperties": false})", {"{}"}, {R"({"a":1})"}},
        SchemaCase{R"({"type": "object", "required": ["x"]})", {R"({"x":1})", R"({"x":{}})"}, {"{}", R"({"y":1})"}},
        SchemaCase{
            R"({"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1, "maxProperties": 2})",
            {R"({"a":1})", R"({"a":1,"b":2})"},
            {"{}", R"({"a":1,"b":2,"c":3})"}},
        SchemaCase{
            R"({"type": "object", "patternProperties": {"^x-": {"type": "integer"}, "^[0-9]+$": {"type": "null"}},
                 "properties": {"x-a": {"minimum": 5}, "id": {"type": "string"}}, "additionalProperties": false})",
            {R"({"x-a":7,"id":"q","x-b":1,"12":null})", R"({"12":null})", "{}"},
            {R"({"x-a":3})", R"({"x-a":"s"})", R"({"12":1})", R"({"other":1})", R"({"x-b":1,"x-a":7})"}},
        SchemaCase{
            R"({"type": "object", "patternProperties": {"^n_": {"type": "null"}}, "additionalProperties": {"type": "integer"}})",
            {R"({"n_x":null,"n":1,"n_":null})"},
            {R"({"n_x":1})", R"({"n":null})"}},
        SchemaCase{
            R"({"type": "object", "propertyNames": {"pattern": "^[a-z]{1,3}$"}, "additionalProperties": {"type": "integer"}})",
            {R"({"abc":1})", "{}"},
            {R"({"abcd":1})", R"({"A":1})"}},
        SchemaCase{
            R"({"type": "object", "propertyNames": {"enum": ["en", "de"]}, "additionalProperties": {"type": "string"}})",
            {R"({"en":"x","de":"y"})"},
            {R"({"fr":"x"})"}},
        SchemaCase{R"({"type": "object", "properties": {"a/b~\"\\": {"type": "null"}}, "required": ["a/b~\"\\"]})",
                   {R"({"a/b~\"\\":null})"},
                   {R"({"a/b~":null})"}}));

INSTANTIATE_TEST_SUITE_P(
    Arrays, JsonSchema,
    testing::Values(
        SchemaCase{R"({"type": "array", "items": {"type": "integer"}})",
                   {"[]", "[1]", "[1,2]", "[1, 2, 3]", "[\n  1,\n  2\n]", "[ 1 ]"},
                   {"[1,]", "[,1]", "[1 2]", "[\"1\"]", "[1.5]", "[1,2"}},
        SchemaCase{R"({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3})",
                   {"[1,2]", "[1,2,3]"},
                   {"[]", "[1]", "[1,2,3,4]"}},
        SchemaCase{R"({"type": "array", "items": {"type": "null"}, "maxItems": 0})", {"[]"}, {"[null]"}},
        SchemaCase{R"({"type": "array", "items": {"type": "null"}, "maxItems": 1})", {"[]", "[null]"}, {"[null,null]"}},
        SchemaCase{
            R"({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": false, "minItems": 1})",
            {"[1]", R"([1,"a"])"},
            {"[]", R"(["a"])", R"([1,"a",2])", "[1,2]"}},
        SchemaCase{
            R"({"type": "array", "prefixItems": [{"type": "integer"}], "items": {"type": "null"}, "minItems": 3, "maxItems": 4})",
            {"[1,null,null]", "[1,null,null,null]"},
            {"[1,null]", "[null,null,null]", "[1,null,null,null,null]"}},
        SchemaCase{R"({"type": "array", "items": [{"type": "integer"}], "additionalItems": {"type": "null"}})",
                   {"[]", "[1]", "[1,null]"},
                   {"[null]", "[1,1]"}},
        SchemaCase{R"({"type": "array"})", {"[]", R"([1,"a",[],{}])"}, {"{}"}}));

INSTANTIATE_TEST_SUITE_P(
    Strings, JsonSchema,
    testing::Values(
        SchemaCase{R"({"type": "string"})",
                   {R"("")", R"("a b")", R"("é漢😀")", R"("\"\\\/\b\f\n\r\t")", R"("\u00e9\uD83D\uDE00\uffff")"},
                   {"\"\n\"", "\"a", R"("\x")", R"("\u12")", R"("\uD83D")", R"("\uDE00")", R"("\uD83D\u0041")",
                    "\"\x80\"", "\"\xC3\"", "\"\xED\xA0\x80\"", "\"\xC0\x80\"", "a"}},
        SchemaCase{R"({"type": "string", "minLength": 2, "maxLength": 3})",
                   {R"("ab")", R"("abc")", R"("éé")", R"("漢字😀")", R"("\n\u0041")", R"("\uD83D\uDE00\"")"},
                   {R"("a")", R"("abcd")", R"("\n")", R"("")"}},
        SchemaCase{
            R"({"type": "string", "minLength": 70, "maxLength": 100})",
            {R"("0123456789012345678901234567890123456789012345678901234567890123456789")"},
            {R"("012345678901234567890123456789012345678901234567890123456789012345678")",
             R"("01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890")"}},
        SchemaCase{R"({"type": "string", "pattern": "^[a-c]{2}-\\d+$"})",
                   {R"("ab-1")", R"("cc-123")"},
                   {R"("ad-1")", R"("ab-")", R"("xab-1")"}},
        SchemaCase{
            R"({"type": "string", "pattern": "b+"})", {R"("b")", R"("abba")", R"("\"b\n")"}, {R"("")", R"("aca")"}},
        SchemaCase{
            R"({"type": "string", "pattern": "^a|z$"})", {R"("ab")", R"("bz")", R"("a")"}, {R"("ba")", R"("zb")"}},
        SchemaCase{R"({"type": "string", "pattern": "^[^x]$"})",
                   {R"("\"")", R"("\\")", R"("\n")", R"("é")", R"("\u0001")"},
                   {R"("x")", R"("")"}},
        SchemaCase{R"({"type": "string", "pattern": "^[a-z]*$", "minLength": 2, "maxLength": 4})",
                   {R"("ab")", R"("abcd")"},
                   {R"("a")", R"("abcde")", R"("aB")"}},
        SchemaCase{R"({"allOf": [{"type": "string", "pattern": "^a"}, {"pattern": "z$"}, {"maxLength": 4}]})",
                   {R"("az")", R"("abcz")"},
                   {R"("a")", R"("abcdz")", R"("bz")"}},
        SchemaCase{R"({"type": "string", "format": "date"})",
                   {R"("2024-02-29")", R"("1999-12-31")", R"("2000-02-29")", R"("0001-01-01")"},
                   {R"("2023-02-29")", R"("1900-02-29")", R"("2024-13-01")", R"("2024-04-31")", R"("0000-01-01")",
                    R"("2024-1-1")"}},
        SchemaCase{R"({"type": "string", "format": "time"})",
                   {R"("12:30:00Z")", R"("23:59:59.125+01:00")"},
                   {R"("24:00:00Z")", R"("12:30Z")"}},
        SchemaCase{R"({"type": "string", "format": "date-time"})",
                   {R"("2024-02-29T12:30:00Z")"},
                   {R"("2024-02-30T12:30:00Z")", R"("2024-02-29")"}},
        SchemaCase{R"({"type": "string", "format": "duration"})",
                   {R"("P1Y2M3D")", R"("PT5H")", R"("P4W")", R"("P1DT1M")"},
                   {R"("P")", R"("PT")", R"("P1W2D")"}},
        SchemaCase{R"({"type": "string", "format": "uuid"})",
                   {R"("123e4567-e89b-12d3-a456-426614174000")"},
                   {R"("123e4567-e89b-12d3-a456-42661417400")", R"("g23e4567-e89b-12d3-a456-426614174000")"}},
        SchemaCase{R"({"type": "string", "format": "email"})",
                   {R"("a.b@c.com")"},
                   {R"("a@")", R"("@c.com")", R"("a..b@c.com")"}},
        SchemaCase{R"({"type": "string", "format": "ipv4"})",
                   {R"("0.10.255.199")"},
                   {R"("256.1.1.1")", R"("1.1.1")", R"("01.1.1.1")"}},
        SchemaCase{R"({"type": "string", "format": "ipv6"})",
                   {R"("::1")", R"("2001:db8::8a2e:370:7334")", R"("1:2:3:4:5:6:7:8")"},
                   {R"("1:2:3")", R"("1::2::3")", R"("1:2:3:4:5:6:7:8:9")"}},
        SchemaCase{
            R"({"type": "string", "format": "hostname"})", {R"("a-b.example.com")"}, {R"("-a.com")", R"("a..b")"}},
        SchemaCase{R"({"type": "string", "format": "uri"})",
                   {R"("https://example.com/a?b=c#d")", R"("mailto:x@y.z")"},
                   {R"("no scheme")", R"("http://a b")"}},
        SchemaCase{R"({"type": "string", "format": "a note to the reader"})", {R"("x")"}, {"1"}}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, JsonSchema,
    testing::Values(
        SchemaCase{R"({"type": "integer"})",
                   {"0", "-1", "1234567890123456789", "10"},
                   {"01", "1.0", "1e2", "-", "+1", "12345678901234567890"}},
        SchemaCase{R"({"type": "number"})",
                   {"0", "-0", "-1.5", "1e5", "1E-300", "0.00000000000000000001", "1.5e+279"},
                   {".5", "1.", "1e", "00", "1e309", "1e-308"}},
        SchemaCase{R"({"type": "integer", "minimum": 7, "maximum": 1312})",
                   {"7", "9", "10", "99", "100", "999", "1000", "1312", "1299"},
                   {"6", "0", "-7", "1313", "2000", "07", "10000"}},
        SchemaCase{R"({"type": "integer", "minimum": -12, "maximum": 5})",
                   {"-12", "-9", "-1", "0", "5"},
                   {"-13", "6", "-0", "-20", "10"}},
        SchemaCase{R"({"type": "integer", "minimum": -120, "maximum": -15})",
                   {"-15", "-99", "-120"},
                   {"-14", "-121", "15", "0"}},
        SchemaCase{R"({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10})", {"1", "9"}, {"0", "10"}},
        SchemaCase{R"({"type": "integer", "minimum": 0.5, "maximum": 2.5})", {"1", "2"}, {"0", "3"}},
        SchemaCase{R"({"type": "integer", "minimum": 100})", {"100", "101", "999999"}, {"99", "-100", "1"}},
        SchemaCase{R"({"type": "integer", "maximum": -3})", {"-3", "-4", "-100"}, {"-2", "0", "3"}},
        SchemaCase{
            R"({"type": "integer", "minimum": 9223372036854775807})", {"9223372036854775807"}, {"9223372036854775806"}},
        SchemaCase{R"({"type": "number", "minimum": 0, "maximum": 1})",
                   {"0", "1", "0.5", "0.999", "1.000"},
                   {"1.001", "-0.1", "2", "1e0"}},
        SchemaCase{R"({"type": "number", "exclusiveMinimum": 0, "maximum": 2.75})",
                   {"0.1", "0.0001", "1", "2", "2.7", "2.75", "2.7500", "2.749"},
                   {"0", "0.0", "2.76", "2.751", "3", "-1"}},
        SchemaCase{R"({"type": "number", "minimum": -1.5, "exclusiveMaximum": 0.25})",
                   {"-1.5", "-1.49", "-1", "-0.1", "0", "0.2", "0.2499"},
                   {"-1.51", "-2", "0.25", "0.250", "0.3"}},
        SchemaCase{R"({"type": "number", "minimum": 1e3, "maximum": 12.5e2})",
                   {"1000", "1250", "1249.99"},
                   {"999.9", "1250.1"}},
        SchemaCase{R"({"type": "integer", "multipleOf": 5})", {"0", "5", "10", "-15", "1000"}, {"1", "12"}},
        SchemaCase{R"({"type": "integer", "multipleOf": 7, "minimum": 10, "maximum": 30})",
                   {"14", "21", "28"},
                   {"7", "35", "15"}},
        SchemaCase{
            R"({"type": "number", "multipleOf": 0.01})", {"1", "1.5", "1.25", "0.010", "-3.99"}, {"1.255", "0.001"}},
        SchemaCase{
            R"({"type": "number", "multipleOf": 0.25, "minimum": 0})", {"0.25", "1.5", "2", "0.750"}, {"0.3", "0.125"}},
        SchemaCase{R"({"type": "number", "minimum": 3, "exclusiveMinimum": true})", {"3.1", "4"}, {"3", "3.0"}}));

INSTANTIATE_TEST_SUITE_P(
    Others, JsonSchema,
    testing::Values(
        SchemaCase{"{}", {"1", "\"a\"", "null", "[]", "{}", "true"}, {"x", ""}},
        SchemaCase{"true", {"1", "{\"a\":[]}"}, {}},
        SchemaCase{R"({"type": "boolean"})", {"true", "false"}, {"True", "1"}},
        SchemaCase{R"({"type": ["string", "null"]})", {"null", R"("a")"}, {"1"}},
        SchemaCase{R"({"type": "string", "nullable": true})", {"null", R"("a")"}, {"1"}},
        SchemaCase{R"({"enum": ["red", "green", 3, null, [1, {"a": true}], 1.5]})",
                   {R"("red")", R"("green")", "3", "null", R"([1,{"a":true}])", R"([1, {"a": true}])", "1.5"},
                   {R"("re")", R"("blue")", "4", R"([1])"}},
        SchemaCase{R"({"type": "string", "enum": ["a\"b", "ä\n", 5]})", {R"("a\"b")", R"("ä\n")"}, {"5", R"("ä")"}},
        SchemaCase{R"({"enum": ["a", "bc", "def"], "minLength": 2, "pattern": "^[a-c]"})",
                   {R"("bc")"},
                   {R"("a")", R"("def")"}},
        SchemaCase{R"({"const": "x"})", {R"("x")"}, {R"("y")"}},
        SchemaCase{R"({"const": {"a": [1, 2]}})", {R"({"a":[1,2]})"}, {R"({"a":[1]})"}},
        SchemaCase{
            R"({"anyOf": [{"type": "integer"}, {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
                           {"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]}]})",
            {"5", R"({"a":1})", R"({"b":"x"})"},
            {R"({"a":"x"})", R"({"b":1})", "{}"}},
        SchemaCase{R"({"oneOf": [{"const": 1}, {"const": 2}]})", {"1", "2"}, {"3"}},
        SchemaCase{
            R"({"type": "object", "properties": {"kind": {"type": "string"}, "n": {"type": "integer"}}, "required": ["kind"],
                 "anyOf": [{"properties": {"kind": {"const": "a"}}, "required": ["n"]}, {"properties": {"kind": {"const": "b"}}}]})",
            {R"({"kind":"a","n":1})", R"({"kind":"b"})", R"({"kind":"b","n":2})"},
            {R"({"kind":"a"})", R"({"kind":"c","n":1})"}},
        SchemaCase{R"({"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
                           {"properties": {"b": {"type": "string"}, "a": {"minimum": 3}}}]})",
                   {R"({"a":3})", R"({"a":4,"b":"x"})"},
                   {R"({"a":2})", R"({"b":"x"})"}},
        SchemaCase{
            R"({"allOf": [{"enum": [1, 2, 3]}, {"enum": [2, 3, 4]}], "type": "integer"})", {"2", "3"}, {"1", "4"}},
        SchemaCase{
            R"({"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {"value": {"type": "integer"},
                 "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}, "required": ["value", "next"]}}})",
            {R"({"value":1,"next":null})", R"({"value":1,"next":{"value":2,"next":{"value":3,"next":null}}})"},
            {R"({"value":1})", R"({"value":1,"next":{"value":2}})"}},
        SchemaCase{R"({"type": "array", "items": {"$ref": "#"}})", {"[]", "[[],[[]]]"}, {"[1]"}},
        SchemaCase{
            R"({"definitions": {"a/b": {"type": "null"}}, "properties": {"x": {"$ref": "#/definitions/a~1b"}}, "type": "object"})",
            {R"({"x":null})", "{}"},
            {R"({"x":1})"}},
        SchemaCase{
            R"({"$ref": "#/%24defs/n", "$defs": {"n": {"type": "null"}}, "description": "a note"})", {"null"}, {"1"}},
        // What an alternative cannot be is left out where the others can.
        SchemaCase{R"({"anyOf": [{"type": "string", "minLength": 3, "maxLength": 2}, {"type": "null"}]})",
                   {"null"},
                   {R"("ab")"}},
        SchemaCase{R"({"type": "object", "properties": {"a": false, "b": {"type": "null"}}})",
                   {"{}", R"({"b":null})"},
                   {R"({"a":1})"}}));

TEST(JsonObject, IsAnyObject) {
  const auto grammar = test::compile(GrammarExpression::json_object());
  EXPECT_TRUE(accepts(grammar, R"({"a": [1, 2.5, "x", {"b": null}], "c": {}})"));
  EXPECT_FALSE(accepts(grammar, "[1]"));
  EXPECT_FALSE(accepts(grammar, R"({"a": 1} x)"));
}

// A model that would like to go on with spaces comes to an end of them.
TEST(JsonObject, WhiteSpaceEndsByItself) {
  const auto grammar = test::compile(GrammarExpression::json_object());
  EXPECT_LE(test::accepted_prefix(grammar, "{" + std::string(100, ' ')), 3u);
  EXPECT_LE(test::accepted_prefix(grammar, "{\n" + std::string(100, ' ')), 50u);
  EXPECT_LE(test::accepted_prefix(grammar, "{" + std::string(100, '\n')), 4u);
}

TEST(JsonSchemaErrors, NameThePlace) {
  struct Refused {
    const char *schema, *where, *message;
  };
  const Refused cases[] = {
      {R"({"properties": {"a": {"not": {}}}})", "#/properties/a/not", "'not' is not supported"},
      {R"({"items": {"uniqueItems": true}})", "#/items/uniqueItems", "'uniqueItems'"},
      {R"({"if": {}, "then": {}})", "#/if", "'if'"},
      {R"({"type": "strnig"})", "#/type", "must be one or several of"},
      {R"({"type": 3})", "#/type", "must be one or several of"},
      {R"j({"type": "string", "pattern": "("})j", "#/pattern", "not closed"},
      {R"j({"type": "string", "pattern": "(?=a)"})j", "#/pattern", "lookaround"},
      {R"({"type": "string", "pattern": 3})", "#/pattern", "must be a string"},
      {R"({"properties": {"a/b": {"$ref": "http://example.com/x"}}})", "#/properties/a~1b/$ref", "nothing is fetched"},
      {R"({"$ref": "file:///etc/passwd"})", "#/$ref", "nothing is fetched"},
      {R"({"$ref": "#/$defs/x"})", "#/$ref", "names no place"},
      {R"({"$ref": "#"})", "#", "refers to itself"},
      {R"({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"allOf": [{"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"})",
       "#/$defs/a", "refers to itself"},
      {R"({"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}]}}, "$ref": "#/$defs/a"})", "#/$defs/a",
       "refers to itself"},
      {R"({"type": "string", "minLength": 9223372036854775808})", "#/minLength", "limit is 100000"},
      {R"({"type": "string", "minLength": -1})", "#/minLength", "whole number"},
      {R"({"type": "string", "minLength": 1.5})", "#/minLength", "whole number"},
      {R"({"type": "array", "minItems": 1e30})", "#/minItems", "limit is 100000"},
      {R"({"enum": 3})", "#/enum", "array of values"},
      {R"({"enum": [1, 2], "minimum": 2})", "#/minimum", "beside enum"},
      {R"({"anyOf": {}})", "#/anyOf", "array of schemas"},
      {R"({"properties": []})", "#/properties", "object of schemas"},
      {R"({"properties": {"a": 3}})", "#/properties/a", "must be an object, true or false"},
      {R"({"type": "object", "required": "a"})", "#/required", "array of strings"},
      {R"({"type": "number", "multipleOf": 0})", "#/multipleOf", "above 0"},
      {R"({"type": "object", "properties": {"a": {}, "b": {}}, "minProperties": 1})", "#/minProperties",
       "not supported"},
      {R"({"type": "object", "patternProperties": {"^a": {}, "b$": {"type": "null"}}})", "#/patternProperties",
       "same names"},
  };
  for (const auto& [text, where, message] : cases) {
    const Error error = test::grammar_error(GrammarExpression::json_schema_text(text));
    EXPECT_EQ(error.where(), where) << text;
    EXPECT_NE(error.message().find(message), std::string::npos) << error.what();
  }
}

TEST(JsonSchemaErrors, WhatNothingSatisfiesIsRefused) {
  for (const char* text : {"false", R"({"type": "integer", "minimum": 3, "maximum": 2})", R"({"enum": []})",
                           R"({"allOf": [{"type": "string"}, {"type": "null"}]})",
                           R"({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]})",
                           R"({"type": "array", "items": false, "minItems": 1})"}) {
    EXPECT_NE(test::grammar_error(GrammarExpression::json_schema_text(text)).message().find("nothing satisfies"),
              std::string::npos)
        << text;
  }
}

TEST(JsonSchemaErrors, TextThatIsNoJson) {
  EXPECT_NE(test::grammar_error(GrammarExpression::json_schema_text("{")).message().find("no JSON"), std::string::npos);
  EXPECT_NE(test::grammar_error(GrammarExpression::json_schema_text("")).message().find("no JSON"), std::string::npos);
}

}  // namespace
}  // namespace loam
