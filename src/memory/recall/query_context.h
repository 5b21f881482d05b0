// What a question asks for besides its words: a time, a quotation, names; and what turns gain by it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "memory/recall/recall.h"
#include "memory/text/time_expression.h"

namespace loam {

class QueryContext {
 public:
  explicit QueryContext(const RecallQuery& query);

  // Fills what multiplies in `reasons`, and its terms.
  void weigh(const Turn& turn, RecallReasons& reasons) const;
  const std::vector<std::string>& terms() const { return terms_; }  // without stop words

 private:
  double time_factor(UnixTime time) const;
  double recency_factor(const Turn& turn) const;

  UnixTime now_;
  std::optional<TimeRange> time_;
  std::vector<std::string> phrases_;  // terms with spaces between and around
  std::vector<std::string> names_;    // terms
  std::vector<std::string> terms_;
};

// The terms of a text with spaces between and around, so that a phrase is found as a part of it.
std::string spaced_terms(std::string_view text);

}  // namespace loam
