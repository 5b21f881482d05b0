#include "server/access/access.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "server/access/key_store.h"
#include "server/http/http_error.h"
#include "tests/server/temporary_folder.h"

namespace loam::test {
namespace {

HttpRequest request(HttpHeaders headers) {
  HttpRequest out;
  out.headers = std::move(headers);
  out.local_address = "127.0.0.1";
  out.local_port = 8080;
  out.peer_is_loopback = true;
  return out;
}

// The status of what `action` throws; 0 for nothing.
template <class Action>
int status_of(Action&& action) {
  try {
    action();
  } catch (const HttpError& error) {
    return error.status();
  }
  return 0;
}

class AccessTest : public testing::Test {
 protected:
  int browser(const HttpRequest& asked) const {
    return status_of([&] { access_.check_browser(asked); });
  }
  int host(const std::string& name) const { return browser(request({{"Host", name}})); }
  int origin(const std::string& name) const { return browser(request({{"Host", "localhost:8080"}, {"Origin", name}})); }
  int key(HttpHeaders headers) const {
    return status_of([&] { access_.identify(request(std::move(headers))); });
  }

  const TemporaryFolder folder_;
  KeyStore keys_{folder_.file("keys.toml")};
  const Access access_{{.hosts = {"llm.example.org", "proxy:9000"}, .origins = {"https://chat.example.org"}}, keys_};
};

TEST_F(AccessTest, TakesItsOwnHostsOnly) {
  for (const char* own : {"localhost", "localhost:8080", "LOCALHOST:8080", "127.0.0.1:8080", "127.0.0.1", "[::1]:8080",
                          "[::1]", "llm.example.org", "llm.example.org:8080", "proxy:9000"})
    EXPECT_EQ(host(own), 0) << own;
  for (const char* foreign : {"", "evil.example", "localhost:8081", "localhost:", "localhost:8080:8080", "localhost.",
                              "localhost.evil.example", "xlocalhost", "127.0.0.2", "0.0.0.0:8080", "::1", "proxy",
                              "proxy:8080", "llm.example.org.", "localhost@evil.example", "localhost, evil.example"})
    EXPECT_EQ(host(foreign), 403) << foreign;
}

TEST_F(AccessTest, TakesTheAddressThatTheClientHasReached) {
  HttpRequest asked = request({{"Host", "192.168.1.5:8080"}});
  EXPECT_EQ(browser(asked), 403);
  asked.local_address = "192.168.1.5";
  EXPECT_EQ(browser(asked), 0);
  asked.local_address = "fe80::1";
  EXPECT_EQ(browser(asked), 403);
  asked.headers = {{"Host", "[fe80::1]:8080"}};
  EXPECT_EQ(browser(asked), 0);
}

TEST_F(AccessTest, TakesPagesOfItsOwnAndConfiguredOriginsOnly) {
  for (const char* own : {"http://localhost:8080", "https://chat.example.org"}) EXPECT_EQ(origin(own), 0) << own;
  for (const char* foreign :
       {"null", "", "*", "https://evil.example", "http://localhost", "http://localhost:8081", "https://localhost:8080",
        "http://127.0.0.1:8080", "https://chat.example.org.evil.example", "http://chat.example.org",
        "https://chat.example.org, null"})
    EXPECT_EQ(origin(foreign), 403) << foreign;
  EXPECT_EQ(browser(request({{"Host", "localhost:8080"}, {"Origin", "http://localhost:8080"}, {"Origin", "null"}})),
            403);
}

TEST_F(AccessTest, OriginsMustBeOrigins) {
  for (const char* wrong :
       {"*", "null", "chat.example.org", "https://", "https://a/", "https://*.example.org", "https://a b"})
    EXPECT_THROW(Access({.hosts = {}, .origins = {wrong}}, keys_), Error) << wrong;
}

TEST_F(AccessTest, WithoutKeysThisMachineIsItsOwnAdmin) {
  EXPECT_EQ(access_.identify(request({})).role, Role::admin);
  EXPECT_EQ(access_.identify(request({{"Authorization", "Bearer whatever a client must send"}})).role, Role::admin);
  HttpRequest remote = request({});
  remote.peer_is_loopback = false;
  EXPECT_EQ(status_of([&] { access_.identify(remote); }), 401);
  for (const char* forwarded : {"X-Forwarded-For", "Forwarded", "X-Real-IP"})
    EXPECT_EQ(key({{forwarded, "10.0.0.1"}}), 401) << "a proxy speaks for somebody else";
}

TEST_F(AccessTest, WithKeysEverybodyNeedsOne) {
  const std::string anna = keys_.add("anna", Role::admin), ben = keys_.add("ben", Role::user);
  EXPECT_EQ(access_.identify(request({{"Authorization", "Bearer " + anna}})).name, "anna");
  EXPECT_EQ(access_.identify(request({{"authorization", "bearer  " + ben + " "}})).role, Role::user);
  EXPECT_EQ(access_.identify(request({{"X-Api-Key", ben}})).name, "ben");
  EXPECT_EQ(access_.identify(request({{"X-Api-Key", ben}, {"Authorization", "Bearer " + ben}})).name, "ben");
  EXPECT_EQ(key({}), 401);
  EXPECT_EQ(key({{"Authorization", "Bearer"}}), 401);
  EXPECT_EQ(key({{"Authorization", "Bearer "}}), 401);
  EXPECT_EQ(key({{"Authorization", "Basic " + anna}}), 401);
  EXPECT_EQ(key({{"Authorization", anna}}), 401);
  EXPECT_EQ(key({{"Authorization", "Bearer " + anna + "0"}}), 401);
  EXPECT_EQ(key({{"Authorization", "Bearer " + anna.substr(0, anna.size() - 1)}}), 401);
  EXPECT_EQ(key({{"X-Api-Key", ben}, {"Authorization", "Bearer " + anna}}), 401);
  EXPECT_EQ(key({{"Authorization", "Bearer " + anna}, {"Authorization", "Bearer " + anna}}), 401);
  EXPECT_EQ(key({{"X-Api-Key", ben}, {"X-Api-Key", ben}}), 401);
}

TEST_F(AccessTest, AdminsAreOnThisMachine) {
  const User admin{
      .name = "anna",
      .role = Role::admin,
  },
      user{.name = "ben", .role = Role::user};
  HttpRequest asked = request({});
  EXPECT_EQ(status_of([&] { access_.check_role(asked, admin, Role::admin); }), 0);
  EXPECT_EQ(status_of([&] { access_.check_role(asked, user, Role::admin); }), 403);
  EXPECT_EQ(status_of([&] { access_.check_role(asked, user, Role::user); }), 0);
  asked.peer_is_loopback = false;
  EXPECT_EQ(status_of([&] { access_.check_role(asked, admin, Role::admin); }), 403);
  EXPECT_EQ(status_of([&] { access_.check_role(asked, admin, Role::user); }), 0);
  const Access open({.hosts = {}, .origins = {}, .remote_admin = true}, keys_);
  EXPECT_EQ(status_of([&] { open.check_role(asked, admin, Role::admin); }), 0);
}

TEST_F(AccessTest, OtherMachinesOnlyWithAKeyAndNotWithoutAWarning) {
  for (const char* loopback : {"127.0.0.1", "127.1.2.3", "::1", "localhost"})
    EXPECT_EQ(access_.check_exposure(loopback, false), "") << loopback;
  for (const char* open : {"0.0.0.0", "::", "192.168.1.5"}) {
    try {
      access_.check_exposure(open, true);
      ADD_FAILURE() << open;
    } catch (const Error& error) {
      EXPECT_EQ(error.where(), "--host");
      EXPECT_NE(error.message().find("loam keys add"), std::string::npos);
    }
  }
  keys_.add("anna", Role::admin);
  EXPECT_EQ(access_.check_exposure("0.0.0.0", true), "");
  EXPECT_NE(access_.check_exposure("0.0.0.0", false).find("plain HTTP"), std::string::npos);
}

}  // namespace
}  // namespace loam::test
