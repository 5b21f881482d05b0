#include "engine/grammar/string_formats.h"

#include <utility>

namespace loam {
namespace {

// Years 0001 … 9999; each month with its days, the 29th of February in leap years only.
#define LOAM_YEAR "(\\d{3}[1-9]|\\d\\d[1-9]\\d|\\d[1-9]\\d\\d|[1-9]\\d{3})"
#define LOAM_LEAP_YEAR "(\\d\\d(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)"
#define LOAM_DATE                                                                                      \
  "(" LOAM_YEAR                                                                                        \
  "-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))" \
  "|" LOAM_LEAP_YEAR "-02-29)"
#define LOAM_TIME "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)"
// Labels of up to 62 characters, four of them, stay below the 253 of a name.
#define LOAM_LABEL "[A-Za-z0-9]([A-Za-z0-9-]{0,60}[A-Za-z0-9])?"
#define LOAM_HOSTNAME LOAM_LABEL "(\\." LOAM_LABEL "){0,3}"
#define LOAM_BYTE "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"
#define LOAM_IPV4 LOAM_BYTE "(\\." LOAM_BYTE "){3}"
#define LOAM_HEX "[0-9A-Fa-f]{1,4}"
#define LOAM_ATEXT "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}"
#define LOAM_PCHAR "([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"

constexpr std::pair<std::string_view, std::string_view> kPatterns[] = {
    {"date", LOAM_DATE},
    {"time", LOAM_TIME},
    {"date-time", LOAM_DATE "T" LOAM_TIME},
    {"duration",
     "P(\\d{1,9}W|((\\d{1,9}Y)(\\d{1,9}M(\\d{1,9}D)?)?|\\d{1,9}M(\\d{1,9}D)?|\\d{1,9}D)"
     "(T(\\d{1,9}H(\\d{1,9}M(\\d{1,9}S)?)?|\\d{1,9}M(\\d{1,9}S)?|\\d{1,9}S))?"
     "|T(\\d{1,9}H(\\d{1,9}M(\\d{1,9}S)?)?|\\d{1,9}M(\\d{1,9}S)?|\\d{1,9}S))"},
    {"uuid", "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"},
    {"email", LOAM_ATEXT "(\\." LOAM_ATEXT "){0,2}@" LOAM_HOSTNAME},
    {"hostname", LOAM_HOSTNAME},
    {"ipv4", LOAM_IPV4},
    {"ipv6", "(" LOAM_HEX "(:" LOAM_HEX "){7}|::(" LOAM_HEX "(:" LOAM_HEX "){0,6})?|" LOAM_HEX "::(" LOAM_HEX
             "(:" LOAM_HEX "){0,5})?|" LOAM_HEX "(:" LOAM_HEX "){1}::(" LOAM_HEX "(:" LOAM_HEX "){0,4})?|" LOAM_HEX
             "(:" LOAM_HEX "){2}::(" LOAM_HEX "(:" LOAM_HEX "){0,3})?|" LOAM_HEX "(:" LOAM_HEX "){3}::(" LOAM_HEX
             "(:" LOAM_HEX "){0,2})?|" LOAM_HEX "(:" LOAM_HEX "){4}::(" LOAM_HEX "(:" LOAM_HEX ")?)?|" LOAM_HEX
             "(:" LOAM_HEX "){5}::(" LOAM_HEX ")?|" LOAM_HEX "(:" LOAM_HEX "){6}::)"},
    {"uri", "[A-Za-z][A-Za-z0-9+.-]{0,30}:(//" LOAM_HOSTNAME "(:\\d{1,5})?(/" LOAM_PCHAR "*)*|" LOAM_PCHAR
            "+(/" LOAM_PCHAR "*)*)(\\?(" LOAM_PCHAR "|[/?])*)?(#(" LOAM_PCHAR "|[/?])*)?"},
};

}  // namespace

std::string_view format_pattern(std::string_view format) {
  for (const auto& [name, pattern] : kPatterns) {
    if (name == format) return pattern;
  }
  return {};
}

}  // namespace loam
