// Metadata changed in place, in copies and overlays; shards; and what tells two files apart.
#include "file/gguf_edit.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "file/gguf.h"
#include "file/gguf_copy.h"
#include "file/gguf_diff.h"
#include "file/gguf_parts.h"
#include "file/gguf_shards.h"
#include "tests/file/folder.h"
#include "tests/file/written_gguf.h"
#include "tests/support/bad_gguf.h"
#include "tests/support/support.h"

namespace loam {
namespace {

namespace fs = std::filesystem;
using test::all_bytes;
using test::every_type;
using test::Folder;
using test::n_files;
using test::write_small_gguf;

class EditedFile : public testing::Test {
 protected:
  EditedFile() : path_(folder_.path() + "/model.gguf") { write_small_gguf(path_, every_type()); }

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
