// loam memory patterns and emotions: what repeats in what a user says, and what their days felt like.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/asked_memory.h"
#include "app/memory_facts.h"
#include "app/output.h"
#include "app/terminal.h"
#include "base/error.h"
#include "server/memory/memory_api.h"

namespace loam {
namespace {

constexpr const char* kPatternsExamples =
    R"(What comes up together, with a mood, at a time or for some days more often than chance explains: in three
conversations at least. A model is told of two at most, as possible ones; of a muted one never.
Examples:
  loam memory patterns --user mary
  loam memory patterns --mute 3f9a02c1
  loam memory patterns --json | jq '.[].turns')";

constexpr size_t kKeyShown = 8, kTurnsShown = 8;

struct PatternsFlags {
  std::string user = "local", space, mute, unmute;
  bool json = false;
};

// The one whose key begins so.
const Json& find_pattern(const Json& patterns, const std::string& key) {
  const auto is_meant = [&](const Json& pattern) { return pattern["pattern"].get<std::string>().starts_with(key); };
  const auto n = std::count_if(patterns.begin(), patterns.end(), is_meant);
  if (n != 1)
    throw Error(Error::Code::invalid,
                fmt::format("{} patterns begin with '{}'; `loam memory patterns` lists them", n, key), "--mute");
  return *std::find_if(patterns.begin(), patterns.end(), is_meant);
}

std::string pattern_line(const Json& pattern) {
  std::vector<TurnId> turns = pattern["turns"];
  const size_t n_turns = turns.size();
  turns.resize(std::min(n_turns, kTurnsShown));
  std::string names;
  for (size_t i = 0; i < pattern["items"].size() && i < pattern["names"].size(); ++i) {
    const std::string kind = pattern["names"][i];
    if (!kind.empty() && kind != "name") names += fmt::format(", {}: {}", pattern["items"][i].get<std::string>(), kind);
  }
  return fmt::format("{}  {}{}\n",
                     paint(STDOUT_FILENO, style::kBold, pattern["pattern"].get<std::string>().substr(0, kKeyShown)),
                     terminal_safe(pattern["description"].get<std::string>()),
                     pattern["muted"].get<bool>() ? "  (muted)" : "") +
         fmt::format("          {} days, NPMI {:.2f}, G² {:.1f}, p {:.1g}{}; turns {}{}\n",
                     pattern["days"].get<int64_t>(), pattern["npmi"].get<double>(), pattern["g2"].get<double>(),
                     pattern["p"].get<double>(), terminal_safe(names), fmt::join(turns, ", "),
                     n_turns > kTurnsShown ? " …" : "");
}

void mute_pattern(const AskedMemory& memory, const Json& pattern, bool unmute) {
  memory.call("mute-pattern",
              {{"pattern", pattern["pattern"]}, {"namespace", pattern["namespace"]}, {"unmute", unmute}});
  fmt::print(stderr, "{}: {}\n", unmute ? "may be told again" : "muted",
             terminal_safe(pattern["description"].get<std::string>()));
}

void show_patterns(const PatternsFlags& flags) {
  const AskedMemory memory({.user = flags.user});
  if (memory.here()) {  // a server looks for them by itself
    while (memory.here()->catch_up()) {
    }
  }
  Json query = Json::object();
  if (!flags.space.empty()) query["namespace"] = flags.space;
  const Json patterns = memory.call("patterns", query)["patterns"];
  if (!flags.mute.empty()) return mute_pattern(memory, find_pattern(patterns, flags.mute), false);
  if (!flags.unmute.empty()) return mute_pattern(memory, find_pattern(patterns, flags.unmute), true);
  if (flags.json) return print(patterns.dump(2) + "\n");
  if (patterns.empty()) fmt::print(stderr, "nothing repeats so far\n");
  for (const Json& pattern : patterns) print(pattern_line(pattern));
}

void show_emotions(const PatternsFlags& flags) {
  Json query = Json::object();
  if (!flags.space.empty()) query["namespace"] = flags.space;
  const Json days = AskedMemory({.user = flags.user}).call("emotions", query)["days"];
  if (flags.json) return print(days.dump(2) + "\n");
  if (days.empty()) return fmt::print(stderr, "no turns of the user are kept\n");
  print(paint(STDOUT_FILENO, style::kBold, "DAY         TURNS  VALENCE  AROUSAL  FELT") + "\n");
  for (const Json& day : days) {
    std::string felt;
    for (const auto& [label, n] : day["labels"].items())
      if (n.get<int64_t>() > 0 && label != "neutral") felt += fmt::format("{} {}, ", label, n.get<int64_t>());
    if (!felt.empty()) felt.resize(felt.size() - 2);
    print(fmt::format("{}  {:>5}  {:>7.2f}  {:>7.2f}  {}\n", day["date"].get<std::string>(),
                      day["turns"].get<int64_t>(), day["valence"].get<double>(), day["arousal"].get<double>(), felt));
  }
}

std::shared_ptr<PatternsFlags> add_noticed(Command& command) {
  auto flags = std::make_shared<PatternsFlags>();
  command.add_option("--user", flags->user, "whose")->type_name("NAME")->capture_default_str();
  command.add_option("--namespace", flags->space, "only of this namespace")->type_name("NAME");
  command.add_flag("--json", flags->json, "print a JSON array");
  return flags;
}

}  // namespace

void add_memory_patterns(Command& memory) {
  Command* command = memory.add_subcommand("patterns", "what repeats in what a user says, with the turns that show it");
  const auto flags = add_noticed(*command);
  auto* mute = command->add_option("--mute", flags->mute, "this one is never told again")->type_name("KEY");
  command->add_option("--unmute", flags->unmute, "it may be told again")->type_name("KEY")->excludes(mute);
  command->footer(kPatternsExamples);
  command->callback([flags] { show_patterns(*flags); });
}

void add_memory_emotions(Command& memory) {
  Command* command = memory.add_subcommand("emotions", "what a user's turns felt like, day by day");
  const auto flags = add_noticed(*command);
  command->footer(
      "Valence is -1 (bad) to 1 (good), arousal 0 (calm) to 1, both as means of the day's turns.\nExamples:\n"
      "  loam memory emotions --user mary --json");
  command->callback([flags] { show_emotions(*flags); });
}

}  // namespace loam
