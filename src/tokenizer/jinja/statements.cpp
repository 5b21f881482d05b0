// What each kind of statement does.
#include <fmt/format.h>

#include "tokenizer/jinja/interpreter.h"
#include "tokenizer/jinja/objects.h"
#include "tokenizer/jinja/print.h"

namespace loam::jinja {
namespace {

// Filters are chained below each other; the innermost has no input of its own and takes the captured text.
Value apply_filters(Interpreter& run, const Expression& expression, const Value& text) {
  const auto& filtered = static_cast<const Filtered&>(expression);
  if (!filtered.filter) throw Fault{fmt::format("No filter named {} found.", quote(filtered.name))};
  const Value input = filtered.input ? apply_filters(run, *filtered.input, text) : text;
  return filtered.filter(run, input, filtered.arguments.evaluate(run));
}

Value capture_body(Interpreter& run, const Body& body) {
  return run.capture([&] { run.scoped(run.scope(), [&] { run.execute(body); }); });
}

}  // namespace

void Target::assign(Interpreter& run, const Value& value) const {
  if (kind == Kind::name) return run.scope()->set(run.heap, id, value);
  if (kind == Kind::attribute) {
    const Value* space = run.scope()->find(run.heap, id);
    Namespace* found = space ? space->as<Namespace>() : nullptr;
    if (!found) throw Fault{"cannot assign attribute on non-namespace object"};
    return found->attributes.set(run.heap, run.heap.text(attribute), value);
  }
  const ListPtr values = try_items_of(run, value);
  if (!values) throw Fault{fmt::format("cannot unpack non-iterable {} object", value.type_name())};
  if (values->items.size() > items.size()) {
    throw Fault{fmt::format("too many values to unpack (expected {})", items.size())};
  }
  if (values->items.size() < items.size()) {
    throw Fault{fmt::format("not enough values to unpack (expected {}, got {})", items.size(), values->items.size())};
  }
  for (size_t i = 0; i < items.size(); ++i) items[i].assign(run, values->items[i]);
}

Flow Data::execute(Interpreter& run) const {
  run.write(text);
  return Flow::next;
}

Flow Print::execute(Interpreter& run) const {
  run.print(run.evaluate(*value));
  return Flow::next;
}

Flow Do::execute(Interpreter& run) const {
  run.evaluate(*value);
  return Flow::next;
}

Flow Set::execute(Interpreter& run) const {
  target.assign(run, run.evaluate(*value));
  return Flow::next;
}

Flow SetBlock::execute(Interpreter& run) const {
  Value text = capture_body(run, body);
  if (filter) text = apply_filters(run, *filter, text);
  target.assign(run, text);
  return Flow::next;
}

Flow If::execute(Interpreter& run) const {
  for (const auto& [condition, branch] : branches) {
    if (truth(run.evaluate(*condition))) return run.execute(branch);
  }
  return run.execute(otherwise);
}

Flow For::execute(Interpreter& run) const {
  const Value values = run.evaluate(*iterable);
  if (!recursive) {
    iterate(run, values, 0);
  } else {
    run.print(run.capture([&] { iterate(run, values, 0); }));
  }
  return Flow::next;
}

void For::iterate(Interpreter& run, const Value& values, int depth) const {
  const std::shared_ptr<Scope> outer = run.scope();
  Loop::Condition accepts;
  if (condition) {
    accepts = [this, &run, outer](const Value& value) {
      return run.scoped(outer, [&] {
        target.assign(run, value);
        return truth(run.evaluate(*condition));
      });
    };
  }
  const bool sized = !values.as<Generator>();
  const auto loop = std::make_shared<Loop>(*this, items_of(run, values), sized, std::move(accepts), outer, depth);
  bool any = false;  // a round that break or continue ends does not count: so do Jinja's compiled loops
  while (loop->advance()) {
    run.heap.step();
    const Flow flow = run.scoped(outer, [&] {
      run.scope()->set(run.heap, kLoop, Value(loop));
      target.assign(run, loop->current());
      return run.execute(body);
    });
    any = any || flow == Flow::next;
    if (flow == Flow::break_loop) break;
  }
  if (!any) run.scoped(outer, [&] { run.execute(otherwise); });
}

Flow Macro::execute(Interpreter& run) const {
  run.heap.allocate(sizeof(MacroObject) + sizeof(Scope));
  run.scope()->set(run.heap, id, Value(std::make_shared<MacroObject>(*this, run.scope())));
  return Flow::next;
}

Flow CallBlock::execute(Interpreter& run) const {
  const auto& expression = static_cast<const Call&>(*call);
  const Value function = run.evaluate(*expression.callee);
  Arguments arguments = expression.arguments.evaluate(run);
  run.heap.allocate(sizeof(MacroObject) + sizeof(Scope));
  arguments.keyword.emplace_back("caller", Value(std::make_shared<MacroObject>(caller, run.scope())));
  run.print(run.call(function, std::move(arguments)));
  return Flow::next;
}

Flow FilterBlock::execute(Interpreter& run) const {
  run.print(apply_filters(run, *filter, capture_body(run, body)));
  return Flow::next;
}

Flow With::execute(Interpreter& run) const {
  std::vector<Value> values;
  for (const auto& [target, value] : bindings) values.push_back(run.evaluate(*value));
  return run.scoped(run.scope(), [&] {
    for (size_t i = 0; i < bindings.size(); ++i) bindings[i].first.assign(run, values[i]);
    return run.execute(body);
  });
}

Flow Group::execute(Interpreter& run) const {
  return run.scoped(run.scope(), [&] { return run.execute(body); });
}

int Names::id(std::string_view name) {
  const auto [place, added] = ids_.emplace(name, static_cast<int>(texts_.size()));
  if (added) texts_.emplace_back(name);
  return place->second;
}

int Names::find(std::string_view name) const {
  const auto found = ids_.find(name);
  return found == ids_.end() ? -1 : found->second;
}

}  // namespace loam::jinja
