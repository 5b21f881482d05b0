// "%d" % x
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "tokenizer/jinja/format_spec.h"
#include "tokenizer/jinja/objects.h"
#include "tokenizer/jinja/print.h"
#include "tokenizer/jinja/text.h"

namespace loam::jinja {
namespace {

class PercentFormatter {
 public:
  PercentFormatter(Interpreter& run, const Value& format, const Value& arguments)
      : run_(run), format_(format.bytes()), markup_(format.markup()), arguments_(arguments), out_(run.heap) {
    tuple_ = arguments.is_list() && arguments.list()->kind != List::Kind::list;
  }

  Value run() {
    run_.heap.charge(format_.size(), Work::search);
    while (at_ < format_.size()) {
      run_.heap.step(2);
      const size_t percent = std::min(format_.find('%', at_), format_.size());
      out_ += format_.substr(at_, percent - at_);
      at_ = percent + 1;
      if (percent < format_.size()) write_field();
    }
    const size_t given = tuple_ ? arguments_.list()->items.size() : 1;
    // What can be subscripted may be left over: Python takes it for a mapping.
    const bool mapping = arguments_.is_dict() || arguments_.is_undefined() || arguments_.as<Range>();
    if (used_ < given && !mapping && !(arguments_.is_list() && !tuple_)) {
      throw Fault{"not all arguments converted during string formatting"};
    }
    return out_.finish(markup_);
  }

 private:
  void write_field() {
    std::optional<Value> value;
    if (peek() == '(') value = read_key();
    Spec spec = read_flags();
    spec.width = read_size(spec);
    if (peek() == '.') {
      ++at_;
      spec.precision = peek() == '*' ? next_size() : read_number(format_, at_);
    }
    while (peek() == 'l' || peek() == 'h' || peek() == 'L') ++at_;
    if (at_ >= format_.size()) throw Fault{"incomplete format"};
    spec.type = format_[at_++];
    if (spec.type == '%') {
      out_ += '%';
      return;
    }
    write_value(spec, value ? *value : next_argument());
  }

  Value read_key() {
    const size_t end = format_.find(')', at_);
    if (end == std::string_view::npos) throw Fault{"incomplete format key"};
    if (!arguments_.is_dict()) throw Fault{"format requires a mapping"};
    const std::string_view key = format_.substr(at_ + 1, end - at_ - 1);
    const Value* found = arguments_.dict()->find(run_.heap, key);
    if (!found) throw Fault{quote(key)};
    at_ = end + 1;
    return *found;
  }

  Spec read_flags() {
    Spec spec;
    bool left = false, zero = false;
    for (;; ++at_) {
      switch (peek()) {
        case '-': left = true; continue;
        case '0': zero = true; continue;
        case '+': spec.sign = '+'; continue;
        case ' ': spec.sign = spec.sign == '+' ? '+' : ' '; continue;
        case '#': spec.alternate = true; continue;
        default: break;
      }
      break;
    }
    spec.align = left ? '<' : zero ? '=' : '>';
    if (zero && !left) spec.fill = "0";
    return spec;
  }

  int64_t read_size(Spec& spec) {
    if (peek() != '*') return read_number(format_, at_);
    const int64_t width = next_size();
    if (width < 0) spec.align = '<';
    return width < 0 ? -width : width;
  }

  int64_t next_size() {
    ++at_;
    const auto size = next_argument().index();
    if (!size || *size > INT32_MAX || *size < -INT32_MAX) throw Fault{"* wants int"};
    return *size;
  }

  Value next_argument() {
    if (!tuple_) {
      if (used_++ > 0) throw Fault{"not enough arguments for format string"};
      return arguments_;
    }
    if (used_ >= arguments_.list()->items.size()) throw Fault{"not enough arguments for format string"};
    return arguments_.list()->items[used_++];
  }

  void write_value(Spec& spec, const Value& value) {
    static constexpr std::string_view kInteger = "diuxXo", kFloat = "fFeEgG";
    if (kInteger.find(spec.type) != std::string_view::npos) {
      const auto number = value.number();
      const bool decimal = spec.type == 'd' || spec.type == 'i' || spec.type == 'u';
      if (value.is_undefined()) throw Fault{value.undefined_message()};
      if (!number || (!decimal && !value.index()) || !(std::abs(*number) < 9.3e18)) {
        throw Fault{fmt::format("%{} format: {} is required, not {}", spec.type,
                                decimal ? "a real number" : "an integer", value.type_name())};
      }
      write_number(spec, format_integer(value.index() ? *value.index() : static_cast<int64_t>(*number), spec));
    } else if (kFloat.find(spec.type) != std::string_view::npos) {
      if (value.is_undefined()) throw Fault{value.undefined_message()};
      if (!value.number()) throw Fault{fmt::format("must be real number, not {}", value.type_name())};
      write_number(spec, format_float(run_.heap, *value.number(), spec));
    } else {
      write_text(spec, value);
    }
  }

  void write_number(const Spec& spec, const std::string& text) {
    append_padded(run_.heap, out_, spec, text, sign_size(text), spec.align);
  }

  void write_text(Spec& spec, const Value& value) {
    std::string text;
    if (spec.type == 's') {
      text = markup_ ? escape_html(run_, value).bytes() : to_text(run_, value);
    } else if (spec.type == 'r' || spec.type == 'a') {
      text = repr(run_, value);
    } else if (spec.type == 'c') {
      text = value.is_text() ? to_text(run_, value) : to_utf8(static_cast<char32_t>(value.index().value_or(0xFFFD)));
    } else {
      throw Fault{fmt::format("unsupported format character '{}' (0x{:x}) at index {}", spec.type,
                              static_cast<unsigned char>(spec.type), at_ - 1)};
    }
    spec.fill = " ";
    append_padded(run_.heap, out_, spec, cut(run_.heap, std::move(text), spec.precision), 0,
                  spec.align == '=' ? '>' : spec.align);
  }

  char peek() const { return at_ < format_.size() ? format_[at_] : '\0'; }

  Interpreter& run_;
  std::string_view format_;
  bool markup_, tuple_;
  const Value& arguments_;
  Builder out_;
  size_t at_ = 0, used_ = 0;
};

}  // namespace

Value format_percent(Interpreter& run, const Value& format, const Value& arguments) {
  return PercentFormatter(run, format, arguments).run();
}

}  // namespace loam::jinja
