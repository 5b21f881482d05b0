// Pages in files: they are read as they were written, and what is not right is refused and deleted.
#include "engine/disk_cache.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/error.h"
#include "tests/engine/page_files.h"
#include "tests/engine/tiny_engine.h"
#include "tests/support/support.h"

namespace loam {
namespace {

namespace fs = std::filesystem;
using test::files_in;
using test::random_tokens;
using test::write_bytes;

// ---- files ----

class PageFile : public testing::Test {
 protected:
  PageName name(int i) const { return PageName().next(random_tokens(32, static_cast<uint32_t>(i))); }
  PageParts parts() { return {std::span(first_), std::span(second_)}; }
  bool read(const PageFiles& files, int i) {
    std::ranges::fill(first_, std::byte{0});
    std::ranges::fill(second_, std::byte{0});
    return files.read(name(i), parts());
  }

  test::TempFolder folder_;
  const std::string place_ = folder_.path();
  const std::string kv_ = folder_ / "kv";
  std::vector<std::byte> first_ = std::vector<std::byte>(1000, std::byte{1});
  std::vector<std::byte> second_ = std::vector<std::byte>(64, std::byte{2});
};

TEST_F(PageFile, IsReadAsItWasWrittenByItsOwnerOnly) {
  const PageFiles files(place_);
  EXPECT_FALSE(files.has(name(1)));
  files.write(name(1), parts());
  EXPECT_TRUE(files.has(name(1)));
  ASSERT_TRUE(read(PageFiles(place_), 1));  // with the same key
  EXPECT_EQ(std::ranges::count(first_, std::byte{1}), 1000);
  EXPECT_EQ(std::ranges::count(second_, std::byte{2}), 64);
  struct stat status {};
  ASSERT_EQ(::stat(kv_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  for (const auto& entry : fs::directory_iterator(kv_)) {
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u) << entry.path();
  }
  EXPECT_TRUE(files_in(kv_, ".new").empty());
}

// bad-inputs row 70.
TEST_F(PageFile, WhatIsForgedTornOrMisplacedIsRefusedAndDeleted) {
  const PageFiles files(place_);
  files.write(name(1), parts());
  const std::string path = files.path(name(1)), right = test::read_file(path);
  const auto refused = [&](const std::string& bytes) {
    write_bytes(path, bytes);
    return !read(files, 1) && !fs::exists(path);
  };
  for (const size_t at : {0, 7, 8, 15, 16, 40, 48, 79, 80, 500, 1143}) {
    std::string flipped = right;
    flipped[at] ^= 1;
    EXPECT_TRUE(refused(flipped)) << at;
  }
  for (const size_t length : {0, 1, 79, 80, 81, 1143}) EXPECT_TRUE(refused(right.substr(0, length))) << length;
  EXPECT_TRUE(refused(right + "x"));
  EXPECT_TRUE(refused(std::string(right.size(), '\0')));  // as a crash of the system may leave it
  write_bytes(path, right);
  EXPECT_TRUE(read(files, 1));
  fs::rename(path, files.path(name(2)));  // another text's page
  EXPECT_FALSE(read(files, 2));
  EXPECT_FALSE(files.has(name(2)));
  // Right in itself, but made by somebody else.
  const PageFiles others(folder_ / "others");
  others.write(name(3), parts());
  fs::rename(others.path(name(3)), files.path(name(3)));
  EXPECT_FALSE(read(files, 3));
  EXPECT_FALSE(files.has(name(3)));
}

TEST_F(PageFile, OtherThingsInItsPlaceAreNotRead) {
  const PageFiles files(place_);
  files.write(name(1), parts());
  fs::create_symlink(files.path(name(1)), files.path(name(2)));
  EXPECT_FALSE(read(files, 2));
  fs::create_directory(files.path(name(3)));
  EXPECT_FALSE(read(files, 3));
  ASSERT_EQ(::mkfifo(files.path(name(4)).c_str(), 0600), 0);
  EXPECT_FALSE(read(files, 4));
  EXPECT_TRUE(read(files, 1));
}

TEST_F(PageFile, AFolderThatOthersMayEnterIsRefused) {
  fs::create_directory(kv_);
  fs::permissions(kv_, fs::perms::all);
  EXPECT_THROW(PageFiles{place_}, Error);
  EXPECT_THROW(PageFiles("/proc/loam"), Error);
  write_bytes(folder_ / "file", "");
  EXPECT_THROW(PageFiles(folder_ / "file"), Error);
}

// ---- the cache of files ----

class Disk : public PageFile {
 protected:
  DiskCache::Page page(int i) { return {.name = name(i), .parts = parts()}; }
  static void age(const fs::path& path, int64_t hours) {
    const std::timespec then{.tv_sec = 1'700'000'000 - 3600 * hours, .tv_nsec = 0};
    const std::timespec times[2] = {then, then};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }

  ThreadPool pool_{2};
  std::vector<std::string> warnings_;
  static constexpr uint64_t kFile = 80 + 1064;
};

TEST_F(Disk, WritesInItsOwnTimeAndReadsTheFirstThatAreRight) {
  DiskCache cache(place_, 100 * kFile, pool_);
  for (int i = 0; i < 20; ++i) cache.save(page(i));
  cache.flush();
  EXPECT_EQ(cache.n_written(), 20);
  std::vector<std::vector<std::byte>> memory(20, std::vector<std::byte>(kFile - 80));
  std::vector<DiskCache::Page> pages;
  for (int i = 0; i < 20; ++i) pages.push_back({.name = name(i), .parts = {memory[static_cast<size_t>(i)]}});
  EXPECT_EQ(cache.read(pages), 20u);
  for (const auto& bytes : memory) EXPECT_EQ(std::ranges::count(bytes, std::byte{1}), 1000);
  fs::resize_file(PageFiles(place_).path(name(13)), 100);
  EXPECT_EQ(cache.read(pages), 13u);
  EXPECT_FALSE(cache.has(name(13)));
  cache.save(page(13));
  cache.save(page(12));  // is there already
  cache.flush();
  EXPECT_EQ(cache.n_written(), 21);
  EXPECT_EQ(cache.read(pages), 20u);
}

TEST_F(Disk, WhatIsForgottenInTimeIsNotWritten) {
  DiskCache cache(place_, 1000 * kFile, pool_);
  for (int i = 0; i < 200; ++i) {
    std::vector<std::byte> bytes(5000, static_cast<std::byte>(i));
    cache.save({.name = name(i), .parts = {bytes}});
    cache.forget(name(i));  // after that its memory may go
  }
  cache.flush();
  for (int i = 0; i < 200; ++i) {
    std::vector<std::byte> bytes(5000);
    const DiskCache::Page page{.name = name(i), .parts = {bytes}};
    if (!cache.has(page.name)) continue;
    EXPECT_EQ(cache.read({&page, 1}), 1u);
    EXPECT_EQ(std::ranges::count(bytes, static_cast<std::byte>(i)), 5000) << i;
  }
}

TEST_F(Disk, BeyondTheBudgetThoseUsedLongestAgoGo) {
  const PageFiles files(place_);
  for (int i = 0; i < 10; ++i) {
    files.write(name(i), parts());
    age(files.path(name(i)), i == 3 ? 1000 : i);
  }
  write_bytes(files.path(name(50)) + ".torn.new", "left by a process that was killed");
  age(files.path(name(50)) + ".torn.new", 0);
  write_bytes(files.path(name(51)) + ".begun.new", "being written");
  {
    DiskCache cache(place_, 8 * kFile, pool_);
    cache.save(page(20));
  }
  EXPECT_FALSE(files.has(name(3)));
  EXPECT_FALSE(files.has(name(9)));
  EXPECT_TRUE(files.has(name(20)));
  EXPECT_LE(files_in(kv_).size(), 8u);
  EXPECT_EQ(files_in(kv_, ".new").size(), 1u);
  {
    DiskCache cache(place_, 8 * kFile, pool_);
    const DiskCache::Page used = page(6);
    ASSERT_EQ(cache.read({&used, 1}), 1u);
    for (int i = 30; i < 34; ++i) cache.save(page(i));
  }
  EXPECT_TRUE(files.has(name(6)));  // used lately
  EXPECT_FALSE(files.has(name(5)) && files.has(name(4)));
  for (int i = 30; i < 34; ++i) EXPECT_TRUE(files.has(name(i))) << i;
}

// Several write to one folder: each finds out in time what the others have written.
TEST_F(Disk, TogetherSeveralStayNearTheBudget) {
  DiskCache first(place_, 64 * kFile, pool_), second(place_, 64 * kFile, pool_);
  for (int i = 0; i < 200; ++i) {
    (i % 2 == 0 ? first : second).save(page(i));
    (i % 2 == 0 ? first : second).flush();
  }
  EXPECT_LE(files_in(kv_).size(), 72u);
  EXPECT_GE(files_in(kv_).size(), 50u);
}

TEST_F(Disk, APageLargerThanTheBudgetIsNotKept) {
  DiskCache cache(place_, kFile - 1, pool_, [this](const std::string& text) { warnings_.push_back(text); });
  for (int i = 0; i < 3; ++i) cache.save(page(i));
  cache.flush();
  EXPECT_FALSE(cache.has(name(1)));
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_NE(warnings_[0].find("1144 bytes does not fit the 1143"), std::string::npos) << warnings_[0];
}

// A limit on files stands for a disk that is full.
TEST_F(Disk, WhereWritingFailsItEndsWithOneWarning) {
  DiskCache cache(place_, 100 * kFile, pool_, [this](const std::string& text) { warnings_.push_back(text); });
  cache.save(page(1));
  cache.flush();
  const auto before = ::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small{.rlim_cur = 500, .rlim_max = limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  for (int i = 2; i < 5; ++i) cache.save(page(i));
  cache.flush();
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  ::signal(SIGXFSZ, before);
  cache.save(page(5));
  cache.flush();
  EXPECT_EQ(cache.n_written(), 1);
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_NE(warnings_[0].find("takes nothing more"), std::string::npos) << warnings_[0];
  EXPECT_EQ(files_in(kv_).size(), 1u);
  EXPECT_TRUE(files_in(kv_, ".new").empty());
  const DiskCache::Page kept = page(1);
  EXPECT_EQ(cache.read({&kept, 1}), 1u);
}

}  // namespace
}  // namespace loam
