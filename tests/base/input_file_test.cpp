#include "base/input_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>

#include "base/error.h"

namespace loam {
namespace {

class InputFileTest : public testing::Test {
 protected:
  void SetUp() override { std::ofstream(path_, std::ios::binary) << content_; }
  void TearDown() override { std::filesystem::remove(path_); }

  static std::optional<Error> error_of(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error;
    }
    return std::nullopt;
  }

  const std::string path_ = testing::TempDir() + "loam_input_file_" + std::to_string(::getpid());
  const std::string content_ = std::string(20000, 'a') + "end";
};

TEST_F(InputFileTest, ReadsAtOffsets) {
  const InputFile file(path_);
  EXPECT_EQ(file.size(), content_.size());
  std::string out(4, '\0');
  file.read(19999, std::as_writable_bytes(std::span(out)));
  EXPECT_EQ(out, "aend");
}

TEST_F(InputFileTest, ReadingPastTheEndIsAnError) {
  const InputFile file(path_);
  std::string out(4, '\0');
  const auto error = error_of([&] { file.read(20000, std::as_writable_bytes(std::span(out))); });
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), Error::Code::io);
  EXPECT_EQ(error->where(), path_);
}

TEST_F(InputFileTest, NoticesAFileThatBecameShorter) {
  const InputFile file(path_);
  std::filesystem::resize_file(path_, 30000);
  EXPECT_NO_THROW(file.check_size());  // longer does no harm
  std::filesystem::resize_file(path_, 100);
  EXPECT_EQ(error_of([&] { file.check_size(); })->code(), Error::Code::io);
}

TEST_F(InputFileTest, MapsTheWholeFile) {
  const InputFile file(path_);
  Mapping mapping(file);
  const Mapping moved = std::move(mapping);
  const auto bytes = moved.bytes();
  const auto text = [&] { return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()); };
  EXPECT_TRUE(moved.read_in(5000, 15003));
  EXPECT_EQ(text(), content_);
  moved.release(100, bytes.size() - 100);
  EXPECT_EQ(text(), content_);
  std::filesystem::resize_file(path_, 0);
  EXPECT_FALSE(moved.read_in(5000, 100));  // and no signal
  EXPECT_TRUE(Mapping(InputFile(path_)).bytes().empty());
}

TEST_F(InputFileTest, OnlyRegularFilesOpen) {
  EXPECT_EQ(error_of([] { InputFile("/nonexistent/file"); })->code(), Error::Code::not_found);
  EXPECT_EQ(error_of([] { InputFile("/dev/zero"); })->code(), Error::Code::io);
  EXPECT_EQ(error_of([] { InputFile("/"); })->code(), Error::Code::io);
}

}  // namespace
}  // namespace loam
