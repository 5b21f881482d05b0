#include "file/http.h"

#include "tests/file/download_support.h"

namespace loam {
namespace {

using test::error_of;
using test::noise;
using test::RangeServer;

class Http : public test::HomeTest {
 protected:
  void SetUp() override {
    HomeTest::SetUp();
    test::write_file(home_ + "/www/file", content_);
    server_ = std::make_unique<RangeServer>(home_ + "/www");
    path_ = home_ + "/got";
    options_.first_delay = std::chrono::milliseconds(5);
  }
  void TearDown() override {
    server_.reset();
    HomeTest::TearDown();
  }

  void get(const std::string& path) {
    download_file(server_->url(path), path_, options_, [this](uint64_t done, uint64_t total) {
      done_ = done;
      total_ = total;
      return true;
    });
  }

  const std::string content_ = noise(300'000);
  std::unique_ptr<RangeServer> server_;
  std::string path_;
  HttpOptions options_;
  uint64_t done_ = 0, total_ = 0;
};

TEST_F(Http, GetsAFileAndReportsProgress) {
  get("/file");
  EXPECT_EQ(test::read_file(path_), content_);
  EXPECT_EQ(done_, content_.size());
  EXPECT_EQ(total_, content_.size());
  EXPECT_FALSE(test::exists(path_ + ".etag"));
}

TEST_F(Http, ABrokenTransferGoesOnWhereItBroke) {
  get("/cut/file");
  EXPECT_EQ(test::read_file(path_), content_);
  const auto requests = server_->requests();
  ASSERT_GE(requests.size(), 3u);
  EXPECT_TRUE(requests[1].starts_with("/cut/file bytes=150000- \"")) << requests[1];
  EXPECT_TRUE(requests[2].starts_with("/cut/file bytes=225000- \"")) << requests[2];
}

TEST_F(Http, GoesOnWithWhatAnEarlierRunLeft) {
  options_.expected_bytes = content_.size();
  test::write_file(path_, content_.substr(0, 100'000));
  get("/file");
  EXPECT_EQ(test::read_file(path_), content_);
  EXPECT_EQ(server_->requests().at(0), "/file bytes=100000- -");
}

TEST_F(Http, StartsAfreshWhereTheFileHasChanged) {
  test::write_file(path_, noise(1000));
  test::write_file(path_ + ".etag", "\"another\"\n");
  get("/file");
  EXPECT_EQ(test::read_file(path_), content_);
  EXPECT_EQ(server_->requests().at(0), "/file bytes=1000- \"another\"");
}

TEST_F(Http, StartsAfreshWhereNothingTellsWhatThePartIsOf) {
  test::write_file(path_, noise(1000));
  get("/file");
  EXPECT_EQ(test::read_file(path_), content_);
  EXPECT_EQ(server_->requests().at(0), "/file - -");
}

TEST_F(Http, StartsAfreshWhereTheServerKnowsNoRanges) {
  options_.expected_bytes = content_.size();
  test::write_file(path_, content_.substr(0, 100'000));
  get("/plain/file");
  EXPECT_EQ(test::read_file(path_), content_);
}

TEST_F(Http, ABusyServerIsAskedAgain) {
  get("/busy/file");
  EXPECT_EQ(test::read_file(path_), content_);
  EXPECT_EQ(server_->requests().size(), 2u);
}

TEST_F(Http, AMissingFileIsNotFoundAtOnce) {
  const Error error = error_of([&] { get("/absent"); });
  EXPECT_EQ(error.code(), Error::Code::not_found);
  EXPECT_NE(error.message().find("HTTP 404"), std::string::npos) << error.message();
  EXPECT_EQ(server_->requests().size(), 1u);
}

TEST_F(Http, AFileOfAnotherSizeIsRefusedBeforeItIsRead) {
  options_.expected_bytes = 1234;
  const Error error = error_of([&] { get("/file"); });
  EXPECT_EQ(error.code(), Error::Code::io);
  EXPECT_NE(error.message().find("has 300000 bytes, 1234 are expected"), std::string::npos) << error.message();
  EXPECT_EQ(std::filesystem::file_size(path_), 0u);
}

TEST_F(Http, ARedirectAwayFromHttpsIsNotFollowed) {
  const Error error = error_of([&] { get("/away/file"); });
  EXPECT_EQ(error.code(), Error::Code::io);
  EXPECT_EQ(server_->requests(), std::vector<std::string>{"/away/file - -"});
}

TEST_F(Http, OnlyHttpsIsSpokenToOtherMachines) {
  for (const char* url : {"http://example.com/a", "ftp://127.0.0.1/a", "file:///etc/passwd", "example", "http://"}) {
    const Error error = error_of([&] { download_file(url, path_, options_, [](uint64_t, uint64_t) { return true; }); });
    EXPECT_EQ(error.code(), Error::Code::invalid) << url;
  }
  EXPECT_FALSE(test::exists(path_));
}

TEST_F(Http, MessagesDoNotShowPasswords) {
  const Error error = error_of([&] {
    download_file("http://user:secret@example.com/a?key=hidden", path_, options_,
                  [](uint64_t, uint64_t) { return true; });
  });
  EXPECT_EQ(error.message().find("secret"), std::string::npos) << error.message();
  EXPECT_EQ(error.message().find("hidden"), std::string::npos) << error.message();
}

// While it waits for another attempt, a download asks again and again whether to go on: here it would be cancelled.
TEST_F(Http, AMachineThatCannotBeReachedIsLeftAtOnce) {
  options_.first_delay = std::chrono::hours(1);
  int asked = 0;
  const auto progress = [&](uint64_t, uint64_t) { return ++asked < 50; };
  const Error error = error_of([&] { download_file("https://127.0.0.1:1/file", path_, options_, progress); });
  EXPECT_EQ(error.code(), Error::Code::io);
}

TEST_F(Http, CancellingKeepsWhatIsThere) {
  options_.expected_bytes = content_.size();
  test::write_file(path_, content_.substr(0, 100'000));
  const Error error = error_of(
      [&] { download_file(server_->url("/file"), path_, options_, [](uint64_t, uint64_t) { return false; }); });
  EXPECT_EQ(error.code(), Error::Code::cancelled);
  EXPECT_GE(std::filesystem::file_size(path_), 100'000u);
  get("/file");
  EXPECT_EQ(test::read_file(path_), content_);
}

TEST(DiskSpace, SaysWhatIsNeededAndWhatIsFree) {
  EXPECT_NO_THROW(check_disk_space(testing::TempDir(), 1));
  const Error error = error_of([] { check_disk_space(testing::TempDir(), uint64_t{1} << 62); });
  EXPECT_EQ(error.code(), Error::Code::io);
  EXPECT_TRUE(error.message().starts_with("needs 4.6 EB")) << error.message();
}

}  // namespace
}  // namespace loam
