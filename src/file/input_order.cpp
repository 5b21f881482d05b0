#include "file/input_order.h"

#include <fmt/format.h>

#include <cstring>
#include <string>
#include <string_view>

#include "base/error.h"

namespace loam {
namespace {

std::string order_name(std::string_view matrix) {
  constexpr std::string_view kWeight = ".weight";
  if (matrix.ends_with(kWeight)) matrix.remove_suffix(kWeight.size());
  return fmt::format("{}.input_order", matrix);
}

}  // namespace

const TensorInfo* find_input_order(const GgufFile& file, const TensorInfo& matrix) {
  const TensorInfo* order = file.find(order_name(matrix.name));
  if (!order) return nullptr;
  const auto refuse = [&](const char* field, const std::string& what) {
    throw Error(Error::Code::model_invalid, fmt::format("tensor {} {}", order->name, what),
                fmt::format("{}@{}", field, order->offset));
  };
  if (order->dtype != DType::i32) refuse("dtype", fmt::format("is {}; an order of inputs is I32", name(order->dtype)));
  if (matrix.shape.rank() == 0 || order->shape != Shape{matrix.shape.cols()})
    refuse("shape",
           fmt::format("has shape {}; {} has {} inputs", order->shape.text(), matrix.name, matrix.shape.cols()));
  return order;
}

std::vector<int32_t> read_input_order(const GgufFile& file, const TensorInfo& order) {
  std::vector<std::byte> scratch;
  const auto bytes = file.bytes(order, 0, order.bytes, scratch);
  std::vector<int32_t> inputs(bytes.size() / sizeof(int32_t));
  std::memcpy(inputs.data(), bytes.data(), inputs.size() * sizeof(int32_t));
  std::vector<bool> seen(inputs.size());
  for (size_t k = 0; k < inputs.size(); ++k) {
    const bool inside = inputs[k] >= 0 && static_cast<size_t>(inputs[k]) < inputs.size();
    if (inside && !seen[static_cast<size_t>(inputs[k])]) {
      seen[static_cast<size_t>(inputs[k])] = true;
      continue;
    }
    throw Error(Error::Code::model_invalid,
                fmt::format("tensor {} names input {} {}; it must name each of {} once", order.name, inputs[k],
                            inside ? "twice" : "at element " + std::to_string(k), inputs.size()),
                fmt::format("{}@{}", order.name, order.offset + k * sizeof(int32_t)));
  }
  return inputs;
}

bool have_one_input_order(const GgufFile& file_a, const TensorInfo& a, const GgufFile& file_b, const TensorInfo& b) {
  const TensorInfo *order_a = find_input_order(file_a, a), *order_b = find_input_order(file_b, b);
  if (!order_a || !order_b) return order_a == order_b;
  return read_input_order(file_a, *order_a) == read_input_order(file_b, *order_b);
}

}  // namespace loam
