#include "file/gguf.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>

#include "base/error.h"
#include "tests/file/folder.h"
#include "tests/support/bad_gguf.h"
#include "tests/support/gguf_builder.h"
#include "tests/support/support.h"

namespace loam {
namespace {

using test::Folder;
using test::GgufBuilder;

std::unique_ptr<GgufFile> parse(std::string_view bytes) {
  return GgufFile::parse(std::as_bytes(std::span(bytes.data(), bytes.size())));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string data_of(const GgufFile& file, const TensorInfo& tensor) {
  std::vector<std::byte> scratch;
  return text_of(file.bytes(tensor, 0, tensor.bytes, scratch));
}

std::optional<Error> fault_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

// An error with this field, a place inside of the file, and a message that is safe to print.
void expect_refused(const std::optional<Error>& error, const std::string& field, size_t file_size) {
  ASSERT_TRUE(error.has_value()) << "not refused";
  EXPECT_EQ(error->code(), Error::Code::model_invalid) << error->what();
  const size_t at = error->where().find('@');
  ASSERT_NE(at, std::string::npos) << error->what();
  EXPECT_EQ(error->where().substr(0, at), field) << error->what();
  EXPECT_LE(std::stoull(error->where().substr(at + 1)), file_size) << error->what();
  const std::string what = error->what();
  EXPECT_TRUE(std::none_of(what.begin(), what.end(), [](char c) { return c >= 0 && c < 32; })) << what;
  EXPECT_GT(error->message().size(), 10u);
  EXPECT_LT(what.size(), 500u);
}

uint64_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

TEST(Gguf, ReadsTensorsOfAGoodFile) {
  const std::string bytes = test::good_gguf().bytes();
  const auto file = parse(bytes);
  EXPECT_EQ(file->version(), 3u);
  EXPECT_EQ(file->file_bytes(), bytes.size());
  EXPECT_EQ(file->metadata().entries().size(), 14u);
  ASSERT_EQ(file->tensors().size(), 3u);
  const TensorInfo* first = file->find("first");
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->shape, (Shape{4, 8}));  // outermost first
  EXPECT_EQ(first->dtype, DType::f32);
  EXPECT_EQ(first->bytes, 128u);
  const TensorInfo* second = file->find("second");
  EXPECT_EQ(second->dtype, DType::q8_0);
  EXPECT_EQ(data_of(*file, *second), std::string(68, '\x01'));
  std::vector<std::byte> scratch;
  const float three[] = {2, 3};
  EXPECT_EQ(text_of(file->bytes(*file->find("third"), 4, 8, scratch)), text_of(std::as_bytes(std::span(three))));
  EXPECT_EQ(file->find("fourth"), nullptr);
  EXPECT_EQ(file->find(""), nullptr);
}

TEST(Gguf, ReadsVersion2) {
  GgufBuilder writer = test::good_gguf();
  writer.version = 2;
  EXPECT_EQ(parse(writer.bytes())->version(), 2u);
}

TEST(Gguf, TakesOtherAlignments) {
  for (const uint32_t alignment : {8u, 64u, 4096u}) {
    GgufBuilder writer;
    writer.alignment = alignment;
    writer.key("general.alignment", alignment).tensor("a", {1}, {5.0f}).tensor("b", {1}, {6.0f});
    const std::string bytes = writer.bytes();
    const auto file = parse(bytes);
    const float six = 6;
    EXPECT_EQ(data_of(*file, *file->find("b")), text_of(std::as_bytes(std::span(&six, 1)))) << alignment;
  }
}

TEST(Gguf, AVocabularyNeedsNoTensors) {
  const std::string bytes = GgufBuilder().array<std::string>("tokenizer.ggml.tokens", {"a", "b"}).bytes();
  const auto file = parse(bytes);
  EXPECT_TRUE(file->tensors().empty());
  EXPECT_EQ(file->metadata().strings("tokenizer.ggml.tokens")->size(), 2u);
}

TEST(Gguf, BadFilesAreRefusedWithFieldAndPlace) {
  const uint64_t before = peak_memory();
  size_t largest = 0;
  for (const test::BadGguf& bad : test::bad_ggufs()) {
    SCOPED_TRACE("row " + std::to_string(bad.row) + ": " + bad.name);
    largest = std::max(largest, bad.bytes.size());
    expect_refused(fault_of([&] { parse(bad.bytes); }), bad.field, bad.bytes.size());
  }
  EXPECT_LE(peak_memory() - before, largest + (64u << 20));
}

TEST(Gguf, BadFilesAreRefusedAlikeOnDisk) {
  const Folder folder;
  for (const test::BadGguf& bad : test::bad_ggufs()) {
    SCOPED_TRACE("row " + std::to_string(bad.row) + ": " + bad.name);
    const std::string path = folder.write("bad.gguf", bad.bytes);
    for (const MapMode mode : {MapMode::mapped, MapMode::read})
      expect_refused(fault_of([&] { GgufFile::open(path, mode); }), bad.field, bad.bytes.size());
  }
}

TEST(Gguf, ModelsThatAreWrongOnlyAsModelsAreRead) {
  for (const test::BadGguf& bad : test::bad_models()) EXPECT_NO_THROW(parse(bad.bytes)) << bad.name;
}

TEST(Gguf, AFileCutAnywhereIsTruncated) {
  const GgufBuilder writer = test::good_gguf();
  const std::string bytes = writer.bytes();
  const auto whole = parse(bytes);
  const TensorInfo& last = whole->tensors().back();
  const size_t end = last.offset + last.bytes;  // padding may follow
  const size_t header = writer.header().size();
  for (size_t size = 0; size < header; ++size) {
    SCOPED_TRACE(size);
    expect_refused(fault_of([&] { parse(std::string_view(bytes).substr(0, size)); }), "truncated", size);
  }
  for (size_t i = 0; i < 64; ++i) {
    const size_t size = header + i * (end - header) / 64;
    SCOPED_TRACE(size);
    expect_refused(fault_of([&] { parse(std::string_view(bytes).substr(0, size)); }), "truncated", size);
  }
  EXPECT_NO_THROW(parse(std::string_view(bytes).substr(0, end)));
}

TEST(Gguf, ErrorsSayWhatOtherFilesAre) {
  const auto message = [](const char* name) {
    for (const test::BadGguf& bad : test::bad_ggufs())
      if (bad.name == name) return fault_of([&] { parse(bad.bytes); })->message();
    return std::string();
  };
  EXPECT_NE(message("safetensors").find("safetensors"), std::string::npos);
  EXPECT_NE(message("zip").find("pickle is never loaded"), std::string::npos);
  EXPECT_NE(message("pickle").find("never loaded"), std::string::npos);
  EXPECT_NE(message("web page").find("web page"), std::string::npos);
  EXPECT_NE(message("Git LFS pointer").find("git lfs pull"), std::string::npos);
  EXPECT_NE(message("version with swapped bytes").find("big-endian"), std::string::npos);
}

TEST(Gguf, DecodedArraysStayWithinTheirBudget) {
  // 20 MiB of bytes would become 160 MiB of 64-bit integers.
  const std::string bytes = GgufBuilder().array("a", std::vector<uint8_t>(20u << 20)).bytes();
  const uint64_t before = peak_memory();
  expect_refused(fault_of([&] { parse(bytes); }), "array", bytes.size());
  EXPECT_LE(peak_memory() - before, bytes.size() + (64u << 20));
}

TEST(Gguf, MappedAndReadFilesAreEqual) {
  const Folder folder;
  const std::string path = folder.write("good.gguf", test::good_gguf().bytes());
  const auto mapped = GgufFile::open(path, MapMode::mapped), read = GgufFile::open(path, MapMode::read);
  EXPECT_EQ(mapped->path(), path);
  ASSERT_EQ(mapped->tensors().size(), read->tensors().size());
  for (const TensorInfo& tensor : mapped->tensors()) {
    const TensorInfo* same = read->find(tensor.name);
    ASSERT_NE(same, nullptr);
    EXPECT_EQ(same->shape, tensor.shape);
    EXPECT_EQ(data_of(*mapped, tensor), data_of(*read, *same));
    mapped->release(tensor, 0, tensor.bytes);
    EXPECT_EQ(data_of(*mapped, tensor), data_of(*read, *same));  // read in again
  }
}

TEST(Gguf, AForgottenValueTakesNothingElseWithIt) {
  const Folder folder;
  std::vector<std::string> texts;
  for (int i = 0; i < 50000; ++i) texts.push_back("text " + std::to_string(i));
  test::GgufBuilder writer;
  for (const char* key : {"before", "forgotten", "behind"}) writer.array(key, texts);
  const auto file = GgufFile::open(folder.write("lists.gguf", writer.bytes()));
  file->forget("forgotten");
  file->forget("forgotten");
  EXPECT_FALSE(file->metadata().has("forgotten"));
  for (const char* key : {"before", "behind"}) EXPECT_TRUE(std::ranges::equal(*file->metadata().strings(key), texts));
}

TEST(Gguf, AFileThatBecameShorterIsAnErrorAndItsMetadataStays) {
  const Folder folder;
  const std::string path = folder.write("good.gguf", test::good_gguf().bytes());
  for (const MapMode mode : {MapMode::mapped, MapMode::read}) {
    std::filesystem::remove(path);
    folder.write("good.gguf", test::good_gguf().bytes());
    const auto file = GgufFile::open(path, mode);
    std::filesystem::resize_file(path, 16);
    const auto error = fault_of([&] { data_of(*file, file->tensors()[0]); });
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->code(), Error::Code::io);
    EXPECT_NE(error->message().find("16"), std::string::npos);
    EXPECT_EQ(file->metadata().require_string("text"), "some text");
    EXPECT_EQ(file->tensors()[1].name, "second");
  }
}

TEST(Gguf, WhatIsNoFileIsRefused) {
  const Folder folder;
  EXPECT_EQ(fault_of([&] { GgufFile::open("/nonexistent/model.gguf"); })->code(), Error::Code::not_found);
  EXPECT_EQ(fault_of([&] { GgufFile::open(testing::TempDir()); })->code(), Error::Code::io);
  EXPECT_EQ(fault_of([&] { GgufFile::open("/dev/zero"); })->code(), Error::Code::io);
}

// Part `number` (from 1) of `count`, with one tensor.
std::string split_part(uint16_t number, uint16_t count, int32_t n_tensors) {
  return GgufBuilder()
      .key("split.no", static_cast<uint16_t>(number - 1))
      .key("split.count", count)
      .key("split.tensors.count", n_tensors)
      .key("general.name", "part " + std::to_string(number))
      .tensor("t" + std::to_string(number), {1}, {static_cast<float>(number)})
      .bytes();
}

TEST(GgufSplit, AnyPartOpensTheWhole) {
  const Folder folder;
  std::vector<std::string> paths;
  for (uint16_t number = 1; number <= 3; ++number)
    paths.push_back(folder.write("m-0000" + std::to_string(number) + "-of-00003.gguf", split_part(number, 3, 3)));
  for (const std::string& path : paths) {
    for (const MapMode mode : {MapMode::mapped, MapMode::read}) {
      const auto file = GgufFile::open(path, mode);
      EXPECT_EQ(file->tensors().size(), 3u);
      EXPECT_EQ(file->metadata().require_string("general.name"), "part 1");
      EXPECT_EQ(file->file_bytes(), 3 * split_part(1, 3, 3).size());
      const TensorInfo* third = file->find("t3");
      ASSERT_NE(third, nullptr);
      EXPECT_EQ(third->part, 2);
      const float three = 3;
      EXPECT_EQ(data_of(*file, *third), text_of(std::as_bytes(std::span(&three, 1))));
    }
  }
}

TEST(GgufSplit, PartsThatDoNotFitAreRefused) {
  const Folder folder;
  const auto expect_split_error = [](const std::string& path, const char* words) {
    const auto error = fault_of([&] { GgufFile::open(path); });
    expect_refused(error, "split", 1000);
    EXPECT_NE(error->message().find(words), std::string::npos) << error->message();
  };
  expect_split_error(folder.write("missing-00001-of-00002.gguf", split_part(1, 2, 2)), "part 2 of 2 is missing");
  expect_split_error(folder.write("many-00001-of-65535.gguf", split_part(1, 65535, 2)), "65535");
  expect_split_error(folder.write("renamed.gguf", split_part(1, 2, 2)), "-00001-of-00002.gguf");
  expect_split_error(folder.write("swapped-00002-of-00002.gguf", split_part(1, 2, 2)), "-00001-of-00002.gguf");

  folder.write("count-00002-of-00002.gguf", split_part(2, 2, 5));
  expect_split_error(folder.write("count-00001-of-00002.gguf", split_part(1, 2, 5)), "split.tensors.count is 5");

  folder.write("same-00002-of-00002.gguf", split_part(1, 2, 2));
  expect_split_error(folder.write("same-00001-of-00002.gguf", split_part(1, 2, 2)), "says it is part 1 of 2");
}

TEST(GgufSplit, ATensorInTwoPartsIsRefused) {
  const Folder folder;
  const auto part = [](uint16_t number) {
    GgufBuilder writer;
    writer.key("split.no", number).key("split.count", uint16_t{2});
    return writer.tensor("same", {1}, {1.0f}).bytes();
  };
  folder.write("m-00002-of-00002.gguf", part(1));
  expect_refused(fault_of([&] { GgufFile::open(folder.write("m-00001-of-00002.gguf", part(0))); }), "name", 1000);
}

TEST(GgufReal, AVocabularyOf262144TokensOpens) {
  const std::string path = test::model_path("gemma3-270m");
  LOAM_NEEDS(path);
  const auto file = GgufFile::open(path);
  EXPECT_EQ(file->metadata().strings("tokenizer.ggml.tokens")->size(), 262144u);
  EXPECT_EQ(file->metadata().numbers("tokenizer.ggml.scores")->size(), 262144u);
}

}  // namespace
}  // namespace loam
