#include "engine/chat/chat.h"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "engine/chat/chat_prompt.h"
#include "engine/chat/combined_constraints.h"
#include "engine/chat/conversation.h"
#include "engine/chat/template_traits.h"
#include "engine/chat/thinking_budget.h"
#include "engine/chat/tool_constraints.h"
#include "engine/grammar/grammar_cache.h"

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

bool wants_call(const ChatOptions& options) {
  return options.tool_choice == ToolChoice::required || options.tool_choice == ToolChoice::named;
}

// A tool that is named is called once.
bool may_call_several(const ChatOptions& options) {
  return options.parallel_tool_calls && options.tool_choice != ToolChoice::named;
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
  Impl(const ChatTemplate& chat_template, const Tokenizer& t, std::function<GrammarCache&()> g)
      : tokenizer(t),
        given_grammars(std::move(g)),
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

  GrammarCache& grammars() const {
    if (given_grammars) return given_grammars();
    std::call_once(grammars_made, [this] {
      own_grammars = std::make_unique<GrammarCache>(std::make_shared<GrammarVocabulary>(tokenizer));
    });
    return *own_grammars;
  }

  // What holds the turn besides the reasoning; none: nothing does.
  std::unique_ptr<TokenConstraint> constraint(const ToolSet* tools, const ChatOptions& options,
                                              std::unique_ptr<TokenConstraint> answer) const {
    if (!tools) return answer;
    const bool wanted = wants_call(options);
    const bool strict = std::ranges::any_of(tools->list(), &Tool::strict);
    if (!wanted && !strict && !answer) return nullptr;
    const ToolConstraints make(format, *tools, tokenizer, may_call_several(options), grammars());
    if (wanted) return make.required(options.tool_choice == ToolChoice::named ? options.tool_name : "");
    if (!answer) return make.optional();
    if (format.calls.body == CallBody::harmony)
      answer = behind(tokenizer.encode(kHarmonyAnswer, {.special = true}), tokenizer.n_vocab(), std::move(answer));
    return either(std::move(answer), make.required_or_bare());
  }

  const Tokenizer& tokenizer;
  const std::function<GrammarCache&()> given_grammars;
  mutable std::once_flag grammars_made;
  mutable std::unique_ptr<GrammarCache> own_grammars;
  const ChatPrompt prompt;
  const ChatFormat format;
  const TemplateTraits traits;
  const std::vector<Token> visible, ends;
};

Chat::Chat(const ChatTemplate& chat_template, const Tokenizer& tokenizer, std::function<GrammarCache&()> grammars)
    : impl_(std::make_unique<Impl>(chat_template, tokenizer, std::move(grammars))) {}
Chat::~Chat() = default;

const ChatFormat& Chat::format() const { return impl_->format; }

ChatTurn Chat::begin(const Json& conversation, const ChatOptions& options,
                     std::unique_ptr<TokenConstraint> answer) const {
  const Impl& chat = *impl_;
  const auto tools = tools_of(conversation, options);
  std::vector<Token> prompt = chat.encode(conversation, tools.get(), options);
  const bool in_reasoning = chat.ends_in_reasoning(prompt);
  const ThinkingOptions thinking = {.budget = options.thinking_budget,
                                    .in_reasoning = in_reasoning,
                                    .may_open = options.thinking != false,
                                    .calls = tools != nullptr};
  auto constraint = chat.constraint(tools.get(), options, std::move(answer));
  return {.prompt = std::move(prompt),
          .visible = chat.visible,
          .ends = chat.ends,
          .constraint = with_thinking(chat.format, chat.tokenizer, thinking, std::move(constraint)),
          .output = ChatOutputParser(chat.format, {.tools = tools,
                                                   .parallel = may_call_several(options),
                                                   .in_reasoning = in_reasoning,
                                                   .stream_arguments = wants_call(options)})};
}

}  // namespace loam
