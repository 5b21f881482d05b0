// A server of this process, for `loam chat --serve`: the chat is one of its clients, beside other programs.
#pragma once

#include <memory>
#include <string>

#include "app/load_options.h"

namespace loam {

class ChatServer {
 public:
  // Opens `port` on loopback, or a free one where it is taken, and loads the model behind it. What is asked of it is
  // logged to $LOAM_HOME/chat-server.log.
  ChatServer(const LoadOptions& load, uint16_t port);
  ~ChatServer();  // the answers under way end here
  const std::string& address() const;
  const std::string& model() const;  // its name there

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loam
