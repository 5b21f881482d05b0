#include "server/models/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/kv_type.h"
#include "server/api/field.h"
#include "server/api/parameter.h"

namespace loam {
namespace {

using namespace schema;

Json to_json(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    Json object = Json::object();
    for (const auto& [key, value] : *table) object[std::string(key.str())] = to_json(value);
    return object;
  }
  if (const auto* array = node.as_array()) {
    Json list = Json::array();
    for (const toml::node& value : *array) list.push_back(to_json(value));
    return list;
  }
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<int64_t>()) return *number;
  if (const auto number = node.value_exact<double>()) return *number;
  if (const auto truth = node.value_exact<bool>()) return *truth;
  return nullptr;  // dates: of no key's type
}

KvOptions to_kv_options(const Json& value) {
  const DType type = parse_kv_type(value.get_ref<const std::string&>());
  return {.k = type, .v = type};
}

Json size() { return either({integer(0, INT64_MAX), string(32)}); }
Json duration() { return either({integer(-1, INT32_MAX), string(32)}); }
Json names() { return array(string(256), 64); }

const Fields<ModelSettings>& model_fields() {
  using M = ModelSettings;
  static const Fields<M> table = {
      {"path", "", string(4096), [](const Json& v, M& m) { m.path = v; }},
      {"context", "", integer(1, 1 << 28), [](const Json& v, M& m) { m.engine.context = to_integer(v); }},
      {"parallel", "", integer(1, 1024),
       [](const Json& v, M& m) { m.engine.parallel = static_cast<int>(to_integer(v)); }},
      {"threads", "", integer(1, 1024),
       [](const Json& v, M& m) { m.engine.n_threads = static_cast<int>(to_integer(v)); }},
      {"experts", "", integer(1, 65536),
       [](const Json& v, M& m) { m.engine.experts = static_cast<int>(to_integer(v)); }},
      {"quant", "", string(16), [](const Json& v, M& m) { m.engine.quant = v; }},
      {"kv", "", string(8), [](const Json& v, M& m) { m.engine.kv = to_kv_options(v); }},
      {"draft", "", integer(0, 64), [](const Json& v, M& m) { m.engine.draft = static_cast<int>(to_integer(v)); }},
      {"draft_model", "", string(4096), [](const Json& v, M& m) { m.engine.draft_model = v; }},
      {"mmap", "", boolean(), [](const Json& v, M& m) { m.engine.from_disk = v; }},
      {"rope_scaling", "", one_of({"yarn", "linear", "none"}), [](const Json& v, M& m) { m.engine.rope.scaling = v; }},
      {"rope_factor", "", number(1, 1024), [](const Json& v, M& m) { m.engine.rope.factor = v; }},
      {"load", "", one_of({"eager", "lazy"}), [](const Json& v, M& m) { m.eager = v == "eager"; }},
      {"pinned", "", boolean(), [](const Json& v, M& m) { m.pinned = v; }},
      {"keep_alive", "", duration(), [](const Json& v, M& m) { m.keep_alive = parse_duration(v, "keep_alive"); }},
  };
  return table;
}

const Fields<Profile>& profile_fields() {
  using P = Profile;
  static const Fields<P> table = {
      {"model", "", string(256), [](const Json& v, P& p) { p.model = v; }, true},
      {"system", "", string(1 << 20), [](const Json& v, P& p) { p.system = v; }},
      {"token_budget", "", integer(1, INT32_MAX), [](const Json& v, P& p) { p.token_budget = to_integer(v); }},
  };
  return table;
}

const Fields<ServerSettings>& server_fields() {
  using S = ServerSettings;
  static const Fields<S> table = {
      {"host", "", string(256), [](const Json& v, S& s) { s.host = v; }},
      {"port", "", integer(0, 65535), [](const Json& v, S& s) { s.port = static_cast<uint16_t>(to_integer(v)); }},
      {"memory", "", size(), [](const Json& v, S& s) { s.memory = parse_size(v, "server.memory"); }},
      {"keep_alive", "", duration(),
       [](const Json& v, S& s) { s.keep_alive = parse_duration(v, "server.keep_alive"); }},
      {"cache_dir", "", string(4096), [](const Json& v, S& s) { s.cache_folder = v; }},
      {"cache_size", "", size(), [](const Json& v, S& s) { s.cache_bytes = parse_size(v, "server.cache_size"); }},
      {"remember", "", boolean(), [](const Json& v, S& s) { s.remember = v; }},
      {"wait", "", boolean(), [](const Json& v, S& s) { s.wait = v; }},
      {"host_names", "", names(), [](const Json& v, S& s) { v.get_to(s.host_names); }},
      {"origins", "", names(), [](const Json& v, S& s) { v.get_to(s.origins); }},
      {"certificate", "", string(4096), [](const Json& v, S& s) { s.certificate = v; }},
      {"key", "", string(4096), [](const Json& v, S& s) { s.key = v; }},
      {"max_users", "", integer(1, 1024), [](const Json& v, S& s) { s.max_users = static_cast<int>(to_integer(v)); }},
      {"queue", "", integer(1, 65536), [](const Json& v, S& s) { s.queue = static_cast<int>(to_integer(v)); }},
      {"queue_per_user", "", integer(1, 65536),
       [](const Json& v, S& s) { s.queue_per_user = static_cast<int>(to_integer(v)); }},
      {"connections", "", integer(1, 65536),
       [](const Json& v, S& s) { s.connections = static_cast<int>(to_integer(v)); }},
      {"connections_per_address", "", integer(1, 65536),
       [](const Json& v, S& s) { s.connections_per_address = static_cast<int>(to_integer(v)); }},
      {"remote_admin", "", boolean(), [](const Json& v, S& s) { s.remote_admin = v; }},
      {"log", "", one_of({"text", "json"}), [](const Json& v, S& s) { s.log_json = v == "json"; }},
      {"log_file", "", string(4096), [](const Json& v, S& s) { s.log_file = v; }},
  };
  return table;
}

const Fields<ServerSettings>& memory_fields() {
  using S = ServerSettings;
  static const Fields<S> table = {
      {"embedding_model", "", string(4096), [](const Json& v, S& s) { s.embedding_model = v; }},
  };
  return table;
}

// A misspelt key would otherwise be a setting that silently does nothing.
template <class T>
void refuse_unknown(const Json& object, std::initializer_list<const Fields<T>*> tables, const std::string& prefix) {
  std::vector<std::string> known;
  for (const Fields<T>* table : tables)
    for (const Field<T>& field : *table) known.emplace_back(field.name);
  for (const auto& [key, value] : object.items())
    if (std::ranges::find(known, key) == known.end())
      throw Error(Error::Code::invalid,
                  fmt::format("{}{} is no setting; there are {}", prefix, key, fmt::join(known, ", ")), prefix + key);
}

template <class T>
T read_section(const Json& object, const Fields<T>& table, const std::string& prefix) {
  T settings;
  if (!object.is_object()) throw Error(Error::Code::invalid, prefix + " is no table", prefix);
  refuse_unknown<T>(object, {&table}, prefix + ".");
  read_fields(object, table, settings, prefix + ".");
  return settings;
}

// What is not the profile's own is a parameter of requests, and checked as such.
Profile read_profile(const Json& object, const std::string& prefix) {
  Profile profile;
  read_fields(object, profile_fields(), profile, prefix + ".");
  const Parameters& parameters = profile_parameters();
  profile.parameters = Json::object();
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::find(profile_fields(), key, &Field<Profile>::name) != profile_fields().end()) continue;
    if (std::ranges::find(parameters, key, &Parameter::name) == parameters.end())
      throw Error(Error::Code::invalid, fmt::format("{}.{} is no setting", prefix, key), prefix + "." + key);
    profile.parameters[key] = value;
  }
  GenerationRequest checked;
  read_fields(profile.parameters, parameters, checked, prefix + ".");
  return profile;
}

const Json& section_of(const Json& file, const char* name) {
  static const Json none = Json::object();
  const auto found = file.find(name);
  if (found == file.end()) return none;
  if (!found->is_object()) throw Error(Error::Code::invalid, std::string(name) + " is no table", name);
  return *found;
}

ServerSettings read_all(const Json& file) {
  ServerSettings settings;
  for (const auto& [section, value] : file.items())
    if (section != "server" && section != "memory" && section != "models" && section != "profiles" &&
        section != "weights")
      throw Error(Error::Code::invalid,
                  fmt::format("[{}] is no section: server, memory, models, profiles, weights", section), section);
  if (file.contains("server")) settings = read_section(file["server"], server_fields(), "server");
  refuse_unknown<ServerSettings>(section_of(file, "memory"), {&memory_fields()}, "memory.");
  read_fields(section_of(file, "memory"), memory_fields(), settings, "memory.");
  for (const auto& [name, value] : section_of(file, "models").items()) {
    settings.models.push_back(read_section(value, model_fields(), "models." + name));
    settings.models.back().name = name;
    settings.models.back().text = value.dump();
    if (settings.models.back().path.empty()) settings.models.back().path = name;
  }
  for (const auto& [name, value] : section_of(file, "profiles").items()) {
    settings.profiles.push_back(read_profile(value, "profiles." + name));
    settings.profiles.back().name = name;
  }
  for (const auto& [user, weight] : section_of(file, "weights").items()) {
    check_value(weight, number(0.01, 100), "weights." + user);
    settings.weights[user] = weight;
  }
  return settings;
}

void check_profiles(const ServerSettings& settings) {
  for (const Profile& profile : settings.profiles) {
    const std::string where = "profiles." + profile.name + ".model";
    if (settings.find_model(profile.name) != nullptr)
      throw Error(Error::Code::invalid, fmt::format("{} is a model's name and a profile's", profile.name), where);
    if (!settings.models.empty() && settings.find_model(profile.model) == nullptr)
      throw Error(Error::Code::invalid, fmt::format("{} is \"{}\", which is none of [models]", where, profile.model),
                  where);
  }
}

}  // namespace

const ModelSettings* ServerSettings::find_model(std::string_view name) const {
  const auto found = std::ranges::find(models, name, &ModelSettings::name);
  return found == models.end() ? nullptr : &*found;
}

const Profile* ServerSettings::find_profile(std::string_view name) const {
  const auto found = std::ranges::find(profiles, name, &Profile::name);
  return found == profiles.end() ? nullptr : &*found;
}

uint64_t parse_size(const Json& value, const std::string& name) {
  if (value.is_number()) return static_cast<uint64_t>(to_integer(value));
  static const std::map<std::string_view, double> kUnits = {
      {"B", 1}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
  const auto& text = value.get_ref<const std::string&>();
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit(rest, static_cast<size_t>(text.data() + text.size() - rest));
  unit.remove_prefix(std::min(unit.size(), unit.find_first_not_of(' ')));
  const auto found = kUnits.find(unit);
  if (error != std::errc{} || found == kUnits.end() || number < 0)
    throw Error(Error::Code::invalid, fmt::format("{} is {}; expected an amount such as \"8 GiB\"", name, shown(value)),
                name);
  return static_cast<uint64_t>(number * found->second);
}

std::chrono::seconds parse_duration(const Json& value, const std::string& name) {
  int64_t amount = 0;
  std::string_view unit = "s";
  if (value.is_number()) {
    amount = to_integer(value);
  } else {
    const auto& text = value.get_ref<const std::string&>();
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
    unit = std::string_view(rest, static_cast<size_t>(text.data() + text.size() - rest));
    if (unit.empty()) unit = "s";
    if (error != std::errc{}) unit = "?";
  }
  const int64_t seconds = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86400 : 0;
  if (seconds == 0 || std::abs(amount) > INT32_MAX)
    throw Error(Error::Code::invalid,
                fmt::format("{} is {}; expected a time such as \"5m\" or 300", name, shown(value)), name);
  if (amount < 0) return kForever;
  return std::chrono::seconds(amount * seconds);
}

ServerSettings parse_settings(std::string_view text, const std::string& origin) {
  toml::table table;
  try {
    table = toml::parse(text, origin);
  } catch (const toml::parse_error& error) {
    throw Error(Error::Code::invalid, std::string(error.description()),
                fmt::format("{}:{}", origin, error.source().begin.line));
  }
  try {
    ServerSettings settings = read_all(to_json(table));
    check_profiles(settings);
    return settings;
  } catch (const Error& error) {
    const auto node = table.at_path(error.where());
    if (!node) throw Error(error.code(), error.message(), origin);
    throw Error(error.code(), error.message(), fmt::format("{}:{}", origin, node.node()->source().begin.line));
  }
}

ServerSettings read_settings(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error(Error::Code::not_found, "there is no such file, or it cannot be read", file);
  std::ostringstream text;
  text << in.rdbuf();
  return parse_settings(text.str(), file);
}

}  // namespace loam
