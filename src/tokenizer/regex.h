// A compiled regular expression over UTF-8 (PCRE2 with its just-in-time compiler).
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace loam {

class Regex {
 public:
  // \p{…} are Unicode's properties, \s and \S Unicode's White_Space. The pattern is loam's own, never a model's.
  explicit Regex(std::string_view pattern);
  // A pattern that comes with a model, in the syntax of Oniguruma as far as PCRE2 has the same: \w and \d are
  // Unicode's, and ^ and $ match at every line. What a search may cost is limited. Error(unsupported) naming what is
  // wrong with it.
  static Regex of_model(std::string_view pattern);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  struct Match {
    size_t begin = 0, end = 0;
  };

  // Memory that matching needs; one for each thread that matches.
  class Workspace {
   public:
    Workspace();
    ~Workspace();
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;

   private:
    friend class Regex;
    struct State;
    std::unique_ptr<State> state_;
  };

  // Finds the first match that starts at `from` or later; `text` must be valid UTF-8. False where there is none.
  // Throws Error(invalid) where the search exceeds PCRE2's limits.
  bool find(std::string_view text, size_t from, Workspace& workspace, Match& match) const;

 private:
  struct Code;
  explicit Regex(std::unique_ptr<Code> code);
  std::unique_ptr<Code> code_;
};

}  // namespace loam
