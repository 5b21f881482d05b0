// What grammars cost: compiling, a token's mask and taking a token, for the vocabularies of the models named as
// arguments.
//   grammar_bench MODEL.gguf …
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/grammar/grammar.h"
#include "engine/grammar/grammar_matcher.h"
#include "file/gguf.h"
#include "tokenizer/tokenizer.h"

namespace loam {
namespace {

// Processor time, which other programs' work changes little.
double microseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}
double microseconds_since(double begin) { return microseconds() - begin; }

struct Case {
  const char* name;
  GrammarExpression expression;
  std::string text;  // that the grammar accepts
};

std::vector<Case> cases() {
  const std::string person =
      R"({"name": "Johann Sebastian Bach", "age": 65, "email": "bach@example.com", "tags": ["composer", )"
      R"("organist"], "address": {"street": "Thomaskirchhof 16", "city": "Leipzig", "zip": "04109"}, )"
      R"("bio": "He wrote more than a thousand works, among them the St Matthew Passion and the Mass in B minor."})";
  const std::string schema = R"({"type": "object", "properties": {
      "name": {"type": "string", "maxLength": 80}, "age": {"type": "integer", "minimum": 0, "maximum": 130},
      "email": {"type": "string", "format": "email"}, "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 8},
      "address": {"type": "object", "properties": {"street": {"type": "string"}, "city": {"type": "string"},
                  "zip": {"type": "string", "pattern": "^[0-9]{5}$"}}, "required": ["street", "city", "zip"]},
      "bio": {"type": "string"}}, "required": ["name", "age", "email", "tags", "address", "bio"]})";
  std::string limited = schema;
  limited.replace(limited.rfind("{\"type\": \"string\"}"), 18, R"({"type": "string", "maxLength": 300})");
  const std::string call = R"({"name": "get_weather", "arguments": {"city": "Seoul", "unit": "celsius"}})";
  const std::string tool =
      R"({"type": "object", "properties": {"name": {"const": "get_weather"}, "arguments": {"type": "object",
      "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}}, "required": ["city"]}},
      "required": ["name", "arguments"]})";
  const char* arithmetic =
      "root ::= expression\nexpression ::= term ([-+] term)*\nterm ::= factor ([*/] factor)*\n"
      "factor ::= [0-9]+ | \"(\" expression \")\"";
  using E = GrammarExpression;
  return {
      {"schema", E::json_schema_text(schema), person},
      {"schema, lengths", E::json_schema_text(limited), person},
      {"any object", E::json_object(), person},
      {"tool call in text",
       E::sequence({E::repeat(E::sequence({E::text_until({"<tool_call>"}), E::literal("\n"), E::json_schema_text(tool),
                                           E::literal("\n</tool_call>")}),
                              0),
                    E::text_without({"<tool_call>"})}),
       "I will look that up for you.\n<tool_call>\n" + call + "\n</tool_call>"},
      {"arithmetic", E::gbnf(arithmetic), "(1+2)*(3-4)/(5+(6*7))"},
      {"date in text", E::regex("[^\\n]{0,200} on \\d{4}-\\d{2}-\\d{2}\\."),
       "The library was opened again to the public on 2024-05-17."},
  };
}

struct Cost {
  double compile = 0, mask = 0, worst_mask = 0, accept = 0;  // µs; of masks and accepts the mean
  int n_tokens = 0;
};

Cost measure(const std::shared_ptr<const Grammar>& grammar, const std::vector<Token>& tokens) {
  Cost cost;
  GrammarMatcher matcher(grammar);
  for (const Token token : tokens) {
    double begin = microseconds();
    const auto mask = matcher.allowed();
    const double spent = microseconds_since(begin);
    cost.mask += spent;
    cost.worst_mask = std::max(cost.worst_mask, spent);
    if (!(mask[static_cast<size_t>(token) / 64] >> (token % 64) & 1))
      throw Error(Error::Code::invalid, "the text is not accepted");
    begin = microseconds();
    matcher.accept(token);
    cost.accept += microseconds_since(begin);
  }
  cost.n_tokens = static_cast<int>(tokens.size());
  cost.mask /= cost.n_tokens;
  cost.accept /= cost.n_tokens;
  return cost;
}

void report(const std::string& path) {
  const auto file = GgufFile::open(path);
  const auto tokenizer = Tokenizer::load(file->metadata());
  double begin = microseconds();
  const auto vocabulary = std::make_shared<const GrammarVocabulary>(*tokenizer);
  fmt::print("\n{}: {} tokens, vocabulary {:.0f} ms, {} + {} trie nodes\n", path.substr(path.rfind('/') + 1),
             tokenizer->n_vocab(), microseconds_since(begin) / 1000, vocabulary->short_tokens().nodes().size(),
             vocabulary->long_tokens().nodes().size());
  fmt::print("{:<20} {:>8} {:>7} {:>22} {:>22} {:>10}\n", "grammar", "compile", "tokens", "first text, mask",
             "next text, mask", "accept");
  for (const Case& c : cases()) {
    begin = microseconds();
    const auto grammar = Grammar::compile(c.expression, vocabulary);
    const double compile = microseconds_since(begin);
    const auto tokens = tokenizer->encode(c.text);
    const Cost first = measure(grammar, tokens), next = measure(grammar, tokens);
    fmt::print("{:<20} {:>5.2f} ms {:>7} {:>7.1f} µs (≤ {:>6.0f}) {:>8.1f} µs (≤ {:>4.0f}) {:>7.2f} µs\n", c.name,
               compile / 1000, first.n_tokens, first.mask, first.worst_mask, next.mask, next.worst_mask, next.accept);
  }
}

}  // namespace
}  // namespace loam

int main(int argc, char** argv) {
  try {
    for (int i = 1; i < argc; ++i) loam::report(argv[i]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
