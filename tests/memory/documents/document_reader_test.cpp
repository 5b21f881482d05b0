#include "memory/documents/document_reader.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/child_process.h"
#include "base/error.h"
#include "memory/documents/markup_scanner.h"
#include "tests/memory/memory_support.h"

namespace loam {
namespace {

struct DocumentReaderTest : testing::Test {
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder.path(name), std::ios::binary) << bytes;
    return folder.path(name);
  }
  // An archive of the given members, made by Python's zipfile.
  std::string archive(const std::string& name, const std::vector<std::pair<std::string, std::string>>& members) const {
    std::vector<std::string> command = {
        "python3", "-c",
        "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)\n"
        "for name, text in zip(sys.argv[2::2], sys.argv[3::2]): z.writestr(name, text)\nz.close()",
        folder.path(name)};
    for (const auto& [member, text] : members) command.insert(command.end(), {member, text});
    EXPECT_EQ(run_child(command).exit_status, 0);
    return folder.path(name);
  }
  test::TemporaryFolder folder;
};

std::string joined(const Document& document) {
  std::string text;
  for (const DocumentBlock& block : document.blocks) text += "[" + block.heading + "] " + block.text + "\n";
  return text;
}

TEST(Markdown, HeadingsMakePathsAndCodeStaysWhole) {
  const Document document = read_markdown(
      "---\ntitle: \"Руководство\"\n---\n# Глава 1\nПервый\nабзац.\n\n## 절 ##\n```py\nx = 1\n\n# no "
      "heading\n```\nEnd.\n# "
      "Two\n");
  EXPECT_EQ(document.title, "Руководство");
  EXPECT_EQ(joined(document),
            "[Глава 1] Глава 1\n[Глава 1] Первый\nабзац.\n[Глава 1 › 절] 절\n"
            "[Глава 1 › 절] ```py\nx = 1\n\n# no heading\n```\n[Глава 1 › 절] End.\n[Two] Two\n");
  EXPECT_EQ(document.blocks[1].place, (DocumentPlace{0, 5, 6}));
  EXPECT_EQ(document.blocks[3].place, (DocumentPlace{0, 9, 13}));
  EXPECT_TRUE(document.blocks[3].keeps_lines);
}

TEST(Html, TextWithoutScriptsInItsOrder) {
  const Document document = read_html(
      "<!doctype html><html><head><title>A &amp; B</title><style>p{}</style></head><body><script>if (a < b) alert('x')"
      "</script><h1>Top</h1><p>Some <b>bold</b>\n text &#1046;&nbsp;&unknown;.<p>Next<ul><li>one<li>two</ul>"
      "<h2>Sub<pre>a\n  b</pre><!-- secret --><table><tr><td>1<td>2</table>2 < 3");
  EXPECT_EQ(document.title, "A & B");
  const std::string text = joined(document);
  EXPECT_NE(text.find("[Top] Some bold text Ж &unknown;.\n[Top] Next\n[Top] - one\n[Top] - two\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("a\n  b"), std::string::npos) << text;
  EXPECT_NE(text.find("| 1 | 2"), std::string::npos) << text;
  EXPECT_NE(text.find("2 < 3"), std::string::npos) << text;
  for (const char* unseen : {"alert", "secret", "p{}"}) EXPECT_EQ(text.find(unseen), std::string::npos) << unseen;
}

TEST(Markup, HostileTextEndsInLinearTime) {
  const size_t n = test::kSanitized ? 200'000 : 2'000'000;
  for (const char* piece : {"<", "<!", "<a ", "&", "<![", "<!--", "</", "<script>", "<p a='", "<h1>", "<?"}) {
    std::string text;
    while (text.size() < n) text += piece;
    read_html(text);
    read_docx_xml(text);
    read_odt_xml(text);
  }
  EXPECT_EQ(read_html("<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><p>&b;").blocks.at(0).text, "&b;");
}

TEST(Code, BlocksAreWhatStandsTogether) {
  const Document document = read_code("int a() {\n  return 1;\n\n  // on\n}\n\nint b();\n");
  ASSERT_EQ(document.blocks.size(), 2u);
  EXPECT_EQ(document.blocks[0].place, (DocumentPlace{0, 1, 6}));
  EXPECT_EQ(document.blocks[1].text, "int b();");
}

TEST_F(DocumentReaderTest, Docx) {
  const std::string path = archive(
      "a.docx", {{"word/document.xml",
                  "<?xml version='1.0'?><w:document><w:body><w:p><w:pPr><w:pStyle w:val='Heading1'/></w:pPr><w:r><w:t>"
                  "제목</w:t></w:r></w:p><w:p><w:r><w:t xml:space='preserve'>One </w:t></w:r><w:r><w:tab/><w:t>two &lt;"
                  "</w:t></w:r><w:instrText>HIDDEN</w:instrText></w:p></w:body></w:document>"}});
  EXPECT_EQ(joined(read_document(path)), "[제목] 제목\n[제목] One two <\n");
  EXPECT_EQ(read_document(path).title, "제목");
}

TEST_F(DocumentReaderTest, Odt) {
  const std::string path =
      archive("a.odt", {{"content.xml",
                         "<office:text><text:h text:outline-level=\"2\">Раздел</text:h><text:p>Один<text:tab/>два"
                         "<text:span> три</text:span></text:p></office:text>"}});
  EXPECT_EQ(joined(read_document(path)), "[Раздел] Раздел\n[Раздел] Один два три\n");
}

TEST_F(DocumentReaderTest, EpubInTheOrderOfItsSpine) {
  const std::string path = archive(
      "a.epub",
      {{"META-INF/container.xml", "<container><rootfiles><rootfile full-path=\"O/c.opf\"/></rootfiles></container>"},
       {"O/c.opf",
        "<package><metadata><dc:title>Book</dc:title></metadata><manifest><item id='b' href='t/2.xhtml'/><item id='a' "
        "href='t/1.xhtml'/></manifest><spine><itemref idref='a'/><itemref idref='b'/><itemref idref='zz'/></spine>"},
       {"O/t/1.xhtml", "<html><body><h1>First</h1><p>p1</p></body></html>"},
       {"O/t/2.xhtml", "<html><body><h1>Second</h1><p>p2</p></body></html>"}});
  const Document document = read_document(path);
  EXPECT_EQ(document.title, "Book");
  EXPECT_EQ(joined(document), "[First] First\n[First] p1\n[Second] Second\n[Second] p2\n");
}

TEST_F(DocumentReaderTest, AZipThatPromisesOrHoldsTooMuchIsRefused) {
  const std::string script =
      "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)\n"
      "z.writestr('word/document.xml', b' ' * (65 << 20))\nz.close()";
  ASSERT_EQ(run_child({"python3", "-c", script, folder.path("bomb.docx")}).exit_status, 0);
  EXPECT_THROW(read_document(folder.path("bomb.docx")), Error);
}

TEST_F(DocumentReaderTest, PdfPagesAreTold) {
  if (run_child({"sh", "-c", "command -v pdftotext"}).exit_status != 0) GTEST_SKIP() << "needs pdftotext";
  std::string pdf =
      "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
      "2 0 obj<</Type/Pages/Kids[3 0 R 5 0 R]/Count 2>>endobj\n";
  const auto page = [&](int id, const std::string& text) {
    const std::string stream = "BT /F1 24 Tf 72 700 Td (" + text + ") Tj ET";
    pdf += std::to_string(id) +
           " 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 7 0 R>>>>" + "/Contents " +
           std::to_string(id + 1) + " 0 R>>endobj\n" + std::to_string(id + 1) + " 0 obj<</Length " +
           std::to_string(stream.size()) + ">>stream\n" + stream + "\nendstream endobj\n";
  };
  page(3, "First page");
  page(5, "Second page");
  pdf += "7 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n";
  const Document document = read_document(write("a.pdf", pdf));
  ASSERT_EQ(document.blocks.size(), 2u);
  EXPECT_EQ(document.blocks[1].text, "Second page");
  EXPECT_EQ(document.blocks[1].place.page, 2);
  EXPECT_THROW(read_document(write("broken.pdf", "%PDF-1.4 nothing")), Error);
}

TEST_F(DocumentReaderTest, AMissingProgramIsNamedWithItsPackage) {
  const std::string path = std::getenv("PATH");
  setenv("PATH", folder.path().c_str(), 1);
  try {
    read_document(write("a.pdf", "%PDF-1.4"));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("apt install poppler-utils"), std::string::npos) << error.message();
  }
  setenv("PATH", path.c_str(), 1);
}

TEST_F(DocumentReaderTest, WhatIsNoTextIsRefused) {
  EXPECT_THROW(read_document(write("a.txt", std::string("a\0b", 3))), Error);
  EXPECT_THROW(read_document(write("a.docx", "no zip")), Error);
  EXPECT_THROW(read_document(folder.path("absent.md")), Error);
  EXPECT_EQ(read_document(write("a.txt", "caf\xE9")).blocks.at(0).text, "caf\uFFFD");
}

}  // namespace
}  // namespace loam
