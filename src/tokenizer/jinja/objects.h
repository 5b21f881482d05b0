// The values with behaviour: generators, views, ranges, namespaces, loops, macros and functions.
#pragma once

#include <functional>

#include "tokenizer/jinja/interpreter.h"

namespace loam::jinja {

// What lazy filters give: can be gone through once, has no length, is always true.
struct Generator final : Object {
  explicit Generator(ListPtr values, std::string_view type = "generator") : values(std::move(values)), type(type) {}
  std::string_view type_name() const override { return type; }
  ListPtr items(Interpreter& run) override;

  ListPtr values;  // nullptr once gone through
  std::string_view type;
};
Value make_generator(Interpreter& run, std::vector<Value> values, std::string_view type = "generator");

struct Range final : Object {
  Range(int64_t start, int64_t stop, int64_t step);
  std::string_view type_name() const override { return "range"; }
  std::string repr(Interpreter& run, int depth) override;
  bool truth() override { return count > 0; }
  std::optional<int64_t> length() override { return count; }
  ListPtr items(Interpreter& run) override;
  std::optional<Value> attribute(Interpreter& run, std::string_view name) override;

  int64_t start, stop, step, count;
};

struct DictView final : Object {
  enum class Kind { keys, values, items };
  DictView(DictPtr dict, Kind kind) : dict(std::move(dict)), kind(kind) {}
  std::string_view type_name() const override;
  std::string repr(Interpreter& run, int depth) override;
  bool truth() override { return dict->size() > 0; }
  std::optional<int64_t> length() override { return static_cast<int64_t>(dict->size()); }
  ListPtr items(Interpreter& run) override;

  DictPtr dict;
  Kind kind;
};

struct Namespace final : Object {
  std::string_view type_name() const override { return "Namespace"; }
  std::string_view qualified_name() const override { return "jinja2.utils.Namespace"; }
  std::string repr(Interpreter& run, int depth) override;
  std::optional<Value> attribute(Interpreter& run, std::string_view name) override;

  Dict attributes;
};

// A method taken from a value: "x".strip
struct BoundMethod final : Object {
  BoundMethod(Value self, std::string_view name, Method method) : self(std::move(self)), name(name), method(method) {}
  std::string_view type_name() const override { return "builtin_function_or_method"; }
  std::string repr(Interpreter& run, int depth) override;
  bool callable() const override { return true; }
  Value call(Interpreter& run, Arguments arguments) override { return method(run, self, std::move(arguments)); }

  Value self;
  std::string name;
  Method method;
};

struct Function final : Object {
  Function(std::string_view name, Method method) : name(name), method(method) {}
  std::string_view type_name() const override { return "function"; }
  std::string repr(Interpreter&, int) override { return "<function " + name + ">"; }
  bool callable() const override { return true; }
  Value call(Interpreter& run, Arguments arguments) override { return method(run, {}, std::move(arguments)); }

  std::string name;
  Method method;
};

struct MacroObject final : Object {
  MacroObject(const Macro& macro, std::shared_ptr<Scope> scope) : macro(macro), scope(std::move(scope)) {}
  std::string_view type_name() const override { return "Macro"; }
  std::string_view qualified_name() const override { return "jinja2.runtime.Macro"; }
  std::string repr(Interpreter& run, int depth) override;
  std::optional<Value> attribute(Interpreter& run, std::string_view name) override;
  bool callable() const override { return true; }
  Value call(Interpreter& run, Arguments arguments) override;

  const Macro& macro;
  std::shared_ptr<Scope> scope;  // where it was defined

 private:
  void bind(Interpreter& run, Arguments arguments) const;
  void bind_rest(Interpreter& run, Arguments arguments) const;
};

// `loop`. Values are filtered as they are reached, since the condition may depend on what the body has done.
struct Loop final : Object {
  using Condition = std::function<bool(const Value&)>;
  Loop(const For& statement, ListPtr values, bool sized, Condition condition, std::shared_ptr<Scope> scope, int depth);
  std::string_view type_name() const override { return "LoopContext"; }
  std::string_view qualified_name() const override { return "jinja2.runtime.LoopContext"; }
  std::string repr(Interpreter& run, int depth) override;
  std::optional<int64_t> length() override;
  std::optional<Value> attribute(Interpreter& run, std::string_view name) override;
  bool callable() const override { return true; }
  Value call(Interpreter& run, Arguments arguments) override;

  bool advance();  // to the next value; false at the end
  const Value& current() const { return current_; }

 private:
  const Value* peek();
  Value cycle(Arguments arguments) const;
  Value changed(Interpreter& run, Arguments arguments);

  const For& statement_;
  ListPtr values_;
  Condition condition_;
  std::shared_ptr<Scope> scope_;  // the one around the loop
  int depth_;
  size_t next_ = 0;       // in values_
  bool checked_ = false;  // values_[next_] has passed the condition
  int64_t index_ = -1;
  std::optional<int64_t> length_;
  Value before_, current_;
  std::optional<Value> last_changed_;
};

struct Cycler final : Object {
  explicit Cycler(std::vector<Value> values) : values(std::move(values)) {}
  std::string_view type_name() const override { return "Cycler"; }
  std::string_view qualified_name() const override { return "jinja2.utils.Cycler"; }
  std::optional<Value> attribute(Interpreter& run, std::string_view name) override;

  std::vector<Value> values;
  size_t position = 0;
};

struct Joiner final : Object {
  explicit Joiner(Value separator) : separator(std::move(separator)) {}
  std::string_view type_name() const override { return "Joiner"; }
  std::string_view qualified_name() const override { return "jinja2.utils.Joiner"; }
  bool callable() const override { return true; }
  Value call(Interpreter& run, Arguments arguments) override;

  Value separator;
  bool used = false;
};

}  // namespace loam::jinja
