#include "file/metadata.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "base/error.h"
#include "file/gguf.h"
#include "tests/support/gguf_builder.h"

namespace loam {
namespace {

using test::GgufBuilder;

struct Parsed {
  explicit Parsed(const GgufBuilder& writer)
      : bytes(writer.bytes()), file(GgufFile::parse(std::as_bytes(std::span(bytes)))) {}
  const Metadata& operator*() const { return file->metadata(); }
  const Metadata* operator->() const { return &file->metadata(); }

  std::string bytes;
  std::unique_ptr<GgufFile> file;
};

// The error's `where`, or "" where `action` throws none.
std::string error_place(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.where();
  }
  return "";
}

TEST(Metadata, EveryIntegerTypeReadsItsLimits) {
  const Parsed metadata(GgufBuilder()
                            .key("u8", std::numeric_limits<uint8_t>::max())
                            .key("i8", std::numeric_limits<int8_t>::min())
                            .key("u16", std::numeric_limits<uint16_t>::max())
                            .key("i16", std::numeric_limits<int16_t>::min())
                            .key("u32", std::numeric_limits<uint32_t>::max())
                            .key("i32", std::numeric_limits<int32_t>::min())
                            .key("u64", uint64_t{INT64_MAX})
                            .key("i64", std::numeric_limits<int64_t>::min()));
  EXPECT_EQ(metadata->require_integer("u8"), 255);
  EXPECT_EQ(metadata->require_integer("i8"), -128);
  EXPECT_EQ(metadata->require_integer("u16"), 65535);
  EXPECT_EQ(metadata->require_integer("i16"), -32768);
  EXPECT_EQ(metadata->require_integer("u32"), 4294967295);
  EXPECT_EQ(metadata->require_integer("i32"), INT32_MIN);
  EXPECT_EQ(metadata->require_integer("u64"), INT64_MAX);
  EXPECT_EQ(metadata->require_integer("i64"), INT64_MIN);
}

TEST(Metadata, OtherTypesReadBack) {
  const Parsed metadata(GgufBuilder()
                            .key("f32", 0.1f)
                            .key("f64", 0.1)
                            .key("yes", true)
                            .key("no", false)
                            .key("text", "한\n")
                            .key("empty", "")
                            .key("count", uint16_t{7}));
  EXPECT_EQ(metadata->require_number("f32"), static_cast<double>(0.1f));
  EXPECT_EQ(metadata->require_number("f64"), 0.1);
  EXPECT_EQ(metadata->require_number("count"), 7.0);
  EXPECT_EQ(metadata->boolean("yes"), true);
  EXPECT_EQ(metadata->boolean("no"), false);
  EXPECT_EQ(metadata->require_string("text"), "한\n");
  EXPECT_EQ(metadata->require_string("empty"), "");
  EXPECT_EQ(metadata->integer("absent"), std::nullopt);
  EXPECT_EQ(metadata->strings("absent"), nullptr);
}

template <class T>
void expect_integers_back(const std::vector<T>& items) {
  const Parsed metadata(GgufBuilder().array("a", items));
  EXPECT_EQ(*metadata->integers("a"), std::vector<int64_t>(items.begin(), items.end()));
  EXPECT_EQ(metadata->find("a")->type, MetaType::array);
}

TEST(Metadata, ArraysOfEveryTypeReadBack) {
  expect_integers_back<uint8_t>({0, 255});
  expect_integers_back<int8_t>({-128, 127});
  expect_integers_back<uint16_t>({0, 65535});
  expect_integers_back<int16_t>({-32768, 32767});
  expect_integers_back<uint32_t>({0, UINT32_MAX});
  expect_integers_back<int32_t>({INT32_MIN, INT32_MAX});
  expect_integers_back<uint64_t>({0, INT64_MAX});
  expect_integers_back<int64_t>({INT64_MIN, INT64_MAX});
  expect_integers_back<bool>({true, false, true});
  expect_integers_back<int32_t>({});
  const Parsed metadata(GgufBuilder()
                            .array<float>("f32", {0.5f, -1e30f})
                            .array<double>("f64", {0.1, 1e300})
                            .array<std::string>("texts", {"a", "", "한"}));
  EXPECT_EQ(*metadata->numbers("f32"), (std::vector<double>{0.5, static_cast<double>(-1e30f)}));
  EXPECT_EQ(*metadata->numbers("f64"), (std::vector<double>{0.1, 1e300}));
  EXPECT_EQ(*metadata->strings("texts"), (std::vector<std::string_view>{"a", "", "한"}));
}

TEST(Metadata, ErrorsNameKindAndPlace) {
  const Parsed metadata(GgufBuilder().key("a", uint32_t{7}).key("large", UINT64_MAX).array<float>("f", {1}));
  const std::string place = std::to_string(metadata->find("a")->offset);
  EXPECT_EQ(metadata->find("a")->offset, 24u + 8 + 1 + 4);
  EXPECT_EQ(error_place([&] { metadata->string("a"); }), "type@" + place);
  EXPECT_EQ(error_place([&] { metadata->boolean("a"); }), "type@" + place);
  EXPECT_EQ(error_place([&] { metadata->strings("a"); }), "type@" + place);
  EXPECT_EQ(error_place([&] { metadata->integer("a", 8, 9); }), "hparam@" + place);
  EXPECT_EQ(error_place([&] { metadata->integer("a", 0, 6); }), "hparam@" + place);
  EXPECT_EQ(error_place([&] { metadata->integer("a", 7, 7); }), "");
  EXPECT_TRUE(error_place([&] { metadata->integer("large"); }).starts_with("hparam@"));
  EXPECT_TRUE(error_place([&] { metadata->integers("f"); }).starts_with("type@"));
  EXPECT_EQ(error_place([&] { metadata->require_integer("absent"); }), "key@0");
  EXPECT_EQ(error_place([&] { metadata->require_number("absent"); }), "key@0");
  EXPECT_EQ(error_place([&] { metadata->require_string("absent"); }), "key@0");
}

TEST(Metadata, OverridesReplaceAndAdd) {
  const Parsed parsed(GgufBuilder().key("a", uint32_t{7}));
  Metadata& metadata = parsed.file->metadata();
  metadata.apply_override("a=int:-9");
  metadata.apply_override("b=float:1e-5");
  metadata.apply_override("c=bool:true");
  metadata.apply_override("d=str:x=y:z");
  EXPECT_EQ(metadata.require_integer("a"), -9);
  EXPECT_EQ(metadata.require_number("b"), 1e-5);
  EXPECT_EQ(metadata.boolean("c"), true);
  EXPECT_EQ(metadata.require_string("d"), "x=y:z");
}

TEST(Metadata, MalformedOverridesAreRefused) {
  Metadata metadata;
  for (const char* text : {"", "a", "a=", "a=int", "a=int:", "a=int:1.5", "a=int:1x", "a=int:99999999999999999999",
                           "a=float:x", "a=bool:1", "a=word:x", "=int:1", "a:int=1"}) {
    EXPECT_EQ(error_place([&] { metadata.apply_override(text); }), "override-kv") << text;
  }
  EXPECT_TRUE(metadata.entries().empty());
}

}  // namespace
}  // namespace loam
