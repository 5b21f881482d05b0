// The texts that a PNG file carries beside its picture.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace loam {

bool is_png(std::string_view file);
// The tEXt chunk with this keyword; none where there is none. Error(invalid) where the file's chunks do not hold
// together: a length beyond its end, a checksum that differs.
std::optional<std::string> find_png_text(std::string_view file, std::string_view keyword);

// Error(invalid) for what is no base64; white space is skipped.
std::string decode_base64(std::string_view text);

}  // namespace loam
