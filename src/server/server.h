// The server: models, access and routes behind one port.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "server/models/settings.h"

namespace loam {

class Server {
 public:
  // `keys_file`: who may ask (KeyStore). Error(invalid) for settings that contradict each other, and where the server
  // would be open to other machines without a key.
  Server(ServerSettings settings, const std::string& keys_file);
  ~Server();

  // Opens the port and returns within milliseconds; models load behind it. Error(io) where the port is taken.
  void start();
  uint16_t port() const;
  // Takes models, profiles and weights; the port and whatever concerns it stay. Streams go on.
  void reload(ServerSettings settings);
  // No new requests; those under way may end for as long as `grace`.
  void stop(std::chrono::milliseconds grace);
  // What the operator should know, such as keys that others could read; "" for nothing.
  const std::string& warning() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loam
