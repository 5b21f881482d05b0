// The functions that templates can call without an object, and strftime.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "tokenizer/jinja/objects.h"
#include "tokenizer/jinja/print.h"

namespace loam::jinja {
namespace {

// Jinja's sandbox refuses longer ranges up front.
constexpr int64_t kMaxRange = 100000;

int64_t range_argument(const Value& value) {
  if (value.is_undefined()) throw Fault{value.undefined_message()};
  if (const auto i = value.index()) return *i;
  throw Fault{fmt::format("'{}' object cannot be interpreted as an integer", value.type_name())};
}

Value range(Interpreter& run, const Value&, Arguments arguments) {
  const std::vector<Value>& given = arguments.positional;
  if (given.empty() || given.size() > 3 || !arguments.keyword.empty()) {
    throw Fault{fmt::format("range expected 1 to 3 arguments, got {}", given.size())};
  }
  const int64_t start = given.size() > 1 ? range_argument(given[0]) : 0;
  const int64_t stop = range_argument(given.size() > 1 ? given[1] : given[0]);
  const int64_t step = given.size() > 2 ? range_argument(given[2]) : 1;
  if (step == 0) throw Fault{"range() arg 3 must not be zero"};
  auto range = std::make_shared<Range>(start, stop, step);
  if (range->count > kMaxRange || range->count > run.heap.limits().steps) {
    throw Fault{fmt::format("Range too big. A range has at most MAX_RANGE ({}) steps.", kMaxRange)};
  }
  return Value(std::move(range));
}

// dict(pairs or mapping, a=1, …)
Dict make_dict(Interpreter& run, Arguments arguments) {
  Dict dict;
  if (arguments.positional.size() > 1) throw Fault{"dict expected at most 1 argument"};
  if (!arguments.positional.empty()) {
    const Value& source = arguments.positional[0];
    if (source.is_dict()) {
      run.heap.step(static_cast<int64_t>(2 * source.dict()->size()));
      dict = *source.dict();
    } else {
      for (const ListPtr items = items_of(run, source); const Value& pair : items->items) {
        const ListPtr both = items_of(run, pair);
        if (both->items.size() != 2) throw Fault{"dictionary update sequence element has not length 2"};
        dict.set(run.heap, both->items[0], both->items[1]);
      }
    }
  }
  for (auto& [key, value] : arguments.keyword) dict.set(run.heap, run.heap.text(key), std::move(value));
  return dict;
}

Value dict(Interpreter& run, const Value&, Arguments arguments) {
  return run.heap.dict(make_dict(run, std::move(arguments)));
}

Value make_namespace(Interpreter& run, const Value&, Arguments arguments) {
  auto space = std::make_shared<Namespace>();
  run.heap.allocate(sizeof(Namespace));
  space->attributes = make_dict(run, std::move(arguments));
  run.keep(space);
  return Value(std::move(space));
}

Value cycler(Interpreter& run, const Value&, Arguments arguments) {
  if (arguments.positional.empty()) throw Fault{"at least one item has to be provided"};
  run.heap.allocate(sizeof(Cycler));
  return Value(std::make_shared<Cycler>(std::move(arguments.positional)));
}

Value joiner(Interpreter& run, const Value&, Arguments arguments) {
  const Bound bound("joiner", std::move(arguments), {"sep"});
  run.heap.allocate(sizeof(Joiner));
  return Value(std::make_shared<Joiner>(bound.get(0, run.heap.text(", "))));
}

Value raise_exception(Interpreter& run, const Value&, Arguments arguments) {
  const Bound bound("raise_exception", std::move(arguments), {"message"}, 1);
  throw Fault{to_text(run, *bound[0])};
}

Value strftime_now(Interpreter& run, const Value&, Arguments arguments) {
  const Bound bound("strftime_now", std::move(arguments), {"format"}, 1);
  if (!bound[0]->is_text()) {
    throw Fault{fmt::format("strftime() argument 1 must be str, not {}", bound[0]->type_name())};
  }
  return format_time(run, bound[0]->bytes(), run.now());
}

// A date with time to the microsecond, as datetime.now() has.
struct Moment {
  std::tm date{};
  int microsecond = 0;
};

Moment read_clock() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto micro = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count() % 1000000;
  Moment moment;
  localtime_r(&seconds, &moment.date);
  moment.microsecond = static_cast<int>(micro);
  return moment;
}

Moment read_iso(const std::string& text) {
  Moment moment;
  std::tm& date = moment.date;
  char separator = 'T';
  const int n = std::sscanf(text.c_str(), "%4d-%2d-%2d%c%2d:%2d:%2d.%6d", &date.tm_year, &date.tm_mon, &date.tm_mday,
                            &separator, &date.tm_hour, &date.tm_min, &date.tm_sec, &moment.microsecond);
  const bool valid = n >= 3 && (separator == 'T' || separator == ' ') && date.tm_year >= 1 && date.tm_mon >= 1 &&
                     date.tm_mon <= 12 && date.tm_mday >= 1 && date.tm_mday <= 31 && date.tm_hour >= 0 &&
                     date.tm_hour <= 23 && date.tm_min >= 0 && date.tm_min <= 59 && date.tm_sec >= 0 &&
                     date.tm_sec <= 59;
  if (!valid) throw Fault{fmt::format("now: {} is not a time like 2024-07-26T12:00:00", quote(text))};
  date.tm_year -= 1900;
  date.tm_mon -= 1;
  date.tm_isdst = -1;
  std::tm normal = date;
  timegm(&normal);  // fills in the days of week and year
  date.tm_wday = normal.tm_wday;
  date.tm_yday = normal.tm_yday;
  return moment;
}

}  // namespace

const std::vector<std::pair<std::string_view, Method>>& global_functions() {
  static const std::vector<std::pair<std::string_view, Method>> functions = {{"range", range},
                                                                             {"dict", dict},
                                                                             {"namespace", make_namespace},
                                                                             {"cycler", cycler},
                                                                             {"joiner", joiner},
                                                                             {"raise_exception", raise_exception},
                                                                             {"strftime_now", strftime_now}};
  return functions;
}

// Each directive goes alone through the C library, so that no width in the format can ask for gigabytes.
Value format_time(Interpreter& run, std::string_view format, std::string_view now) {
  static constexpr std::string_view kFlags = "-_0^#", kDirectives = "aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyY%";
  const Moment moment = now.empty() ? read_clock() : read_iso(std::string(now));
  run.heap.charge(format.size(), Work::decode);
  Builder out(run.heap);
  for (size_t i = 0; i < format.size(); ++i) {
    const bool flagged = i + 2 < format.size() && kFlags.find(format[i + 1]) != std::string_view::npos;
    const size_t at = i + (flagged ? 2 : 1);
    if (format[i] != '%' || at >= format.size()) {
      out += format[i];
      continue;
    }
    if (format[at] == 'f') {
      out += fmt::format("{:06}", moment.microsecond);
    } else if (kDirectives.find(format[at]) != std::string_view::npos) {
      run.heap.step(6);
      char buffer[128];
      const std::string directive(format.substr(i, at + 1 - i));
      out += std::string_view(buffer, std::strftime(buffer, sizeof buffer, directive.c_str(), &moment.date));
    } else if (format[at] != 'z' && format[at] != 'Z') {  // a time without a zone prints nothing for these
      out += format.substr(i, at + 1 - i);
    }
    i = at;
  }
  return out.finish();
}

}  // namespace loam::jinja
