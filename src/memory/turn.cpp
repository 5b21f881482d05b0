#include "memory/turn.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

#include "base/error.h"

namespace loam {
namespace {

constexpr std::array<std::string_view, 5> kTurnRoles = {"user", "assistant", "system", "tool", "document"};
constexpr std::array<std::string_view, 5> kTurnOrigins = {"user", "assistant", "import", "tool", "document"};

size_t index_in(std::span<const std::string_view> names, std::string_view name, const char* what) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    throw Error(Error::Code::invalid, fmt::format("'{}' is none of {}", name, fmt::join(names, ", ")), what);
  }
  return static_cast<size_t>(found - names.begin());
}

}  // namespace

std::string_view turn_role_name(TurnRole role) { return kTurnRoles[static_cast<size_t>(role)]; }
TurnRole parse_turn_role(std::string_view name) { return static_cast<TurnRole>(index_in(kTurnRoles, name, "role")); }
std::string_view turn_origin_name(TurnOrigin origin) { return kTurnOrigins[static_cast<size_t>(origin)]; }
TurnOrigin parse_turn_origin(std::string_view name) {
  return static_cast<TurnOrigin>(index_in(kTurnOrigins, name, "origin"));
}

UnixTime unix_now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace loam
