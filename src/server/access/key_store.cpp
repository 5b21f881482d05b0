#include "server/access/key_store.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <set>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/input_file.h"
#include "base/log.h"
#include "memory/memory_home.h"

namespace loam {
namespace {

constexpr std::string_view kPrefix = "loam-";
constexpr size_t kSecretBytes = 32, kIdDigits = 8;
constexpr uint64_t kMostFileBytes = 1 << 20;
constexpr const char* kHeading = "# The keys of `loam serve`, hashed. Written by `loam keys`.\n";

std::string hex(const unsigned char* bytes, size_t n) {
  std::string text(2 * n + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes, n);
  text.pop_back();
  return text;
}

std::string hash_of(std::string_view text) {
  std::array<unsigned char, crypto_generichash_BYTES> hash;
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     nullptr, 0);
  return hex(hash.data(), hash.size());
}

std::string new_key_text() {
  std::array<unsigned char, kSecretBytes> secret;
  randombytes_buf(secret.data(), secret.size());
  return std::string(kPrefix) + hex(secret.data(), secret.size());
}

bool is_hash(std::string_view text) {
  return text.size() == 2 * crypto_generichash_BYTES &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// One writer at a time among processes; the file itself is replaced, so that it cannot be the one that is locked.
class FileLock {
 public:
  explicit FileLock(const std::string& path) : fd_(open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
    if (fd_ < 0 || flock(fd_, LOCK_EX) != 0) throw Error(Error::Code::io, "cannot lock the file", path);
  }
  ~FileLock() { close(fd_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int fd_;
};

void check_mode(const InputFile& file) {
  struct stat status {};
  if (fstat(file.descriptor(), &status) == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return;
  throw Error(Error::Code::invalid, "others may write this file, and so give themselves keys: chmod 600 it",
              file.path());
}

Key read_key(const toml::node& node, size_t number) {
  const toml::table table = node.is_table() ? *node.as_table() : toml::table{};
  const auto text = [&](std::string_view name) { return table[name].value_or(std::string()); };
  const std::string role = text("role");
  Key key{.id = {},
          .user = text("user"),
          .role = role == "admin" ? Role::admin : Role::user,
          .hash = text("hash"),
          .created = text("created")};
  if (!is_memory_user(key.user) || !is_hash(key.hash) || (role != "admin" && role != "user"))
    throw Error(Error::Code::invalid, "a [[key]] has a user, a role (admin or user), and a hash of 64 digits",
                fmt::format("key {}", number));
  key.id = key.hash.substr(0, kIdDigits);
  return key;
}

std::vector<Key> parse_keys(std::string_view toml) try {
  const toml::table document = toml::parse(toml);
  std::vector<Key> keys;
  if (const toml::array* list = document["key"].as_array())
    for (const toml::node& item : *list) keys.push_back(read_key(item, keys.size() + 1));
  return keys;
} catch (const toml::parse_error& error) {
  throw Error(Error::Code::invalid, std::string(error.description()),
              fmt::format("line {}", error.source().begin.line));
}

std::string read_keys_file(const InputFile& file) {
  check_mode(file);
  if (file.size() > kMostFileBytes)
    throw Error(Error::Code::invalid, "this is no file of keys: too large", file.path());
  std::string text(file.size(), '\0');
  file.read(0, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace

KeyStore::KeyStore(std::string path, int max_users) : path_(std::move(path)), max_users_(max_users) {
  if (sodium_init() < 0) throw Error(Error::Code::io, "the system has no source of random numbers");
  read();
}

void KeyStore::read() {
  if (!std::filesystem::exists(path_)) {
    fingerprint_.clear();
    keys_.clear();
    return;
  }
  const InputFile file(path_);
  const std::string fingerprint = file.fingerprint();
  if (fingerprint == fingerprint_) return;
  fingerprint_ = fingerprint;  // also of a file that is wrong: it is told once
  try {
    keys_ = parse_keys(read_keys_file(file));
  } catch (const Error& error) {
    throw Error(error.code(), error.message(), error.where() == path_ ? path_ : path_ + ", " + error.where());
  }
}

// A server that runs goes on with the keys it has.
void KeyStore::refresh() {
  try {
    read();
  } catch (const Error& error) {
    log(LogLevel::error, "the keys could not be read; those known go on", {{"reason", error.what()}});
  }
}

void KeyStore::write() const {
  std::string text = kHeading;
  for (const Key& key : keys_)
    text += fmt::format("\n[[key]]\nuser = \"{}\"\nrole = \"{}\"\nhash = \"{}\"\ncreated = \"{}\"\n", key.user,
                        key.role == Role::admin ? "admin" : "user", key.hash, key.created);
  write_file_atomically(path_, text);
}

std::string KeyStore::add(const std::string& user, Role role) {
  if (!is_memory_user(user))
    throw Error(Error::Code::invalid,
                fmt::format("'{}' cannot be a user's name: at most 64 letters, digits, '.', '_' and '-'", user),
                "NAME");
  const std::lock_guard lock(mutex_);
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path());
  const FileLock file_lock(path_ + ".lock");
  fingerprint_.clear();  // what cannot be read must not be written over, however long it has been so
  read();
  std::set<std::string> users{user};
  for (const Key& key : keys_) users.insert(key.user);
  if (static_cast<int>(users.size()) > max_users_)
    throw Error(Error::Code::invalid,
                fmt::format("there are {} users already, the most: revoke one's keys first, or allow more with "
                            "--max-users",
                            max_users_),
                "NAME");
  std::string text = new_key_text();
  const std::string hash = hash_of(text);
  const std::time_t now = std::time(nullptr);
  keys_.push_back({hash.substr(0, kIdDigits), user, role, hash, fmt::format("{:%Y-%m-%d}", fmt::gmtime(now))});
  write();
  return text;
}

int KeyStore::revoke(const std::string& id_or_user) {
  const std::lock_guard lock(mutex_);
  if (!std::filesystem::exists(path_)) throw Error(Error::Code::not_found, "there are no keys yet");
  const FileLock file_lock(path_ + ".lock");
  fingerprint_.clear();  // what cannot be read must not be written over, however long it has been so
  read();
  const size_t n = std::erase_if(keys_, [&](const Key& key) { return key.id == id_or_user || key.user == id_or_user; });
  if (n == 0)
    throw Error(Error::Code::not_found,
                fmt::format("there is no key or user '{}': `loam keys list` shows them", id_or_user));
  write();
  return static_cast<int>(n);
}

std::vector<Key> KeyStore::keys() {
  const std::lock_guard lock(mutex_);
  refresh();
  return keys_;
}

bool KeyStore::is_empty() {
  const std::lock_guard lock(mutex_);
  refresh();
  return keys_.empty();
}

std::optional<User> KeyStore::find(std::string_view text) {
  const std::string hash = hash_of(text);
  const std::lock_guard lock(mutex_);
  refresh();
  const Key* found = nullptr;
  for (const Key& key : keys_)
    if (sodium_memcmp(hash.data(), key.hash.data(), hash.size()) == 0) found = &key;
  if (!found) return {};
  return User{.name = found->user, .role = found->role, .has_key = true};
}

}  // namespace loam
