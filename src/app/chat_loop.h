// The conversation at the terminal: messages in, answers streamed out, and the commands that begin with a slash.
#pragma once

#include <string>
#include <string_view>

#include "app/chat_session.h"
#include "app/memory_commands.h"
#include "app/message_reader.h"

namespace loam {

class ChatLoop {
 public:
  // `interactive`: a person at a terminal; else messages come from a pipe and only answers go to standard output.
  // `memory`: empty where nothing is remembered.
  ChatLoop(ChatSession& session, MessageReader& reader, std::string model, bool interactive, CallMemory memory = {});

  // Until /quit or the end of input. → false where a message or command failed.
  bool run();

 private:
  bool handle(const std::string& message);  // false: /quit
  bool command(std::string_view name, const std::string& argument);
  void answer(const std::function<ChatAnswer(const ChatCallbacks&)>& start);
  void report_end(const ChatAnswer& result);
  void compact();
  void show_stats();
  void save(const std::string& path);
  void load(const std::string& path);
  void say(std::string_view text) const;  // to standard error: everything that is not an answer

  ChatSession& session_;
  MessageReader& reader_;
  std::string model_;
  CallMemory memory_;
  bool interactive_, stats_after_answers_ = false, failed_ = false;
  ChatAnswer last_;
};

}  // namespace loam
