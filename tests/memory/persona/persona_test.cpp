#include "memory/persona/persona.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "memory/recall_block.h"
#include "memory/text/token_estimate.h"

namespace loam {
namespace {

std::string error_of(const std::string& toml) {
  try {
    parse_persona(toml);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::invalid);
    return error.where() + "|" + error.message();
  }
  return "none";
}

TEST(Persona, IsWrittenAsItWasRead) {
  const Persona persona = parse_persona(R"(
name = "나비"
description = """
A cat's "friend" \\ and more.
Second line."""
voice = "тихо и коротко"
values = ["honesty", "patience"]
languages = ["한국어", "Русский", "English"]
boundaries = ["no medical advice"]
greeting = "야옹"
)");
  EXPECT_EQ(persona.name, "나비");
  EXPECT_EQ(persona.languages.size(), 3u);
  EXPECT_EQ(parse_persona(write_persona(persona)), persona);
  Persona odd;
  odd.name = "tab\there \x01 \x7F \"quoted\" \\ 'x' \r\n\n";
  odd.values = {"", "a\nb", "\U0001F600"};
  EXPECT_EQ(parse_persona(write_persona(odd)), odd);
  EXPECT_EQ(parse_persona(""), Persona());
  EXPECT_TRUE(Persona().empty());
}

TEST(Persona, ErrorsNameLineAndField) {
  EXPECT_NE(error_of("name = \"a\"\nnmae = \"b\"").find("line 2|persona: 'nmae'"), std::string::npos);
  EXPECT_NE(error_of("\n\nname = 3").find("line 3|persona: 'name' must be a text"), std::string::npos);
  EXPECT_NE(error_of("values = \"x\"").find("line 1|persona: 'values' must be a list"), std::string::npos);
  EXPECT_NE(error_of("values = [1]").find("'values' must be a text"), std::string::npos);
  EXPECT_NE(error_of("name = \"a\"\nname = ").find("line 2"), std::string::npos);
  EXPECT_NE(error_of("name = \"" + std::string(501, 'a') + "\"").find("501 bytes; at most 500"), std::string::npos);
  EXPECT_NE(error_of("description = \"" + std::string(17'000, 'a') + "\"").find("17000 bytes"), std::string::npos);
  EXPECT_NE(error_of(std::string(70'000, '#')).find("70000 bytes"), std::string::npos);
  EXPECT_NE(error_of("name = \"\xFF\"").find("UTF-8"), std::string::npos);
  EXPECT_NE(error_of("name = \"a\\u0000b\"").find("line 1"), std::string::npos);
  EXPECT_NE(error_of("values = " + std::string(30'000, '[')).find("line 1"), std::string::npos);
  std::string many = "values = [";
  for (int i = 0; i < 33; ++i) many += "\"a\",";
  EXPECT_NE(error_of(many + "]").find("33 items; at most 32"), std::string::npos);
}

TEST(Persona, IsRenderedInAFixedOrder) {
  const Persona persona =
      parse_persona("description = \"{{char}} helps {{user}}.\"\nvalues = [\"a\", \"b\"]\nname = \"Echo\"");
  EXPECT_EQ(render_persona(persona, 1000), "You are Echo.\nWhat you hold dear: a; b.\nEcho helps the user.\n");
  EXPECT_EQ(render_persona(Persona(), 1000), "");
}

TEST(Persona, LongTextsAreCutAtASentence) {
  Persona persona;
  persona.name = "Echo";
  for (int i = 0; i < 400; ++i) persona.description += "나는 고양이를 좋아해. ";
  const std::string text = render_persona(persona, 300);
  EXPECT_LE(estimate_tokens(text), 302u);
  EXPECT_GT(estimate_tokens(text), 250u);
  EXPECT_TRUE(text.ends_with("좋아해.\n"));
}

}  // namespace
}  // namespace loam
