#include "base/byte_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"

namespace loam {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

std::string place_of_truncation(ByteReader& reader, uint64_t n) {
  try {
    reader.take(n, "a thing");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::model_invalid);
    EXPECT_NE(error.message().find("a thing"), std::string::npos);
    return error.where();
  }
  return "";
}

TEST(ByteReader, ReadsLittleEndianValuesInOrder) {
  const std::string text("\x01\x02\x03\x04\x05\x00\x00\x80\x3Fxyz", 12);
  ByteReader reader(bytes_of(text));
  EXPECT_EQ(reader.read<uint8_t>("a"), 1);
  EXPECT_EQ(reader.read<uint32_t>("b"), 0x05040302u);
  EXPECT_EQ(reader.read<float>("c"), 1.0f);
  EXPECT_EQ(reader.position(), 9u);
  EXPECT_EQ(reader.text(3, "d"), "xyz");
  EXPECT_EQ(reader.remaining(), 0u);
  EXPECT_EQ(reader.take(0, "nothing").size(), 0u);
}

TEST(ByteReader, AReadPastTheEndIsRefusedAndMovesNothing) {
  const std::string text = "0123456789";
  ByteReader reader(bytes_of(text));
  reader.take(4, "start");
  for (const uint64_t n : {uint64_t{7}, uint64_t{1} << 63, UINT64_MAX, UINT64_MAX - 3})
    EXPECT_EQ(place_of_truncation(reader, n), "truncated@4") << n;
  EXPECT_EQ(place_of_truncation(reader, 6), "");
  EXPECT_EQ(place_of_truncation(reader, 1), "truncated@10");
}

TEST(ByteReader, FillsOnlyWhatIsReadAndNothingTwice) {
  const std::string text = "0123456789";
  std::string memory(text.size(), '?');
  uint64_t filled = 0;
  ByteReader reader(bytes_of(memory), [&](uint64_t end) {
    EXPECT_GT(end, filled);
    for (; filled < std::min<uint64_t>(end + 2, text.size()); ++filled) memory[filled] = text[filled];
    return filled;
  });
  EXPECT_EQ(reader.text(3, "a"), "012");
  EXPECT_EQ(filled, 5u);
  EXPECT_EQ(reader.text(2, "b"), "34");
  EXPECT_EQ(filled, 5u);
  EXPECT_EQ(reader.text(5, "c"), "56789");
  EXPECT_EQ(place_of_truncation(reader, 1), "truncated@10");
}

}  // namespace
}  // namespace loam
