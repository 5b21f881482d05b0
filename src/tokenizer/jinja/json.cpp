// json.dumps(), for the filter tojson.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "tokenizer/jinja/interpreter.h"
#include "tokenizer/jinja/print.h"

namespace loam::jinja {
namespace {

class JsonWriter {
 public:
  JsonWriter(Interpreter& run, const JsonStyle& style) : run_(run), style_(style), out_(run.heap) {}

  void write(const Value& value, int level) {
    run_.heap.step();
    if (value.is_list()) return write_list(*value.list(), level);
    if (value.is_dict()) return write_dict(*value.dict(), level);
    if (value.is_text()) return write_text(value.bytes());
    out_ += scalar(value);
  }
  Value finish() { return out_.finish(); }

 private:
  std::string scalar(const Value& value) {
    if (value.is_none()) return "null";
    if (value.is_bool()) return value.boolean() ? "true" : "false";
    if (value.is_integer()) return std::to_string(value.integer());
    if (!value.is_float()) {
      throw Fault{fmt::format("Object of type {} is not JSON serializable", value.type_name())};
    }
    if (std::isnan(value.real())) return "NaN";
    if (std::isinf(value.real())) return value.real() > 0 ? "Infinity" : "-Infinity";
    run_.heap.step(2);
    return float_repr(value.real());
  }

  std::string key_text(const Value& key) {
    if (key.is_text()) return to_text(run_, key);
    if (key.is_none() || key.is_number()) return scalar(key);
    throw Fault{fmt::format("keys must be str, int, float, bool or None, not {}", key.type_name())};
  }

  void new_line(int level) {
    if (!style_.indent) return;
    out_ += '\n';
    out_.repeat(*style_.indent, level);
  }

  void write_list(const List& list, int level) {
    out_ += '[';
    for (size_t i = 0; i < list.items.size(); ++i) {
      if (i > 0) out_ += style_.item_separator;
      new_line(level + 1);
      write(list.items[i], level + 1);
    }
    if (!list.items.empty()) new_line(level);
    out_ += ']';
  }

  void write_dict(const Dict& dict, int level) {
    std::vector<const Dict::Entry*> entries;
    run_.heap.charge(dict.size() * sizeof(entries[0]), Work::copy);
    for (const Dict::Entry& entry : dict.entries()) entries.push_back(&entry);
    if (style_.sort_keys) {
      std::stable_sort(entries.begin(), entries.end(), [this](const auto* a, const auto* b) {
        return compare(run_.heap, a->first, b->first, "<") == -1;
      });
    }
    out_ += '{';
    for (size_t i = 0; i < entries.size(); ++i) {
      if (i > 0) out_ += style_.item_separator;
      new_line(level + 1);
      write_text(key_text(entries[i]->first));
      out_ += style_.key_separator;
      write(entries[i]->second, level + 1);
    }
    if (!entries.empty()) new_line(level);
    out_ += '}';
  }

  void write_text(std::string_view text) {
    run_.heap.charge(text.size(), Work::decode);
    out_ += '"';
    for (size_t i = 0; i < text.size();) {
      const CodePoint c = decode_utf8(text, i);
      write_code_point(c.value, text.substr(i, static_cast<size_t>(c.bytes)));
      i += static_cast<size_t>(c.bytes);
    }
    out_ += '"';
  }

  void write_code_point(char32_t c, std::string_view bytes) {
    static constexpr std::string_view kEscaped = "\"\\\n\r\t\f\b", kLetters = "\"\\nrtfb";
    const size_t k = c < 0x80 ? kEscaped.find(static_cast<char>(c)) : std::string_view::npos;
    if (k != std::string_view::npos) {
      out_ += '\\';
      out_ += kLetters[k];
    } else if (c < 0x20 || (style_.ensure_ascii && c > 0x7E && c != 0x7F)) {
      write_escape(static_cast<uint32_t>(c));
    } else {
      out_ += bytes;
    }
  }

  void write_escape(uint32_t c) {
    run_.heap.step();
    std::string escaped;
    if (c < 0x10000) {
      append_hex(escaped, "\\u", c, 4);
    } else {  // a surrogate pair
      append_hex(escaped, "\\u", 0xD800 + ((c - 0x10000) >> 10), 4);
      append_hex(escaped, "\\u", 0xDC00 + (c & 0x3FF), 4);
    }
    out_ += escaped;
  }

  Interpreter& run_;
  const JsonStyle& style_;
  Builder out_;
};

}  // namespace

Value to_json(Interpreter& run, const Value& value, const JsonStyle& style) {
  JsonWriter writer(run, style);
  writer.write(value, 0);
  return writer.finish();
}

}  // namespace loam::jinja
