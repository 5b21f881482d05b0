// Calls with each argument between tags: <function=get_weather><parameter=city>Seoul</parameter></function>.
#include <fmt/format.h>

#include <utility>

#include "engine/chat/call_reader.h"
#include "engine/chat/json_scanner.h"
#include "engine/chat/python_values.h"

namespace loam {
namespace {

constexpr std::string_view kSpace = " \n\t\r";
constexpr size_t kMaxNameBytes = 256;

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

unsigned type_of_json(std::string_view json) {
  switch (json[0]) {
    case '{': return kJsonObject;
    case '[': return kJsonArray;
    case '"': return kJsonString;
    case 't':
    case 'f': return kJsonBoolean;
    case 'n': return kJsonNull;
    default: break;
  }
  return json.find_first_of(".eE") == std::string_view::npos ? kJsonInteger : kJsonNumber;
}

// Without types nobody can tell "5" from 5: what may be something other than text, is. Templates that print values with
// Python's str teach the models to write True and {'a': 1}.
std::string json_value(std::string_view text, unsigned types) {
  const std::string_view value = trimmed(text);
  if (!value.empty() && types != kJsonString) {
    if (is_json(value)) {
      const unsigned type = type_of_json(value);
      if (type != kJsonString && (type & types)) return std::string(value);
    } else if (const auto json = python_to_json(value)) {
      const unsigned type = type_of_json(*json);
      if (type != kJsonString && (type & types)) return *json;
    }
  }
  return json_quoted(text);
}

// The markers are those of CallText without the white space around them, which models leave out or add.
class TaggedCallReader final : public CallReader {
 public:
  TaggedCallReader(const CallSyntax& syntax, const ToolSet& tools, std::string_view marker)
      : tools_(tools),
        json_(make_json_call_reader(syntax, tools, nullptr)),
        name_end_(trimmed(syntax.text.arguments)),
        key_begin_(trimmed(syntax.text.key_begin)),
        value_begin_(trimmed(syntax.text.value_begin)),
        value_end_(trimmed(syntax.text.value_end)),
        call_end_(trimmed(syntax.text.call_end)) {
    const std::string_view begin = syntax.text.call_begin;  // "<tool_call>\n<function=": one of its tags is the marker
    name_begin_ = trimmed(begin.substr(begin.find(marker) + marker.size()));
    call_end_ = call_end_.substr(0, call_end_.find('>') + 1);
  }

  Status push(char c) override {
    switch (state_) {
      case State::begin: return push_begin(c);
      case State::json: return push_json(c);
      case State::name: return push_name(c);
      case State::next: return push_next(c);
      case State::key: return push_key(c);
      case State::value: return push_value(c);
      case State::behind_value: return push_behind_value(c);
    }
    return Status::failed;
  }

 private:
  enum class State { begin, json, name, next, key, value, behind_value };

  // White space and, where the marker did not say it, the tag that holds the name; or JSON as other models write it.
  Status push_begin(char c) {
    if (is_space(c) && held_.empty()) return Status::more;
    if (held_.empty() && (c == '{' || c == '[')) {
      state_ = State::json;
      return push_json(c);
    }
    if (name_begin_.empty()) {
      state_ = State::name;
      return push_name(c);
    }
    held_ += c;
    if (!name_begin_.starts_with(held_)) return fail("no call follows the marker");
    if (held_ == name_begin_) {
      held_.clear();
      state_ = State::name;
    }
    return Status::more;
  }

  Status push_json(char c) {
    const Status status = json_->push(c);
    if (status == Status::failed) return fail(json_->reason());
    if (status == Status::complete) calls_ = json_->calls();
    return status;
  }

  // Ends with a tag's ">", or where the name stands alone, with the line or the next tag.
  Status push_name(char c) {
    const bool alone = name_end_.empty();
    const bool ends = alone ? is_space(c) || c == '<' : c == name_end_[0];
    if (!ends) return (name_ += c).size() <= kMaxNameBytes ? Status::more : fail("it names no tool");
    tool_ = tools_.find(trimmed(name_));
    if (!tool_) return fail(fmt::format("there is no tool \"{}\"", name_));
    state_ = State::next;
    return alone && c == '<' ? push_next(c) : Status::more;
  }

  // White space, then the next argument or the end.
  Status push_next(char c) {
    if (is_space(c) && held_.empty()) return Status::more;
    held_ += c;
    if (held_ == call_end_) return complete();
    if (held_ == key_begin_) {
      held_.clear();
      key_.clear();
      state_ = State::key;
      return Status::more;
    }
    return call_end_.starts_with(held_) || key_begin_.starts_with(held_) ? Status::more : fail("its tags are broken");
  }

  // "city>" or "city</arg_key>\n<arg_value>": up to what begins the value, with any white space within that.
  Status push_key(char c) {
    key_ += c;
    if (key_.size() > kMaxNameBytes) return fail("the name of an argument has no end");
    if (!key_.ends_with(value_begin_tail())) return Status::more;
    const size_t end = key_.find(value_begin_.substr(0, value_begin_.find('>') + 1));
    if (end == std::string::npos) return fail("its tags are broken");
    key_ = trimmed(std::string_view(key_).substr(0, end));
    value_.clear();
    state_ = State::value;
    return Status::more;
  }
  std::string_view value_begin_tail() const {
    const size_t begin = value_begin_.rfind('<');
    return begin == std::string::npos ? value_begin_ : std::string_view(value_begin_).substr(begin);
  }

  Status push_value(char c) {
    value_ += c;
    if (value_.ends_with(value_end_)) state_ = State::behind_value;
    return Status::more;
  }

  // Only what goes on with another argument or the end has ended a value: its text may hold the closing tag.
  Status push_behind_value(char c) {
    behind_ += c;
    if (is_space(c) && held_.empty()) return Status::more;
    held_ += c;
    if (held_ == key_begin_ || held_ == call_end_) return end_value();
    if (key_begin_.starts_with(held_) || call_end_.starts_with(held_)) return Status::more;
    held_.clear();
    state_ = State::value;
    for (const char b : std::exchange(behind_, {})) push(b);
    return Status::more;
  }

  Status end_value() {
    add_argument();
    behind_.clear();
    key_.clear();
    state_ = State::key;
    return std::exchange(held_, {}) == call_end_ ? complete() : Status::more;
  }

  void add_argument() {
    std::string_view value = std::string_view(value_).substr(0, value_.size() - value_end_.size());
    if (value.starts_with('\n')) value.remove_prefix(1);  // the template's own line breaks
    if (value.ends_with('\n')) value.remove_suffix(1);
    const auto types = tool_->types.find(key_);
    arguments_ += (arguments_.empty() ? "" : ", ") + json_quoted(key_) + ": " +
                  json_value(value, types == tool_->types.end() ? kJsonAny : types->second);
  }

  Status complete() {
    calls_.push_back({tool_->name, "{" + arguments_ + "}"});
    return Status::complete;
  }

  const ToolSet& tools_;
  const Tool* tool_ = nullptr;
  const std::unique_ptr<CallReader> json_;
  std::string name_begin_, name_end_, key_begin_, value_begin_, value_end_, call_end_;
  State state_ = State::begin;
  std::string name_, held_, key_, value_, behind_, arguments_;
};

}  // namespace

std::unique_ptr<CallReader> make_tagged_call_reader(const CallSyntax& syntax, const ToolSet& tools,
                                                    std::string_view marker) {
  return std::make_unique<TaggedCallReader>(syntax, tools, marker);
}

}  // namespace loam
