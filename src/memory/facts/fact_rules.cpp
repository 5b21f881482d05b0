#include "memory/facts/fact_rules.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "memory/facts/kinds.h"
#include "memory/facts/rule.h"
#include "memory/facts/russian_cases.h"
#include "memory/facts/sentences.h"
#include "memory/text/pattern.h"

namespace loam {
namespace {

constexpr size_t kMostStatements = 32;  // of one turn
constexpr size_t kLongestValue = 80;    // code points
constexpr size_t kLongestClause = 200;  // of a `whole` value
constexpr std::string_view kValueEdges = " \t,.:-–—\"'«»“”„‘「」『』()!";

// The pattern as PCRE2 takes it, <names> replaced.
std::string expand(const FactLanguage& language, std::string_view pattern) {
  std::string out(pattern);
  for (const auto& [name, meaning] : language.phrases) {
    for (size_t at = 0; (at = out.find(name, at)) != std::string::npos; at += meaning.size())
      out.replace(at, name.size(), meaning);
  }
  return out;
}

// Removes all of `edges` (whole code points) at both ends.
std::string_view trimmed(std::string_view text) {
  const auto edges = code_points(kValueEdges);
  const auto is_edge = [&](char32_t c) { return std::ranges::find(edges, c) != edges.end(); };
  while (!text.empty()) {
    const CodePoint first = decode_utf8(text, 0);
    if (!is_edge(first.value)) break;
    text.remove_prefix(static_cast<size_t>(first.bytes));
  }
  while (!text.empty()) {
    size_t last = text.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) --last;
    if (!is_edge(decode_utf8(text, last).value)) break;
    text.remove_suffix(text.size() - last);
  }
  return text;
}

std::string_view first_of(const Pattern::Found& found, const std::vector<size_t>& groups) {
  for (const size_t group : groups) {
    if (!found.groups[group].empty()) return found.groups[group];
  }
  return {};
}

struct CompiledRule {
  FactRule rule;
  Pattern pattern;
  std::vector<size_t> value, old_value, kind;  // numbers of the groups
};

// A language's tables, compiled once.
class Reader {
 public:
  explicit Reader(const FactLanguage& language)
      : material_(language.material),
        unreal_(language.unreal),
        tag_(language.tag),
        cut_(language.cut),
        cut_brief_(language.cut_brief),
        separator_(language.separator),
        no_value_(language.no_value),
        drop_(language.drop),
        remember_(expand(language, language.remember)),
        request_(expand(language, language.request)) {
    for (const FactRule& rule : language.rules) {
      Pattern pattern(expand(language, rule.pattern));
      auto value = pattern.groups("v"), old_value = pattern.groups("o"), kind = pattern.groups("k");
      rules_.push_back({rule, std::move(pattern), std::move(value), std::move(old_value), std::move(kind)});
    }
  }

  bool is_material(std::string_view turn) const { return material_.matches(turn); }
  void read(const Sentence& sentence, std::vector<FactStatement>& out) const {
    const Pattern& asking = sentence.question ? request_ : remember_;
    if (const auto asked = asking.find(sentence.text); asked && asked->begin == 0) {
      for (size_t i = Pattern::kMostGroups - 1; i > 0; --i) {
        if (!asked->groups[i].empty()) return remember(asked->groups[i], out);
      }
    }
    if (unreal_.matches(sentence.stated()) || (sentence.question && tag_.matches(sentence.asked()))) return;
    apply_rules(sentence.stated(), sentence.question, 0, out);
  }

 private:
  // What the user asks to remember is kept whole where no rule knows better.
  void remember(std::string_view content, std::vector<FactStatement>& out) const {
    content = trimmed(content);
    const size_t before = out.size();
    apply_rules(content, false, 0.95, out);
    if (out.size() > before) return;
    if (count_code_points(content) > kLongestClause || count_code_points(content) < 4) return;
    out.push_back({.attribute = "note", .value = std::string(content), .confidence = 0.95});
  }

  void apply_rules(std::string_view sentence, bool question, double least_confidence,
                   std::vector<FactStatement>& out) const {
    std::vector<std::pair<size_t, size_t>> taken;
    for (const CompiledRule& compiled : rules_) {
      size_t from = 0;
      while (const auto found = compiled.pattern.find(sentence, from)) {
        from = std::max(found->end, found->begin + 1);
        if (from > sentence.size()) break;
        // Of a question only a clause that begins as a statement does: "I live in Rome, what …".
        if (question && !lead_.matches(sentence.substr(0, found->begin))) continue;
        if (is_quoted(sentence, found->begin)) continue;
        // The first rule that takes a value has it to itself.
        const std::string_view value =
            compiled.value.empty() ? found->groups[0] : cut(compiled.rule, first_of(*found, compiled.value));
        const auto begin = static_cast<size_t>(value.data() - sentence.data()), end = begin + value.size();
        if (std::ranges::any_of(taken, [&](const auto& t) { return begin < t.second && t.first < end; })) continue;
        const size_t before = out.size();
        add(compiled, *found, std::max(least_confidence, compiled.rule.confidence), out);
        if (out.size() > before) taken.emplace_back(begin, end);
      }
    }
  }

  void add(const CompiledRule& compiled, const Pattern::Found& found, double confidence,
           std::vector<FactStatement>& out) const {
    std::string attribute(compiled.rule.attribute);
    if (!compiled.kind.empty()) attribute += "." + kind_name(trimmed(first_of(found, compiled.kind)));
    const bool ends = (compiled.rule.flags & FactRule::ends) != 0;
    if (compiled.value.empty()) {  // "I quit my job": whatever it was
      out.push_back({.attribute = attribute, .value = "", .confidence = confidence, .ends = ends});
      return;
    }
    if (!compiled.old_value.empty()) {
      const std::string old = value_of(compiled.rule, first_of(found, compiled.old_value));
      if (!old.empty()) out.push_back({.attribute = attribute, .value = old, .confidence = confidence, .ends = true});
    }
    for (const std::string_view part : parts_of(compiled.rule, first_of(found, compiled.value))) {
      std::string value = value_of(compiled.rule, part);
      if (!value.empty())
        out.push_back({.attribute = attribute, .value = std::move(value), .confidence = confidence, .ends = ends});
    }
  }

  std::string_view cut(const FactRule& rule, std::string_view value) const {
    if (const auto end = cut_.find(value)) value = value.substr(0, end->begin);
    if ((rule.flags & FactRule::brief) != 0) {
      if (const auto end = cut_brief_.find(value)) value = value.substr(0, end->begin);
    }
    return value;
  }

  std::vector<std::string_view> parts_of(const FactRule& rule, std::string_view value) const {
    std::vector<std::string_view> parts;
    if (const size_t quoted = end_of_quote(value, 0); quoted > 0) return {value.substr(0, quoted)};  // a title
    value = cut(rule, value);
    if ((rule.flags & FactRule::list) != 0) {
      while (const auto between = separator_.find(value)) {
        parts.push_back(value.substr(0, between->begin));
        value = value.substr(between->end);
      }
    }
    parts.push_back(value);
    return parts;
  }

  // Empty where it is no value.
  std::string value_of(const FactRule& rule, std::string_view said) const {
    said = trimmed(said);
    if ((rule.flags & FactRule::whole) != 0) return count_code_points(said) > kLongestClause ? "" : std::string(said);
    if (no_value_.matches(said)) return {};
    if (const auto article = drop_.find(said); article && article->begin == 0)
      said = trimmed(said.substr(article->end));
    if (said.empty() || count_code_points(said) > kLongestValue) return {};
    if ((rule.flags & FactRule::place) != 0) return russian_place(said);
    if ((rule.flags & FactRule::role) != 0) return russian_role(said);
    return std::string(said);
  }

  Pattern material_, unreal_, tag_, cut_, cut_brief_, separator_, no_value_, drop_, remember_, request_;
  // What may stand before a statement that a question begins with.
  Pattern lead_{
      R"(^(?:(?:i|we|my|since|as|because|so|well|hi|hello|я|мы|мой|моя|и|так как|раз|поскольку|привет|저는|나는|전|난|제|내)[ ,]*)*$)"};
  std::vector<CompiledRule> rules_;
};

// By its letters: a sentence with any Hangul is read as Korean, else one with any Cyrillic as Russian.
const Reader& reader_for(std::string_view text) {
  static const Reader english(english_facts()), korean(korean_facts()), russian(russian_facts());
  bool has_cyrillic = false;
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    if (c.value >= 0xAC00 && c.value <= 0xD7A3) return korean;
    has_cyrillic |= c.value >= 0x400 && c.value <= 0x4FF;
    i += static_cast<size_t>(c.bytes);
  }
  return has_cyrillic ? russian : english;
}

// "since 2019", "с 2019 года", "2019년부터": when it began, where the sentence says a year.
UnixTime beginning_of(std::string_view sentence) {
  static const Pattern since(
      R"((?:\bsince (?:\w+ )?(?<v>(?:19|20)\d\d)\b|\bс (?<v>(?:19|20)\d\d)\b|(?<v>(?:19|20)\d\d)년부터))");
  const auto found = since.find(sentence);
  if (!found) return 0;
  for (size_t i = 1; i < Pattern::kMostGroups; ++i) {
    int year = 0;
    const std::string_view digits = found->groups[i];
    if (!digits.empty() && std::from_chars(digits.data(), digits.data() + digits.size(), year).ec == std::errc())
      return end_of_date(std::to_string(year - 1)) + 1;
  }
  return 0;
}

void keep_first_of_each(std::vector<FactStatement>& statements) {
  std::vector<FactStatement> kept;
  for (FactStatement& statement : statements) {
    const bool again = std::ranges::any_of(kept, [&](const FactStatement& other) {
      return other.attribute == statement.attribute && other.value == statement.value && other.ends == statement.ends;
    });
    if (!again && kept.size() < kMostStatements) kept.push_back(std::move(statement));
  }
  statements = std::move(kept);
}

}  // namespace

std::vector<FactStatement> find_statements(std::string_view text) {
  std::vector<FactStatement> statements;
  const std::vector<Sentence> sentences = speaker_sentences(text);
  for (const Sentence& sentence : sentences) {
    if (reader_for(sentence.text).is_material(sentence.text)) return {};
  }
  for (const Sentence& sentence : sentences) {
    const size_t before = statements.size();
    reader_for(sentence.text).read(sentence, statements);
    const UnixTime since = statements.size() > before ? beginning_of(sentence.text) : 0;
    for (size_t n = before; n < statements.size(); ++n) statements[n].valid_from = since;
  }
  keep_first_of_each(statements);
  return statements;
}

}  // namespace loam
