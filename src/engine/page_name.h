// PageName: what the pages of a sequence hold, as a hash. Equal names have equal keys and values.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

#include "model/kv_cache.h"
#include "tokenizer/tokenizer.h"

namespace loam {

// Eight bytes that all names of one salt begin with, so that its pages can be told from those of others, and 24 of a
// SHA-256: nobody can make up another text with the same name, and who does not know a salt cannot guess a name.
struct PageName {
  using Owner = std::array<std::byte, 8>;

  std::array<std::byte, 32> hash{};

  static Owner owner_of(std::string_view salt);
  Owner owner() const;

  // The name of an empty sequence. `model` says which model it is, with all that was set for all of its sequences;
  // `salt` whose it is: sequences with different salts have no name in common.
  static PageName root(std::string_view model, const KvOptions& types, int n_experts, std::string_view salt);
  // Of the page that follows this one and holds `tokens`.
  PageName next(std::span<const Token> tokens) const;

  bool operator==(const PageName&) const = default;
};

struct PageNameHash {
  size_t operator()(const PageName& name) const {
    size_t value = 0;
    std::memcpy(&value, name.hash.data() + sizeof(PageName::Owner), sizeof value);
    return value;
  }
};

}  // namespace loam
