// The methods of lists, tuples and dicts that do not change them.
#include <fmt/format.h>

#include <algorithm>

#include "tokenizer/jinja/objects.h"
#include "tokenizer/jinja/print.h"

namespace loam::jinja {
namespace {

Value view(const Value& self, DictView::Kind kind) { return Value(std::make_shared<DictView>(self.dict(), kind)); }

Value get(Interpreter& run, const Value& self, Arguments a) {
  const Bound bound("get", std::move(a), {"key", "default"}, 1);
  const Value* found = self.dict()->find(run.heap, *bound[0]);
  return found ? *found : bound.get(1);
}

Value copy(Interpreter&, const Value& self, Arguments) { return self; }

Value index(Interpreter& run, const Value& self, Arguments a) {
  const Bound bound("index", std::move(a), {"value", "start", "stop"}, 1);
  const auto n = static_cast<int64_t>(self.list()->items.size());
  const auto place = [&](size_t i, int64_t fallback) {
    const int64_t at = bound.integer(i, fallback);
    return at < 0 ? std::max<int64_t>(0, at + n) : std::min(at, n);
  };
  for (int64_t i = place(1, 0), stop = place(2, n); i < stop; ++i) {
    if (equal(run.heap, self.list()->items[static_cast<size_t>(i)], *bound[0])) return i;
  }
  const bool tuple = self.list()->kind != List::Kind::list;
  throw Fault{tuple ? "tuple.index(x): x not in tuple" : repr(run, *bound[0]) + " is not in list"};
}

Value count(Interpreter& run, const Value& self, Arguments a) {
  const Bound bound("count", std::move(a), {"value"}, 1);
  const std::vector<Value>& items = self.list()->items;
  return int64_t{
      std::count_if(items.begin(), items.end(), [&](const Value& item) { return equal(run.heap, item, *bound[0]); })};
}

}  // namespace

Method find_list_method(std::string_view name) {
  if (name == "index") return index;
  if (name == "count") return count;
  return name == "copy" ? copy : nullptr;
}

Method find_dict_method(std::string_view name) {
  if (name == "get") return get;
  if (name == "copy") return copy;
  if (name == "items")
    return [](Interpreter&, const Value& self, Arguments) { return view(self, DictView::Kind::items); };
  if (name == "keys")
    return [](Interpreter&, const Value& self, Arguments) { return view(self, DictView::Kind::keys); };
  if (name == "values") {
    return [](Interpreter&, const Value& self, Arguments) { return view(self, DictView::Kind::values); };
  }
  return nullptr;
}

}  // namespace loam::jinja
