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

void Heap::allocate(size_t bytes) {
  allocated_ += bytes;
  const size_t limit = kAllocationFactor * static_cast<size_t>(limits_.output_bytes);
  if (allocated_ > limit) throw Fault{fmt::format("size: values of more than {} bytes in total", limit)};
}

Value Heap::text(std::string bytes, bool markup) {
  check_size(bytes.size());
  allocate(sizeof(Text) + bytes.size());
  const bool ascii = std::all_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
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
  static constexpr size_t kEntryBytes = 2 * sizeof(Dict::Entry) + 64;  // the entry, its key's copy and a tree node
  allocate(sizeof(Dict) + dict.size() * kEntryBytes);
  check_depth(dict.depth());
  return DictPtr(std::make_shared<const Dict>(std::move(dict)));
}

void Builder::repeat(std::string_view part, int64_t times) {
  if (times <= 0 || part.empty()) return;
  const auto room = static_cast<size_t>(heap_.limits().output_bytes) / part.size();
  if (static_cast<uint64_t>(times) > room) heap_.check_size(SIZE_MAX);
  heap_.check_size(out_.size() + part.size() * static_cast<size_t>(times));
  for (int64_t i = 0; i < times; ++i) out_ += part;
}

}  // namespace loam::jinja
