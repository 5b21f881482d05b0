// What the tensors of Hugging Face's text encoders are called in GGUF.
#pragma once

#include <string>
#include <string_view>

namespace loam {

// "blk.0.attn_q.weight" of "encoder.layer.0.attention.self.query.weight", where `arch` is GGUF's name of the
// architecture; "" for tensors that are not needed. `cross_encoder`: the head is.
std::string encoder_tensor_name(std::string_view hugging, std::string_view arch, bool cross_encoder);

}  // namespace loam
