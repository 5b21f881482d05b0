#include "tokenizer/jinja/objects.h"

#include <fmt/format.h>

#include <algorithm>

#include "tokenizer/jinja/print.h"

namespace loam::jinja {

ListPtr Generator::items(Interpreter& run) {
  if (!values) return run.heap.list({}).list();
  return std::exchange(values, nullptr);
}

Value make_generator(Interpreter& run, std::vector<Value> values, std::string_view type) {
  return Value(std::make_shared<Generator>(run.heap.list(std::move(values)).list(), type));
}

Range::Range(int64_t start, int64_t stop, int64_t step) : start(start), stop(stop), step(step) {
  // Unsigned: stop - start may not fit 63 bits.
  const auto first = static_cast<uint64_t>(start), last = static_cast<uint64_t>(stop);
  const uint64_t distance = step > 0 ? last - first : first - last;
  const uint64_t stride = step > 0 ? static_cast<uint64_t>(step) : 0 - static_cast<uint64_t>(step);
  const bool empty = step > 0 ? start >= stop : start <= stop;
  count = empty ? 0 : static_cast<int64_t>(std::min<uint64_t>((distance - 1) / stride, INT64_MAX - 1)) + 1;
}

std::string Range::repr(Interpreter&, int) {
  return step == 1 ? fmt::format("range({}, {})", start, stop) : fmt::format("range({}, {}, {})", start, stop, step);
}

ListPtr Range::items(Interpreter& run) {
  run.heap.charge(static_cast<size_t>(count) * sizeof(Value), Work::copy);
  std::vector<Value> values;
  values.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) values.emplace_back(start + i * step);
  return run.heap.list(std::move(values)).list();
}

std::optional<Value> Range::attribute(Interpreter&, std::string_view name) {
  if (name == "start") return Value(start);
  if (name == "stop") return Value(stop);
  if (name == "step") return Value(step);
  return std::nullopt;
}

std::string_view DictView::type_name() const {
  return kind == Kind::keys ? "dict_keys" : kind == Kind::values ? "dict_values" : "dict_items";
}

std::string DictView::repr(Interpreter& run, int depth) {
  return fmt::format("{}({})", type_name(), jinja::repr(run, Value(items(run)), depth));
}

ListPtr DictView::items(Interpreter& run) {
  std::vector<Value> values;
  run.heap.charge(dict->size() * sizeof(Value), Work::copy);
  for (const auto& [key, value] : dict->entries()) {
    values.push_back(kind == Kind::keys ? key : kind == Kind::values ? value : run.heap.tuple({key, value}));
  }
  return run.heap.list(std::move(values)).list();
}

std::string Namespace::repr(Interpreter& run, int depth) {
  Builder out(run.heap);
  out += "<Namespace ";
  append_dict(run, out, attributes, depth);
  out += '>';
  return out.take();
}

std::optional<Value> Namespace::attribute(Interpreter& run, std::string_view name) {
  const Value* value = attributes.find(run.heap, name);
  return value ? std::optional(*value) : std::nullopt;
}

std::string BoundMethod::repr(Interpreter&, int) {
  return fmt::format("<built-in method {} of {} object>", name, self.type_name());
}

std::optional<Value> Cycler::attribute(Interpreter&, std::string_view name) {
  if (name == "current") return values[position];
  const auto bind = [&](Method method) {
    return Value(std::make_shared<BoundMethod>(Value(shared_from_this()), name, method));
  };
  if (name == "next") {
    return bind([](Interpreter&, const Value& self, Arguments) {
      auto& cycler = *self.as<Cycler>();
      const Value value = cycler.values[cycler.position];
      cycler.position = (cycler.position + 1) % cycler.values.size();
      return value;
    });
  }
  if (name == "reset") {
    return bind([](Interpreter&, const Value& self, Arguments) {
      self.as<Cycler>()->position = 0;
      return Value();
    });
  }
  return std::nullopt;
}

Value Joiner::call(Interpreter& run, Arguments) { return std::exchange(used, true) ? separator : run.heap.text(""); }

}  // namespace loam::jinja
