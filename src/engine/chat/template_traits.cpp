#include "engine/chat/template_traits.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

// A list, of one item too, which braces alone would not make.
template <class... Items>
Json list(Items... items) {
  return Json::array({std::move(items)...});
}

// Words that no template has of its own.
constexpr const char *kSystem = "probe-system", *kTool = "probe_tool", *kOther = "probe_other", *kKey = "probe_key",
                     *kValue = "probe-value", *kResult = "probe-result";

Json message(const char* role, const Json& content) { return {{"role", role}, {"content", content}}; }

Json call(const char* name, const std::string& id, bool text_arguments) {
  const Json arguments = {{kKey, kValue}};
  const Json function = {{"name", name}, {"arguments", text_arguments ? Json(arguments.dump()) : arguments}};
  return {{"id", id}, {"type", "function"}, {"function", function}};
}

Json calling(const Json& content, const Json& calls) {
  Json assistant = message("assistant", content);
  assistant["tool_calls"] = calls;
  return assistant;
}

Json result(const std::string& id) {
  Json tool = message("tool", kResult);
  tool["tool_call_id"] = id;
  tool["name"] = kTool;
  return tool;
}

class Probe {
 public:
  explicit Probe(const ChatTemplate& chat_template) : template_(chat_template) {}

  // "" where the template refuses.
  std::string render(const Json& messages, const Json& tools = nullptr) const {
    Json arguments = {{"messages", messages}, {"bos_token", ""}, {"eos_token", ""}, {"now", "2024-07-26T12:00:00"}};
    if (!tools.is_null()) arguments["tools"] = tools;
    try {
      return template_.render(arguments);
    } catch (const Error&) {
      return "";
    }
  }
  bool shows(const char* text, const Json& messages, const Json& tools = nullptr) const {
    return render(messages, tools).find(text) != std::string::npos;
  }

 private:
  const ChatTemplate& template_;
};

Json probe_tools() {
  const Json parameters = {{"type", "object"},
                           {"properties", {{kKey, {{"type", "string"}, {"description", "x"}}}}},
                           {"required", list(Json(kKey))}};
  const Json function = {{"name", kTool}, {"description", "x"}, {"parameters", parameters}};
  return list(Json{{"type", "function"}, {"function", function}});
}

Json user() { return message("user", "probe-user"); }

// An object that a template prints as Python does is no JSON, and JSON text that it quotes again neither.
bool shows_call(const std::string& text) {
  const auto has = [&](const std::string& part) { return text.find(part) != std::string::npos; };
  return has(kTool) && has(kValue) && !has(std::string("'") + kKey) && !has(std::string("\\\"") + kKey);
}

void find_calls(const Probe& probe, TemplateTraits& traits) {
  for (const bool text_arguments : {false, true}) {
    for (const std::string id : {"call_probe", "callprobe"}) {
      if (!shows_call(probe.render(list(user(), calling("", list(call(kTool, id, text_arguments))), result(id)))))
        continue;
      traits.calls = true;
      traits.text_arguments = text_arguments;
      traits.short_ids = id == "callprobe";
      return;
    }
  }
}

void find_details(const Probe& probe, TemplateTraits& traits) {
  const std::string id = "callprobe";
  const Json one = call(kTool, id, traits.text_arguments), other = call(kOther, "callother", traits.text_arguments);
  traits.several_calls =
      probe.shows(kOther, list(user(), calling("", list(one, other)), result(id), result("callother")));
  const std::string empty = probe.render(list(user(), calling("", list(one))));
  const std::string null = probe.render(list(user(), calling(nullptr, list(one))));
  traits.null_content = shows_call(null) && null.size() < empty.size();
}

}  // namespace

TemplateTraits TemplateTraits::of(const ChatTemplate& chat_template) {
  const Probe probe(chat_template);
  TemplateTraits traits;
  traits.system = probe.shows(kSystem, list(message("system", kSystem), user()));
  traits.tools = probe.shows(kTool, list(user()), probe_tools());
  traits.alternating = probe.render(list(user(), user())).empty();
  find_calls(probe, traits);
  if (traits.calls) find_details(probe, traits);
  const std::string id = "callprobe";
  const Json caller =
      traits.calls ? calling("", list(call(kTool, id, traits.text_arguments))) : message("assistant", "x");
  traits.results = probe.shows(kResult, list(user(), caller, result(id)));
  return traits;
}

}  // namespace loam
