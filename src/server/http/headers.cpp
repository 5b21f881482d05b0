#include "server/http/headers.h"

#include <algorithm>

namespace loam {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

const std::string* HttpHeaders::find(std::string_view name) const {
  for (const Field& field : fields_)
    if (equal_ignoring_case(field.first, name)) return &field.second;
  return nullptr;
}

std::string_view HttpHeaders::get(std::string_view name) const {
  const std::string* value = find(name);
  return value ? std::string_view(*value) : std::string_view();
}

int HttpHeaders::count(std::string_view name) const {
  return static_cast<int>(
      std::ranges::count_if(fields_, [&](const Field& field) { return equal_ignoring_case(field.first, name); }));
}

bool HttpHeaders::lists(std::string_view name, std::string_view token) const {
  for (const Field& field : fields_) {
    if (!equal_ignoring_case(field.first, name)) continue;
    for (std::string_view rest = field.second;;) {
      const size_t comma = rest.find(',');
      if (equal_ignoring_case(trimmed(rest.substr(0, comma)), token)) return true;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

}  // namespace loam
