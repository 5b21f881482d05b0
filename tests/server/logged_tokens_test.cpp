#include "server/generation/logged_tokens.h"

#include <gtest/gtest.h>

namespace loam {
namespace {

std::string spelled(const std::vector<LoggedToken>& tokens) {
  std::string text;
  for (const LoggedToken& token : tokens) text += token.bytes;
  return text;
}

TEST(LoggedTokens, JoinToTheText) {
  LoggedTokens logged;
  for (const char* bytes : {"Hel", "lo", " ", "wor", "ld"}) logged.push({.token = 1, .bytes = bytes});
  EXPECT_EQ(spelled(logged.take("Hello ")), "Hello ");
  EXPECT_EQ(spelled(logged.take("world")), "world");
}

TEST(LoggedTokens, WhatMarkersSpelledIsDropped) {
  LoggedTokens logged;
  for (const char* bytes : {"<think>", "hm", "</think>", "Yes", "."}) logged.push({.token = 1, .bytes = bytes});
  EXPECT_EQ(spelled(logged.take("Yes.")), "Yes.");
}

TEST(LoggedTokens, ATokenThatAStopCutsIsTheLast) {
  LoggedTokens logged;
  for (const char* bytes : {"ab", "cSTOP"}) logged.push({.token = 1, .bytes = bytes});
  EXPECT_EQ(logged.take("abc").size(), 2u);
}

}  // namespace
}  // namespace loam
