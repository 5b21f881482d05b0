#include "base/hash.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string_view>

#include "base/error.h"

namespace loam {
namespace {

std::span<const std::byte> bytes_in(std::string_view text) { return std::as_bytes(std::span(text)); }

// The vectors of FIPS 180-4.
TEST(Sha256, KnownDigests) {
  EXPECT_EQ(Sha256().hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256 abc;
  abc.update(bytes_in("abc"));
  EXPECT_EQ(abc.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, PiecesGiveTheDigestOfTheWhole) {
  const std::string million(1'000'000, 'a');
  Sha256 hash;
  for (size_t i = 0; i < million.size(); i += 997) hash.update(bytes_in(std::string_view(million).substr(i, 997)));
  EXPECT_EQ(hash.hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, OfAFile) {
  const std::string path = testing::TempDir() + "loam_hash_test";
  std::ofstream(path, std::ios::binary) << std::string(1'000'000, 'a');
  EXPECT_EQ(sha256_of_file(path), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  std::remove(path.c_str());
  try {
    sha256_of_file(path);
    FAIL() << "a missing file has no digest";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::not_found);
  }
}

}  // namespace
}  // namespace loam
