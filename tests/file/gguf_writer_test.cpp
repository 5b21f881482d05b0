// What loam writes, read back by loam and by the `gguf` Python package; and what is left when writing fails.
#include "file/gguf_writer.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "base/error.h"
#include "file/gguf.h"
#include "file/gguf_copy.h"
#include "file/gguf_diff.h"
#include "file/gguf_edit.h"
#include "file/gguf_parts.h"
#include "file/gguf_shards.h"
#include "tests/file/folder.h"
#include "tests/support/bad_gguf.h"
#include "tests/support/support.h"

namespace loam {
namespace {

namespace fs = std::filesystem;
using test::Folder;

MetaArray numbers_of(MetaType type, std::vector<int64_t> items) { return {.type = type, .items = std::move(items)}; }

// A key of every type, at its limits.
Metadata every_type() {
  Metadata metadata;
  const auto integer = [&](const char* key, MetaType type, int64_t value) {
    metadata.insert(key, {type, 0, 0, value});
  };
  integer("u8", MetaType::u8, 255);
  integer("i8", MetaType::i8, -128);
  integer("u16", MetaType::u16, 65535);
  integer("i16", MetaType::i16, -32768);
  integer("u32", MetaType::u32, 4294967295);
  integer("i32", MetaType::i32, std::numeric_limits<int32_t>::min());
  integer("i64", MetaType::i64, std::numeric_limits<int64_t>::min());
  metadata.insert("u64", {MetaType::u64, 0, 0, std::numeric_limits<uint64_t>::max()});
  metadata.insert("f32", {MetaType::f32, 0, 0, double{0.1f}});
  metadata.insert("f64", {MetaType::f64, 0, 0, 0.1});
  metadata.insert("bool", {MetaType::boolean, 0, 0, true});
  metadata.insert("text", {MetaType::string, 0, 0, std::string_view("на 한 \n")});
  metadata.insert("general.architecture", {MetaType::string, 0, 0, std::string_view("test")});
  metadata.insert("a.u8", {MetaType::array, 0, 0, numbers_of(MetaType::u8, {0, 255})});
  metadata.insert("a.i16", {MetaType::array, 0, 0, numbers_of(MetaType::i16, {-32768, 7})});
  metadata.insert("a.u64", {MetaType::array, 0, 0, numbers_of(MetaType::u64, {0, INT64_MAX})});
  metadata.insert("a.bool", {MetaType::array, 0, 0, numbers_of(MetaType::boolean, {1, 0, 1})});
  metadata.insert("a.none", {MetaType::array, 0, 0, numbers_of(MetaType::i32, {})});
  metadata.insert("a.f32", {MetaType::array, 0, 0, MetaArray{MetaType::f32, std::vector<double>{1.5, -2.0}}});
  metadata.insert("a.text",
                  {MetaType::array, 0, 0, MetaArray{MetaType::string, std::vector<std::string_view>{"", "b\tc"}}});
  return metadata;
}

std::string entry_bytes(const Metadata& metadata, const std::string& key) {
  std::string out;
  append_gguf_entry(out, key, *metadata.find(key));
  return out;
}

void expect_equal(const Metadata& a, const Metadata& b) {
  ASSERT_EQ(a.entries().size(), b.entries().size());
  for (const auto& [key, value] : a.entries()) {
    ASSERT_TRUE(b.has(key)) << key;
    EXPECT_EQ(entry_bytes(a, key), entry_bytes(b, key)) << key;
  }
}

std::vector<std::byte> pattern(uint64_t n, int seed) {
  std::vector<std::byte> bytes(n);
  for (size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::byte>((i * 31 + static_cast<size_t>(seed)) & 0xFF);
  return bytes;
}

// Three tensors of other types; the data of each arrives in two pieces, the later first.
void write_file(const std::string& path, const Metadata& metadata) {
  GgufWriter writer(metadata, {{"norm", DType::f32, {5}}, {"q", DType::q8_0, {3, 64}}, {"e", DType::f16, {2, 3, 4}}});
  writer.open(path);
  for (size_t t = 3; t-- > 0;) {
    const auto bytes = pattern(writer.bytes_of(t), static_cast<int>(t));
    writer.write(t, 4, std::span(bytes).subspan(4));
    writer.write(t, 0, std::span(bytes).first(4));
  }
  writer.keep();
}

std::vector<std::byte> all_bytes(const GgufFile& file, const char* name) {
  const TensorInfo* tensor = file.find(name);
  EXPECT_NE(tensor, nullptr) << name;
  std::vector<std::byte> scratch;
  const auto view = file.bytes(*tensor, 0, tensor->bytes, scratch);
  return {view.begin(), view.end()};
}

size_t n_files(const std::string& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(GgufWriter, EveryTypeIsReadBack) {
  const Folder folder;
  for (const uint32_t alignment : {0u, 8u, 4096u}) {
    Metadata metadata = every_type();
    if (alignment) metadata.insert("general.alignment", {MetaType::u32, 0, 0, int64_t{alignment}});
    const std::string path = folder.path() + "/a.gguf";
    write_file(path, metadata);
    const auto file = GgufFile::open(path);
    EXPECT_EQ(file->version(), 3u);
    expect_equal(metadata, file->metadata());
    ASSERT_EQ(file->tensors().size(), 3u);
    EXPECT_EQ(file->tensors()[2].name, "e");
    EXPECT_EQ(file->find("e")->shape, (Shape{2, 3, 4}));
    EXPECT_EQ(file->find("q")->offset % (alignment ? alignment : 32), 0u);
    EXPECT_EQ(all_bytes(*file, "norm"), pattern(20, 0));
    EXPECT_EQ(all_bytes(*file, "q"), pattern(6 * 34, 1));
    EXPECT_EQ(all_bytes(*file, "e"), pattern(48, 2));
  }
  EXPECT_EQ(n_files(folder.path()), 1u) << "a temporary file is left";
}

TEST(GgufWriter, ThePythonPackageReadsIt) {
  const std::string python = test::source_path("build/venv/bin/python");
  LOAM_NEEDS(python);
  const Folder folder;
  const std::string path = folder.path() + "/a.gguf";
  write_file(path, every_type());
  const std::string program = folder.write("read.py", R"(
import sys, gguf, numpy as np
r = gguf.GGUFReader(sys.argv[1])
f = {k: v.contents() for k, v in r.fields.items() if not k.startswith("GGUF.")}
assert len(f) == 20, len(f)
assert f["u8"] == 255 and f["i8"] == -128 and f["u16"] == 65535 and f["i16"] == -32768
assert f["u32"] == 2**32 - 1 and f["i32"] == -2**31 and f["u64"] == 2**64 - 1 and f["i64"] == -2**63
assert f["f64"] == 0.1 and f["f32"] == np.float32(0.1) and f["bool"] == True and f["text"] == "на 한 \n"
assert f["a.u8"] == [0, 255] and f["a.i16"] == [-32768, 7] and f["a.u64"] == [0, 2**63 - 1]
assert f["a.bool"] == [True, False, True] and f["a.f32"] == [1.5, -2.0] and f["a.text"] == ["", "b\tc"]
t = {t.name: t for t in r.tensors}
assert [list(t[n].shape) for n in ("norm", "q", "e")] == [[5], [64, 3], [4, 3, 2]]
assert [t[n].tensor_type.name for n in ("norm", "q", "e")] == ["F32", "Q8_0", "F16"]
for i, n in enumerate(("norm", "q", "e")):
    raw = t[n].data.tobytes()
    assert raw == bytes((j * 31 + i) & 255 for j in range(len(raw))), n
)");
  EXPECT_EQ(std::system((python + " " + program + " " + path).c_str()), 0);
}

TEST(GgufWriter, RefusesWhatNoReaderTakes) {
  const Metadata none;
  const auto refused = [&](std::vector<NewTensor> tensors, const std::string& part) {
    try {
      GgufWriter(none, std::move(tensors));
      ADD_FAILURE() << "not refused: " << part;
    } catch (const Error& error) {
      EXPECT_NE(error.message().find(part), std::string::npos) << error.what();
    }
  };
  refused({{"", DType::f32, {1}}}, "0 bytes");
  refused({{std::string(64, 'a'), DType::f32, {1}}}, "64 bytes");
  refused({{"a", DType::f32, {1}}, {"a", DType::f32, {2}}}, "twice");
  refused({{"a", DType::q4_k, {2, 96}}}, "96 elements");
  refused({{"a", DType::f32, {0}}}, "no elements");
}

TEST(GgufWriter, NothingIsLeftOfAFileThatWasNotFinished) {
  const Folder folder;
  const std::string path = folder.write("a.gguf", "old");
  {
    GgufWriter writer(every_type(), {{"a", DType::f32, {1000}}});
    writer.open(path);
    EXPECT_EQ(n_files(folder.path()), 2u);
  }
  EXPECT_EQ(n_files(folder.path()), 1u);
  EXPECT_EQ(test::read_file(path), "old");
}

TEST(GgufWriter, AFullDiskIsAnErrorWithNumbers) {
  const Folder folder;
  const std::string path = folder.path() + "/a.gguf";
  GgufWriter large(every_type(), {{"a", DType::f32, {1 << 20, 1 << 20}}});
  try {
    large.open(path);
    ADD_FAILURE() << "4 TB fit";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::io);
    EXPECT_NE(error.message().find("4.4 TB"), std::string::npos) << error.what();
  }
  EXPECT_EQ(n_files(folder.path()), 0u);

  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{4096, before.rlim_max};
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  GgufWriter writer(every_type(), {{"a", DType::f32, {100, 100}}});
  EXPECT_THROW(writer.open(path), Error);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, previous);
}

TEST(GgufWriter, AFolderOrADeviceIsNoFileToWrite) {
  const Folder folder;
  for (const std::string& path : {folder.path(), std::string("/dev/null"), folder.path() + "/absent/a.gguf"})
    EXPECT_THROW(GgufWriter(every_type(), {}).open(path), Error) << path;
}

// ---- changes of metadata ----

class EditedFile : public testing::Test {
 protected:
  EditedFile() : path_(folder_.path() + "/model.gguf") { write_file(path_, every_type()); }

  std::unique_ptr<GgufFile> read() const { return GgufFile::open(path_); }
  void expect_same_tensors(const GgufFile& file) const {
    for (const char* name : {"norm", "q", "e"})
      EXPECT_EQ(all_bytes(file, name), all_bytes(*GgufFile::open(path_), name)) << name;
  }
  std::string refusal(const MetadataChanges& changes) const {
    try {
      edit_in_place(path_, changes);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::invalid) << error.what();
      return error.message();
    }
    return "";
  }

  const Folder folder_;
  const std::string path_;
  ThreadPool pool_{2};
};

TEST_F(EditedFile, AValueOfTheSameSizeIsPatched) {
  const std::string before = test::read_file(path_);
  EXPECT_LE(edit_in_place(path_, {{"u32=int:17"}, {}}), 4u);
  const std::string after = test::read_file(path_);
  ASSERT_EQ(after.size(), before.size());
  int differing = 0;
  for (size_t i = 0; i < after.size(); ++i) differing += after[i] != before[i];
  EXPECT_LE(differing, 4);
  EXPECT_EQ(read()->metadata().integer("u32"), 17);
  EXPECT_EQ(read()->metadata().find("u32")->type, MetaType::u32);
}

TEST_F(EditedFile, KeysComeAndGoWhereTheyFit) {
  const auto norm = all_bytes(*read(), "norm"), q = all_bytes(*read(), "q"), e = all_bytes(*read(), "e");
  edit_in_place(path_, {{"text=str:short"}, {"a.text", "a.f32"}});  // shorter
  EXPECT_EQ(read()->metadata().string("text"), "short");
  EXPECT_FALSE(read()->metadata().has("a.text"));
  EXPECT_TRUE(read()->metadata().has("loam.padding"));
  edit_in_place(path_, {{"new=i16:-5", R"(list=string[]:["x","한"])"}, {}});  // into the room
  EXPECT_EQ(read()->metadata().integer("new"), -5);
  EXPECT_EQ((*read()->metadata().strings("list"))[1], "한");
  EXPECT_EQ(read()->metadata().number("f64"), 0.1);
  EXPECT_EQ(all_bytes(*read(), "norm"), norm);
  EXPECT_EQ(all_bytes(*read(), "q"), q);
  EXPECT_EQ(all_bytes(*read(), "e"), e);
}

TEST_F(EditedFile, WhatDoesNotFitIsRefusedWithNumbersAndFitsACopy) {
  const std::string long_text(5000, 'x');
  const std::string before = test::read_file(path_);
  const std::string message = refusal({{"text=str:" + long_text}, {}});
  EXPECT_NE(message.find("--out"), std::string::npos) << message;
  EXPECT_EQ(test::read_file(path_), before);

  const std::string out = folder_.path() + "/copy.gguf";
  write_edited_copy(path_, {{"text=str:" + long_text}, {"u8"}}, out, pool_, {});
  const auto copy = GgufFile::open(out);
  EXPECT_EQ(copy->metadata().string("text"), long_text);
  EXPECT_FALSE(copy->metadata().has("u8"));
  expect_same_tensors(*copy);
  EXPECT_THROW(write_edited_copy(path_, {{"u8=int:1"}, {}}, path_, pool_, {}), Error);
  EXPECT_EQ(test::read_file(path_), before);
}

TEST_F(EditedFile, WrongChangesAreRefused) {
  for (const auto& [change, part] :
       std::vector<std::pair<std::string, std::string>>{{"u8", "key=type:value"},
                                                        {"u8=int", "key=type:value"},
                                                        {"u8=int:256", "0 to 255"},
                                                        {"u8=int:x", "no integer"},
                                                        {"u8=str:x", "u8 is u8, not a text"},
                                                        {"text=int:1", "not an integer"},
                                                        {"new=u128:1", "unknown type"},
                                                        {"new=f32:1e99", "range of f32"},
                                                        {"new=u8[]:1", "JSON array"},
                                                        {"new=u8[]:[1,\"a\"]", "no u8"},
                                                        {"new=bool:1", "neither true nor false"},
                                                        {"general.alignment=u32:64", "general.alignment"},
                                                        {"split.count=u16:2", "split.count"},
                                                        {"overlay.base.path=str:x", "overlay.base.path"}}) {
    const std::string message = refusal({{change}, {}});
    EXPECT_NE(message.find(part), std::string::npos) << change << ": " << message;
  }
  EXPECT_NE(refusal({{}, {"absent"}}).find("absent"), std::string::npos);
  EXPECT_NE(refusal({}), "");
  EXPECT_THROW(edit_in_place(folder_.path() + "/absent.gguf", {{"a=int:1"}, {}}), Error);
}

TEST_F(EditedFile, AnOverlayHasItsOwnMetadataAndTheBasesTensors) {
  const std::string overlay = folder_.path() + "/overlay.gguf";
  EXPECT_LT(write_overlay(path_, {{"text=str:mine", "new=int:1"}, {"u8"}}, overlay), 4096u);
  auto file = GgufFile::open(overlay);
  EXPECT_EQ(file->metadata().string("text"), "mine");
  EXPECT_EQ(file->metadata().integer("new"), 1);
  EXPECT_FALSE(file->metadata().has("u8"));
  EXPECT_FALSE(file->metadata().has("overlay.base.path"));
  EXPECT_EQ(file->metadata().integer("u16"), 65535);
  expect_same_tensors(*file);
  EXPECT_EQ(files_of(*file), (std::vector<std::string>{overlay, path_}));
  EXPECT_EQ(tensor_fingerprint_of(*file), read()->fingerprint());
  EXPECT_NE(file->fingerprint(), read()->fingerprint());

  edit_in_place(overlay, {{"text=str:other, and longer than before"}, {}});
  EXPECT_EQ(GgufFile::open(overlay)->metadata().string("text"), "other, and longer than before");
  const std::string second = folder_.path() + "/second.gguf";
  write_overlay(overlay, {{"new=int:2"}, {}}, second);  // of the same base
  EXPECT_EQ(GgufFile::open(second)->metadata().string("text"), "other, and longer than before");
  EXPECT_EQ(files_of(*GgufFile::open(second))[1], path_);
  EXPECT_THROW(write_overlay(path_, {{"new=int:2"}, {}}, path_), Error);

  const std::string whole = folder_.path() + "/whole.gguf";
  write_edited_copy(overlay, {{"new=int:3"}, {}}, whole, pool_, {});
  expect_same_tensors(*GgufFile::open(whole));
  EXPECT_EQ(files_of(*GgufFile::open(whole)).size(), 1u);
}

TEST_F(EditedFile, AnOverlayWithoutItsBaseSaysWhatIsMissing) {
  const std::string overlay = folder_.path() + "/overlay.gguf";
  write_overlay(path_, {{"text=str:mine"}, {}}, overlay);
  const auto message = [&] {
    try {
      GgufFile::open(overlay);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::model_invalid) << error.what();
      EXPECT_TRUE(error.where().starts_with("overlay@")) << error.what();
      return error.message();
    }
    return std::string();
  };
  edit_in_place(path_, {{"u8=int:1"}, {}});
  EXPECT_NE(message().find("another header"), std::string::npos) << message();
  fs::resize_file(path_, fs::file_size(path_) + 1);
  EXPECT_NE(message().find("bytes"), std::string::npos) << message();
  fs::remove(path_);
  EXPECT_NE(message().find("missing"), std::string::npos) << message();
  fs::copy_file(overlay, path_);
  EXPECT_NE(message().find("overlay itself"), std::string::npos) << message();
  const std::string bytes = test::read_file(overlay);
  EXPECT_THROW(GgufFile::parse(std::as_bytes(std::span(bytes))), Error);
}

// ---- several files ----

TEST_F(EditedFile, ShardsAreReadAsOneAndMerge) {
  const auto file = read();
  Metadata metadata = file->metadata();
  const auto paths = write_shards(*file, whole_copy(*file, metadata), folder_.path() + "/part", 100, pool_, {});
  ASSERT_EQ(paths.size(), 3u);
  EXPECT_TRUE(paths[1].ends_with("part-00002-of-00003.gguf"));
  const auto parts = GgufFile::open(paths[2]);
  ASSERT_EQ(parts->tensors().size(), 3u);
  expect_same_tensors(*parts);
  EXPECT_EQ(parts->metadata().string("text"), "на 한 \n");

  Metadata merged = parts->metadata();
  const std::string out = folder_.path() + "/merged.gguf";
  copy_gguf(*parts, whole_copy(*parts, merged), out, pool_, {});
  EXPECT_EQ(test::read_file(out), test::read_file(path_));
  EXPECT_THROW(copy_gguf(*parts, whole_copy(*parts, merged), paths[1], pool_, {}), Error);
  EXPECT_EQ(refusal({{"text=str:x"}, {}}), "");
  EXPECT_THROW(edit_in_place(paths[1], {{"u8=int:1"}, {}}), Error);
}

TEST_F(EditedFile, CancelledCopiesLeaveNothing) {
  const auto file = read();
  Metadata metadata = file->metadata();
  const auto never = [](uint64_t, uint64_t) { return false; };
  const size_t before = n_files(folder_.path());
  EXPECT_THROW(copy_gguf(*file, whole_copy(*file, metadata), folder_.path() + "/out.gguf", pool_, never), Error);
  EXPECT_THROW(write_shards(*file, whole_copy(*file, metadata), folder_.path() + "/p", 100, pool_, never), Error);
  EXPECT_EQ(n_files(folder_.path()), before);
}

// ---- differences ----

TEST(GgufDiff, TellsKeysShapesTypesAndValues) {
  const Folder folder;
  const std::string a = folder.write("a.gguf", test::GgufBuilder()
                                                   .key("same", uint32_t{1})
                                                   .key("gone", "x")
                                                   .key("changed", 1.5f)
                                                   .tensor("equal", {2}, {1.0f, 2.0f})
                                                   .tensor("values", {4}, {1.0f, 2.0f, 3.0f, 4.0f})
                                                   .tensor("shape", {2, 2}, {1.0f, 2.0f, 3.0f, 4.0f})
                                                   .tensor("only_a", {1}, {1.0f})
                                                   .bytes());
  const uint16_t halves[] = {0x3C00, 0x4000, 0x4200, 0x4500};  // 1, 2, 3, 5
  const std::string b = folder.write(
      "b.gguf", test::GgufBuilder()
                    .key("same", uint32_t{1})
                    .key("changed", uint32_t{2})
                    .key("new", true)
                    .tensor("equal", {2}, {1.0f, 2.0f})
                    .tensor("values", {4}, DType::f16, {reinterpret_cast<const char*>(halves), sizeof halves})
                    .tensor("shape", {4}, {1.0f, 2.0f, 3.0f, 4.0f})
                    .bytes());
  const auto file_a = GgufFile::open(a), file_b = GgufFile::open(b);
  ThreadPool pool(2);
  const ModelDifference found = compare_models(*file_a, *file_b, true, pool, {});
  EXPECT_FALSE(found.same());
  EXPECT_EQ(found.equal_keys, 1);
  EXPECT_EQ(found.equal_tensors, 1);
  ASSERT_EQ(found.keys.size(), 3u);
  EXPECT_EQ(found.keys[0].key, "changed");
  EXPECT_EQ(found.keys[0].a, "1.5 (f32)");
  EXPECT_EQ(found.keys[1].b, "");
  EXPECT_EQ(found.keys[2].a, "");
  ASSERT_EQ(found.tensors.size(), 3u);
  EXPECT_EQ(found.tensors[0].name, "only_a");
  EXPECT_EQ(found.tensors[0].b, nullptr);
  EXPECT_EQ(found.tensors[1].name, "shape");
  EXPECT_FALSE(found.tensors[1].values);
  ASSERT_TRUE(found.tensors[2].values);
  EXPECT_EQ(found.tensors[2].values->max, 1);
  EXPECT_EQ(found.tensors[2].values->mean, 0.25);
  EXPECT_NEAR(found.tensors[2].values->nmse, 1.0 / 30, 1e-12);
  EXPECT_TRUE(compare_models(*file_a, *file_a, true, pool, {}).same());
}

}  // namespace
}  // namespace loam
