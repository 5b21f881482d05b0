// A turn: one thing that was said, kept verbatim for ever. All else in memory is worked out from turns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace loam {

using TurnId = int64_t;
using UnixTime = int64_t;  // milliseconds since 1970 in UTC

enum class TurnRole : uint8_t { user, assistant, system, tool, document };
std::string_view turn_role_name(TurnRole role);
TurnRole parse_turn_role(std::string_view name);  // Error(invalid)

// Where the words come from, which decides how far they are believed: only what the user typed to loam itself makes
// facts; what was recalled is never stored as if it had been said again.
enum class TurnOrigin : uint8_t { user, assistant, import, tool, document };
std::string_view turn_origin_name(TurnOrigin origin);
TurnOrigin parse_turn_origin(std::string_view name);  // Error(invalid)

struct NewTurn {
  std::string space = "default";  // namespace or numbered collection: "LTM_1"
  std::string session;            // the conversation that it belongs to
  TurnRole role = TurnRole::user;
  TurnOrigin origin = TurnOrigin::user;
  std::string speaker;   // a name, where the role alone does not tell; may be empty
  std::string text;      // UTF-8
  UnixTime time = 0;     // when it was said; 0: now
  bool partial = false;  // an answer that was interrupted
  std::string key;       // the second turn with the same key is not stored; may be empty
};

struct Turn : NewTurn {
  TurnId id = 0;      // ascending in the order of storing; never given twice
  UnixTime seen = 0;  // when it was stored
};

UnixTime unix_now();

}  // namespace loam
