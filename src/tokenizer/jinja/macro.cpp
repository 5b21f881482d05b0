// Calling macros: how arguments meet parameters.
#include <fmt/format.h>

#include <algorithm>

#include "tokenizer/jinja/objects.h"
#include "tokenizer/jinja/print.h"

namespace loam::jinja {

std::string MacroObject::repr(Interpreter&, int) {
  return fmt::format("<Macro {}>", macro.name.empty() ? "anonymous" : quote(macro.name));
}

std::optional<Value> MacroObject::attribute(Interpreter& run, std::string_view name) {
  if (name == "name") return macro.name.empty() ? Value() : run.heap.text(macro.name);
  if (name == "catch_kwargs") return Value(macro.uses_kwargs);
  if (name == "catch_varargs") return Value(macro.uses_varargs);
  if (name == "caller") return Value(macro.uses_caller);
  if (name != "arguments") return std::nullopt;
  std::vector<Value> names;
  for (const auto& [id, text] : macro.parameters) names.push_back(run.heap.text(text));
  return run.heap.tuple(std::move(names));
}

Value MacroObject::call(Interpreter& run, Arguments arguments) {
  return run.scoped(scope, [&] {
    bind(run, std::move(arguments));
    return run.capture([&] { run.execute(macro.body); });
  });
}

// Sets the parameters in the current scope, defaults seeing the parameters before them.
void MacroObject::bind(Interpreter& run, Arguments arguments) const {
  static constexpr size_t kKeywordBytes = sizeof(arguments.keyword[0]);  // looked at, and moved where one is taken out
  const size_t n = macro.parameters.size(), n_required = n - macro.defaults.size();
  run.heap.step(static_cast<int64_t>(n));
  std::vector<std::optional<Value>> given(n);
  for (size_t i = 0; i < n; ++i) {
    if (i < arguments.positional.size()) {
      given[i] = std::move(arguments.positional[i]);
    } else {
      const std::string& name = macro.parameters[i].second;
      run.heap.charge(arguments.keyword.size() * (kKeywordBytes + name.size()), Work::copy);
      given[i] = arguments.take(name);
    }
  }
  const size_t n_taken = std::min(n, arguments.positional.size());
  arguments.positional.erase(arguments.positional.begin(),
                             arguments.positional.begin() + static_cast<int64_t>(n_taken));
  bind_rest(run, std::move(arguments));
  for (size_t i = 0; i < n; ++i) {
    const auto& [id, name] = macro.parameters[i];
    if (given[i]) {
      run.scope()->set(run.heap, id, *std::move(given[i]));
    } else if (i >= n_required) {
      run.scope()->set(run.heap, id, run.evaluate(*macro.defaults[i - n_required]));
    } else {
      run.scope()->set(run.heap, id, run.heap.undefined(fmt::format("parameter {} was not provided", quote(name))));
    }
  }
}

// What is left goes into caller, kwargs and varargs, where the body uses them.
void MacroObject::bind_rest(Interpreter& run, Arguments arguments) const {
  const std::string name = macro.name.empty() ? "None" : quote(macro.name);
  if (macro.uses_caller) {
    std::optional<Value> caller = arguments.take("caller");
    run.scope()->set(run.heap, kCaller, caller ? *std::move(caller) : run.heap.undefined("No caller defined"));
  }
  if (macro.uses_kwargs) {
    Dict kwargs;
    for (auto& [key, value] : arguments.keyword) kwargs.set(run.heap, run.heap.text(key), std::move(value));
    run.scope()->set(run.heap, kKwargs, run.heap.dict(std::move(kwargs)));
  } else if (!arguments.keyword.empty()) {
    if (arguments.take("caller")) {
      throw Fault{
          fmt::format("macro {} was invoked with two values for the special caller argument. This is most "
                      "likely a bug.",
                      name)};
    }
    throw Fault{fmt::format("macro {} takes no keyword argument {}", name, quote(arguments.keyword.front().first))};
  }
  if (macro.uses_varargs) {
    run.scope()->set(run.heap, kVarargs, run.heap.tuple(std::move(arguments.positional)));
  } else if (!arguments.positional.empty()) {
    throw Fault{fmt::format("macro {} takes not more than {} argument(s)", name, macro.parameters.size())};
  }
}

}  // namespace loam::jinja
