// Runs a parsed template: variables, output, calls and the limits on them.
#pragma once

#include "tokenizer/jinja/ast.h"
#include "tokenizer/jinja/heap.h"

namespace loam::jinja {

// Variables of one template level, loop round, macro call or block.
struct Scope {
  std::shared_ptr<Scope> parent;
  std::vector<std::pair<int, Value>> variables;

  const Value* find(Heap& heap, int name) const;  // here or in the parents
  void set(Heap& heap, int name, Value value);
};

class Interpreter {
 public:
  Interpreter(const Template& source, const TemplateLimits& limits) : heap(limits), source_(source) {}
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  // `variables` is a dict with text keys; `now` fixes strftime_now, empty for the clock.
  std::string render(const Dict& variables, std::string now);

  Value evaluate(const Expression& expression);
  Flow execute(const Body& body);
  Value call(const Value& callee, Arguments arguments);
  void write(std::string_view text);
  void print(const Value& value);

  // What `action` writes, as a text.
  template <class F>
  Value capture(F&& action) {
    std::string captured;
    std::swap(output_, captured);
    try {
      action();
    } catch (...) {
      std::swap(output_, captured);
      throw;
    }
    std::swap(output_, captured);
    return heap.text(std::move(captured));
  }

  // Runs `action` in a scope of its own below `parent`.
  template <class F>
  auto scoped(std::shared_ptr<Scope> parent, F&& action) {
    const ScopeGuard guard(*this, std::move(parent));
    return action();
  }
  const std::shared_ptr<Scope>& scope() const { return scope_; }

  // Keeps a namespace until the end: they can refer to each other in circles, which only clearing them all undoes.
  void keep(ObjectPtr object) { kept_.push_back(std::move(object)); }

  const std::string& name(int id) const { return source_.names.text(id); }
  const std::string& now() const { return now_; }
  int line() const { return line_; }

  Heap heap;

 private:
  // Enters a scope; one that a macro has captured outlives it until the end of the rendering.
  struct ScopeGuard {
    ScopeGuard(Interpreter& run, std::shared_ptr<Scope> parent);
    ~ScopeGuard();
    Interpreter& run;
    std::shared_ptr<Scope> outer;
  };
  struct DepthGuard;

  // A call costs several levels of evaluation, so these get more room than calls do.
  static constexpr int kEvaluationsPerLevel = 8;

  const Template& source_;
  std::shared_ptr<Scope> scope_;
  std::vector<std::shared_ptr<Scope>> captured_scopes_;
  std::vector<ObjectPtr> kept_;
  std::string output_, now_;
  int line_ = 1, evaluation_depth_ = 0, call_depth_ = 0;
};

}  // namespace loam::jinja
