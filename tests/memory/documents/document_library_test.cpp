#include "memory/documents/document_library.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.h"
#include "base/utf8.h"
#include "memory/text/token_estimate.h"
#include "tests/memory/memory_support.h"

namespace loam {
namespace {

// n sentences, each of which is found nowhere else.
std::string prose(int n, const std::string& word = "sentence") {
  std::string text;
  for (int i = 0; i < n; ++i) text += "This is " + word + " number " + std::to_string(i) + " of a long story. ";
  return text;
}

TEST(Chunker, ChunksHaveTheirSizeAndNothingIsLost) {
  for (const std::string& word : {std::string("sentence"), std::string("предложение"), std::string("문장입니다")}) {
    Document document;
    for (int i = 0; i < 30; ++i) document.blocks.push_back({prose(i % 3 == 0 ? 60 : 4, word), "", {}, false, false});
    const auto chunks = cut_document(document);
    std::string cut, whole;
    for (size_t i = 0; i < chunks.size(); ++i) {
      EXPECT_LE(estimate_tokens(chunks[i].text), 400u);
      EXPECT_GE(estimate_tokens(chunks[i].text) + (i + 1 == chunks.size() ? 200 : 0), 200u) << i;
      cut += chunks[i].text;
    }
    for (const DocumentBlock& block : document.blocks) whole += block.text;
    std::erase_if(cut, [](char c) { return c == ' ' || c == '\n'; });
    std::erase_if(whole, [](char c) { return c == ' ' || c == '\n'; });
    EXPECT_EQ(cut, whole);
  }
}

TEST(Chunker, AHeadingBeginsAChunkAndCodeIsCutBetweenLines) {
  Document document;
  document.blocks.push_back({prose(25), "One", {}, false, false});
  document.blocks.push_back({"Two", "Two", {}, true, false});
  std::string code;
  for (int i = 0; i < 200; ++i) code += "call(" + std::to_string(i) + ");\n";
  document.blocks.push_back({code, "Two", {0, 11, 210}, false, true});
  const auto chunks = cut_document(document);
  ASSERT_GE(chunks.size(), 4u);
  EXPECT_EQ(chunks[1].heading, "Two");
  EXPECT_TRUE(chunks[1].text.starts_with("Two\n\ncall(0);"));
  for (size_t i = 2; i < chunks.size(); ++i) {
    EXPECT_TRUE(chunks[i].text.starts_with("call(" + std::to_string(chunks[i].place.first_line - 11) + ");")) << i;
    EXPECT_EQ(chunks[i].place.first_line, chunks[i - 1].place.last_line + 1);
  }
}

TEST(Chunker, AnEndlessWordIsCutBetweenCharacters) {
  Document document;
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += "한";
  document.blocks.push_back({text, "", {}, false, false});
  for (const DocumentChunk& chunk : cut_document(document)) {
    EXPECT_LE(estimate_tokens(chunk.text), 400u);
    EXPECT_TRUE(is_valid_utf8(chunk.text));
  }
}

struct DocumentLibraryTest : testing::Test {
  DocumentLibraryTest() { std::filesystem::create_directories(docs.path("sub")); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(docs.path(name)) << text; }
  std::vector<Turn> turns(const std::string& session = "") {
    std::vector<Turn> all;
    store.for_each("documents", session, [&](const Turn& turn) {
      all.push_back(turn);
      return true;
    });
    return all;
  }
  test::TemporaryFolder folder, docs;
  Database database{folder.path("mem.db")};
  TurnStore store{database};
  DocumentLibrary library{store};
};

TEST_F(DocumentLibraryTest, ChunksAreTurnsThatCiteTheirPlace) {
  write("guide.md", "# Guide\n\n## Setup\n\n" + prose(80) + "\n\n## Use\n\n" + prose(20, "usage"));
  const auto report = library.add(docs.path("guide.md"));
  EXPECT_EQ(report.n_added, 1);
  const auto all = turns();
  ASSERT_EQ(static_cast<int64_t>(all.size()), report.n_chunks);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].origin, TurnOrigin::document);
  EXPECT_EQ(all.back().speaker, "Guide › Use");
  const auto place = library.place(all.back().id);
  ASSERT_TRUE(place);
  EXPECT_EQ(cite(*place), "Guide, Use, lines 7–9");
  EXPECT_EQ(store.before(all[1], 1).at(0).id, all[0].id);
}

TEST_F(DocumentLibraryTest, OnlyWhatChangedIsReadAgain) {
  write("a.txt", prose(40, "alpha"));
  write("sub/b.md", prose(40, "beta"));
  write("picture.png", "x");
  write(".hidden.txt", "secret");
  auto report = library.add(docs.path());
  EXPECT_EQ(report.n_added, 2);
  EXPECT_EQ(report.n_skipped, 1);
  EXPECT_GT(report.n_characters, 3000);
  report = library.add(docs.path());
  EXPECT_EQ(report.n_unchanged, 2);
  EXPECT_EQ(report.n_chunks, 0);

  write("a.txt", prose(20, "gamma"));
  std::filesystem::remove(docs.path("sub/b.md"));
  report = library.add(docs.path());
  EXPECT_EQ(report.n_changed, 1);
  ASSERT_EQ(report.gone.size(), 1u);
  EXPECT_EQ(report.gone[0].title, "b.md");
  EXPECT_FALSE(folder.holds_bytes("alpha")) << "what was replaced is gone";
  EXPECT_TRUE(folder.holds_bytes("gamma"));

  store.erase(library.chunks(report.gone[0].id));
  EXPECT_EQ(library.documents().size(), 1u);
  EXPECT_FALSE(folder.holds_bytes("b.md"));
}

TEST_F(DocumentLibraryTest, StoppingKeepsWhatIsDone) {
  for (int i = 0; i < 5; ++i) write("f" + std::to_string(i) + ".txt", prose(5));
  AddDocumentsOptions options;
  int n = 0;
  options.progress = [&](const DocumentProgress&) { return n++ < 2; };
  const auto report = library.add(docs.path(), options);
  EXPECT_TRUE(report.stopped);
  EXPECT_EQ(report.n_added, 2);
  EXPECT_EQ(library.add(docs.path()).n_unchanged, 2);
  EXPECT_EQ(library.documents().size(), 5u);
}

TEST_F(DocumentLibraryTest, AFaultOfOneFileLeavesTheOthers) {
  write("a.docx", "no zip");
  write("b.txt", prose(5));
  const auto report = library.add(docs.path());
  EXPECT_EQ(report.n_added, 1);
  ASSERT_EQ(report.faults.size(), 1u);
  EXPECT_NE(report.faults[0].find("a.docx"), std::string::npos);
  EXPECT_THROW(library.add(docs.path("a.docx")), Error);
  EXPECT_THROW(library.add(docs.path("absent")), Error);
}

TEST_F(DocumentLibraryTest, TextIsAddedOnceInItsCollection) {
  AddDocumentsOptions options;
  options.collection = "LTM_2";
  EXPECT_EQ(library.add_text("# Заметка\n\nКлюч под ковриком.", "", options), 1);
  EXPECT_EQ(library.add_text("# Заметка\n\nКлюч под ковриком.", "", options), 0);
  EXPECT_EQ(library.documents("LTM_2").at(0).title, "Заметка");
  EXPECT_TRUE(library.documents("documents").empty());
}

}  // namespace
}  // namespace loam
