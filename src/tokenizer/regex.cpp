#define PCRE2_CODE_UNIT_WIDTH 8
#include "tokenizer/regex.h"

#include <fmt/format.h>
#include <pcre2.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"

namespace loam {
namespace {

// Unicode's White_Space; PCRE2's own \s also has U+180E, which has not been white space since Unicode 6.3.
constexpr std::string_view kWhiteSpace =
    R"(\t-\r\x20\x85\xA0\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";

constexpr size_t kMaxPatternBytes = 64 << 10, kShownBytes = 200;
// Steps that one search with a model's pattern may take: some times the text's length, for patterns that look ahead
// from a long run of spaces.
constexpr size_t kModelSteps = 1 << 20, kStepsOfByte = 16;

// Oniguruma's \w.
constexpr std::string_view kWordCharacters = R"(\p{L}\p{M}\p{Nd}\p{Pc})";

// A class of characters that its own escape writes out.
struct Escape {
  char name;
  std::string_view members;
};
constexpr Escape kEscapes[] = {{'s', kWhiteSpace}, {'w', kWordCharacters}, {'h', "0-9A-Fa-f"}};

bool is_category(std::string_view property) {
  return property.size() <= 2 || property == "Any" || property == "Alphabetic" || property == "L&";
}

// \p{Han} is the script alone, where PCRE2 would take the characters that several scripts share with it.
std::string spell_out_property(std::string_view pattern, size_t& i) {
  const size_t close = pattern.find('}', i);
  if (i + 2 >= pattern.size() || pattern[i + 2] != '{' || close == pattern.npos) {
    i += 1;
    return std::string(pattern.substr(i - 1, 2));
  }
  std::string_view property = pattern.substr(i + 3, close - i - 3);
  const std::string head = fmt::format("\\{}{{{}", pattern[i + 1], property.starts_with('^') ? "^" : "");
  if (property.starts_with('^')) property.remove_prefix(1);
  i = close;
  const bool plain = is_category(property) || property.find_first_of(":=") != property.npos;
  return fmt::format("{}{}{}}}", head, plain ? "" : "sc:", property);
}

// The pattern with \s and \S written out; of a model's also \w, \h and scripts.
std::string spell_out(std::string_view pattern, bool of_model) {
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i], next = c == '\\' && i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    const auto escape = std::ranges::find(kEscapes, next | 0x20, &Escape::name);
    const bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
    const bool outside = next >= 'A' && next <= 'Z';
    if (letter && escape != std::end(kEscapes) && (of_model || escape->name == 's') && !(in_class && outside)) {
      ++i;
      out += in_class ? std::string(escape->members) : fmt::format("[{}{}]", outside ? "^" : "", escape->members);
    } else if (of_model && (next == 'p' || next == 'P')) {
      out += spell_out_property(pattern, i);
    } else {
      out += c;
      if (next != '\0') out += pattern[++i];
      if (c == '[') in_class = true;
      if (c == ']') in_class = false;
    }
  }
  return out;
}

}  // namespace

struct Regex::Code {
  pcre2_code* code = nullptr;
  bool of_model = false;
  ~Code() { pcre2_code_free(code); }
};

struct Regex::Workspace::State {
  pcre2_match_data* data = pcre2_match_data_create(1, nullptr);
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_jit_stack* stack = pcre2_jit_stack_create(32 << 10, 8 << 20, nullptr);

  State() {
    pcre2_jit_stack_assign(context, nullptr, stack);
    // loam's own patterns are linear, so a long text may take as many steps as it needs.
    pcre2_set_match_limit(context, UINT32_MAX);
  }
  ~State() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    pcre2_jit_stack_free(stack);
  }
};

Regex::Workspace::Workspace() : state_(std::make_unique<State>()) {}
Regex::Workspace::~Workspace() = default;

Regex::Regex(std::unique_ptr<Code> code) : code_(std::move(code)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

Regex::Regex(std::string_view pattern) : code_(std::make_unique<Code>()) {
  const std::string source = spell_out(pattern, /*of_model=*/false);
  int error = 0;
  PCRE2_SIZE offset = 0;
  code_->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(source.data()), source.size(),
                              PCRE2_UTF | PCRE2_DOLLAR_ENDONLY, &error, &offset, nullptr);
  LOAM_CHECK(code_->code != nullptr);
  pcre2_jit_compile(code_->code, PCRE2_JIT_COMPLETE);  // where it cannot, matching interprets
}

Regex Regex::of_model(std::string_view pattern) {
  const auto refuse = [&](std::string_view why) {
    return Error(Error::Code::unsupported,
                 fmt::format("the tokenizer's expression \"{}\" cannot be read: {}",
                             escape_control(pattern.substr(0, kShownBytes)), why),
                 "tokenizer.json@0");
  };
  if (pattern.size() > kMaxPatternBytes) throw refuse(fmt::format("it has {} bytes", pattern.size()));
  if (pattern.find("&&") != pattern.npos) throw refuse("it has classes that intersect");
  const std::string source = spell_out(pattern, /*of_model=*/true);
  auto code = std::make_unique<Code>();
  code->of_model = true;
  int error = 0;
  PCRE2_SIZE offset = 0;
  code->code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(source.data()), source.size(),
                    PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &error, &offset, nullptr);
  if (code->code == nullptr) {
    PCRE2_UCHAR message[128] = {};
    pcre2_get_error_message(error, message, sizeof message);
    throw refuse(reinterpret_cast<const char*>(message));
  }
  pcre2_jit_compile(code->code, PCRE2_JIT_COMPLETE);
  return Regex(std::move(code));
}

Regex::~Regex() = default;

bool Regex::find(std::string_view text, size_t from, Workspace& workspace, Match& match) const {
  Workspace::State& state = *workspace.state_;
  if (code_->of_model)
    pcre2_set_match_limit(
        state.context, static_cast<uint32_t>(std::min<size_t>(kModelSteps + kStepsOfByte * text.size(), UINT32_MAX)));
  const int result = pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from,
                                 PCRE2_NO_UTF_CHECK, state.data, state.context);
  if (result == PCRE2_ERROR_NOMATCH) return false;
  if (result < 0) {
    throw Error(Error::Code::invalid,
                fmt::format("cutting a text of {} bytes into words hit a limit ({})", text.size(), result), "text");
  }
  const PCRE2_SIZE* found = pcre2_get_ovector_pointer(state.data);
  match = {found[0], found[1]};
  return true;
}

}  // namespace loam
