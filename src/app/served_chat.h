// A chat with a model behind a server that speaks OpenAI's API; loam's own tells more: how far a model is loaded and a
// prompt read, and what the context holds.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "app/chat_backend.h"
#include "file/http_client.h"

namespace loam {

class ServedChat final : public ChatBackend {
 public:
  struct Place {
    std::string address;  // "http://127.0.0.1:8080"
    std::string model;    // a model's or profile's name; "": the server's first
    std::string key;
    std::vector<std::string> headers = {};  // of every request: "X-Loam-User: mary"
  };
  // Waits while the model is loading, with a progress bar; Error(io) where nobody answers there, and what the model's
  // loading threw.
  explicit ServedChat(Place place);

  ChatAnswer answer(const std::vector<ChatMessage>& messages, const SamplingOptions& sampling,
                    const ChatCallbacks& callbacks) override {
    return ask(messages, sampling, callbacks, true);
  }
  ChatAnswer answer_aside(const std::vector<ChatMessage>& messages, const SamplingOptions& sampling,
                          const ChatCallbacks& callbacks) override {
    return ask(messages, sampling, callbacks, false);
  }
  int64_t tokens_used() const override { return tokens_used_; }
  int64_t context() const override { return context_; }  // 0 where the server does not tell
  const std::string& model() const { return model_; }
  // An operation of the server's memory (/v1/memory).
  nlohmann::ordered_json call_memory(std::string_view operation, const nlohmann::ordered_json& arguments) const;

 private:
  ClientRequest request(const std::string& path, std::string json = "") const;
  ChatAnswer ask(const std::vector<ChatMessage>& messages, const SamplingOptions& sampling,
                 const ChatCallbacks& callbacks, bool remember);
  nlohmann::ordered_json get(const std::string& path) const;
  void wait_until_loaded() const;

  const Place place_;
  std::string model_;
  int64_t context_ = 0, tokens_used_ = 0;
};

}  // namespace loam
