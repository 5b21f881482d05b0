#include "file/json_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/error.h"
#include "base/input_file.h"
#include "base/utf8.h"

namespace loam {
namespace {

constexpr uint64_t kMaxJsonBytes = uint64_t{64} << 20;
constexpr int kMaxJsonDepth = 64;

// Looks at the events of a parse, before anything is built of the text.
class StrictReader {
 public:
  StrictReader(int max_depth, std::string& fault) : max_depth_(max_depth), fault_(fault) {}

  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(nlohmann::json::number_integer_t) { return true; }
  bool number_unsigned(nlohmann::json::number_unsigned_t) { return true; }
  bool number_float(nlohmann::json::number_float_t, const std::string&) { return true; }
  bool string(std::string&) { return true; }
  bool binary(nlohmann::json::binary_t&) { return true; }
  bool start_object(size_t) { return begin(); }
  bool start_array(size_t) { return begin(); }
  bool end_object() { return end(); }
  bool end_array() { return end(); }
  bool key(std::string& name) {
    if (members_.back().insert(name).second) return true;
    fault_ = fmt::format("has the member \"{}\" twice", escape_control(name));
    return false;
  }
  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception&) {
    if (fault_.empty()) fault_ = fmt::format("is no JSON from byte {} on", position);
    return false;
  }

 private:
  bool begin() {
    members_.emplace_back();
    if (static_cast<int>(members_.size()) <= max_depth_) return true;
    fault_ = fmt::format("is nested more than {} deep", max_depth_);
    return false;
  }
  bool end() {
    members_.pop_back();
    return true;
  }

  const int max_depth_;
  std::string& fault_;
  std::vector<std::set<std::string, std::less<>>> members_;  // of the objects that are open
};

}  // namespace

nlohmann::json parse_strict_json(std::string_view text, int max_depth, std::string& fault) {
  fault.clear();
  StrictReader reader(max_depth, fault);
  if (!nlohmann::json::sax_parse(text, &reader)) {
    if (fault.empty()) fault = "is no JSON";
    return {};
  }
  return nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
}

nlohmann::json read_json_file(const std::string& path) {
  const InputFile file(path);
  const auto fail = [&](const std::string& what) {
    throw Error(Error::Code::model_invalid, fmt::format("{}: {}", escape_control(path), what), "json@0");
  };
  if (file.size() > kMaxJsonBytes) fail(fmt::format("has {} bytes, more than {}", file.size(), kMaxJsonBytes));
  std::string text(file.size(), '\0');
  file.read(0, std::as_writable_bytes(std::span(text)));
  std::string fault;
  nlohmann::json json = parse_strict_json(text, kMaxJsonDepth, fault);
  if (!fault.empty()) fail(fault);
  return json;
}

}  // namespace loam
