#include "memory/transfer/import.h"

#include <gtest/gtest.h>

#include <ctime>
#include <string>

#include "base/error.h"
#include "tests/memory/transfer/transfer_support.h"

namespace loam {
namespace {

using test::error_in;

struct ImportTest : test::TransferTest {};

// The tree: root → a → b, and of b two answers; c2 was seen last. h is hidden, t is told to a tool.
constexpr char kChatGpt[] = R"([{"title": "Поездка", "create_time": 1700000000.5, "conversation_id": "abcdefgh-1",
 "current_node": "c2", "mapping": {
  "root": {"id": "root", "message": null, "parent": null, "children": ["h"]},
  "h": {"id": "h", "parent": "root", "children": ["a"], "message": {"id": "h", "author": {"role": "system"},
    "content": {"content_type": "text", "parts": ["hidden"]}, "metadata": {"is_visually_hidden_from_conversation": true}}},
  "a": {"id": "a", "parent": "h", "children": ["t"], "message": {"id": "a", "author": {"role": "user"},
    "create_time": 1700000001.25, "content": {"content_type": "multimodal_text",
    "parts": [{"content_type": "image_asset_pointer"}, "Где мой 여권?"]}}},
  "t": {"id": "t", "parent": "a", "children": ["c1", "c2"], "message": {"id": "t", "author": {"role": "assistant"},
    "recipient": "browser", "content": {"content_type": "code", "text": "search"}}},
  "c1": {"id": "c1", "parent": "t", "children": [], "message": {"id": "c1", "author": {"role": "assistant"},
    "create_time": 1700000009, "content": {"content_type": "text", "parts": ["Не знаю."]}}},
  "c2": {"id": "c2", "parent": "t", "children": [], "message": {"id": "c2", "author": {"role": "assistant"},
    "recipient": "all", "create_time": 1700000003, "status": "finished_partial_completion",
    "content": {"content_type": "text", "parts": ["В ящике"]}}}}}])";

TEST_F(ImportTest, ChatGptsCurrentBranchIsKeptAndTheOthersAreCounted) {
  const ImportReport report = import_text("conversations.json", kChatGpt);
  EXPECT_EQ(report.format, ChatFormat::chatgpt_json);
  EXPECT_EQ(report.n_conversations, 1);
  EXPECT_EQ(report.n_other_branches, 1);
  EXPECT_EQ(report.n_orphans, 0) << "the tool stands between question and answer";
  const auto all = turns();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].text, "[image]\nГде мой 여권?");
  EXPECT_EQ(all[0].session, "Поездка (abcdefgh)");
  EXPECT_EQ(all[0].origin, TurnOrigin::import);
  EXPECT_EQ(all[0].time, 1700000001250);
  EXPECT_EQ(all[1].role, TurnRole::tool);
  EXPECT_EQ(all[1].time, all[0].time) << "no time of its own";
  EXPECT_EQ(all[2].text, "В ящике");
  EXPECT_TRUE(all[2].partial);
}

TEST_F(ImportTest, ACircleInTheTreeEnds) {
  const auto report = import_text("c.json", R"({"title": "t", "current_node": "a", "mapping": {
    "a": {"parent": "b", "children": ["b"], "message": {"author": {"role": "user"}, "content": {"parts": ["A"]}}},
    "b": {"parent": "a", "children": ["a"], "message": {"author": {"role": "user"}, "content": {"parts": ["B"]}}}}})");
  EXPECT_EQ(report.n_user, 2);
}

TEST_F(ImportTest, WithoutACurrentNodeTheLatestLeafCounts) {
  std::string without = kChatGpt;
  without.replace(without.find("\"c2\""), 4, "\"zz\"");
  import_text("conversations.json", without);
  EXPECT_EQ(turns().back().text, "Не знаю.");
}

TEST_F(ImportTest, ClaudesMessagesAndAttachmentsAreRead) {
  const ImportReport report = import_text("claude.json", R"([{"uuid": "u-1", "name": "계획", "chat_messages": [
    {"uuid": "m1", "sender": "human", "text": "old form", "content": [{"type": "text", "text": "요약해 줘"}],
     "created_at": "2024-05-01T12:00:00.250000Z", "attachments": [{"file_name": "plan.txt", "extracted_content": "1. 2."}]},
    {"uuid": "m2", "sender": "assistant", "text": "그래", "created_at": "2024-05-01T14:00:01+02:00"}]},
    {"uuid": "u-2", "name": "", "chat_messages": []}])");
  EXPECT_EQ(report.format, ChatFormat::claude_json);
  const auto all = turns();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].role, TurnRole::document);
  EXPECT_EQ(all[0].speaker, "plan.txt");
  EXPECT_EQ(all[1].text, "요약해 줘");
  EXPECT_EQ(all[1].time, 1714564800250);
  EXPECT_EQ(all[2].time, 1714564801000);
}

TEST_F(ImportTest, PlainTextIsReadInThreeLanguagesAndManyForms) {
  struct Case {
    std::string text, user, assistant;
  };
  for (const Case& one :
       std::initializer_list<Case>{{"You said:\nUser: is a label\n\nChatGPT said:\nYes.\n", "User: is a label", "Yes."},
                                   {"나의 말:\n안녕\nChatGPT의 말:\n네\n둘째 줄\n", "안녕", "네\n둘째 줄"},
                                   {"Вы сказали:\r\nПривет\r\nChatGPT сказал:\r\nДа\r\n", "Привет", "Да"},
                                   {"**User:** hi\n\n**Assistant:** hello\n\nthere", "hi", "hello\n\nthere"},
                                   {"## Пользователь: кто?\n## Ассистент:\nя", "кто?", "я"},
                                   {"사용자： 누구?\n어시스턴트： 나", "누구?", "나"}}) {
    Database other(folder.path("other" + std::to_string(one.text.size()) + ".db"));
    TurnStore into(other);
    const ImportReport report = import_chats(into, write("chat.txt", one.text));
    EXPECT_EQ(report.format, ChatFormat::plain_text) << one.text;
    ASSERT_EQ(report.n_found(), 2) << one.text;
    EXPECT_EQ(into.find(1)->text, one.user);
    EXPECT_EQ(into.find(2)->text, one.assistant);
    EXPECT_EQ(into.find(2)->session, "chat");
  }
}

TEST_F(ImportTest, ImportingAgainAddsOnlyWhatIsNew) {
  const std::string first = "User: hi\nAssistant: hello\nUser: hi\nAssistant: hello\n";
  EXPECT_EQ(import_text("chat.txt", first).n_known, 0);
  EXPECT_EQ(store.size(), 4) << "what is said twice is kept twice";
  EXPECT_EQ(import_text("chat.txt", first).n_known, 4);
  EXPECT_EQ(import_text("chat.txt", first + "User: more\n").n_known, 4);
  EXPECT_EQ(store.size(), 5);
}

TEST_F(ImportTest, WhatIsNoUtf8IsMended) {
  import_text("chat.txt", std::string("User: a\xFF\0b\nAssistant: c", 24));
  EXPECT_EQ(turns().front().text, "a\uFFFD\uFFFDb");
}

TEST_F(ImportTest, BrokenFilesAreErrorsThatNameThePlace) {
  EXPECT_EQ(error_in([&] { import_text("a.bin", "nothing"); }).code(), Error::Code::unsupported);
  EXPECT_EQ(error_in([&] { import_text("empty.txt", ""); }).code(), Error::Code::unsupported);
  EXPECT_EQ(error_in([&] { import_chats(store, folder.path("absent")); }).code(), Error::Code::not_found);
  const std::string cut = std::string(kChatGpt).substr(0, 700);
  EXPECT_EQ(error_in([&] { import_text("cut.json", cut); }).where(), "json@700");
  const Error deep = error_in([&] { import_text("deep.json", "[{\"mapping\":" + std::string(100'000, '[')); });
  EXPECT_NE(deep.message().find("deeper than 200"), std::string::npos) << deep.message();
  EXPECT_EQ(store.size(), 0);
}

TEST_F(ImportTest, NoCutOfAnyExportCrashes) {
  for (size_t n = 0; n < sizeof kChatGpt; ++n) {
    try {
      import_text("cut.json", std::string(kChatGpt).substr(0, n));
    } catch (const Error&) {
    }
  }
  EXPECT_LE(store.size(), 3);
}

TEST_F(ImportTest, StoppingKeepsWhatWasDone) {
  std::string text = "User: hi\nAssistant: hello\n";
  for (int i = 0; i < 3000; ++i) text += "User: " + std::to_string(i) + "\n";
  ImportOptions options;
  options.progress = [](uint64_t done, uint64_t total) { return done < total / 2; };
  const std::string path = write("chat.txt", text);
  EXPECT_EQ(error_in([&] { import_chats(store, path, options); }).code(), Error::Code::cancelled);
  EXPECT_GT(store.size(), 0);
  import_chats(store, path);
  EXPECT_EQ(store.size(), 3002);
}

TEST_F(ImportTest, TheRussianExportGives84UserTurnsAndOneOrphan) {
  const std::string path = test::shared_path("data/retrieval/chat-export-ru.md");
  LOAM_NEEDS(path);
  const ImportReport report = import_chats(store, path);
  EXPECT_EQ(report.format, ChatFormat::nexus_markdown);
  EXPECT_EQ(report.n_user, 84);
  EXPECT_EQ(report.n_assistant, 85);
  EXPECT_EQ(report.n_orphans, 1);
  EXPECT_EQ(report.n_conversations, 1);
  const auto all = turns();
  ASSERT_EQ(all.size(), 169u);
  EXPECT_EQ(all[0].session, "1LTM_4 (6861178a)");
  EXPECT_TRUE(all[0].text.starts_with("Мы продолжаем темы чатом LTM_1"));
  std::tm time{};
  time.tm_year = 125, time.tm_mon = 5, time.tm_mday = 29, time.tm_hour = 17, time.tm_min = 38, time.tm_isdst = -1;
  EXPECT_EQ(all[0].time, int64_t{std::mktime(&time)} * 1000);
  for (const Turn& turn : all) EXPECT_EQ(turn.text.find("UID:"), std::string::npos) << turn.id;
  EXPECT_EQ(import_chats(store, path).n_known, 169);
  EXPECT_EQ(store.size(), 169);
}

TEST_F(ImportTest, TheKoreanChatGivesNinePairsAndTheEndOfAnAnswer) {
  const std::string path = test::shared_path("data/retrieval/chat-export-ko.txt");
  LOAM_NEEDS(path);
  const ImportReport report = import_chats(store, path);
  EXPECT_EQ(report.n_user, 9);
  EXPECT_EQ(report.n_assistant, 10);
  const auto all = turns();
  EXPECT_TRUE(all[0].partial) << "the chat was copied from the middle of an answer on";
  EXPECT_EQ(all[1].text, "아니 데스크탑 에코가사펜이 gguf보다 좋다던데 런포드기준");
  EXPECT_EQ(all[1].role, TurnRole::user);
}

}  // namespace
}  // namespace loam
