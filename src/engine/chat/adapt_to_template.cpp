#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>

#include "base/hash.h"
#include "engine/chat/call_writer.h"
#include "engine/chat/conversation.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

std::string joined(const std::string& before, const std::string& after) {
  return before.empty() || after.empty() ? before + after : before + "\n\n" + after;
}

// What loam tells a model whose template says nothing of tools.
std::string instruction(const ChatFormat& format, const Json& tools) {
  const Json example = {{"function", {{"name", "TOOL"}, {"arguments", {{"PARAMETER", "VALUE"}}}}}};
  std::string text = fmt::format(
      "You can call tools. To call one, answer with nothing but its name and arguments, written like this:\n{}\n"
      "Where no tool helps, answer in plain text. The tools, with the JSON schemas of their arguments:",
      write_calls(format.calls, Json::array({example})));
  for (const Json& tool : tools) {
    const Json& function = tool["function"];
    const auto description = function["description"].get<std::string>();
    text += fmt::format("\n- {}{}{}\n  {}", function["name"].get<std::string>(), description.empty() ? "" : ": ",
                        description, write_json(function["parameters"]));
  }
  return text;
}

// A message with several calls becomes several, each followed by its result.
Json one_call_each(const Json& messages) {
  Json out = Json::array();
  for (size_t i = 0; i < messages.size(); ++i) {
    const Json& message = messages[i];
    if (!message.contains("tool_calls") || message["tool_calls"].size() < 2) {
      out.push_back(message);
      continue;
    }
    Json results = Json::array();
    while (i + 1 < messages.size() && messages[i + 1]["role"] == "tool") results.push_back(messages[++i]);
    for (size_t k = 0; k < message["tool_calls"].size(); ++k) {
      const Json& call = message["tool_calls"][k];
      Json single = message;
      single["tool_calls"] = Json::array({call});
      if (k > 0) single["content"] = "", single.erase("reasoning_content");
      out.push_back(std::move(single));
      for (const Json& result : results)
        if (result["tool_call_id"] == call["id"]) out.push_back(result);
    }
  }
  return out;
}

// Nine letters and digits that stand for an id: itself where it is that already.
std::string short_id(const std::string& id) {
  const auto is_alnum = [](unsigned char c) { return std::isalnum(c) != 0; };
  if (id.size() == 9 && std::ranges::all_of(id, is_alnum)) return id;
  return sha256_of(id).substr(0, 9);
}

constexpr const char* kRepeatedCall =
    "This call has been made before, and this is its result. Answer with it, or call another tool for what is still "
    "missing.";

// The calls of a message, without their ids.
Json bare_calls(const Json& message) {
  Json calls = Json::array();
  for (const Json& call : message.value("tool_calls", Json::array())) calls.push_back(call["function"]);
  return calls;
}

// Whether the last results answer calls that the same turn of the assistant has made before, word for word.
bool repeats_calls(const Json& messages) {
  size_t last = messages.size();
  while (last > 0 && messages[last - 1]["role"] == "tool") --last;
  if (last == 0 || last == messages.size()) return false;
  const Json calls = bare_calls(messages[--last]);
  for (size_t i = last; !calls.empty() && i-- > 0 && messages[i]["role"] != "user";)
    if (bare_calls(messages[i]) == calls) return true;
  return false;
}

class Adapter {
 public:
  Adapter(const ChatFormat& format, const TemplateTraits& traits) : format_(format), traits_(traits) {}

  void adapt(Json& arguments) {
    Json& messages = arguments["messages"];
    const bool repeats = repeats_calls(messages);
    if (!traits_.several_calls && traits_.calls) messages = one_call_each(messages);
    Json out = Json::array();
    for (Json& message : messages) add(out, adapted(std::move(message)));
    if (repeats) add_note(out);
    if (arguments.contains("tools") && !traits_.tools) {
      add_instruction(out, instruction(format_, arguments["tools"]));
      arguments.erase("tools");
    }
    if (!traits_.system) out = without_system(out);
    messages = std::move(out);
  }

 private:
  Json adapted(Json message) {
    was_text_ = is_text_;
    is_text_ = false;
    if (message["role"] == "tool") return adapted_result(std::move(message));
    if (message["role"] == "assistant") add_thinking(message);
    if (message.contains("tool_calls")) return adapted_calls(std::move(message));
    return message;
  }

  // Templates know the reasoning by one of two names; gpt-oss takes no content beside it where tools are called.
  void add_thinking(Json& message) const {
    if (!message.contains("reasoning_content")) return;
    message["thinking"] = message["reasoning_content"];
    if (format_.calls.body != CallBody::harmony || !message.contains("tool_calls")) return;
    message["thinking"] = joined(message["reasoning_content"], message["content"]);
    message["content"] = "";
  }

  Json adapted_calls(Json message) {
    if (!traits_.calls) {
      message["content"] = joined(message["content"], write_calls(format_.calls, message["tool_calls"]));
      message.erase("tool_calls");
      is_text_ = true;
      return message;
    }
    for (Json& call : message["tool_calls"]) {
      Json& arguments = call["function"]["arguments"];
      if (traits_.text_arguments) arguments = write_json(arguments);
      if (traits_.short_ids) call["id"] = short_id(call["id"]);
    }
    if (traits_.null_content && message["content"] == "") message["content"] = nullptr;
    return message;
  }

  Json adapted_result(Json message) {
    if (traits_.short_ids) message["tool_call_id"] = short_id(message["tool_call_id"]);
    if (traits_.results) return message;
    is_text_ = true;
    const std::string name = message["name"].get<std::string>();
    const std::string title = name.empty() ? "Result of a tool:" : fmt::format("Result of {}:", name);
    return {{"role", "user"}, {"content", title + "\n" + message["content"].get<std::string>()}};
  }

  // Small models make a call again and again that has been answered: what stands behind the result keeps them from it,
  // what stands within does not.
  void add_note(Json& messages) const {
    if (messages.back()["role"] == "user" || traits_.alternating) {
      Json& last = messages.back()["content"];
      last = joined(last.get<std::string>(), kRepeatedCall);
    } else {
      messages.push_back({{"role", "user"}, {"content", kRepeatedCall}});
    }
  }

  // What became text joins its neighbour of the same role, and so does everything where turns must alternate.
  void add(Json& messages, Json message) const {
    const bool joins = (is_text_ || was_text_ || traits_.alternating) && !messages.empty() &&
                       messages.back()["role"] == message["role"] && !messages.back().contains("tool_calls") &&
                       !message.contains("tool_calls");
    if (!joins) {
      messages.push_back(std::move(message));
      return;
    }
    Json& last = messages.back()["content"];
    last = joined(last.get<std::string>(), message["content"].get<std::string>());
  }

  static void add_instruction(Json& messages, const std::string& text) {
    if (!messages.empty() && messages[0]["role"] == "system") {
      messages[0]["content"] = joined(messages[0]["content"].get<std::string>(), text);
    } else {
      messages.insert(messages.begin(), Json{{"role", "system"}, {"content", text}});
    }
  }

  // What the system says goes into the user's next message.
  static Json without_system(const Json& messages) {
    Json out = Json::array();
    std::string waiting;
    for (const Json& message : messages) {
      if (message["role"] == "system") {
        waiting = joined(waiting, message["content"].get<std::string>());
        continue;
      }
      out.push_back(message);
      if (message["role"] != "user" || waiting.empty()) continue;
      out.back()["content"] = joined(std::exchange(waiting, {}), message["content"].get<std::string>());
    }
    if (!waiting.empty()) out.push_back({{"role", "user"}, {"content", waiting}});
    return out;
  }

  const ChatFormat& format_;
  const TemplateTraits& traits_;
  bool is_text_ = false, was_text_ = false;  // this message, and the one before, became text
};

}  // namespace

void adapt_to_template(Json& arguments, const ChatFormat& format, const TemplateTraits& traits) {
  Adapter(format, traits).adapt(arguments);
}

}  // namespace loam
