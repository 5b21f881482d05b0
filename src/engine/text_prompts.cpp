#include "engine/text_prompts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "base/error.h"
#include "base/utf8.h"

namespace loam {
namespace {

const std::string kNoPrompt;

}  // namespace

TextPrompts::TextPrompts(const Metadata& metadata) {
  const auto *names = metadata.strings("loam.prompts.names"), *texts = metadata.strings("loam.prompts.texts");
  if (names == nullptr && texts == nullptr) return;
  if (names == nullptr || texts == nullptr || names->size() != texts->size())
    throw Error(Error::Code::model_invalid,
                fmt::format("loam.prompts.names has {} values, loam.prompts.texts {}", names ? names->size() : 0,
                            texts ? texts->size() : 0),
                "loam.prompts.names@0");
  for (size_t i = 0; i < names->size(); ++i) by_name_.emplace((*names)[i], (*texts)[i]);
  default_ = metadata.string("loam.prompts.default").value_or("");
}

const std::string& TextPrompts::get(const std::string& name, const std::string& where) const {
  const auto found = by_name_.find(name.empty() ? default_ : name);
  if (found != by_name_.end()) return found->second;
  if (name.empty()) return kNoPrompt;
  std::vector<std::string> known;
  for (const auto& [other, text] : by_name_) known.push_back(escape_control(other));
  throw Error(Error::Code::invalid,
              fmt::format("the model has no prompt \"{}\"; it has {}", escape_control(name),
                          known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))),
              where);
}

const std::string& TextPrompts::first_of(std::initializer_list<const char*> names) const {
  for (const char* name : names)
    if (const auto found = by_name_.find(name); found != by_name_.end()) return found->second;
  return get("", "");
}

}  // namespace loam
