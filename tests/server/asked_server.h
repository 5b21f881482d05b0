// A whole server with models of a test's choice, asked over a socket.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "server/server.h"
#include "tests/server/raw_client.h"
#include "tests/server/temporary_folder.h"

namespace loam::test {

class AskedServer : public testing::Test {
 protected:
  void start(ServerSettings settings) {
    settings.port = 0;
    server_ = std::make_unique<Server>(settings, folder_.file("keys.toml"));
    server_->start();
  }

  static ModelSettings model(const std::string& name, const std::string& path) {
    ModelSettings settings;
    settings.name = name;
    settings.path = path;
    settings.engine.context = 2048;
    settings.engine.n_threads = 1;
    return settings;
  }

  Response ask(const std::string& method, const std::string& path, const std::string& body = "") const {
    RawClient client(server_->port());
    client.send(method + " " + path +
                " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body);
    return client.read_response();
  }

  Json post(const std::string& path, const Json& body, int status = 200) const {
    const Response response = ask("POST", path, body.dump());
    EXPECT_EQ(response.status, status) << response.body;
    return Json::parse(response.body, nullptr, false);
  }

  TemporaryFolder folder_;
  std::unique_ptr<Server> server_;
};

}  // namespace loam::test
