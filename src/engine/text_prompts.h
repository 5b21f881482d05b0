// What an embedding model is told before texts of a kind: it was trained with "Instruct: …" before queries and nothing
// before documents, or with other words before both.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "file/metadata.h"

namespace loam {

class TextPrompts {
 public:
  TextPrompts() = default;
  // From `loam.prompts.names`, `.texts` and `.default`. Error(model_invalid) where there are not as many of each.
  explicit TextPrompts(const Metadata& metadata);

  const std::map<std::string, std::string>& all() const { return by_name_; }
  // Error(invalid, `where`) listing the names for one that is unknown; of no name, the default's text or "".
  const std::string& get(const std::string& name, const std::string& where) const;

  // For texts that ask, and for those that may answer, by the names that models have for them; else the default's.
  const std::string& query() const { return first_of({"query", "search_query"}); }
  const std::string& document() const { return first_of({"document", "passage", "search_document", "corpus"}); }

 private:
  const std::string& first_of(std::initializer_list<const char*> names) const;

  std::map<std::string, std::string> by_name_;
  std::string default_;
};

}  // namespace loam
