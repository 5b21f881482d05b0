#include "model/hf/weight_source.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/utf8.h"
#include "model/hf/packed_integers.h"
#include "model/hf/scaled_fp8.h"

namespace loam {

HfWeight weight_source(const HfParameters& parameters, const HfQuantization& quantization, const std::string& module,
                       bool may_reorder) {
  const auto plain = parameters.find("weight");
  if (plain != parameters.end()) {
    for (const char* scale : {"weight_scale_inv", "weight_scale"})
      if (const auto found = parameters.find(scale);
          found != parameters.end() && plain->second.info->dtype == "F8_E4M3")
        return {scaled_fp8(plain->second, found->second, quantization.block_rows, quantization.block_cols, module)};
    if (parameters.size() == 1) return {stored_source(plain->second, module)};
  }
  using Method = HfQuantization::Method;
  if (parameters.contains("qweight") && (quantization.method == Method::gptq || quantization.method == Method::awq))
    return packed_integers(parameters, quantization, module, may_reorder);
  throw Error(Error::Code::unsupported,
              fmt::format("{} has the parameter {}, which loam has no code for", escape_control(module),
                          escape_control(parameters.rbegin()->first)),
              "name@0");
}

}  // namespace loam
