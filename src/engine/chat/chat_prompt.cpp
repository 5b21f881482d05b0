#include "engine/chat/chat_prompt.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "base/utf8.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

// Four random characters of a private-use plane: nobody can have written them, no filter changes them.
std::string random_marker() {
  std::random_device random;
  std::string marker;
  for (int i = 0; i < 4; ++i) append_utf8(marker, 0x100000 + random() % 0xFFFD);
  return marker;
}

void set_default(Json& arguments, const char* key, Json value) {
  if (!arguments.contains(key)) arguments[key] = std::move(value);
}

std::string_view without_trailing_space(std::string_view text) {
  const size_t last = text.find_last_not_of(" \t\r\n\f\v");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

ChatPrompt::ChatPrompt(const ChatTemplate& chat_template, const Tokenizer& tokenizer)
    : template_(chat_template), tokenizer_(tokenizer) {
  for (Token token = 0; token < tokenizer.n_vocab(); ++token)
    if (tokenizer.is_control(token) && !tokenizer.text_of(token).empty())
      controls_.push_back({tokenizer.text_of(token), token});
  std::sort(controls_.begin(), controls_.end(), [](const auto& a, const auto& b) { return a.text < b.text; });
}

// Narrows the sorted list by one byte at a time.
ChatPrompt::Match ChatPrompt::match(std::string_view text, size_t begin) const {
  Match found;
  auto low = controls_.begin(), high = controls_.end();
  for (size_t depth = 0;; ++depth) {
    for (; low != high && low->text.size() == depth; ++low) found = {.token = low->token, .length = depth};
    if (low == high) return found;
    if (begin + depth == text.size()) {
      found.open = depth > 0;
      return found;
    }
    const auto byte = static_cast<unsigned char>(text[begin + depth]);
    const auto at = [depth](const ControlToken& c) { return static_cast<unsigned char>(c.text[depth]); };
    low = std::partition_point(low, high, [&](const ControlToken& c) { return at(c) < byte; });
    high = std::partition_point(low, high, [&](const ControlToken& c) { return at(c) == byte; });
  }
}

bool ChatPrompt::protect(std::string& text, const std::string& marker) const {
  const std::string_view trimmed = without_trailing_space(text);  // templates trim, then join
  std::string out;
  size_t copied = 0;
  for (size_t i = 0; i < trimmed.size();) {
    const Match here = match(trimmed, i);
    i += decode_utf8(trimmed, i).bytes;
    if (here.token < 0 && !here.open) continue;
    out.append(text, copied, i - copied).append(marker);
    copied = i;
  }
  if (copied == 0) return false;
  out.append(text, copied);
  text = std::move(out);
  return true;
}

bool ChatPrompt::protect(Json& value, const std::string& marker) const {
  if (value.is_string()) return protect(value.get_ref<std::string&>(), marker);
  bool changed = false;
  if (value.is_array())
    for (Json& item : value) changed |= protect(item, marker);
  if (!value.is_object()) return changed;
  Json object = Json::object();
  for (auto& [key, item] : value.items()) {
    std::string name = key;
    changed |= protect(name, marker);
    changed |= protect(item, marker);
    object[name] = std::move(item);
  }
  value = std::move(object);
  return changed;
}

ChatPrompt::Marked ChatPrompt::remove_markers(const std::string& text, const std::string& marker) {
  Marked out;
  size_t begin = 0;
  for (size_t at; (at = text.find(marker, begin)) != std::string::npos; begin = at + marker.size()) {
    out.text.append(text, begin, at - begin);
    out.positions.push_back(out.text.size());
  }
  out.text.append(text, begin);
  return out;
}

std::vector<Token> ChatPrompt::tokens_of(const Marked& prompt) const {
  const std::string_view text = prompt.text;
  std::vector<Token> tokens;
  size_t begin = 0;  // of the ordinary text not yet encoded
  const auto flush = [&](size_t end) {
    if (end == begin) return;
    const auto part = tokenizer_.encode(text.substr(begin, end - begin));
    tokens.insert(tokens.end(), part.begin(), part.end());
  };
  auto marked = prompt.positions.begin();
  for (size_t i = 0; i < text.size();) {
    const Match here = match(text, i);
    while (marked != prompt.positions.end() && *marked <= i) ++marked;
    const bool written = marked != prompt.positions.end() && *marked <= i + here.length;
    if (here.token < 0 || written) {
      ++i;
      continue;
    }
    flush(i);
    tokens.push_back(here.token);
    begin = i += here.length;
  }
  flush(text.size());
  return tokens;
}

std::vector<Token> ChatPrompt::encode(Json arguments, const std::function<void(Json&)>& adapt) const {
  const std::string marker = random_marker();
  for (auto& [key, value] : arguments.items())
    if (!key.ends_with("_token")) protect(value, marker);
  if (adapt) adapt(arguments);
  set_default(arguments, "add_generation_prompt", true);
  if (tokenizer_.bos() >= 0) set_default(arguments, "bos_token", tokenizer_.text_of(tokenizer_.bos()));
  if (tokenizer_.eos() >= 0) set_default(arguments, "eos_token", tokenizer_.text_of(tokenizer_.eos()));

  std::vector<Token> tokens = tokens_of(remove_markers(template_.render(arguments), marker));
  if (tokenizer_.adds_bos() && (tokens.empty() || tokens[0] != tokenizer_.bos()))
    tokens.insert(tokens.begin(), tokenizer_.bos());
  return tokens;
}

}  // namespace loam
