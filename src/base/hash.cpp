#include "base/hash.h"

#include <sodium.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "base/error.h"

namespace loam {

struct Sha256::State {
  crypto_hash_sha256_state sodium;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { crypto_hash_sha256_init(&state_->sodium); }
Sha256::~Sha256() = default;

void Sha256::update(std::span<const std::byte> bytes) {
  crypto_hash_sha256_update(&state_->sodium, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::array<std::byte, 32> Sha256::digest() {
  std::array<std::byte, crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256_final(&state_->sodium, reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string Sha256::hex() { return to_hex(digest()); }

std::string sha256_of(std::string_view text) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(text)));
  return hash.hex();
}

std::string to_hex(std::span<const std::byte> bytes) {
  std::string text(2 * bytes.size(), '\0');  // and a zero behind it, which std::string has
  sodium_bin2hex(text.data(), text.size() + 1, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return text;
}

std::string sha256_of_file(const std::string& path, const std::function<bool(uint64_t done)>& progress) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) throw Error(Error::Code::not_found, "cannot open " + path + ": " + std::strerror(errno));
  Sha256 hash;
  std::vector<std::byte> window(1 << 20);
  uint64_t done = 0;
  while (const size_t n = std::fread(window.data(), 1, window.size(), file.get())) {
    hash.update({window.data(), n});
    done += n;
    if (progress && !progress(done)) throw Error(Error::Code::cancelled, "cancelled while checking " + path);
  }
  if (std::ferror(file.get())) throw Error(Error::Code::io, "cannot read " + path + ": " + std::strerror(errno));
  return hash.hex();
}

}  // namespace loam
