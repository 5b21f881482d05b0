#include "engine/chat/chat_format.h"

#include <algorithm>

namespace loam {
namespace {

MarkerPair think() { return {"<think>", "</think>"}; }

ChatFormat hermes() {
  return {.name = "hermes",
          .calls = {.begins = {"<tool_call>"},
                    .ends = {"</tool_call>"},
                    .text = {.call_begin = "<tool_call>\n{\"name\": \"",
                             .arguments = "\", \"arguments\": ",
                             .call_end = "}\n</tool_call>",
                             .separator = "\n"}}};
}

ChatFormat qwen3_coder() {
  return {.name = "qwen3-coder",
          .calls = {.body = CallBody::tagged,
                    .begins = {"<tool_call>", "<function="},
                    .ends = {"</tool_call>"},
                    .text = {.call_begin = "<tool_call>\n<function=",
                             .arguments = ">\n",
                             .call_end = "</function>\n</tool_call>",
                             .separator = "\n",
                             .key_begin = "<parameter=",
                             .value_begin = ">\n",
                             .value_end = "\n</parameter>\n"}}};
}

ChatFormat seed() {
  return {.name = "seed",
          .calls = {.body = CallBody::tagged,
                    .begins = {"<seed:tool_call>"},
                    .ends = {"</seed:tool_call>"},
                    .text = {.call_begin = "<seed:tool_call>\n<function=",
                             .arguments = ">\n",
                             .call_end = "</function>\n</seed:tool_call>",
                             .separator = "\n",
                             .key_begin = "<parameter=",
                             .value_begin = ">",
                             .value_end = "</parameter>\n"}},
          .reasoning = {"<seed:think>", "</seed:think>"}};
}

ChatFormat glm() {
  return {.name = "glm",
          .calls = {.body = CallBody::tagged,
                    .begins = {"<tool_call>"},
                    .ends = {"</tool_call>"},
                    .separators = {"<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>"},
                    .text = {.call_begin = "<tool_call>",
                             .arguments = "\n",
                             .call_end = "</tool_call>",
                             .separator = "\n",
                             .key_begin = "<arg_key>",
                             .value_begin = "</arg_key>\n<arg_value>",
                             .value_end = "</arg_value>\n"}},
          .reasoning = think()};
}

ChatFormat llama3() {
  return {
      .name = "llama3",
      .calls = {
          .begins = {"<|python_tag|>"},
          .ends = {";"},
          .text = {
              .call_begin = "{\"name\": \"", .arguments = "\", \"parameters\": ", .call_end = "}", .single = true}}};
}

ChatFormat mistral(bool named) {
  ChatFormat format = {.name = "mistral",
                       .calls = {.begins = {"[TOOL_CALLS]"},
                                 .separators = {"[CALL_ID]", "[ARGS]"},
                                 .text = {.list_begin = "[TOOL_CALLS][",
                                          .call_begin = "{\"name\": \"",
                                          .arguments = "\", \"arguments\": ",
                                          .call_end = "}",
                                          .separator = ", ",
                                          .list_end = "]"}}};
  if (named) format.calls.text = {.call_begin = "[TOOL_CALLS]", .arguments = "[ARGS]"};
  return format;
}

ChatFormat deepseek(bool fenced) {
  ChatFormat format = {.name = "deepseek",
                       .calls = {.begins = {"<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>"},
                                 .ends = {"```", "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>"},
                                 .separators = {"<｜tool▁call▁begin｜>", "<｜tool▁sep｜>"},
                                 .text = {.list_begin = "<｜tool▁calls▁begin｜>",
                                          .call_begin = "<｜tool▁call▁begin｜>",
                                          .arguments = "<｜tool▁sep｜>",
                                          .call_end = "<｜tool▁call▁end｜>",
                                          .list_end = "<｜tool▁calls▁end｜>"}}};
  if (!fenced) return format;
  format.calls.text.call_begin = "<｜tool▁call▁begin｜>function<｜tool▁sep｜>";
  format.calls.text.arguments = "\n```json\n";
  format.calls.text.call_end = "\n```<｜tool▁call▁end｜>";
  format.calls.text.separator = "\n";
  return format;
}

ChatFormat kimi() {
  return {.name = "kimi",
          .calls = {.begins = {"<|tool_calls_section_begin|>", "<|tool_call_begin|>"},
                    .ends = {"<|tool_call_end|>", "<|tool_calls_section_end|>"},
                    .separators = {"<|tool_call_begin|>", "<|tool_call_argument_begin|>"},
                    .text = {.list_begin = "<|tool_calls_section_begin|>",
                             .call_begin = "<|tool_call_begin|>functions.",
                             .arguments = ":#<|tool_call_argument_begin|>",
                             .call_end = "<|tool_call_end|>",
                             .list_end = "<|tool_calls_section_end|>"}}};
}

ChatFormat cohere() {
  return {.name = "cohere",
          .calls = {.begins = {"<|START_ACTION|>"},
                    .ends = {"<|END_ACTION|>"},
                    .text = {.list_begin = "<|START_ACTION|>[\n    ",
                             .call_begin = "{\"tool_call_id\": \"#\", \"tool_name\": \"",
                             .arguments = "\", \"parameters\": ",
                             .call_end = "}",
                             .separator = ",\n    ",
                             .list_end = "\n]<|END_ACTION|>"}},
          .reasoning = {"<|START_THINKING|>", "<|END_THINKING|>"},
          .answer = {"<|START_RESPONSE|>", "<|END_RESPONSE|>"}};
}

ChatFormat lfm2() {
  return {.name = "lfm2",
          .calls = {.body = CallBody::python,
                    .begins = {"<|tool_call_start|>"},
                    .ends = {"<|tool_call_end|>"},
                    .text = {.list_begin = "<|tool_call_start|>[",
                             .arguments = "(",
                             .call_end = ")",
                             .separator = ", ",
                             .list_end = "]<|tool_call_end|>",
                             .value_begin = "=",
                             .value_end = ", "}}};
}

ChatFormat granite() {
  return {.name = "granite",
          .calls = {.begins = {"<|tool_call|>", "<tool_call>"},
                    .ends = {"<|/tool_call|>", "</tool_call>"},
                    .text = {.list_begin = "<|tool_call|>[",
                             .call_begin = "{\"name\": \"",
                             .arguments = "\", \"arguments\": ",
                             .call_end = "}",
                             .separator = ", ",
                             .list_end = "]"}},
          .answer = {"<response>", "</response>"}};
}

ChatFormat harmony() {
  return {.name = "harmony",
          .calls = {.body = CallBody::harmony,
                    .begins = {"<|start|>", "<|channel|>", "<|message|>", "<|constrain|>", "<|end|>"},
                    .text = {.call_begin = "<|channel|>commentary to=functions.",
                             .arguments = " <|constrain|>json<|message|>",
                             .call_end = "<|call|>",
                             .single = true}},
          .reasoning = {"<|channel|>analysis<|message|>", "<|end|>"}};
}

ChatFormat json() {
  return {
      .name = "json",
      .calls = {
          .text = {
              .call_begin = "{\"name\": \"", .arguments = "\", \"arguments\": ", .call_end = "}", .separator = "\n"}}};
}

bool holds(std::string_view source, std::string_view text) { return source.find(text) != std::string_view::npos; }

ChatFormat format_in(std::string_view source) {
  if (holds(source, "<|channel|>") && holds(source, "<|message|>")) return harmony();
  if (holds(source, "[TOOL_CALLS]")) return mistral(holds(source, "[ARGS]"));
  if (holds(source, "<｜tool▁calls▁begin｜>")) return deepseek(holds(source, "```json"));
  if (holds(source, "<|tool_calls_section_begin|>")) return kimi();
  if (holds(source, "<arg_key>")) return glm();
  if (holds(source, "<seed:tool_call>")) return seed();
  if (holds(source, "<function=") && holds(source, "<tool_call>")) return qwen3_coder();
  if (holds(source, "<|START_ACTION|>")) return cohere();
  if (holds(source, "<|tool_call_start|>") || holds(source, "<|tool_list_start|>")) return lfm2();
  if (holds(source, "<|tool_call|>")) return granite();
  if (holds(source, "<tool_call>")) return hermes();
  if (holds(source, "<|start_header_id|>") && holds(source, "\"parameters\"")) return llama3();
  return json();
}

}  // namespace

ChatFormat ChatFormat::of(const ChatTemplate& chat_template, const Tokenizer* tokenizer) {
  const std::string& source = chat_template.source();
  const auto known = [&](std::string_view marker) {
    return holds(source, marker) || (tokenizer && tokenizer->find(marker) >= 0);
  };
  ChatFormat format = format_in(source);
  if (format.name == "json" && known("<tool_call>")) format = hermes();
  if (!format.reasoning.begin.empty()) return format;
  if (known("</think>")) format.reasoning = think();
  if (known("[/THINK]")) format.reasoning = {"[THINK]", "[/THINK]"};
  return format;
}

std::vector<Token> ChatFormat::visible(const Tokenizer& tokenizer) const {
  std::vector<std::string> markers = {reasoning.begin, reasoning.end, answer.begin, answer.end};
  for (const auto* list : {&calls.begins, &calls.ends, &calls.separators})
    markers.insert(markers.end(), list->begin(), list->end());
  std::vector<Token> tokens;
  for (Token token = 0; token < tokenizer.n_vocab(); ++token) {
    const std::string_view text = tokenizer.text_of(token);
    if (text.empty() || !tokenizer.is_control(token) || tokenizer.is_end(token)) continue;
    if (std::ranges::any_of(markers, [&](const std::string& marker) { return holds(marker, text); }))
      tokens.push_back(token);
  }
  return tokens;
}

// GLM begins the next turn of its own accord.
std::vector<Token> ChatFormat::ends(const Tokenizer& tokenizer) const {
  std::vector<Token> tokens;
  if (name != "glm") return tokens;
  for (const char* text : {"<|observation|>", "<|user|>"})
    if (const Token token = tokenizer.find(text); token >= 0) tokens.push_back(token);
  return tokens;
}

bool ChatFormat::opens_reasoning(std::string_view prompt) const {
  const size_t last = prompt.find_last_not_of(" \n\t\r");
  if (reasoning.begin.empty() || last == std::string_view::npos) return false;
  return prompt.substr(0, last + 1).ends_with(reasoning.begin);
}

}  // namespace loam
