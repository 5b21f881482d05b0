#include "engine/chat/chat.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "engine/chat/chat_prompt.h"
#include "engine/chat/conversation.h"
#include "engine/chat/template_traits.h"
#include "engine/chat/thinking_budget.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

// The tools of a request that may be called; none where it says so.
std::shared_ptr<const ToolSet> tools_of(const Json& conversation, const ChatOptions& options) {
  const auto tools = conversation.find("tools");
  const bool given = tools != conversation.end() && !tools->is_null();
  auto set = std::make_shared<ToolSet>(given ? *tools : Json::array());
  if (options.tool_choice == ToolChoice::named && !set->find(options.tool_name))
    throw Error(Error::Code::invalid, "tool_choice names a tool that is not declared: " + options.tool_name,
                "tool_choice");
  if (options.tool_choice == ToolChoice::required && set->empty())
    throw Error(Error::Code::invalid, "tool_choice asks for a call, and no tools are declared", "tool_choice");
  return options.tool_choice == ToolChoice::none || set->empty() ? nullptr : set;
}

// By the names that templates know them by.
void add_thinking(Json& arguments, const ChatOptions& options) {
  if (options.thinking) arguments["enable_thinking"] = arguments["thinking"] = *options.thinking;
  if (options.thinking_budget >= 0) arguments["thinking_budget"] = options.thinking_budget;
  if (options.thinking == false) arguments["thinking_budget"] = 0;
  if (!options.reasoning_effort.empty()) arguments["reasoning_effort"] = options.reasoning_effort;
}

}  // namespace

struct Chat::Impl {
  Impl(const ChatTemplate& chat_template, const Tokenizer& t)
      : tokenizer(t),
        prompt(chat_template, t),
        format(ChatFormat::of(chat_template, &t)),
        traits(TemplateTraits::of(chat_template)),
        visible(format.visible(t)),
        ends(format.ends(t)) {}

  std::vector<Token> encode(const Json& conversation, const ToolSet* tools, const ChatOptions& options) const {
    Json arguments = conversation;
    const auto messages = arguments.find("messages");
    arguments["messages"] = checked_messages(messages == arguments.end() ? Json() : *messages);
    if (tools) {
      arguments["tools"] = checked_tools(conversation["tools"]);
    } else {
      arguments.erase("tools");
    }
    add_thinking(arguments, options);
    return prompt.encode(std::move(arguments), [this](Json& a) { adapt_to_template(a, format, traits); });
  }

  bool ends_in_reasoning(const std::vector<Token>& tokens) const {
    constexpr size_t kTail = 32;  // tokens: more than a marker and the line break behind it
    const size_t begin = tokens.size() > kTail ? tokens.size() - kTail : 0;
    return format.opens_reasoning(tokenizer.decode({tokens.begin() + static_cast<int64_t>(begin), tokens.end()}, true));
  }

  const Tokenizer& tokenizer;
  const ChatPrompt prompt;
  const ChatFormat format;
  const TemplateTraits traits;
  const std::vector<Token> visible, ends;
};

Chat::Chat(const ChatTemplate& chat_template, const Tokenizer& tokenizer)
    : impl_(std::make_unique<Impl>(chat_template, tokenizer)) {}
Chat::~Chat() = default;

const ChatFormat& Chat::format() const { return impl_->format; }

ChatTurn Chat::begin(const Json& conversation, const ChatOptions& options,
                     std::unique_ptr<TokenConstraint> answer) const {
  const Impl& chat = *impl_;
  const auto tools = tools_of(conversation, options);
  std::vector<Token> prompt = chat.encode(conversation, tools.get(), options);
  const bool in_reasoning = chat.ends_in_reasoning(prompt);
  return {
      .prompt = std::move(prompt),
      .visible = chat.visible,
      .ends = chat.ends,
      .constraint = with_thinking(chat.format, chat.tokenizer,
                                  {.budget = options.thinking_budget, .in_reasoning = in_reasoning}, std::move(answer)),
      .output = ChatOutputParser(
          chat.format, {.tools = tools, .parallel = options.parallel_tool_calls, .in_reasoning = in_reasoning})};
}

}  // namespace loam
