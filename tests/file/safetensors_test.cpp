// Safetensors files, right ones and the wrong ones of docs/bad-inputs.md, rows 39 to 44.
#include "file/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/error.h"
#include "tests/support/gguf_builder.h"

namespace loam {
namespace {

namespace fs = std::filesystem;
using test::Bytes;

class Safetensors : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "loam_safetensors_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << bytes;
    return folder_ + "/" + name;
  }
  std::string write_tensors(const std::string& header, const std::string& data) const {
    return write("model.safetensors", Bytes().put<uint64_t>(header.size()).raw(header).raw(data).str());
  }

  static void expect_refused(const std::function<void()>& read, const std::string& where, const std::string& file) {
    try {
      read();
      ADD_FAILURE() << "accepted; expected " << where;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::model_invalid) << error.what();
      EXPECT_EQ(error.where(), where) << error.what();
      EXPECT_NE(error.message().find(file), std::string::npos) << error.what();
    }
  }
  void expect_refused(const std::string& header, const std::string& data, const std::string& where) const {
    const std::string path = write_tensors(header, data);
    expect_refused([&] { SafetensorsFile{path}; }, where, "model.safetensors");
  }

  std::string folder_;
};

TEST_F(Safetensors, TensorsAndTheirBytes) {
  const std::string path = write_tensors(
      R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[2],"data_offsets":[8,12]},)"
      R"("a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"empty":{"dtype":"I64","shape":[0],"data_offsets":[8,8]}})",
      "abcdefghijkl");
  SafetensorsFile file(path);
  ASSERT_EQ(file.tensors().size(), 3u);
  const SafetensorsInfo& a = file.tensors().at("a");
  EXPECT_EQ(a.dtype, "F32");
  EXPECT_EQ(a.shape, (Shape{2, 1}));
  for (const bool mapped : {false, true}) {
    if (mapped) file.map();
    std::vector<std::byte> scratch;
    const auto bytes = file.bytes(file.tensors().at("b"), 1, 3, scratch);
    EXPECT_EQ(std::memcmp(bytes.data(), "jkl", 3), 0);
    EXPECT_EQ(bytes.data() == scratch.data(), !mapped);
  }
}

TEST_F(Safetensors, ShortenedFilesAreReportedWhereTheyAreRead) {
  const std::string path = write_tensors(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", "abcd");
  SafetensorsFile file(path);
  file.map();
  fs::resize_file(path, 10);
  std::vector<std::byte> scratch;
  EXPECT_THROW(file.bytes(file.tensors().at("a"), 0, 4, scratch), Error);
}

TEST_F(Safetensors, Row39HeaderLengths) {
  for (const uint64_t length : {uint64_t{0}, uint64_t{100}, uint64_t{1} << 63, UINT64_MAX, uint64_t{200'000'000}}) {
    const std::string path = write("model.safetensors", Bytes().put(length).raw("{\"a\":1}").str());
    expect_refused([&] { SafetensorsFile{path}; }, "header@0", "model.safetensors");
  }
  const std::string large = write("model.safetensors", Bytes().put<uint64_t>(150'000'000).raw("{}").str());
  fs::resize_file(large, 160'000'000);  // a hole: the length fits the file
  expect_refused([&] { SafetensorsFile{large}; }, "header@0", "model.safetensors");
  for (const std::string& bytes : {std::string(), std::string("\x08\0\0", 3)}) {
    const std::string path = write("model.safetensors", bytes);
    expect_refused([&] { SafetensorsFile{path}; }, "header@0", "model.safetensors");
  }
}

TEST_F(Safetensors, Row40ShapesWhoseProductWraps) {
  expect_refused(R"({"a":{"dtype":"U8","shape":[1099511627776,1099511627776],"data_offsets":[0,4]}})", "abcd",
                 "overflow@8");
  expect_refused(R"({"a":{"dtype":"F32","shape":[1073741824,1073741824,4],"data_offsets":[0,4]}})", "abcd",
                 "overflow@8");
  expect_refused(R"({"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}})", "abcd", "shape@8");
  expect_refused(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "abcd", "shape@8");
}

TEST_F(Safetensors, Row41Offsets) {
  const auto two = [](const char* a, const char* b) {
    return std::string(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":)") + a +
           R"(},"b":{"dtype":"U8","shape":[2],"data_offsets":)" + b + "}}";
  };
  { SafetensorsFile right(write_tensors(two("[0,2]", "[2,4]"), "abcd")); }
  expect_refused(two("[2,0]", "[2,4]"), "abcd", "offsets@8");                     // reversed
  expect_refused(two("[0,2]", "[1,3]"), "abc", "offsets@8");                      // overlapping
  expect_refused(two("[0,2]", "[0,2]"), "ab", "offsets@8");                       // the same
  expect_refused(two("[0,2]", "[3,5]"), "abcde", "offsets@8");                    // a hole
  expect_refused(two("[1,3]", "[3,5]"), "abcde", "offsets@8");                    // a hole before the first
  expect_refused(two("[0,2]", "[2,4]"), "abcdef", "offsets@8");                   // bytes behind the last
  expect_refused(two("[0,2]", "[2,4]"), "abc", "offsets@8");                      // past the end
  expect_refused(two("[0,3]", "[3,5]"), "abcde", "offsets@8");                    // shape and bytes differ
  expect_refused(two("[0,2]", "[2,18446744073709551615]"), "abcd", "offsets@8");  // far past the end
  expect_refused(two("[0,2]", "[2]"), "abcd", "offsets@8");
  expect_refused(two("[0,2]", "[2,-4]"), "abcd", "offsets@8");
  expect_refused(two("[0,2]", "null"), "abcd", "offsets@8");
}

TEST_F(Safetensors, Row42Json) {
  const std::string one = R"("a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]})";
  expect_refused("{" + one + "," + one + "}", "ab", "json@8");
  expect_refused(R"({"a":{"dtype":"U8","dtype":"F32","shape":[2],"data_offsets":[0,2]}})", "ab", "json@8");
  expect_refused("{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}", "", "json@8");
  expect_refused(std::string(100'000, '{'), "", "json@8");
  expect_refused("[]", "", "json@8");
  expect_refused("{\"a\":", "", "json@8");
  expect_refused(R"({"a":{"dtype":"F31","shape":[2],"data_offsets":[0,2]}})", "ab", "dtype@8");
  expect_refused(R"({"a":{"dtype":7,"shape":[2],"data_offsets":[0,2]}})", "ab", "shape@8");
  expect_refused(R"({"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}})", "a", "shape@8");
  expect_refused(R"({"a":7})", "", "shape@8");
}

TEST_F(Safetensors, Row43PicklesAreNeverLoaded) {
  for (const char* name : {"pytorch_model.bin", "model.pt", "weights.ckpt"}) {
    const std::string path = write(name, "PK\x03\x04");
    expect_refused([&] { safetensors_of_model(folder_); }, "format@0", name);
    fs::remove(path);
  }
  EXPECT_THROW(safetensors_of_model(folder_), Error);  // nothing at all
}

TEST_F(Safetensors, Row44NamesOfAnIndex) {
  const auto index = [&](const std::string& name) {
    write("model.safetensors.index.json", R"({"weight_map":{"a":")" + name + R"("}})");
  };
  for (const char* name :
       {"../model.safetensors", "/etc/passwd", "sub/model.safetensors", "..", ".", "", "a\\u0000b"}) {
    index(name);
    expect_refused([&] { safetensors_of_model(folder_); }, "path@0", "index.json");
  }
  fs::create_symlink("/etc/passwd", folder_ + "/link.safetensors");
  index("link.safetensors");
  expect_refused([&] { safetensors_of_model(folder_); }, "path@0", "index.json");
  write("model.safetensors.index.json", R"({"weight_map":{"a":7}})");
  expect_refused([&] { safetensors_of_model(folder_); }, "json@0", "index.json");
  index("model-00001-of-00001.safetensors");
  EXPECT_EQ(safetensors_of_model(folder_), std::vector<std::string>{folder_ + "/model-00001-of-00001.safetensors"});
}

}  // namespace
}  // namespace loam
