#include "base/utf8.h"

#include <gtest/gtest.h>

namespace loam {
namespace {

TEST(Utf8, EveryCodePointSurvivesTheRoundTrip) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const std::string text = to_utf8(c);
    const CodePoint back = decode_utf8(text, 0);
    ASSERT_TRUE(back.valid) << static_cast<uint32_t>(c);
    ASSERT_EQ(back.value, c);
    ASSERT_EQ(static_cast<size_t>(back.bytes), text.size());
  }
}

TEST(Utf8, OverlongFormsSurrogatesAndStrayBytesAreInvalid) {
  for (const std::string text : {"\xC0\x80", "\xE0\x80\x80", "\xF0\x80\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                 "\x80", "\xFF", "\xE2\x82", "\xF0\x9F\x98"}) {
    EXPECT_FALSE(is_valid_utf8(text));
    EXPECT_EQ(code_points(text).size(), text.size());
    EXPECT_TRUE(is_valid_utf8(sanitize_utf8(text)));
  }
}

TEST(Utf8, CompletePrefixStopsBeforeAnOpenSequence) {
  const std::string text = "a\xED\x95\x9C\xF0\x9F\x98\x80";  // a, 한, 😀
  const size_t expected[] = {0, 1, 1, 1, 4, 4, 4, 4, 8};
  for (size_t n = 0; n <= text.size(); ++n) EXPECT_EQ(complete_utf8_prefix(text.substr(0, n)), expected[n]) << n;
  EXPECT_EQ(complete_utf8_prefix("\xFF"), 1u);
  EXPECT_EQ(complete_utf8_prefix("\xED\xBF"), 2u);  // would become a surrogate: nothing can complete it
}

TEST(Utf8, ControlCharactersAreEscaped) { EXPECT_EQ(escape_control("a\x1B[31m한\n"), "a\\x1B[31m한\\x0A"); }

}  // namespace
}  // namespace loam
