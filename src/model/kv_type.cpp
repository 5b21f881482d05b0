#include "model/kv_type.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "base/error.h"

namespace loam {
namespace {

std::string kv_type_name(DType type) {
  std::string name(info(type).name);
  for (char& c : name) c = static_cast<char>(std::tolower(c));
  return name;
}

}  // namespace

std::vector<std::string> kv_type_names() {
  std::vector<std::string> names;
  for (const DType type : kKvTypes) names.push_back(kv_type_name(type));
  return names;
}

DType parse_kv_type(std::string_view name) {
  const auto found = std::ranges::find_if(kKvTypes, [&](DType type) { return kv_type_name(type) == name; });
  if (found != kKvTypes.end()) return *found;
  throw Error(Error::Code::invalid,
              fmt::format("'{}' is no type of keys and values: {}", name, fmt::join(kv_type_names(), ", ")), "kv");
}

}  // namespace loam
