// What loam writes, read back by loam and by the `gguf` Python package; and what is left when writing fails.
#include "file/gguf_writer.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>

#include "base/error.h"
#include "file/gguf.h"
#include "tests/file/folder.h"
#include "tests/file/written_gguf.h"
#include "tests/support/support.h"

namespace loam {
namespace {

using test::all_bytes;
using test::every_type;
using test::Folder;
using test::n_files;
using test::pattern;
using test::write_small_gguf;

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

TEST(GgufWriter, EveryTypeIsReadBack) {
  const Folder folder;
  for (const uint32_t alignment : {0u, 8u, 4096u}) {
    Metadata metadata = every_type();
    if (alignment) metadata.insert("general.alignment", {MetaType::u32, 0, 0, int64_t{alignment}});
    const std::string path = folder.path() + "/a.gguf";
    write_small_gguf(path, metadata);
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
  write_small_gguf(path, every_type());
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

}  // namespace
}  // namespace loam
