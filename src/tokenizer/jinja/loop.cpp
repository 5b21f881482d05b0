// The special variable `loop` and recursive loops.
#include <fmt/format.h>

#include "tokenizer/jinja/objects.h"
#include "tokenizer/jinja/print.h"

namespace loam::jinja {

Loop::Loop(const For& statement, ListPtr values, bool sized, Condition condition, std::shared_ptr<Scope> scope,
           int depth)
    : statement_(statement),
      values_(std::move(values)),
      condition_(std::move(condition)),
      scope_(std::move(scope)),
      depth_(depth) {
  if (sized && !condition_) length_ = static_cast<int64_t>(values_->items.size());
}

const Value* Loop::peek() {
  while (next_ < values_->items.size()) {
    const Value& value = values_->items[next_];
    if (checked_ || !condition_ || condition_(value)) {
      checked_ = true;
      return &value;
    }
    ++next_;
  }
  return nullptr;
}

bool Loop::advance() {
  const Value* value = peek();
  if (!value) return false;
  before_ = std::move(current_);
  current_ = *value;
  ++next_;
  checked_ = false;
  ++index_;
  return true;
}

// Where the number is not known yet, the condition is put to all that is left, as Jinja does.
std::optional<int64_t> Loop::length() {
  if (length_) return length_;
  auto rest = std::make_shared<List>();
  for (const Value* value = peek(); value; value = peek()) {
    rest->items.push_back(*value);
    ++next_;
    checked_ = false;
  }
  length_ = index_ + 1 + static_cast<int64_t>(rest->items.size());
  values_ = std::move(rest);
  next_ = 0;
  condition_ = nullptr;
  return length_;
}

std::string Loop::repr(Interpreter&, int) { return fmt::format("<LoopContext {}/{}>", index_ + 1, *length()); }

std::optional<Value> Loop::attribute(Interpreter& run, std::string_view name) {
  const int64_t index = index_;
  if (name == "index") return Value(index + 1);
  if (name == "index0") return Value(index);
  if (name == "first") return Value(index == 0);
  if (name == "last") return Value(peek() == nullptr);
  if (name == "length") return Value(*length());
  if (name == "revindex") return Value(*length() - index);
  if (name == "revindex0") return Value(*length() - index - 1);
  if (name == "depth") return Value(int64_t{depth_} + 1);
  if (name == "depth0") return Value(int64_t{depth_});
  if (name == "previtem") return index == 0 ? run.heap.undefined("there is no previous item") : before_;
  if (name == "nextitem") {
    const Value* next = peek();
    return next ? *next : run.heap.undefined("there is no next item");
  }
  const auto bind = [&](Method method) {
    return Value(std::make_shared<BoundMethod>(Value(shared_from_this()), name, method));
  };
  if (name == "cycle") {
    return bind([](Interpreter&, const Value& self, Arguments arguments) {
      return self.as<Loop>()->cycle(std::move(arguments));
    });
  }
  if (name == "changed") {
    return bind([](Interpreter& run, const Value& self, Arguments arguments) {
      return self.as<Loop>()->changed(run, std::move(arguments));
    });
  }
  return std::nullopt;
}

Value Loop::cycle(Arguments arguments) const {
  if (arguments.positional.empty()) throw Fault{"no items for cycling given"};
  return arguments.positional[static_cast<size_t>(index_) % arguments.positional.size()];
}

Value Loop::changed(Interpreter& run, Arguments arguments) {
  Value values = run.heap.tuple(std::move(arguments.positional));
  if (last_changed_ && equal(run.heap, *last_changed_, values)) return false;
  last_changed_ = std::move(values);
  return true;
}

Value Loop::call(Interpreter& run, Arguments arguments) {
  if (!statement_.recursive) {
    throw Fault{"The loop must have the 'recursive' marker to be called recursively."};
  }
  const Bound bound("loop", std::move(arguments), {"iterable"}, 1);
  return run.scoped(scope_, [&] { return run.capture([&] { statement_.iterate(run, *bound[0], depth_ + 1); }); });
}

}  // namespace loam::jinja
