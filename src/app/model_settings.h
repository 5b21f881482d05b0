// A model as a server's command line names it.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "server/models/settings.h"

namespace loam {

inline constexpr int kDefaultParallel = 4;  // answers of one model that fit at full context

// The catalogue's chat models, the best first: who names none gets the first of them that is installed.
inline constexpr std::array<std::string_view, 2> kChatModels = {"qwen2.5-coder-1.5b", "smollm2-135m"};

// "NAME=PATH", a path, or a catalogue name. A path's model is called as its file. Loaded at the start.
ModelSettings model_settings(const std::string& text);

}  // namespace loam
