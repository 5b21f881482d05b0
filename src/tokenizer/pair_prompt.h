// What a query and a document are written into where a model of text judges them: "… <Query>: query <Document>:
// document … yes or no?".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "file/metadata.h"
#include "tokenizer/tokenizer.h"

namespace loam {

struct PairPrompt {
  std::string before, between, behind;  // query and document; control tokens count as such

  // Of `tokenizer.chat_template.rerank`, with {query} and {document} in it; else of `tokenizer.chat_template` where
  // that is written for messages of the roles query and document. `instruction`: what the latter's system message says;
  // "" for none. nullopt where neither is there. Error(model_invalid) where a text lacks a place for either,
  // Error(template_error) as ChatTemplate.
  static std::optional<PairPrompt> read(const Metadata& metadata, const Tokenizer& tokenizer,
                                        std::string_view instruction);
};

}  // namespace loam
