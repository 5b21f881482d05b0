#include "model/ssm_config.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/error.h"

namespace loam {
namespace {

// Far above every model there is, and small enough that products of any three stay within 64 bits.
constexpr int64_t kMaxKernel = 64, kMaxInner = 1 << 20, kMaxStates = 1 << 14, kMaxSsmHeads = 1 << 16;

std::string ssm_key(const Metadata& metadata, std::string_view name) {
  return fmt::format("{}.{}", metadata.require_string("general.architecture"), name);
}

[[noreturn]] void fail_divides(const Metadata& metadata, std::string_view name, int64_t n, int64_t total) {
  const std::string key = ssm_key(metadata, name);
  const MetaValue* value = metadata.find(key);
  throw Error(Error::Code::model_invalid, fmt::format("{}: {} does not divide {}", key, n, total),
              fmt::format("hparam@{}", value ? value->offset : 0));
}

}  // namespace

SsmConfig SsmConfig::read(const Metadata& metadata, bool heads) {
  const auto count = [&](std::string_view name, int64_t min, int64_t max) {
    return metadata.require_integer(ssm_key(metadata, name), min, max);
  };
  SsmConfig c{.kernel = static_cast<int>(count("ssm.conv_kernel", 2, kMaxKernel)),
              .inner = count("ssm.inner_size", 1, kMaxInner),
              .n_states = count("ssm.state_size", 1, kMaxStates),
              .time_step_rank = count("ssm.time_step_rank", 1, kMaxSsmHeads),
              .norms = metadata.boolean(ssm_key(metadata, "ssm.dt_b_c_rms")).value_or(false)};
  if (!heads) return c;
  c.n_groups = count("ssm.group_count", 1, kMaxSsmHeads);
  if (c.inner % c.time_step_rank != 0) fail_divides(metadata, "ssm.time_step_rank", c.time_step_rank, c.inner);
  if (c.time_step_rank % c.n_groups != 0) fail_divides(metadata, "ssm.group_count", c.n_groups, c.time_step_rank);
  return c;
}

int short_convolution_kernel(const Metadata& metadata) {
  return static_cast<int>(metadata.require_integer(ssm_key(metadata, "shortconv.l_cache"), 2, kMaxKernel));
}

}  // namespace loam
