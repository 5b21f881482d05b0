#include "engine/chat/output_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

#include "engine/chat/json_scanner.h"

namespace loam {
namespace {

using Kind = ChatDelta::Kind;

std::string random_call_id() {
  constexpr std::string_view kCharacters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  thread_local std::mt19937_64 random{std::random_device{}()};
  std::uniform_int_distribution<size_t> any(0, kCharacters.size() - 1);
  std::string id = "call_";
  for (int i = 0; i < 24; ++i) id += kCharacters[any(random)];
  return id;
}

}  // namespace

void OutputWriter::append(Kind kind, std::string_view text, int index) {
  if (text.empty()) return;
  if (deltas_.empty() || deltas_.back().kind != kind || deltas_.back().index != index)
    deltas_.push_back({.kind = kind, .index = index});
  deltas_.back().text += text;
}

void OutputWriter::text(Kind kind, char c) {
  if (c == '\n') line_start_ = true;
  space_kind_ = kind;
  if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
    space_ += c;
    return;
  }
  bool& has_text = kind == Kind::reasoning ? has_reasoning_ : has_content_;
  if (after_boundary_) widen_gap();
  if (!after_boundary_) append(kind, space_);
  if (after_boundary_ && has_text) append(kind, gap_.empty() ? "\n\n" : gap_);
  append(kind, std::string_view(&c, 1));
  space_.clear();
  gap_.clear();
  has_text = true;
  fresh_ = after_boundary_ = line_start_ = false;
}

void OutputWriter::widen_gap() {
  const auto lines = [](const std::string& space) { return std::ranges::count(space, '\n'); };
  if (!space_.empty() && lines(space_) >= lines(gap_)) gap_ = space_;
  space_.clear();
}

void OutputWriter::text(Kind kind, std::string_view text) {
  for (const char c : text) this->text(kind, c);
}

void OutputWriter::boundary() {
  widen_gap();
  fresh_ = after_boundary_ = line_start_ = true;
}

void OutputWriter::calls(const std::vector<ParsedCall>& calls) {
  for (const ParsedCall& call : calls) {
    if (may_call()) {
      arguments(begin_call(call.name), call.arguments);
      end_call();
      continue;
    }
    warning("only one tool call was allowed: another one is part of the text");
    text(Kind::content, fmt::format(R"({{"name": {}, "arguments": {}}})", json_quoted(call.name), call.arguments));
  }
}

int OutputWriter::begin_call(const std::string& name) {
  in_call_ = true;
  deltas_.push_back({.kind = Kind::call, .index = n_calls_, .id = random_call_id(), .name = name});
  return n_calls_++;
}

void OutputWriter::arguments(int index, std::string_view text) { append(Kind::arguments, text, index); }

void OutputWriter::warning(std::string text) { deltas_.push_back({.kind = Kind::warning, .text = std::move(text)}); }

void OutputWriter::finish() {
  if (!after_boundary_) append(space_kind_, space_);
  space_.clear();
}

std::vector<ChatDelta> OutputWriter::take() { return std::exchange(deltas_, {}); }

}  // namespace loam
