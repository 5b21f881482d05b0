// Runs of one script, as SentencePiece keeps its pieces within one.
#pragma once

#include <string>

namespace loam::hf {

// A regular expression of such a run, with the spaces and unassigned characters behind its characters. Han, Hiragana
// and Katakana are one script.
std::string script_runs();

}  // namespace loam::hf
