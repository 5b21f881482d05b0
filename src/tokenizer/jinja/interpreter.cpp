#include "tokenizer/jinja/interpreter.h"

#include <fmt/format.h>

#include <algorithm>

#include "tokenizer/jinja/objects.h"
#include "tokenizer/jinja/print.h"

namespace loam::jinja {

// A variable is compared by its number: a few bytes of work.
static constexpr size_t kEntryPrice = 2;

const Value* Scope::find(Heap& heap, int name) const {
  for (const Scope* scope = this; scope; scope = scope->parent.get()) {
    heap.charge(kEntryPrice * (1 + scope->variables.size()), Work::copy);
    const auto found = std::find_if(scope->variables.begin(), scope->variables.end(),
                                    [name](const auto& variable) { return variable.first == name; });
    if (found != scope->variables.end()) return &found->second;
  }
  return nullptr;
}

void Scope::set(Heap& heap, int name, Value value) {
  heap.charge(kEntryPrice * (1 + variables.size()), Work::copy);
  for (auto& variable : variables) {
    if (variable.first == name) {
      variable.second = std::move(value);
      return;
    }
  }
  variables.emplace_back(name, std::move(value));
}

Interpreter::ScopeGuard::ScopeGuard(Interpreter& run, std::shared_ptr<Scope> parent) : run(run), outer(run.scope_) {
  run.heap.step();
  run.scope_ = std::make_shared<Scope>(Scope{std::move(parent), {}});
}

Interpreter::ScopeGuard::~ScopeGuard() {
  if (run.scope_.use_count() > 1) run.captured_scopes_.push_back(run.scope_);
  run.scope_ = std::move(outer);
}

struct Interpreter::DepthGuard {
  DepthGuard(int& depth, int limit, const Heap& heap) : depth(depth) {
    if (depth >= limit) heap.check_depth(INT32_MAX);
    ++depth;
  }
  ~DepthGuard() { --depth; }
  int& depth;
};

// Scopes and namespaces may refer to each other in circles: their contents are taken out before anything goes.
Interpreter::~Interpreter() {
  std::vector<std::pair<int, Value>> variables;
  std::vector<Dict> attributes;
  if (scope_) captured_scopes_.push_back(scope_);
  for (const auto& scope : captured_scopes_) {
    std::move(scope->variables.begin(), scope->variables.end(), std::back_inserter(variables));
    scope->variables.clear();
  }
  for (const auto& object : kept_) {
    if (auto* space = dynamic_cast<Namespace*>(object.get()))
      attributes.push_back(std::exchange(space->attributes, {}));
  }
}

std::string Interpreter::render(const Dict& variables, std::string now) {
  now_ = std::move(now);
  auto globals = std::make_shared<Scope>();
  for (const auto& [name, function] : global_functions()) {
    const int id = source_.names.find(name);
    if (id >= 0) globals->set(heap, id, Value(std::make_shared<Function>(name, function)));
  }
  scope_ = std::make_shared<Scope>(Scope{globals, {}});
  for (const auto& [name, value] : variables.entries()) {
    const int id = source_.names.find(name.bytes());
    if (id >= 0) scope_->set(heap, id, value);
  }
  execute(source_.body);
  return std::move(output_);
}

Value Interpreter::evaluate(const Expression& expression) {
  line_ = expression.line;
  heap.step();
  const DepthGuard guard(evaluation_depth_, heap.limits().depth * kEvaluationsPerLevel, heap);
  return expression.evaluate(*this);
}

Flow Interpreter::execute(const Body& body) {
  const DepthGuard guard(evaluation_depth_, heap.limits().depth * kEvaluationsPerLevel, heap);
  for (const auto& statement : body) {
    line_ = statement->line;
    heap.step();
    const Flow flow = statement->execute(*this);
    if (flow != Flow::next) return flow;
  }
  return Flow::next;
}

Value Interpreter::call(const Value& callee, Arguments arguments) {
  if (callee.is_undefined()) throw Fault{callee.undefined_message()};
  if (!callee.is_object()) throw Fault{fmt::format("'{}' object is not callable", callee.type_name())};
  const DepthGuard guard(call_depth_, heap.limits().depth, heap);
  const ObjectPtr keep_alive = callee.object();
  return keep_alive->call(*this, std::move(arguments));
}

void Interpreter::write(std::string_view text) {
  heap.check_size(output_.size() + text.size());
  heap.charge(text.size(), Work::copy);
  output_ += text;
}

void Interpreter::print(const Value& value) {
  if (value.is_text()) {
    write(value.bytes());
  } else {
    write(to_text(*this, value));
  }
}

}  // namespace loam::jinja
