#include "model/packed_folder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/model/runner.h"
#include "tests/model/tiny_model.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

class PackedFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("packed-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    std::ofstream(source()) << "a model";
    if (fs::space(folder_).available < uint64_t{5} << 30) GTEST_SKIP() << "needs 5 GiB of free disk";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string source() const { return folder_ / "model.gguf"; }
  PackedFolder folder() const { return PackedFolder(kept_folder()); }
  std::string kept_folder() const { return folder_ / "kept"; }
  PackedIdentity identity(const std::string& digest = "aabbccdd00112233445566") const {
    return {.source = source(), .digest = digest, .bytes = kContent.size()};
  }
  void keep(const PackedIdentity& identity) const {
    const auto writer = folder().create(identity);
    ASSERT_TRUE(writer);
    writer->write(0, std::as_bytes(std::span(kContent)));
    writer->keep();
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(kept_folder())) found.push_back(entry.path());
    return found;
  }
  static std::string content(const InputFile& file) {
    std::string text(kContent.size(), '\0');
    file.read(0, std::as_writable_bytes(std::span(text)));
    return text;
  }

  static inline const std::string kContent = std::string(5000, 'w');
  fs::path folder_;
};

TEST_F(PackedFolderTest, WhatWasKeptIsFound) {
  EXPECT_FALSE(folder().open(identity()));
  keep(identity());
  const auto file = folder().open(identity());
  ASSERT_TRUE(file);
  EXPECT_EQ(content(*file), kContent);
  EXPECT_FALSE(folder().open(identity("0123456789abcdef0123")));
}

TEST_F(PackedFolderTest, NothingIsFoundOrKeptWithoutAFolder) {
  EXPECT_FALSE(PackedFolder("").open(identity()));
  EXPECT_FALSE(PackedFolder("").create(identity()));
  EXPECT_FALSE(PackedFolder("/proc/no-such-folder").create(identity()));
}

TEST_F(PackedFolderTest, AnUnfinishedFileLeavesNothing) {
  { folder().create(identity())->write(0, std::as_bytes(std::span(kContent))); }
  EXPECT_TRUE(files().empty());
}

TEST_F(PackedFolderTest, OneFileForEachModel) {
  keep(identity());
  keep(identity("0123456789abcdef0123"));
  EXPECT_EQ(files().size(), 1u);
  EXPECT_FALSE(folder().open(identity()));
  folder().remove(source());
  EXPECT_TRUE(files().empty());
}

TEST_F(PackedFolderTest, CutOrForeignFilesAreNotUsed) {
  keep(identity());
  const fs::path file = files().at(0);
  fs::resize_file(file, fs::file_size(file) - 1);
  EXPECT_FALSE(folder().open(identity()));
  keep(identity());
  fs::rename(files().at(0), file.string() + "-of-another-boot");
  EXPECT_FALSE(folder().open(identity()));
}

TEST_F(PackedFolderTest, FilesOfAnotherBootAndOfVanishedModelsAreRemoved) {
  keep(identity());
  fs::rename(files().at(0), files().at(0).string() + "-of-another-boot");
  std::ofstream(folder_ / "gone.gguf") << "a model";
  keep({.source = folder_ / "gone.gguf", .digest = "0123456789abcdef0123", .bytes = kContent.size()});
  EXPECT_EQ(files().size(), 1u);
  fs::last_write_time(files().at(0), fs::file_time_type::clock::now() - std::chrono::minutes(2));
  EXPECT_TRUE(folder().open({.source = folder_ / "gone.gguf", .digest = "0123456789abcdef0123", .bytes = 5000}));
  fs::remove(folder_ / "gone.gguf");
  keep(identity());
  EXPECT_EQ(files().size(), 1u);
  EXPECT_TRUE(folder().open(identity()));
}

TEST_F(PackedFolderTest, TheBootsIdIsDroppedOnceTheFileIsOnTheDisk) {
  keep(identity());
  const fs::path first = files().at(0);
  EXPECT_TRUE(folder().open(identity()));
  EXPECT_EQ(files().at(0), first);
  fs::last_write_time(first, fs::file_time_type::clock::now() - std::chrono::minutes(2));
  EXPECT_TRUE(folder().open(identity()));
  EXPECT_EQ(files().at(0).extension(), ".packed");
  EXPECT_TRUE(folder().open(identity()));
}

// A model large enough to be kept: same logits packed, kept and mapped; packed anew after its file has changed.
TEST_F(PackedFolderTest, WeightsThatWereKeptAreMapped) {
  test::TinyModel model;
  model.dim = 512;
  model.ffn_dim = 2048;
  const auto write = [&] { std::ofstream(source(), std::ios::binary) << model.bytes(); };
  write();
  const std::vector<int32_t> tokens{1, 2, 3, 4, 5};
  const std::vector<float> expected = test::Runner(source(), select_kernels(), 1).logits(tokens, 5);
  EXPECT_FALSE(fs::exists(kept_folder()));

  EXPECT_EQ(test::Runner(source(), select_kernels(), 2, kept_folder()).logits(tokens, 5), expected);
  ASSERT_EQ(files().size(), 1u);
  const auto written = fs::last_write_time(files().at(0));
  EXPECT_EQ(test::Runner(source(), select_kernels(), 2, kept_folder()).logits(tokens, 5), expected);
  EXPECT_EQ(fs::last_write_time(files().at(0)), written);

  const fs::path first = files().at(0);
  write();
  EXPECT_EQ(test::Runner(source(), select_kernels(), 2, kept_folder()).logits(tokens, 5), expected);
  ASSERT_EQ(files().size(), 1u);
  EXPECT_NE(files().at(0), first);
}

}  // namespace
}  // namespace loam
