// The commands that make and change model files.
#pragma once

#include "app/command.h"

namespace loam {

void add_vocab(Command& app);
void add_diff(Command& app);
void add_set(Command& app);
void add_merge_split(Command& app);
void add_quantize(Command& app);
void add_convert(Command& app);
void add_imatrix(Command& app);

}  // namespace loam
