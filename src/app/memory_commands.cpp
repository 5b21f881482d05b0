#include "app/memory_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "app/output.h"
#include "app/terminal.h"
#include "base/error.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 6> kMemoryCommands = {"memory", "remember", "forget", "facts", "persona", "why"};

std::string turn_line(const Json& turn) {
  return fmt::format("{:>6}  {}  {}: {}\n", turn.value("turn", int64_t{0}), turn.value("date", ""),
                     terminal_safe(turn.value("speaker", turn.value("role", ""))),
                     terminal_safe(turn.value("excerpt", turn.value("text", ""))));
}

std::string show_stats(const CallMemory& call) {
  const Json stats = call("stats", Json::object());
  return fmt::format("{} turns of {} conversations, {} facts. /memory QUESTION shows what would be recalled for it.",
                     stats.value("turns", int64_t{0}), stats.value("sessions", int64_t{0}),
                     stats.value("facts", int64_t{0}));
}

std::string search(const std::string& query, const CallMemory& call) {
  const Json found = call("search", {{"query", query}, {"limit", 8}});
  std::string text;
  for (const Json& turn : found["results"]) text += turn_line(turn);
  return text.empty() ? "Nothing that is remembered belongs to this." : text;
}

std::string remember_text(const std::string& text, const CallMemory& call) {
  if (text.empty()) throw Error(Error::Code::invalid, "remember what? /remember TEXT");
  const Json added = call("add", {{"text", text}});
  return fmt::format("Remembered as {}.", added.value("turn", int64_t{0}));
}

// "12 13": ids, as /memory and /why show them.
Json ids_of(std::string_view argument) {
  Json ids = Json::array();
  while (!argument.empty()) {
    argument.remove_prefix(std::min(argument.find_first_not_of(", "), argument.size()));
    if (argument.empty()) break;
    int64_t id = 0;
    const auto [end, error] = std::from_chars(argument.data(), argument.data() + argument.size(), id);
    if (error != std::errc())
      throw Error(Error::Code::invalid, "forget which? /forget 12 13, by the ids that /memory shows");
    ids.push_back(id);
    argument.remove_prefix(static_cast<size_t>(end - argument.data()));
  }
  if (ids.empty()) throw Error(Error::Code::invalid, "forget which? /forget 12 13, by the ids that /memory shows");
  return ids;
}

std::string forget(const std::string& argument, const CallMemory& call) {
  const Json done = call("forget", {{"turns", ids_of(argument)}});
  return fmt::format("{} turns are erased, with all that was known from them.", done.value("forgotten", int64_t{0}));
}

std::string show_facts(const CallMemory& call) {
  const Json known = call("facts", {{"limit", 100}});
  std::string text;
  for (const Json& fact : known["facts"])
    text += fmt::format("{}: {}  (turn {})\n", terminal_safe(fact.value("attribute", "")),
                        terminal_safe(fact.value("value", "")), fact.at("turns").at(0).get<int64_t>());
  return text.empty() ? "You have not told anything about yourself yet." : text;
}

// Without a file it shows the persona; "-" removes it.
std::string persona(const std::string& file, const CallMemory& call) {
  if (file.empty()) {
    const std::string toml = call("persona", Json::object()).value("toml", "");
    return toml.empty() ? "There is no persona; /persona FILE reads one from TOML." : terminal_safe(toml);
  }
  call("set-persona", {{"toml", file == "-" ? "" : read_whole_file(file)}});
  return file == "-" ? "The persona is removed." : "The persona is set, for this conversation too.";
}

std::string why(const CallMemory& call) {
  const Json told = call("why", Json::object());
  if (told["question"].is_null()) return "Nothing has been asked yet.";
  std::string text;
  for (const Json& turn : told["recalled"])
    text += turn_line(turn) + fmt::format("        {}\n", terminal_safe(turn.value("reasons", "")));
  return text.empty() ? "Nothing was recalled for the last question." : text;
}

}  // namespace

bool is_memory_command(std::string_view name) {
  return std::ranges::find(kMemoryCommands, name) != kMemoryCommands.end();
}

std::string run_memory_command(std::string_view name, const std::string& argument, const CallMemory& call) {
  if (!call) throw Error(Error::Code::invalid, "this chat remembers nothing; `loam chat --user NAME` does");
  std::string text;
  if (name == "memory") text = argument.empty() ? show_stats(call) : search(argument, call);
  if (name == "remember") text = remember_text(argument, call);
  if (name == "forget") text = forget(argument, call);
  if (name == "facts") text = show_facts(call);
  if (name == "persona") text = persona(argument, call);
  if (name == "why") text = why(call);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace loam
