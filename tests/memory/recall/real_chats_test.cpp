// Questions in the chats' own words over two real chats, Russian and Korean: the turn that they come from is found
// first.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "memory/recall/query_context.h"
#include "memory/recall/recall.h"
#include "memory/text/words.h"
#include "memory/transfer/import.h"
#include "tests/memory/memory_support.h"

namespace loam {
namespace {

class RealChats : public testing::Test {
 protected:
  RealChats() : database_(folder_.path("mem.db")), words_(database_) {
    store_ = std::make_unique<TurnStore>(database_);
    store_->attach(words_, LexicalIndex::kVersion);
    recaller_ = std::make_unique<Recaller>(*store_, words_);
  }

  std::vector<Turn> all() {
    std::vector<Turn> turns;
    store_->for_each("", "", [&](const Turn& turn) {
      turns.push_back(turn);
      return true;
    });
    return turns;
  }

  std::vector<Recalled> ask(const std::string& text) {
    RecallQuery query;
    query.text = text;
    query.limit = 10;
    query.budget = SIZE_MAX;
    return recaller_->recall(query);
  }

  // Of each turn the piece of a few words that has the most of what other turns have least: what one would ask by.
  double first_found(size_t n_words, TurnRole role) {
    const std::vector<Turn> turns = all();
    size_t n_asked = 0, n_found = 0;
    for (const Turn& turn : turns) {
      const std::string question = role == turn.role ? telling_piece(turn, n_words) : std::string();
      if (question.empty()) continue;
      const auto found = ask(question);
      ++n_asked;
      // Another turn with the same words in that order is as good an answer.
      if (!found.empty() && (found[0].turn.id == turn.id ||
                             spaced_terms(found[0].turn.text).find(spaced_terms(question)) != std::string::npos)) {
        ++n_found;
      } else {
        misses_ += question + "\n";
      }
    }
    EXPECT_GT(n_asked, 5U);
    return static_cast<double>(n_found) / static_cast<double>(n_asked);
  }

  // The first stretch of the turn with that many words that mean something, as it stands there.
  static std::string telling_piece(const Turn& turn, size_t n_words) {
    const std::vector<Word> words = words_of(turn.text);
    std::vector<const Word*> telling;
    for (const Word& word : words) {
      if (!word.stop) telling.push_back(&word);
      if (telling.size() == n_words) break;
    }
    if (telling.size() < n_words) return "";
    const size_t from = telling.front()->offset, to = telling.back()->offset + telling.back()->text.size();
    return turn.text.substr(from, to - from);
  }

  test::TemporaryFolder folder_;
  Database database_;
  LexicalIndex words_;
  std::unique_ptr<TurnStore> store_;
  std::unique_ptr<Recaller> recaller_;
  std::string misses_;
};

TEST_F(RealChats, RussianQuestionsFindTheirTurnFirst) {
  const std::string path = test::shared_path("data/retrieval/chat-export-ru.md");
  LOAM_NEEDS(path);
  import_chats(*store_, path);
  EXPECT_GE(first_found(6, TurnRole::user), 0.95) << misses_;
}

TEST_F(RealChats, PerplexityRecallsTheTurnThatAsksIt) {
  const std::string path = test::shared_path("data/retrieval/chat-export-ru.md");
  LOAM_NEEDS(path);
  import_chats(*store_, path);
  const auto found = ask("perplexity");
  ASSERT_FALSE(found.empty());
  EXPECT_TRUE(std::ranges::any_of(
      found, [](const Recalled& each) { return each.turn.text == "Что такое метрика перплексити"; }));
}

TEST_F(RealChats, KoreanQuestionsFindTheirTurnFirst) {
  const std::string path = test::shared_path("data/retrieval/chat-export-ko.txt");
  LOAM_NEEDS(path);
  import_chats(*store_, path);
  EXPECT_GE(first_found(3, TurnRole::user), 0.95) << misses_;
  EXPECT_GE(first_found(4, TurnRole::assistant), 0.95) << misses_;
}

}  // namespace
}  // namespace loam
