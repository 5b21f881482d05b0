// What memory asks of a model while nobody else asks anything.
#pragma once

#include <functional>

#include "memory/reflection/reflection.h"

namespace loam {

class ModelManager;

// Asks the first model that is loaded and can chat; gives up as soon as `is_busy`. `models` must outlive it.
Think think_with(ModelManager& models, std::function<bool()> is_busy);

}  // namespace loam
