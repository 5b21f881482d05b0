#include "engine/page_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/hash.h"

namespace loam {
namespace {

constexpr int kVersion = 2;  // changes with the arithmetic of models and the layout of pages

PageName owned_by(const PageName::Owner& owner, Sha256& hash) {
  PageName name{hash.digest()};
  std::ranges::copy(owner, name.hash.begin());
  return name;
}

}  // namespace

PageName::Owner PageName::owner_of(std::string_view salt) {
  Sha256 hash;
  const std::string text = fmt::format("loam owner\n{}", salt);
  hash.update(std::as_bytes(std::span(text)));
  const PageName name{hash.digest()};
  return name.owner();
}

PageName::Owner PageName::owner() const {
  Owner owner;
  std::copy_n(hash.begin(), owner.size(), owner.begin());
  return owner;
}

PageName PageName::root(std::string_view model, const KvOptions& types, int n_experts, std::string_view salt) {
  Sha256 hash;
  // The salt comes last, so that no text between two parts can be taken for another division.
  const std::string text = fmt::format("loam pages {}\n{}\n{} {} {} {}\n{}\n{}", kVersion, kPageTokens, name(types.k),
                                       name(types.v), n_experts, model.size(), model, salt);
  hash.update(std::as_bytes(std::span(text)));
  return owned_by(owner_of(salt), hash);
}

PageName PageName::next(std::span<const Token> tokens) const {
  Sha256 hash;
  hash.update(this->hash);
  hash.update(std::as_bytes(tokens));
  return owned_by(owner(), hash);
}

}  // namespace loam
