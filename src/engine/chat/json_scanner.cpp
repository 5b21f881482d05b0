#include "engine/chat/json_scanner.h"

#include <nlohmann/json.hpp>

namespace loam {
namespace {

// What numbers, true, false and null consist of.
bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' || c == 'E';
}

size_t skip_space(std::string_view text, size_t i) {
  while (i < text.size() && is_space(text[i])) ++i;
  return i;
}

// The end of the string that begins at text[i], or of the value.
size_t string_end(std::string_view text, size_t i) {
  for (++i; text[i] != '"'; ++i)
    if (text[i] == '\\') ++i;
  return i + 1;
}

size_t value_end(std::string_view text, size_t i) {
  int depth = 0;
  do {
    if (text[i] == '"') {
      i = string_end(text, i);
      continue;
    }
    if (text[i] == '{' || text[i] == '[') ++depth;
    if (text[i] == '}' || text[i] == ']') --depth;
    ++i;
    if (depth == 0 && is_word(text[i - 1]))
      while (i < text.size() && is_word(text[i])) ++i;
  } while (depth > 0);
  return i;
}

}  // namespace

JsonScanner::Status JsonScanner::push_in_string(char c) {
  if (escaped_) {
    escaped_ = false;
  } else if (c == '\\') {
    escaped_ = true;
  } else if (c == '"') {
    in_string_ = false;
  }
  return Status::more;
}

JsonScanner::Status JsonScanner::open(char c) {
  const bool value = expected_ == Expected::value || expected_ == Expected::value_or_end;
  if (!value || open_.size() == kMaxDepth) return Status::invalid;
  open_ += c;
  expected_ = c == '{' ? Expected::key_or_end : Expected::value_or_end;
  return Status::more;
}

JsonScanner::Status JsonScanner::close(char c) {
  const bool object = c == '}';
  const bool may_end =
      expected_ == Expected::comma_or_end || expected_ == (object ? Expected::key_or_end : Expected::value_or_end);
  if (open_.empty() || (open_.back() == '{') != object || !may_end) return Status::invalid;
  open_.pop_back();
  expected_ = Expected::comma_or_end;
  return open_.empty() ? Status::complete : Status::more;
}

JsonScanner::Status JsonScanner::begin_string() {
  const bool key = expected_ == Expected::key || expected_ == Expected::key_or_end;
  const bool value = expected_ == Expected::value || expected_ == Expected::value_or_end;
  if (open_.empty() || (!key && !value)) return Status::invalid;
  in_string_ = true;
  expected_ = key ? Expected::colon : Expected::comma_or_end;
  return Status::more;
}

JsonScanner::Status JsonScanner::follow(char c, Expected next) {
  if (expected_ != (c == ':' ? Expected::colon : Expected::comma_or_end)) return Status::invalid;
  expected_ = next;
  return Status::more;
}

JsonScanner::Status JsonScanner::push(char c) {
  if (in_string_) return push_in_string(c);
  if (in_word_ && is_word(c)) return Status::more;
  in_word_ = false;
  switch (c) {
    case ' ':
    case '\n':
    case '\t':
    case '\r': return Status::more;
    case '{':
    case '[': return open(c);
    case '}':
    case ']': return close(c);
    case '"': return begin_string();
    case ':': return follow(c, Expected::value);
    case ',': return open_.empty() ? Status::invalid : follow(c, open_.back() == '{' ? Expected::key : Expected::value);
    default: break;
  }
  const bool value = expected_ == Expected::value || expected_ == Expected::value_or_end;
  if (open_.empty() || !value || !is_word(c)) return Status::invalid;
  in_word_ = true;
  expected_ = Expected::comma_or_end;
  return Status::more;
}

std::vector<std::pair<std::string, std::string_view>> json_members(std::string_view object) {
  std::vector<std::pair<std::string, std::string_view>> members;
  for (size_t i = skip_space(object, object.find('{') + 1); object[i] != '}';) {
    const size_t key_end = string_end(object, i);
    std::string key = json_unquoted(object.substr(i, key_end - i));
    const size_t begin = skip_space(object, skip_space(object, key_end) + 1);
    const size_t end = value_end(object, begin);
    members.emplace_back(std::move(key), object.substr(begin, end - begin));
    i = skip_space(object, end);
    if (object[i] == ',') i = skip_space(object, i + 1);
  }
  return members;
}

std::vector<std::string_view> json_elements(std::string_view array) {
  std::vector<std::string_view> elements;
  for (size_t i = skip_space(array, array.find('[') + 1); array[i] != ']';) {
    const size_t end = value_end(array, i);
    elements.push_back(array.substr(i, end - i));
    i = skip_space(array, end);
    if (array[i] == ',') i = skip_space(array, i + 1);
  }
  return elements;
}

std::string json_unquoted(std::string_view text) { return nlohmann::json::parse(text).get<std::string>(); }

std::string json_quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The library takes a NUL for the end, whatever follows it.
bool is_json(std::string_view text) {
  return text.find('\0') == std::string_view::npos && nlohmann::json::accept(text);
}

}  // namespace loam
