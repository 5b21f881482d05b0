// "{:>10}".format(x)
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "tokenizer/jinja/format_spec.h"
#include "tokenizer/jinja/interpreter.h"
#include "tokenizer/jinja/print.h"
#include "tokenizer/jinja/text.h"

namespace loam::jinja {
namespace {

// [[fill]align][sign][#][0][width][grouping][.precision][type]
Spec parse_spec(std::string_view text) {
  Spec spec;
  size_t i = 0;
  const auto at = [&](size_t k) { return k < text.size() ? text[k] : '\0'; };
  const auto is_align = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
  const size_t fill = text.empty() ? 0 : static_cast<size_t>(decode_utf8(text, 0).bytes);
  if (is_align(at(fill)) && fill > 0) {
    spec.fill = text.substr(0, fill);
    spec.align = text[fill];
    i = fill + 1;
  } else if (is_align(at(0))) {
    spec.align = text[i++];
  }
  if (at(i) == '+' || at(i) == '-' || at(i) == ' ') spec.sign = text[i++];
  if (at(i) == '#') spec.alternate = ++i > 0;
  if (at(i) == '0') {
    if (!spec.align) spec.fill = "0", spec.align = '=';
    ++i;
  }
  spec.width = read_number(text, i);
  if (at(i) == ',' || at(i) == '_') spec.grouping = text[i++];
  if (at(i) == '.') spec.precision = read_number(text, ++i);
  if (i < text.size()) spec.type = text[i++];
  if (i < text.size()) throw Fault{"Invalid format specifier"};
  return spec;
}

void append_formatted(Interpreter& run, Builder& out, const Value& value, std::string_view spec_text) {
  const Spec spec = parse_spec(spec_text);
  if (value.is_number() && !(value.is_bool() && spec_text.empty()) && spec.type != 's') {
    static constexpr std::string_view kTypes = "bdoxXnfFeEgG%";
    if (spec.type && kTypes.find(spec.type) == std::string_view::npos) {
      throw Fault{fmt::format("Unknown format code '{}' for object of type '{}'", spec.type, value.type_name())};
    }
    const bool real = value.is_float() || std::string_view("fFeEgG%").find(spec.type) != std::string_view::npos;
    const bool as_float = real && (spec.type || value.is_float());
    const std::string text =
        as_float ? format_float(run.heap, *value.number(), spec) : format_integer(*value.index(), spec);
    append_padded(run.heap, out, spec, text, sign_size(text), spec.align ? spec.align : '>');
    return;
  }
  if (spec.type && spec.type != 's') {
    throw Fault{fmt::format("Unknown format code '{}' for object of type '{}'", spec.type, value.type_name())};
  }
  const bool plain = value.is_text() || value.is_bool() || spec_text.empty();
  if (!plain) throw Fault{fmt::format("unsupported format string passed to {}.__format__", value.type_name())};
  if (spec.align == '=' && spec.fill != "0") throw Fault{"'=' alignment not allowed in string format specifier"};
  append_padded(run.heap, out, spec, cut(run.heap, to_text(run, value), spec.precision), 0,
                spec.align && spec.align != '=' ? spec.align : '<');
}

class BraceFormatter {
 public:
  BraceFormatter(Interpreter& run, Arguments arguments, bool markup)
      : run_(run), arguments_(std::move(arguments)), markup_(markup) {}

  void write(Builder& out, std::string_view format, int depth) {
    if (depth > 2) throw Fault{"Max string recursion exceeded"};
    run_.heap.charge(format.size(), Work::decode);
    for (size_t i = 0; i < format.size(); ++i) {
      const char c = format[i];
      const bool doubled = i + 1 < format.size() && format[i + 1] == c;
      if ((c == '{' || c == '}') && doubled) ++i;
      if (c == '}' && !doubled) throw Fault{"Single '}' encountered in format string"};
      if (c != '{' || doubled) {
        out += c;
        continue;
      }
      const size_t end = matching_brace(format, i);
      write_field(out, format.substr(i + 1, end - i - 1), depth);
      i = end;
    }
  }

 private:
  static size_t matching_brace(std::string_view format, size_t i) {
    int open = 0;
    for (; i < format.size(); ++i) {
      if (format[i] == '{') ++open;
      if (format[i] == '}' && --open == 0) return i;
    }
    throw Fault{"expected '}' before end of string"};
  }

  // name[.attribute|[key]]…[!conversion][:spec]
  void write_field(Builder& out, std::string_view field, int depth) {
    run_.heap.step(4);
    const size_t colon = std::min(field.find(':'), field.size());
    std::string_view name = field.substr(0, colon);
    const size_t mark = std::min(name.find('!'), name.size());
    const std::string_view conversion = name.substr(mark);
    Value value = resolve(name.substr(0, mark));
    if (conversion == "!r" || conversion == "!a") {
      value = run_.heap.text(repr(run_, value));
    } else if (conversion == "!s") {
      value = run_.heap.text(to_text(run_, value));
    } else if (!conversion.empty()) {
      throw Fault{"Unknown conversion specifier"};
    }
    Builder spec(run_.heap), text(run_.heap);
    if (colon < field.size()) write(spec, field.substr(colon + 1), depth + 1);
    append_formatted(run_, text, value, spec.take());
    out += markup_ && !value.markup() ? escape_html(run_.heap, text.take()) : text.take();
  }

  Value resolve(std::string_view name) {
    const size_t end = std::min(name.find_first_of(".["), name.size());
    Value value = first(name.substr(0, end));
    for (size_t i = end; i < name.size();) {
      const bool item = name[i] == '[';
      const size_t stop = item ? name.find(']', i) : std::min(name.find_first_of(".[", i + 1), name.size());
      if (stop == std::string_view::npos) throw Fault{"Missing ']' in format string"};
      const std::string_view part = name.substr(i + 1, stop - i - 1);
      if (part.empty()) throw Fault{"Empty attribute in format string"};
      value = !item ? attribute(run_, value, part) : element(run_, value, key(part));
      i = stop + (item ? 1 : 0);
    }
    return value;
  }

  Value key(std::string_view part) {
    size_t i = 0;
    const bool number = all_are(run_.heap, part, CharacterClass::decimal);
    return number ? Value(read_number(part, i)) : run_.heap.text(std::string(part));
  }

  Value first(std::string_view name) {
    if (!name.empty() && !all_are(run_.heap, name, CharacterClass::decimal)) {
      run_.heap.charge(arguments_.keyword.size() * (sizeof(Value) + name.size()), Work::copy);
      for (const auto& [key, value] : arguments_.keyword) {
        if (key == name) return value;
      }
      throw Fault{quote(name)};
    }
    size_t at = 0;
    const auto i = static_cast<size_t>(name.empty() ? next_++ : read_number(name, at));
    if (i >= arguments_.positional.size()) {
      throw Fault{"tuple index out of range"};
    }
    return arguments_.positional[i];
  }

  Interpreter& run_;
  Arguments arguments_;
  bool markup_;
  int64_t next_ = 0;
};

}  // namespace

Value format_braces(Interpreter& run, const Value& format, Arguments arguments) {
  Builder out(run.heap);
  BraceFormatter(run, std::move(arguments), format.markup()).write(out, format.bytes(), 1);
  return out.finish(format.markup());
}

}  // namespace loam::jinja
