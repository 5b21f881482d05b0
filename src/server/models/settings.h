// loam.toml: what a server serves, and how.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "server/api/schema.h"

namespace loam {

inline constexpr auto kForever = std::chrono::seconds::max();

struct ModelSettings {
  std::string name, path;                          // path: a file, a catalogue name, or scripted:FILE
  std::string text = {};                           // what loam.toml says of it: where it differs, the model does
  EngineOptions engine;                            // without callbacks and folders, which the manager adds
  bool eager = false;                              // loaded at the start; else when it is first asked for
  bool pinned = false;                             // never unloaded to make room
  std::optional<std::chrono::seconds> keep_alive;  // unloaded after so long unused; none: as the server; 0: at once
};

// A model under another name, with defaults of its own.
struct Profile {
  std::string name, model;
  std::string system;         // the system message of chats that bring none
  Json parameters;            // an API's parameters, by name: temperature, experts, kv_type, context, priority, …
  int64_t token_budget = -1;  // most tokens of an answer; -1: no limit
};

struct ServerSettings {
  std::string host = "127.0.0.1";
  uint16_t port = 8080;
  std::vector<ModelSettings> models;
  std::function<std::vector<ModelSettings>()> installed;  // the models where none are listed; asked again by refresh
  std::vector<Profile> profiles;
  std::optional<uint64_t> memory;                // bytes that all models may take; none: what is free
  std::chrono::seconds keep_alive = kForever;    // unused models stay so long; others may need their memory first
  std::string cache_folder;                      // keeps what prompts were read for the next start; empty: none
  uint64_t cache_bytes = uint64_t{8} << 30;      // most bytes of that folder
  bool remember = true;                          // conversations, where there is a folder for it
  std::string embedding_model;                   // for recall, its file or folder; empty: recall goes by words only.
                                                 // In loam.toml a catalogue name or path, "none", or "auto"
  std::string shared_folder;                     // of documents that all users may read; empty: none
  std::string memory_folder;                     // of the users' memories; empty: nothing is remembered
  bool wait = true;                              // requests wait for a model that is loading
  std::vector<std::string> host_names, origins;  // that browsers and proxies may use, besides loopback's
  std::string certificate, key;                  // files, for TLS
  int max_users = 6;
  int queue = 256, queue_per_user = 16;                 // requests under way: in all, and for each key's holder
  int connections = 512, connections_per_address = 32;  // the latter of other machines
  bool remote_admin = false;                            // admins may manage from other machines
  bool log_json = false;
  std::string log_file;                   // empty: standard error
  std::map<std::string, double> weights;  // share of the machine by user; 1 unless given

  const ModelSettings* find_model(std::string_view name) const;
  const Profile* find_profile(std::string_view name) const;
};

// Error(invalid) with "FILE:line" as its place for unknown keys, wrong types, values out of range, profiles of no
// model.
ServerSettings read_settings(const std::string& file);
ServerSettings parse_settings(std::string_view toml, const std::string& origin);

// "8 GiB", "500MB", or a number of bytes.
uint64_t parse_size(const Json& value, const std::string& name);
// "90s", "5m", "1h" or a number of seconds; negative: kForever.
std::chrono::seconds parse_duration(const Json& value, const std::string& name);

}  // namespace loam
