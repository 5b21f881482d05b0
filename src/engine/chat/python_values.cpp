#include "engine/chat/python_values.h"

#include "base/utf8.h"
#include "engine/chat/json_scanner.h"

namespace loam {
namespace {

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

// Recursive descent; every function leaves `position_` behind what it read, or returns false.
class PythonReader {
 public:
  explicit PythonReader(std::string_view text) : text_(text) {}

  bool value(std::string& json) {
    skip_space();
    if (position_ == text_.size() || ++depth_ > kMaxDepth) return false;
    const char c = text_[position_];
    const bool read = c == '\'' || c == '"' ? string(json)
                      : c == '['            ? list(json, '[', ']')
                      : c == '('            ? list(json, '(', ')')
                      : c == '{'            ? dictionary(json)
                                            : word(json);
    --depth_;
    return read;
  }

  bool call(PythonCall& call) {
    skip_space();
    call.name = name();
    if (call.name.empty() || !take('(')) return false;
    if (take(')')) return true;
    do {
      skip_space();
      auto& [key, json] = call.arguments.emplace_back(name(), std::string());
      if (key.empty() || !take('=') || !value(json)) return false;
    } while (take(','));
    return take(')');
  }

  bool take(char c) {
    skip_space();
    if (position_ == text_.size() || text_[position_] != c) return false;
    ++position_;
    return true;
  }

  bool at_end() {
    skip_space();
    return position_ == text_.size();
  }

 private:
  static constexpr int kMaxDepth = 64;

  void skip_space() {
    while (position_ < text_.size() && std::string_view(" \t\r\n").find(text_[position_]) != std::string_view::npos)
      ++position_;
  }

  std::string name() {
    const size_t begin = position_;
    while (position_ < text_.size() && is_name_byte(text_[position_])) ++position_;
    return std::string(text_.substr(begin, position_ - begin));
  }

  bool list(std::string& json, char open, char close) {
    json += '[';
    if (!take(open)) return false;
    for (bool first = true; !take(close); first = false) {
      if (!first && !take(',')) return false;
      if (!first && take(close)) break;
      if (!first) json += ", ";
      if (!value(json)) return false;
    }
    json += ']';
    return true;
  }

  bool dictionary(std::string& json) {
    json += '{';
    if (!take('{')) return false;
    for (bool first = true; !take('}'); first = false) {
      if (!first && !take(',')) return false;
      if (!first && take('}')) break;
      if (!first) json += ", ";
      skip_space();
      if (position_ == text_.size() || (text_[position_] != '"' && text_[position_] != '\'')) return false;
      if (!string(json) || !take(':')) return false;
      json += ": ";
      if (!value(json)) return false;
    }
    json += '}';
    return true;
  }

  bool string(std::string& json) {
    const char quote = text_[position_++];
    std::string out;
    while (position_ < text_.size() && text_[position_] != quote) {
      const char c = text_[position_++];
      if (c != '\\') {
        out += c;
      } else if (position_ == text_.size() || !escape(out)) {
        return false;
      }
    }
    if (position_ == text_.size()) return false;
    ++position_;
    json += json_quoted(out);
    return true;
  }

  bool escape(std::string& out) {
    const char c = text_[position_++];
    switch (c) {
      case 'n': out += '\n'; return true;
      case 't': out += '\t'; return true;
      case 'r': out += '\r'; return true;
      case '\n': return true;
      case 'x': return code(out, 2);
      case 'u': return code(out, 4);
      case 'U': return code(out, 8);
      default: break;
    }
    if (c != '\\' && c != '\'' && c != '"') out += '\\';  // as Python leaves it
    out += c;
    return true;
  }

  bool code(std::string& out, size_t digits) {
    if (text_.size() - position_ < digits) return false;
    char32_t value = 0;
    for (size_t i = 0; i < digits; ++i) {
      const size_t digit = std::string_view("0123456789abcdef").find(static_cast<char>(text_[position_++] | 0x20));
      if (digit == std::string_view::npos) return false;
      value = value * 16 + static_cast<char32_t>(digit);
    }
    append_utf8(out, value > 0x10FFFF || (value >= 0xD800 && value < 0xE000) ? kReplacement : value);
    return true;
  }

  // A number, or a word that stands for a value.
  bool word(std::string& json) {
    const size_t begin = position_;
    if (text_[position_] == '-' || text_[position_] == '+') ++position_;
    name();
    // "1e+5": the sign of an exponent is part of the number.
    if (position_ < text_.size() && text_[position_] == '+' && (text_[position_ - 1] | 0x20) == 'e') {
      ++position_;
      name();
    }
    const std::string_view text = text_.substr(begin, position_ - begin);
    const std::string_view value = text == "True" ? "true" : text == "False" ? "false" : text == "None" ? "null" : text;
    json += value;
    return is_json(value);
  }

  std::string_view text_;
  size_t position_ = 0;
  int depth_ = 0;
};

}  // namespace

std::optional<std::string> python_to_json(std::string_view literal) {
  PythonReader reader(literal);
  std::string json;
  if (!reader.value(json) || !reader.at_end()) return std::nullopt;
  return json;
}

std::optional<std::vector<PythonCall>> read_python_calls(std::string_view text) {
  PythonReader reader(text);
  std::vector<PythonCall> calls;
  const bool list = reader.take('[');
  do {
    if (!reader.call(calls.emplace_back())) return std::nullopt;
  } while (list && reader.take(','));
  if ((list && !reader.take(']')) || !reader.at_end()) return std::nullopt;
  return calls;
}

}  // namespace loam
