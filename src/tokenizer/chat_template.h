// A model's chat template (Jinja, as Hugging Face runs it): messages in, prompt text out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace loam {

struct TemplateLimits {
  int64_t steps = 1'000'000;       // of work, each at most about 0.1 µs: expressions, elements, some bytes of text
  int depth = 128;                 // nesting of the source and of calls
  int64_t output_bytes = 8 << 20;  // of the result and of any string on the way
};

class ChatTemplate {
 public:
  // Parses; Error(template_error) with the line where the source is not valid Jinja or nests too deep.
  explicit ChatTemplate(std::string source, TemplateLimits limits = {});
  ~ChatTemplate();
  ChatTemplate(ChatTemplate&&) noexcept;

  // Renders with `arguments` (a JSON object: messages, tools, add_generation_prompt, bos_token, …). `now`
  // (ISO 8601, "2024-07-26T12:00:00") fixes strftime_now; the system clock otherwise. Objects keep their key order.
  // add_generation_prompt is true where it is not given.
  // Error(template_error): raise_exception's message verbatim, undefined operations, or a limit that was hit.
  std::string render(const nlohmann::ordered_json& arguments) const;

  const std::string& source() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace loam
