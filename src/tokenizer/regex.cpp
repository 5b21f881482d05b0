#define PCRE2_CODE_UNIT_WIDTH 8
#include "tokenizer/regex.h"

#include <fmt/format.h>
#include <pcre2.h>

#include "base/error.h"

namespace loam {
namespace {

// Unicode's White_Space; PCRE2's own \s also has U+180E, which has not been white space since Unicode 6.3.
constexpr std::string_view kWhiteSpace =
    R"(\t-\r\x20\x85\xA0\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";

// The pattern with \s and \S written out.
std::string spell_out_space(std::string_view pattern) {
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && (pattern[i + 1] == 's' || pattern[i + 1] == 'S')) {
      const char* open = pattern[++i] == 'S' ? "[^" : "[";
      out += in_class ? std::string(kWhiteSpace) : fmt::format("{}{}]", open, kWhiteSpace);
      continue;
    }
    out += c;
    if (c == '\\') out += pattern[++i];
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
  }
  return out;
}

}  // namespace

struct Regex::Code {
  pcre2_code* code = nullptr;
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

Regex::Regex(std::string_view pattern) : code_(std::make_unique<Code>()) {
  const std::string source = spell_out_space(pattern);
  int error = 0;
  PCRE2_SIZE offset = 0;
  code_->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(source.data()), source.size(),
                              PCRE2_UTF | PCRE2_DOLLAR_ENDONLY, &error, &offset, nullptr);
  LOAM_CHECK(code_->code != nullptr);
  pcre2_jit_compile(code_->code, PCRE2_JIT_COMPLETE);  // where it cannot, matching interprets
}

Regex::~Regex() = default;

bool Regex::find(std::string_view text, size_t from, Workspace& workspace, Match& match) const {
  Workspace::State& state = *workspace.state_;
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
