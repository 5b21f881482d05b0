#include "tokenizer/jinja/heap.h"

#include <fmt/format.h>

#include <algorithm>

namespace loam::jinja {

void Heap::out_of_steps() const { throw Fault{fmt::format("the template needs more than {} steps", limits_.steps)}; }

void Heap::check_size(size_t bytes) const {
  if (bytes > static_cast<size_t>(limits_.output_bytes)) {
    throw Fault{fmt::format("size: a text of more than {} bytes", limits_.output_bytes)};
  }
}

void Heap::check_depth(int depth) const {
  if (depth > limits_.depth) throw Fault{fmt::format("depth: nesting of more than {} levels", limits_.depth)};
}

Value Heap::text(std::string bytes, bool markup) {
  check_size(bytes.size());
  allocate(sizeof(Text) + bytes.size());
  unsigned char any = 0;  // no early end: the loop is one of vector instructions
  for (const char c : bytes) any |= static_cast<unsigned char>(c);
  const bool ascii = any < 0x80;
  return TextPtr(std::make_shared<const Text>(Text{std::move(bytes), ascii, markup}));
}

Value Heap::list(std::vector<Value> items, List::Kind kind) {
  allocate(sizeof(List) + items.size() * sizeof(Value));
  List list{std::move(items), kind, 1};
  for (const Value& item : list.items) list.depth = std::max(list.depth, 1 + item.depth());
  check_depth(list.depth);
  return ListPtr(std::make_shared<const List>(std::move(list)));
}

Value Heap::dict(Dict dict) {
  allocate(sizeof(Dict));  // its entries were charged as they came
  check_depth(dict.depth());
  return DictPtr(std::make_shared<const Dict>(std::move(dict)));
}

Value Heap::undefined(std::string message) {
  allocate(message.size());
  charge(message.size(), Work::decode);  // to write it
  return Value::undefined(std::move(message));
}

void Builder::repeat(std::string_view part, int64_t times) {
  if (times <= 0 || part.empty()) return;
  const auto room = static_cast<size_t>(heap_.limits().output_bytes) / part.size();
  if (static_cast<uint64_t>(times) > room) heap_.check_size(SIZE_MAX);
  const size_t bytes = part.size() * static_cast<size_t>(times);
  heap_.check_size(out_.size() + bytes);
  heap_.charge(bytes, part.size() < 16 ? Work::search : Work::copy);
  if (part.size() == 1) {
    out_.append(bytes, part[0]);
    return;
  }
  for (int64_t i = 0; i < times; ++i) out_ += part;
}

}  // namespace loam::jinja
