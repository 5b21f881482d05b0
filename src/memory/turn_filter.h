// Which turns are meant: what is exported, or forgotten.
#pragma once

#include <limits>
#include <string>

#include "memory/turn.h"

namespace loam {

struct TurnFilter {
  std::string space, session;  // empty: all
  UnixTime since = std::numeric_limits<UnixTime>::min();
  UnixTime until = std::numeric_limits<UnixTime>::max();  // not included

  bool admits(const Turn& turn) const {
    return (space.empty() || turn.space == space) && (session.empty() || turn.session == session) &&
           turn.time >= since && turn.time < until;
  }
};

}  // namespace loam
