#include "tokenizer/hf/precompiled.h"

#include <utf8proc.h>

#include <optional>
#include <string_view>
#include <utility>

#include "tokenizer/chars_map.h"

namespace loam::hf {
namespace {

constexpr size_t kLongestCluster = 5;  // bytes; longer ones are looked up by their code points alone

int value_of_digit(char c) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const size_t at = kDigits.find(c);
  return at == kDigits.npos ? -1 : static_cast<int>(at);
}

std::string from_base64(const Settings& settings, std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  uint32_t bits = 0;
  int n_bits = 0;
  for (const char c : text) {
    const int value = value_of_digit(c);
    if (value < 0) settings.fail("has a precompiled_charsmap that is no base64");
    bits = bits << 6 | static_cast<uint32_t>(value);
    if ((n_bits += 6) < 8) continue;
    out += static_cast<char>(bits >> (n_bits -= 8) & 0xFF);
  }
  return out;
}

class Precompiled final : public Normalizer {
 public:
  explicit Precompiled(CharsMap map) : map_(std::move(map)) {}

  bool apply(std::string& text) const override {
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size();) {
      const size_t end = end_of_cluster(text, i);
      append(std::string_view(text).substr(i, end - i), out);
      i = end;
    }
    text = std::move(out);
    return true;  // the package counts what is removed here to what follows
  }

 private:
  static size_t end_of_cluster(std::string_view text, size_t begin) {
    CodePoint c = decode_utf8(text, begin);
    size_t end = begin + static_cast<size_t>(c.bytes);
    utf8proc_int32_t state = 0;
    while (end < text.size()) {
      const CodePoint next = decode_utf8(text, end);
      if (utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(c.value),
                                           static_cast<utf8proc_int32_t>(next.value), &state))
        break;
      end += static_cast<size_t>(next.bytes);
      c = next;
    }
    return end;
  }

  void append(std::string_view cluster, std::string& out) const {
    if (cluster.size() <= kLongestCluster)
      if (const auto whole = map_.first_match(cluster)) {
        out += *whole;
        return;
      }
    for (size_t i = 0; i < cluster.size();) {
      const auto bytes = static_cast<size_t>(decode_utf8(cluster, i).bytes);
      const std::string_view part = cluster.substr(i, bytes);
      out += map_.first_match(part).value_or(part);
      i += bytes;
    }
  }

  const CharsMap map_;
};

}  // namespace

std::unique_ptr<Normalizer> make_precompiled(const Settings& settings) {
  const std::string bytes = from_base64(settings, settings.text("precompiled_charsmap"));
  return std::make_unique<Precompiled>(CharsMap(bytes));
}

}  // namespace loam::hf
