#include "memory/persona/character_card.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "memory/persona/png_text.h"

namespace loam {
namespace {

const std::string kCardV2 = R"({"spec": "chara_card_v2", "spec_version": "2.0", "data": {
  "name": "Аня", "description": "{{char}} is a librarian.", "personality": "calm", "scenario": "a library",
  "first_mes": "Здравствуйте!", "mes_example": "<START>", "alternate_greetings": ["Hi"], "tags": ["calm"],
  "character_book": {"entries": [{"keys": ["book"], "content": "lore"}]},
  "extensions": {"depth_prompt": {"depth": 4}, "loam": {"values": ["quiet"], "languages": ["Русский"]}}}})";

std::string big_endian_bytes(uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
  return out;
}

// The checksum by the table of PNG's annex D: another way than the code under test has.
uint32_t png_checksum(std::string_view bytes) {
  uint32_t table[256];
  for (uint32_t n = 0; n < 256; ++n) {
    uint32_t c = n;
    for (int k = 0; k < 8; ++k) c = (c & 1) != 0 ? 0xEDB88320U ^ (c >> 1) : c >> 1;
    table[n] = c;
  }
  uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) crc = table[(crc ^ static_cast<unsigned char>(byte)) & 0xFF] ^ (crc >> 8);
  return crc ^ 0xFFFFFFFFU;
}

std::string chunk(const std::string& type, const std::string& data) {
  return big_endian_bytes(static_cast<uint32_t>(data.size())) + type + data +
         big_endian_bytes(png_checksum(type + data));
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t bits = 0;
    const size_t n = std::min<size_t>(3, bytes.size() - i);
    for (size_t j = 0; j < 3; ++j) bits = bits << 8 | (j < n ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    for (size_t j = 0; j < 4; ++j) out += j <= n ? kDigits[bits >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

std::string png_with(const std::string& keyword, const std::string& text) {
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", std::string(13, '\1')) +
         chunk("tEXt", keyword + std::string(1, '\0') + text) + chunk("IEND", "");
}

TEST(CharacterCard, IsImported) {
  const Persona persona = read_character_card(kCardV2);
  EXPECT_EQ(persona.name, "Аня");
  EXPECT_EQ(persona.voice, "calm");
  EXPECT_EQ(persona.greeting, "Здравствуйте!");
  EXPECT_EQ(persona.values, std::vector<std::string>{"quiet"});
  EXPECT_NE(render_persona(persona, 1000).find("Аня is a librarian."), std::string::npos);
  EXPECT_EQ(read_character_card(R"({"name": "Old", "description": "V1"})").description, "V1");
}

TEST(CharacterCard, AnExportLosesNothing) {
  Persona persona = read_character_card(kCardV2);
  persona.voice = "lively";
  persona.boundaries = {"no spoilers"};
  const std::string exported = write_character_card(persona);
  const auto card = nlohmann::json::parse(exported);
  EXPECT_EQ(card["spec"], "chara_card_v3");
  EXPECT_EQ(card["data"]["personality"], "lively");
  EXPECT_EQ(card["data"]["character_book"]["entries"][0]["content"], "lore");
  EXPECT_EQ(card["data"]["alternate_greetings"][0], "Hi");
  EXPECT_EQ(card["data"]["extensions"]["depth_prompt"]["depth"], 4);
  Persona again = read_character_card(exported);
  again.card = persona.card;
  EXPECT_EQ(again, persona);
}

TEST(CharacterCard, APngCarriesOne) {
  EXPECT_EQ(read_character_card(png_with("chara", base64(kCardV2))).name, "Аня");
  EXPECT_EQ(read_character_card(png_with("ccv3", base64(kCardV2))).name, "Аня");
  EXPECT_THROW(read_character_card(png_with("Comment", "hi")), Error);
  EXPECT_THROW(read_character_card(png_with("chara", "not base64!")), Error);
}

// Every cut and every changed byte of a PNG either reads as the same card or is refused.
TEST(CharacterCard, DamagedFilesAreRefused) {
  const std::string png = png_with("chara", base64(R"({"name": "Max"})"));
  for (size_t n = 0; n < png.size(); ++n) {
    for (std::string damaged : {png.substr(0, n), png}) {
      if (damaged.size() == png.size()) damaged[n] = static_cast<char>(damaged[n] ^ 0x80);
      try {
        EXPECT_EQ(read_character_card(damaged).name, "Max") << n;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), Error::Code::invalid);
      }
    }
  }
}

TEST(CharacterCard, HostileCardsAreRefused) {
  for (const std::string& bad :
       {std::string(), std::string("[]"), std::string("{"), std::string("{}"), std::string(R"({"spec": "x"})"),
        std::string(R"({"spec": 5, "data": {}})"), std::string(R"({"spec": "chara_card_v2", "data": []})"),
        std::string(R"({"name": 7})"), "{\"name\": \"a\", \"x\": " + std::string(100'000, '[') + "}",
        "{\"name\": \"" + std::string(600, 'a') + "\"}",
        "{\"name\": \"a\", \"description\": \"" + std::string(20'000, 'a') + "\"}",
        std::string("{\"name\": \"\xFF\"}")})
    EXPECT_THROW(read_character_card(bad), Error) << bad.substr(0, 40);
}

TEST(Base64, IsRead) {
  for (const std::string text : {"", "a", "ab", "abc", "abcd", "Привет"}) EXPECT_EQ(decode_base64(base64(text)), text);
  EXPECT_EQ(decode_base64("YW\nJj"), "abc");
  for (const char* bad : {"a", "====", "YWJ=j", "Y*Jj"}) EXPECT_THROW(decode_base64(bad), Error) << bad;
}

}  // namespace
}  // namespace loam
