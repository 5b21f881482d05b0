#include "server/http/target.h"

#include <algorithm>

#include "base/utf8.h"
#include "server/http/headers.h"
#include "server/http/http_error.h"

namespace loam {
namespace {

[[noreturn]] void refuse_target(const std::string& why) {
  throw HttpError(400, "the request's address " + why, "bad_target");
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) refuse_target("has a '%' that two hexadecimal digits do not follow");
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

void check_characters(std::string_view decoded) {
  for (const char c : decoded)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) refuse_target("has a control character");
  if (!is_valid_utf8(decoded)) refuse_target("is not valid UTF-8");
}

void check_segments(std::string_view path) {
  for (size_t begin = 1; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    if (segment == "." || segment == "..") refuse_target("has a '.' or '..' segment");
    begin = end + 1;
  }
}

// Moves "http://authority" from the front of `target` to the result.
std::string take_authority(std::string_view& target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const size_t end = std::min(target.find_first_of("/?"), target.size());
    if (end == 0) refuse_target("names no host");
    const std::string authority(target.substr(0, end));
    target.remove_prefix(end);
    return authority;
  }
  return {};
}

}  // namespace

HttpTarget parse_target(std::string_view method, std::string_view target) {
  if (target == "*" && method == "OPTIONS") return {.authority = {}, .path = "*", .query = {}};
  HttpTarget out;
  out.authority = take_authority(target);
  const size_t question = target.find('?');
  std::string_view path = target.substr(0, question);
  if (path.empty() && !out.authority.empty()) path = "/";
  if (!path.starts_with('/')) refuse_target("does not begin with '/'");
  if (target.find('#') != std::string_view::npos) refuse_target("has a fragment");
  out.path = percent_decoded(path);
  if (question != std::string_view::npos) out.query = target.substr(question + 1);
  check_characters(out.path);
  check_characters(percent_decoded(out.query));
  check_segments(out.path);
  return out;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  const auto decoded = [](std::string text) {
    std::ranges::replace(text, '+', ' ');
    return percent_decoded(text);
  };
  std::vector<std::pair<std::string, std::string>> members;
  while (!query.empty()) {
    const std::string_view member = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), member.size() + 1));
    const size_t equals = std::min(member.find('='), member.size());
    if (!member.empty())
      members.emplace_back(decoded(std::string(member.substr(0, equals))),
                           decoded(std::string(member.substr(std::min(member.size(), equals + 1)))));
  }
  return members;
}

}  // namespace loam
