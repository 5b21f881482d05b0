#include "app/served_chat.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "app/interrupt.h"
#include "app/progress_bar.h"
#include "app/sampling_json.h"
#include "base/error.h"
#include "file/http_client.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

// What an error's body says, in OpenAI's form or any other.
[[noreturn]] void throw_reply(const std::string& address, const ClientReply& reply) {
  const Json body = Json::parse(reply.body, nullptr, false);
  const Json fault = body.is_object() ? body.value("error", Json()) : Json();
  if (!fault.is_object() || !fault.contains("message") || !fault["message"].is_string())
    throw Error(Error::Code::io, fmt::format("{} answers with HTTP status {}", address, reply.status));
  std::string message = fault["message"];
  if (fault.value("code", Json()) == "context_length_exceeded") message += ". /compact, /undo or /clear makes room";
  if (reply.status == 401) message += "; LOAM_API_KEY names the key to use";
  throw Error(Error::Code::invalid, message);
}

// One streamed answer: its events, which may arrive in pieces.
class AnswerStream {
 public:
  explicit AnswerStream(const ChatCallbacks& callbacks) : callbacks_(callbacks) {}

  // → false: the answer is stopped
  bool push(std::string_view bytes) {
    pending_ += bytes;
    bool goes_on = true;
    size_t begin = 0;
    for (size_t end; goes_on && (end = pending_.find('\n', begin)) != std::string::npos; begin = end + 1)
      goes_on = line(std::string_view(pending_).substr(begin, end - begin));
    pending_.erase(0, begin);
    if (!goes_on) answer_.finish = FinishReason::cancelled;
    return goes_on;
  }

  bool has_begun() const { return begun_; }
  void stop() { answer_.finish = FinishReason::cancelled; }

  ChatAnswer finish() {
    if (begun_) answer_.stats.seconds = seconds_since(first_token_);
    if (!answer_.stats.n_answer) answer_.stats.n_answer = n_deltas_;
    return std::move(answer_);
  }

 private:
  bool line(std::string_view text) {
    constexpr std::string_view kData = "data:";
    if (!text.starts_with(kData)) return true;
    const Json event = Json::parse(text.substr(kData.size()), nullptr, false);
    if (!event.is_object()) return true;  // [DONE]
    if (event.contains("error")) throw Error(Error::Code::io, event["error"].value("message", "the answer broke off"));
    if (const auto usage = event.find("usage"); usage != event.end() && usage->is_object()) read_usage(*usage);
    if (const auto progress = event.find("prompt_progress"); progress != event.end())
      return !callbacks_.on_prompt_read ||
             callbacks_.on_prompt_read(progress->value("processed", int64_t{0}), progress->value("total", int64_t{0}));
    const auto choices = event.find("choices");
    return choices == event.end() || choices->empty() || choice(choices->front());
  }

  bool choice(const Json& choice) {
    if (const auto reason = choice.find("finish_reason"); reason != choice.end() && reason->is_string())
      answer_.finish = *reason == "length" ? FinishReason::length : FinishReason::end_token;
    const Json delta = choice.value("delta", Json::object());
    const std::string reasoning = text_of(delta, "reasoning_content"), text = text_of(delta, "content");
    if (reasoning.empty() && text.empty()) return true;
    if (!std::exchange(begun_, true)) {
      first_token_ = Clock::now();
      answer_.stats.prompt_seconds = seconds_since(started_);
    }
    ++n_deltas_;
    if (!reasoning.empty() && callbacks_.on_reasoning) callbacks_.on_reasoning(reasoning);
    answer_.text += text;
    return text.empty() || !callbacks_.on_text || callbacks_.on_text(text);
  }

  static std::string text_of(const Json& delta, const char* name) {
    const auto found = delta.find(name);
    return found != delta.end() && found->is_string() ? found->get<std::string>() : "";
  }

  void read_usage(const Json& usage) {
    answer_.stats.n_prompt = usage.value("prompt_tokens", int64_t{0});
    answer_.stats.n_answer = usage.value("completion_tokens", int64_t{0});
    answer_.stats.n_reused = usage.value("/prompt_tokens_details/cached_tokens"_json_pointer, int64_t{0});
  }

  const ChatCallbacks& callbacks_;
  std::string pending_;
  ChatAnswer answer_;
  bool begun_ = false;
  int64_t n_deltas_ = 0;
  const Clock::time_point started_ = Clock::now();
  Clock::time_point first_token_;
};

}  // namespace

ServedChat::ServedChat(Place place) : place_(std::move(place)), model_(place_.model) {
  if (model_.empty()) {
    const Json models = get("/v1/models").value("data", Json::array());
    if (models.empty()) throw Error(Error::Code::not_found, fmt::format("{} serves no model", place_.address));
    model_ = models.front().value("id", "");
  }
  wait_until_loaded();
  for (const Json& model : get("/v1/models").value("data", Json::array()))
    if (model.value("id", "") == model_) context_ = model.value("context_length", int64_t{0});
}

ClientRequest ServedChat::request(const std::string& path, std::string json) const {
  return {.url = place_.address + path, .json = std::move(json), .bearer_token = place_.key, .headers = place_.headers};
}

Json ServedChat::call_memory(std::string_view operation, const Json& arguments) const {
  const ClientReply reply = send_request(request("/v1/memory/" + std::string(operation), arguments.dump()), {},
                                         [] { return !interrupted(); });
  if (reply.status / 100 != 2) throw_reply(place_.address, reply);
  return Json::parse(reply.body);
}

// → an empty object where the server has nothing of that name
Json ServedChat::get(const std::string& path) const {
  const ClientReply reply = send_request(request(path), {}, [] { return !interrupted(); });
  if (reply.status == 404) return Json::object();
  if (reply.status / 100 != 2) throw_reply(place_.address, reply);
  Json body = Json::parse(reply.body, nullptr, false);
  if (!body.is_object()) throw Error(Error::Code::io, fmt::format("{} does not speak this API", place_.address));
  return body;
}

void ServedChat::wait_until_loaded() const {
  ProgressBar bar("loading " + model_, ProgressBar::Unit::percent);
  for (;;) {
    const Json models = get("/health").value("models", Json::array());
    const auto mine = std::ranges::find_if(models, [&](const Json& m) { return m.value("name", "") == model_; });
    if (mine == models.end()) return;  // a profile, or another kind of server
    if (const std::string error = mine->value("error", ""); !error.empty()) throw Error(Error::Code::invalid, error);
    if (mine->value("status", "") != "loading") return;
    bar.update(static_cast<uint64_t>(100 * mine->value("progress", 0.0)), 100);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    throw_if_interrupted();
  }
}

ChatAnswer ServedChat::ask(const std::vector<ChatMessage>& messages, const SamplingOptions& sampling,
                           const ChatCallbacks& callbacks, bool remember) {
  Json body = sampling_parameters_json(sampling);
  body["model"] = model_;
  body["messages"] = template_messages(messages);
  body["stream"] = true;
  body["stream_options"] = {{"include_usage", true}};
  body["return_progress"] = true;
  if (!remember) body["memory"] = false;
  AnswerStream stream(callbacks);
  try {
    const ClientReply reply = send_request(
        request("/v1/chat/completions", body.dump(-1, ' ', false, Json::error_handler_t::replace)),
        [&](std::string_view bytes) { return stream.push(bytes); }, [] { return !interrupted(); });
    if (reply.status / 100 != 2) throw_reply(place_.address, reply);
  } catch (const Error& error) {
    if (error.code() != Error::Code::cancelled) throw;
    stream.stop();
  }
  ChatAnswer answer = stream.finish();
  tokens_used_ = answer.stats.n_prompt + answer.stats.n_answer;
  if (answer.finish == FinishReason::length && context_ > 0 && tokens_used_ >= context_)
    answer.finish = FinishReason::context_full;
  return answer;
}

}  // namespace loam
