#include "memory/forget.h"

#include <gtest/gtest.h>

#include <string>

#include "memory/documents/document_library.h"
#include "memory/memory.h"
#include "memory/text/words.h"
#include "tests/memory/memory_support.h"

namespace loam {
namespace {

using test::turn_of;

struct ForgetTest : testing::Test {
  std::vector<TurnId> found(const ForgetRequest& request) { return find_to_forget(memory.turns(), request); }
  test::TemporaryFolder folder;
  Memory memory{folder.path("anna")};
  DocumentLibrary& library = memory.documents();
};

TEST_F(ForgetTest, AQueryMeansAllOfItsWordsInAnyForm) {
  const TurnId english = memory.turns().add(turn_of("s", "My passwords are running away"));
  const TurnId russian = memory.turns().add(turn_of("s", "Мои секретные пароли"));
  const TurnId korean = memory.turns().add(turn_of("s", "비밀번호를 잊었어"));
  ForgetRequest request;
  request.query = "password run";
  EXPECT_EQ(found(request), std::vector<TurnId>{english});
  request.query = "секретный пароль";
  EXPECT_EQ(found(request), std::vector<TurnId>{russian});
  request.query = "비밀번호";
  EXPECT_EQ(found(request), std::vector<TurnId>{korean});
  request.query = "?!";
  EXPECT_TRUE(found(request).empty());
}

TEST_F(ForgetTest, TimeSessionAndDocumentNarrow) {
  memory.turns().add(turn_of("s1", "early", 1000));
  const TurnId late = memory.turns().add(turn_of("s1", "late", 5000));
  memory.turns().add(turn_of("s2", "late", 5000));
  library.add_text("the text of a note", "Note");
  ForgetRequest request;
  request.turns.since = 2000;
  request.turns.session = "s1";
  EXPECT_EQ(found(request), std::vector<TurnId>{late});
  ForgetRequest document;
  document.document = "Note";
  EXPECT_EQ(found(document).size(), 1u);
  EXPECT_EQ(found({}).size(), 4u);
}

// Everything that memory derives from turns is attached: what is forgotten leaves no byte in any file.
TEST_F(ForgetTest, AForgottenCanaryIsInNoFile) {
  const std::string canary = "Zanzibarquokkas";
  const std::string folded = fold_word(canary), stem = words_of(canary).at(0).term;
  const std::vector<ChatText> messages = {{TurnRole::user, "My name is " + canary + ". I love " + canary + "!"}};
  const Exchange exchange = memory.begin(messages, {});
  memory.finish(exchange, "Hello, " + canary, false);
  library.add_text("# " + canary + "\n\nAll about " + canary, canary);
  for (int i = 0; i < 20; ++i) memory.turns().add(turn_of("s", canary + " again " + std::to_string(i)));
  memory.turns().add(turn_of("s", "something that stays"));
  ASSERT_TRUE(folder.holds_bytes(canary));

  ForgetRequest request;
  request.query = canary;
  const auto ids = found(request);
  EXPECT_EQ(ids.size(), 23u);
  EXPECT_EQ(memory.turns().erase(ids), 23);
  for (const std::string& trace : {canary, folded, stem}) EXPECT_FALSE(folder.holds_bytes(trace)) << trace;
  EXPECT_TRUE(folder.holds_bytes("something that stays"));
  EXPECT_TRUE(library.documents().empty());
}

}  // namespace
}  // namespace loam
