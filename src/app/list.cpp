// loam list: the models that are installed and those that can be.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/command.h"
#include "app/output.h"
#include "app/terminal.h"
#include "base/human_bytes.h"
#include "base/utf8.h"
#include "file/catalogue.h"

namespace loam {
namespace {

constexpr const char* kListExamples = R"(Examples:
  loam list
  loam list --json | jq -r '.[] | select(.installed) | .path'
  loam list --names)";

struct Item {
  std::string name, licence, description, path;  // path "" where not installed
  uint64_t bytes = 0;
};

// Installed models first, then the rest of the catalogue.
std::vector<Item> all_models() {
  std::vector<Item> items;
  for (const InstalledModel& model : installed_models()) {
    const auto entry = find_in_catalogue(model.name);
    items.push_back(
        {model.name, entry ? entry->licence : "", entry ? entry->description : "", model.path, model.bytes});
  }
  const size_t n_installed = items.size();
  for (const CatalogueEntry& entry : catalogue()) {
    const auto end = items.begin() + static_cast<std::ptrdiff_t>(n_installed);
    if (std::none_of(items.begin(), end, [&](const Item& item) { return item.name == entry.name; }))
      items.push_back({entry.name, entry.licence, entry.description, "", entry.bytes});
  }
  return items;
}

std::string as_json(const std::vector<Item>& items) {
  auto out = nlohmann::ordered_json::array();
  for (const Item& item : items)
    out.push_back({{"name", sanitize_utf8(item.name)},
                   {"installed", !item.path.empty()},
                   {"bytes", item.bytes},
                   {"licence", item.licence},
                   {"description", item.description},
                   {"path", sanitize_utf8(item.path)}});
  return out.dump(2) + "\n";
}

std::string as_table(const std::vector<Item>& items) {
  size_t width = 4, licence_width = 7;
  for (const Item& item : items) {
    width = std::max(width, terminal_columns(escape_control(item.name)));
    licence_width = std::max(licence_width, item.licence.size());
  }
  std::string out =
      paint(STDOUT_FILENO, style::kBold,
            fmt::format("{:<{}}  {:>9}  {:<{}}  {}", "NAME", width, "SIZE", "LICENCE", licence_width, "STATE")) +
      "\n";
  for (const Item& item : items)
    out += fmt::format("{:<{}}  {:>9}  {:<{}}  {}\n", escape_control(item.name), width, human_bytes(item.bytes),
                       item.licence.empty() ? "-" : item.licence, licence_width,
                       item.path.empty() ? "available: loam pull " + item.name : "installed");
  return out;
}

std::string as_names(const std::vector<Item>& items) {
  std::string out;
  for (const Item& item : items) out += escape_control(item.name) + "\n";
  return out;
}

void list(bool json, bool names) {
  const auto items = all_models();
  print(json ? as_json(items) : names ? as_names(items) : as_table(items));
}

}  // namespace

void add_list(Command& app) {
  struct Flags {
    bool json = false, names = false;
  };
  Command* command = app.add_subcommand("list", "list installed and available models");
  auto flags = std::make_shared<Flags>();
  command->add_flag("--json", flags->json, "print a JSON array");
  command->add_flag("--names", flags->names, "print only the names");
  command->footer(kListExamples);
  command->callback([flags] { list(flags->json, flags->names); });
}

}  // namespace loam
