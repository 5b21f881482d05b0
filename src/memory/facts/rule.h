// How facts are said in a language: a table of patterns, and of what makes a sentence no statement of the speaker's.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace loam {

// A pattern is PCRE2's, with <names> for the language's phrases. It has the
// groups v (the value), o (what the value is not: "not Paris but Rome") and k (the kind: which pet, which relative).
struct FactRule {
  enum Flag : uint8_t {
    list = 1,    // several values: "apples, pears and plums"
    brief = 2,   // the value ends at "and", "with", "for"
    whole = 4,   // the value is a clause, kept as it was said
    ends = 8,    // no longer so
    place = 16,  // Russian: в Москве → Москва
    role = 32,   // Russian: врачом → врач
  };
  std::string_view attribute, pattern;
  unsigned flags = 0;
  double confidence = 0.8;
};

struct FactLanguage {
  std::span<const std::array<std::string_view, 2>> phrases;  // <name> and the pattern that it stands for
  std::span<const FactRule> rules;
  std::string_view material;   // a turn that brings a text to work on, or plays a part: no fact at all
  std::string_view unreal;     // a sentence that supposes, asks, or reports what others say
  std::string_view tag;        // ", right?": what stands before was a question too
  std::string_view cut;        // ends a value
  std::string_view cut_brief;  // ends a `brief` value
  std::string_view separator;  // between the values of a list
  std::string_view no_value;   // values that say nothing: "it", "your answer"
  std::string_view drop;       // what a value loses at its beginning: articles
  std::string_view remember;   // "remember that <v>"
  std::string_view request;    // the same as a question: "can you remember that <v>?"
};

const FactLanguage& english_facts();
const FactLanguage& korean_facts();
const FactLanguage& russian_facts();

}  // namespace loam
