// The header fields of a request or an answer, in order; names are compared without regard to case.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loam {

bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string_view trimmed(std::string_view text);  // without spaces and tabs around it

class HttpHeaders {
 public:
  using Field = std::pair<std::string, std::string>;

  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<Field> fields) : fields_(fields) {}

  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // The first field of that name; null where there is none.
  const std::string* find(std::string_view name) const;
  // The same, "" where there is none.
  std::string_view get(std::string_view name) const;
  int count(std::string_view name) const;
  // Whether a comma-separated list such as Connection's contains `token`, in any field of that name.
  bool lists(std::string_view name, std::string_view token) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

}  // namespace loam
