#include "server/access/key_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>
#include <vector>

#include "base/error.h"
#include "tests/server/temporary_folder.h"
#include "tests/support/support.h"

namespace loam::test {
namespace {

class KeyStoreTest : public testing::Test {
 protected:
  void write(const std::string& text) const {
    std::ofstream(path_) << text;
    chmod(path_.c_str(), 0600);
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.file("home/keys.toml");
};

TEST_F(KeyStoreTest, KeepsHashesAndFindsKeys) {
  std::string text;
  {
    KeyStore store(path_);
    EXPECT_TRUE(store.is_empty());
    text = store.add("anna", Role::admin);
    EXPECT_EQ(text.size(), 5u + 64);
    EXPECT_TRUE(text.starts_with("loam-"));
    EXPECT_NE(store.add("anna", Role::user), text);
  }
  EXPECT_EQ(read_file(path_).find(text.substr(5)), std::string::npos) << "the key itself is kept";
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);

  KeyStore store(path_);
  const auto user = store.find(text);
  ASSERT_TRUE(user);
  EXPECT_EQ(user->name, "anna");
  EXPECT_EQ(user->role, Role::admin);
  EXPECT_TRUE(user->has_key);
  for (const std::string& wrong :
       {std::string(), std::string("loam-"), text.substr(5), text + "0", store.keys()[0].hash})
    EXPECT_FALSE(store.find(wrong)) << wrong;
}

TEST_F(KeyStoreTest, WhatOthersChangeCountsAtOnce) {
  KeyStore server(path_), command(path_);
  const std::string text = command.add("anna", Role::user);
  EXPECT_TRUE(server.find(text));
  EXPECT_EQ(command.revoke("anna"), 1);
  EXPECT_FALSE(server.find(text));
}

TEST_F(KeyStoreTest, RevokesOneKeyOrAllOfAUser) {
  KeyStore store(path_);
  store.add("anna", Role::user);
  store.add("anna", Role::user);
  const std::string third = store.add("anna", Role::user), ben = store.add("ben", Role::user);
  EXPECT_EQ(store.revoke(store.keys()[2].id), 1);
  EXPECT_FALSE(store.find(third));
  EXPECT_EQ(store.revoke("anna"), 2);
  EXPECT_TRUE(store.find(ben));
  EXPECT_THROW(store.revoke("anna"), Error);
}

TEST_F(KeyStoreTest, HasAtMostSixUsers) {
  KeyStore store(path_);
  for (int i = 0; i < KeyStore::kMaxUsers; ++i) store.add("user" + std::to_string(i), Role::user);
  store.add("user3", Role::user);
  EXPECT_THROW(store.add("user6", Role::user), Error);
  EXPECT_NO_THROW(KeyStore(path_, 7).add("user6", Role::user));
}

TEST_F(KeyStoreTest, NamesAreNames) {
  KeyStore store(path_);
  for (const char* wrong : {"", "-a", "a b", "a\"\n", "ü", "a/b", ".a", ".."})
    EXPECT_THROW(store.add(wrong, Role::user), Error) << wrong;
  EXPECT_THROW(store.add(std::string(65, 'a'), Role::user), Error);
}

TEST_F(KeyStoreTest, ABrokenFileIsRefusedAtTheStartAndSurvivedLater) {
  KeyStore running(path_);
  const std::string text = running.add("anna", Role::user);
  const std::string good = read_file(path_);
  for (const std::string& broken :
       {std::string("[[key]\n"), std::string("[[key]]\nuser = \"a\"\n"), good + "[[key]]\nuser = 5\n",
        std::string("key = [1]\n"),
        good + "[[key]]\nuser = \"x\"\nrole = \"root\"\nhash = \"" + std::string(64, '0') + "\"\n"}) {
    write(broken);
    EXPECT_THROW(KeyStore{path_}, Error) << broken;
    EXPECT_TRUE(running.find(text)) << "a server that runs goes on with the keys it knows";
    EXPECT_THROW(running.add("ben", Role::user), Error) << "what could not be read must not be overwritten";
  }
  write(good);
  EXPECT_TRUE(running.find(text));
  EXPECT_NO_THROW(running.add("ben", Role::user));
}

TEST_F(KeyStoreTest, AFileThatOthersMayWriteIsRefused) {
  KeyStore(path_).add("anna", Role::user);
  chmod(path_.c_str(), 0620);
  EXPECT_THROW(KeyStore{path_}, Error);
}

TEST_F(KeyStoreTest, WritersDoNotLoseEachOthersKeys) {
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i)
    writers.emplace_back([this] {
      KeyStore store(path_);
      for (int n = 0; n < 5; ++n) store.add("anna", Role::user);
    });
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(KeyStore(path_).keys().size(), 20u);
}

}  // namespace
}  // namespace loam::test
