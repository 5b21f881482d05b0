#include "server/generation/admission.h"

#include <gtest/gtest.h>

#include <vector>

#include "server/http/http_error.h"

namespace loam {
namespace {

const User kAnna{.name = "anna", .role = Role::user, .has_key = true},
    kBen{.name = "ben", .role = Role::user, .has_key = true}, kLocal{.name = "local", .role = Role::admin};

int refused(Admission& admission, const User& user) {
  try {
    admission.admit(user);
  } catch (const HttpError& error) {
    return error.status();
  }
  return 0;
}

TEST(Admission, OneUsersFloodLeavesOthersTheirPlace) {
  Admission admission(10, 3);
  std::vector<Admission::Ticket> tickets;
  for (int i = 0; i < 3; ++i) tickets.push_back(admission.admit(kAnna));
  EXPECT_EQ(refused(admission, kAnna), 429);
  EXPECT_EQ(refused(admission, kBen), 0);
  tickets.pop_back();
  EXPECT_EQ(refused(admission, kAnna), 0);
}

TEST(Admission, AllTogetherAreBounded) {
  Admission admission(10, 3);
  std::vector<Admission::Ticket> tickets;
  for (int i = 0; i < 10; ++i) tickets.push_back(admission.admit(kLocal));
  EXPECT_EQ(refused(admission, kLocal), 503);
  EXPECT_EQ(admission.n_under_way(), 10);
  tickets.clear();
  EXPECT_EQ(admission.n_under_way(), 0);
  EXPECT_TRUE(admission.by_user().empty());
}

}  // namespace
}  // namespace loam
