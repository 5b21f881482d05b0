// The keys that open the server: kept hashed in a file, so that nobody who reads it can use them.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/access/user.h"

namespace loam {

struct Key {
  std::string id;    // the first 8 digits of the hash: what `loam keys list` shows and `revoke` takes
  std::string user;  // one user may have several keys
  Role role = Role::user;
  std::string hash;     // BLAKE2b-256 of the key's text, 64 hexadecimal digits
  std::string created;  // "2026-11-25"
};

// The file is read again whenever it has changed, so that a key that is added or revoked counts at once. From any
// thread.
class KeyStore {
 public:
  static constexpr int kMaxUsers = 6;

  // `path` need not exist yet. Error(invalid) where it is no list of keys, or others may write it; Error(io).
  explicit KeyStore(std::string path, int max_users = kMaxUsers);

  // "loam-" and 64 hexadecimal digits: 256 random bits. The only time that they are shown. Error(invalid) for a name
  // that is not made of letters, digits, '.', '_' and '-', or where there are too many users.
  std::string add(const std::string& user, Role role);
  // Removes a key by its id, or all keys of a user. → how many. Error(not_found) where there is none.
  int revoke(const std::string& id_or_user);

  std::vector<Key> keys();
  bool is_empty();
  // Compares with every key in constant time.
  std::optional<User> find(std::string_view text);

 private:
  // With the mutex held.
  void read();
  void refresh();
  void write() const;

  const std::string path_;
  const int max_users_;
  std::mutex mutex_;
  std::string fingerprint_;  // of the file that `keys_` is from; "" for none
  std::vector<Key> keys_;
};

}  // namespace loam
