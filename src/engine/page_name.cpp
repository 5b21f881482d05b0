#include "engine/page_name.h"

#include <fmt/format.h>

#include "base/hash.h"

namespace loam {
namespace {

constexpr int kVersion = 1;  // changes with the arithmetic of models and the layout of pages

}  // namespace

PageName PageName::root(std::string_view model, const KvOptions& types, int n_experts, std::string_view salt) {
  Sha256 hash;
  // The salt comes last, so that no text between two parts can be taken for another division.
  const std::string text = fmt::format("loam pages {}\n{}\n{} {} {} {}\n{}\n{}", kVersion, kPageTokens, name(types.k),
                                       name(types.v), n_experts, model.size(), model, salt);
  hash.update(std::as_bytes(std::span(text)));
  return {hash.digest()};
}

PageName PageName::next(std::span<const Token> tokens) const {
  Sha256 hash;
  hash.update(this->hash);
  hash.update(std::as_bytes(tokens));
  return {hash.digest()};
}

}  // namespace loam
