// Metadata values as people write them on a command line, in the types that files have.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "file/metadata.h"

namespace loam {

// "key=type:value" with type int, float, bool or str, which keeps the type that the key has (new integers become u32
// where they fit), or one of the file's own (u8 … f64, bool, string), or "TYPE[]" with a JSON array, or "file" with the
// path of a text. The value views `texts`. Error(invalid) with `where` = "set": malformed, out of the type's range, or
// another kind of value than the key has (the file's own types replace any).
void assign(Metadata& metadata, std::deque<std::string>& texts, std::string_view text);

}  // namespace loam
