// What a long-running program tells about its work: one line for each event, with named facts, as text or JSON.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace loam {

enum class LogLevel { debug, info, warning, error };

struct LogOptions {
  LogLevel level = LogLevel::info;
  bool json = false;
  std::string file;  // appended to; "" is standard error
};

// A fact of an event: "status=200". Ids, counts, times and names; never prompts, answers or keys.
class LogField {
 public:
  LogField(std::string_view field, std::string_view value) : name(field), value(std::string(value)) {}
  LogField(std::string_view field, const char* value) : LogField(field, std::string_view(value)) {}
  LogField(std::string_view field, const std::string& value) : LogField(field, std::string_view(value)) {}
  template <class T>
  requires std::is_arithmetic_v<T> LogField(std::string_view field, T number) : name(field) {
    if constexpr (std::is_same_v<T, bool>) {
      value = number;
    } else if constexpr (std::is_floating_point_v<T>) {
      value = static_cast<double>(number);
    } else {
      value = static_cast<int64_t>(number);
    }
  }

  std::string name;
  std::variant<std::string, int64_t, double, bool> value;
};
using LogFields = std::vector<LogField>;

// Error(io) where the file cannot be written. Lines are written by a thread of their own, and the oldest are dropped
// where nobody takes them (a paused terminal, a full pipe): nothing ever waits for the log. May be called again, which
// first writes what waits. Until the first call lines go to standard error at once, as text.
void set_up_log(const LogOptions& options);

// "2026-11-25T07:59:08.123Z info  request id=r1 status=200", or {"time": …, "level": …, "event": "request", …}. Control
// characters are escaped. From any thread.
void log(LogLevel level, std::string_view event, const LogFields& fields = {});

// What a line says after time and level.
std::string log_text(std::string_view event, const LogFields& fields);
std::string log_json_members(std::string_view event, const LogFields& fields);  // `"event":"request","id":"r1"`

}  // namespace loam
