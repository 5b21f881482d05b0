// Free text around trigger strings, as automata (Aho and Corasick 1975).
#pragma once

#include <span>
#include <string>

#include "engine/grammar/byte_dfa.h"

namespace loam {

// Any bytes up to and with the first trigger. Triggers are not empty.
ByteDfa text_until_dfa(std::span<const std::string> triggers);
// Any bytes without a trigger among them.
ByteDfa text_without_dfa(std::span<const std::string> triggers);

}  // namespace loam
