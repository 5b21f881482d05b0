#include <nlohmann/json.hpp>

#include "server/access/key_store.h"
#include "tests/app/program.h"

namespace loam::test {
namespace {

using Json = nlohmann::json;

class Keys : public testing::Test {
 protected:
  void SetUp() override {
    home_ = testing::TempDir() + "loam-home-XXXXXX";
    ASSERT_NE(mkdtemp(home_.data()), nullptr);
    setenv("LOAM_HOME", home_.c_str(), 1);
  }
  void TearDown() override {
    unsetenv("LOAM_HOME");
    std::filesystem::remove_all(home_);
  }
  std::string home_;
};

TEST_F(Keys, AreMadeListedAndRevoked) {
  const Outcome added = run_loam({"keys", "add", "anna", "--admin"});
  ASSERT_EQ(added.status, 0) << added.err;
  const std::string key = added.out.substr(0, added.out.size() - 1);
  EXPECT_EQ(run_loam({"keys", "add", "ben"}).status, 0);
  EXPECT_EQ(KeyStore(home_ + "/keys.toml").find(key)->role, Role::admin);

  const Json list = Json::parse(run_loam({"keys", "list", "--json"}).out);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0]["user"], "anna");
  EXPECT_EQ(list[1]["role"], "user");
  const Outcome table = run_loam({"keys", "list"});
  EXPECT_NE(table.out.find("anna  admin"), std::string::npos) << table.out;
  EXPECT_EQ(table.out.find(key.substr(5)), std::string::npos);

  EXPECT_EQ(run_loam({"keys", "revoke", list[0]["id"]}).status, 0);
  EXPECT_FALSE(KeyStore(home_ + "/keys.toml").find(key));
  EXPECT_EQ(run_loam({"keys", "revoke", "anna"}).status, 1);
}

TEST_F(Keys, WrongArgumentsExitWith2) {
  EXPECT_EQ(run_loam({"keys"}).status, 2);
  EXPECT_EQ(run_loam({"keys", "ad"}).status, 2);
  EXPECT_EQ(run_loam({"keys", "add"}).status, 2);
  EXPECT_EQ(run_loam({"keys", "add", "a b"}).status, 2);
  EXPECT_EQ(run_loam({"keys", "add", "anna", "--max-users", "0"}).status, 2);
  EXPECT_EQ(run_loam({"keys", "list", "--help"}).status, 0);
}

}  // namespace
}  // namespace loam::test
