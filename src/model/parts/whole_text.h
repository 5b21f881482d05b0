// Models whose tokens see the whole text, ahead as much as behind: nothing of a text is kept, it is computed as one.
#pragma once

#include "model/model_config.h"
#include "model/parts/decoder.h"
#include "model/parts/encoder_attention.h"

namespace loam {

// Attention of every layer, to all rows of a span. The config's layers keep no keys from then on.
BindMixer attend_to_whole_text(ModelConfig& config, const EncoderAttentionSpec& spec);

}  // namespace loam
