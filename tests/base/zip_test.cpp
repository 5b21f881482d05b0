#include "base/zip.h"

#include "base/child_process.h"
#include "tests/file/download_support.h"

namespace loam {
namespace {

using test::error_of;

class Zip : public test::HomeTest {
 protected:
  // Writes an archive with Python's zipfile: "stored" and "deflated" hold content_, "empty" nothing.
  void SetUp() override {
    HomeTest::SetUp();
    path_ = home_ + "/archive.zip";
    test::write_file(home_ + "/content", content_);
    const char* script =
        "import sys, zipfile\n"
        "data = open(sys.argv[2], 'rb').read()\n"
        "with zipfile.ZipFile(sys.argv[1], 'w') as z:\n"
        "  z.writestr('folder/stored', data, zipfile.ZIP_STORED)\n"
        "  z.writestr('deflated', data, zipfile.ZIP_DEFLATED)\n"
        "  z.writestr('empty', b'')\n"
        "  z.writestr('bzip2', data, zipfile.ZIP_BZIP2)\n"
        "  z.comment = b'a comment at the end'\n";
    const ChildResult made = run_child({"python3", "-c", script, path_, home_ + "/content"});
    ASSERT_EQ(made.exit_status, 0) << made.output;
  }

  std::string extract(const std::string& name) const {
    const ZipFile zip(path_);
    std::string result;
    zip.extract(zip.member(name), [&](std::span<const std::byte> bytes) {
      EXPECT_LE(bytes.size(), 64u << 10);
      result.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    });
    return result;
  }

  void overwrite(size_t at, const std::string& bytes) {
    std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary).seekp(static_cast<std::streamoff>(at))
        << bytes;
  }

  const std::string content_ = test::noise(200'000) + std::string(500'000, 'x');
  std::string path_;
};

TEST_F(Zip, StoredAndDeflatedMembersComeOutWhole) {
  EXPECT_EQ(ZipFile(path_).members().size(), 4u);
  EXPECT_EQ(extract("folder/stored"), content_);
  EXPECT_EQ(extract("deflated"), content_);
  EXPECT_EQ(extract("empty"), "");
}

TEST_F(Zip, AMemberIsReadUpToALimit) {
  const ZipFile zip(path_);
  EXPECT_TRUE(zip.holds("deflated"));
  EXPECT_FALSE(zip.holds("absent"));
  EXPECT_EQ(zip.read("deflated", content_.size()), content_);
  EXPECT_EQ(error_of([&] { zip.read("deflated", content_.size() - 1); }).code(), Error::Code::invalid);
}

TEST_F(Zip, AnAbsentMemberAndAnUnknownMethodAreNamed) {
  EXPECT_NE(error_of([&] { extract("absent"); }).message().find("holds no file absent"), std::string::npos);
  EXPECT_NE(error_of([&] { extract("bzip2"); }).message().find("method 12"), std::string::npos);
}

TEST_F(Zip, AChangedByteIsFound) {
  overwrite(30 + std::string("folder/stored").size() + 1000, "changed");
  const Error error = error_of([&] { extract("folder/stored"); });
  EXPECT_EQ(error.code(), Error::Code::invalid);
  EXPECT_NE(error.message().find("checksum"), std::string::npos) << error.message();
}

TEST_F(Zip, AMemberLongerThanItsListSaysIsCutOff) {
  const size_t record = test::read_file(path_).find("PK\1\2", content_.size());
  overwrite(record + 24, std::string("\x10\0\0\0", 4));
  EXPECT_NE(error_of([&] { extract("folder/stored"); }).message().find("longer than its 16 bytes"), std::string::npos);
}

TEST_F(Zip, EveryCutAndEveryBrokenHeaderByteIsAnErrorOrHarmless) {
  const std::string whole = test::read_file(path_);
  const size_t directory = whole.find("PK\1\2", content_.size());
  const auto read_all = [&] {
    try {
      const ZipFile zip(path_);
      for (const ZipMember& member : zip.members()) extract(member.name);
    } catch (const Error&) {
    }
  };
  for (size_t cut = directory; cut < whole.size(); cut += 3) {
    test::write_file(path_, whole.substr(0, cut));
    EXPECT_EQ(error_of([&] { ZipFile zip(path_); }).code(), Error::Code::invalid) << cut;
  }
  for (size_t at = directory; at < whole.size(); at += 2) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 0xff);
    test::write_file(path_, broken);
    read_all();
  }
}

}  // namespace
}  // namespace loam
