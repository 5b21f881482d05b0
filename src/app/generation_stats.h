// What an answer took, in one line for people.
#pragma once

#include <string>

#include "engine/engine.h"

namespace loam {

// "prompt 12 tokens (0 reused), 300.0 t/s · answer 40 tokens in 0.5 s, 80.0 t/s · 21 of 30 drafted tokens accepted";
// the last part only where tokens were drafted.
std::string describe(const GenerateResult& result);

}  // namespace loam
