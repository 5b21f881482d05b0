// A model as a server's command line names it.
#pragma once

#include <string>

#include "server/models/settings.h"

namespace loam {

inline constexpr int kDefaultParallel = 4;  // answers of one model that fit at full context

// "NAME=PATH", a path, or a catalogue name. A path's model is called as its file. Loaded at the start.
ModelSettings model_settings(const std::string& text);

}  // namespace loam
