// loam keys: who may use the server.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/command.h"
#include "app/option_checks.h"
#include "app/output.h"
#include "app/terminal.h"
#include "file/catalogue.h"
#include "server/access/key_store.h"

namespace loam {
namespace {

constexpr const char* kKeysExamples =
    R"(Once there is a key, `loam serve` asks everybody for one. A running server notices changes at once.
Examples:
  loam keys add anna --admin
  loam keys add ben > ben.key
  loam keys list
  loam keys revoke ben)";

KeyStore open_store(int max_users = KeyStore::kMaxUsers) { return KeyStore(loam_home() + "/keys.toml", max_users); }

const char* role_name(Role role) { return role == Role::admin ? "admin" : "user"; }

void add(const std::string& user, bool admin, int max_users) {
  const std::string key = open_store(max_users).add(user, admin ? Role::admin : Role::user);
  print(key + "\n");
  fmt::print(stderr, "This is the only time that {}'s key is shown; only its hash is kept.\n", user);
}

std::string as_json(const std::vector<Key>& keys) {
  auto out = nlohmann::ordered_json::array();
  for (const Key& key : keys)
    out.push_back({{"id", key.id}, {"user", key.user}, {"role", role_name(key.role)}, {"created", key.created}});
  return out.dump(2) + "\n";
}

std::string as_table(const std::vector<Key>& keys) {
  size_t width = 4;
  for (const Key& key : keys) width = std::max(width, key.user.size());
  std::string out =
      paint(STDOUT_FILENO, style::kBold, fmt::format("{:<8}  {:<{}}  {:<5}  CREATED", "ID", "USER", width, "ROLE")) +
      "\n";
  for (const Key& key : keys)
    out += fmt::format("{:<8}  {:<{}}  {:<5}  {}\n", key.id, key.user, width, role_name(key.role), key.created);
  return out;
}

void add_keys_add(Command& keys) {
  struct Arguments {
    std::string user;
    bool admin = false;
    int max_users = KeyStore::kMaxUsers;
  };
  Command* command = keys.add_subcommand("add", "make a key for a user, and print it");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("USER", arguments->user, "the user's name; a user may have several keys")
      ->required()
      ->type_name("");
  command->add_flag("--admin", arguments->admin, "a key that may also manage the server");
  command->add_option("--max-users", arguments->max_users, "most users that there may be")
      ->check(integer_between(1, 1'000))
      ->type_name("N")
      ->capture_default_str();
  command->callback([arguments] { add(arguments->user, arguments->admin, arguments->max_users); });
}

void add_keys_list(Command& keys) {
  Command* command = keys.add_subcommand("list", "list the keys, without themselves");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "print a JSON array");
  command->callback([json] {
    const std::vector<Key> all = open_store().keys();
    print(*json ? as_json(all) : as_table(all));
  });
}

void add_keys_revoke(Command& keys) {
  Command* command = keys.add_subcommand("revoke", "make a key, or all keys of a user, useless");
  auto what = std::make_shared<std::string>();
  command->add_option("WHAT", *what, "a key's ID or a user's name")->required()->type_name("");
  command->callback([what] { fmt::print(stderr, "{} revoked\n", open_store().revoke(*what)); });
}

}  // namespace

void add_keys(Command& app) {
  Command* command = app.add_subcommand("keys", "who may use the server");
  command->require_subcommand(1);
  command->footer(kKeysExamples);
  add_keys_add(*command);
  add_keys_list(*command);
  add_keys_revoke(*command);
}

}  // namespace loam
