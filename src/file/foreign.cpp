#include "file/foreign.h"

#include <cctype>

#include "base/utf8.h"

namespace loam {
namespace {

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (size_t i = 0; i < prefix.size(); ++i)
    if (std::tolower(static_cast<unsigned char>(text[i])) != prefix[i]) return false;
  return true;
}

bool is_web_page(std::string_view start) {
  const size_t first = start.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const std::string_view text = first == start.npos ? "" : start.substr(first);
  return starts_with_ignoring_case(text, "<!doctype") || starts_with_ignoring_case(text, "<html") ||
         starts_with_ignoring_case(text, "<head");
}

// An 8-byte little-endian length of the header, then the header: a JSON object.
bool is_safetensors(std::string_view start) { return start.size() > 8 && start[8] == '{' && start[7] == 0; }

}  // namespace

std::string describe_foreign(std::string_view start) {
  start = start.substr(0, kForeignProbeBytes);
  if (start.starts_with("version https://git-lfs.github.com/"))
    return "this is a Git LFS pointer, not the model: fetch the file itself with \"git lfs pull\"";
  if (is_web_page(start)) return "this is a web page, not a model: the download probably got an error page";
  if (start.starts_with("PK\x03\x04"))
    return "this is a zip archive, perhaps a PyTorch checkpoint; pickle is never loaded, convert it to GGUF";
  if (start.starts_with("\x80\x02") || start.starts_with("\x80\x03") || start.starts_with("\x80\x04"))
    return "this is a Python pickle, which is never loaded; convert the model to GGUF";
  if (start.starts_with("ggjt") || start.starts_with("tjgg") || start.starts_with("lmgg") || start.starts_with("fmgg"))
    return "this is a GGML file from before GGUF; fetch the model as GGUF";
  if (start.starts_with("\x1F\x8B") || start.starts_with("\x28\xB5\x2F\xFD"))
    return "this is a compressed file: unpack it first";
  if (is_safetensors(start)) return "this seems to be a safetensors file; convert the model to GGUF";
  return "this is not a GGUF file: it begins with \"" + escape_control(sanitize_utf8(start.substr(0, 4))) + "\"";
}

}  // namespace loam
