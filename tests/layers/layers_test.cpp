// Who may include whom: the table of docs/architecture.md, held against every #include of src/.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/support.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

// Folder → the folders that it may include besides itself.
using Layers = std::map<std::string, std::set<std::string>>;

constexpr int kMostLines = 400;

Layers loam_layers() {
  Layers layers = {
      {"base", {}},
      {"tensor", {"base"}},
      {"quant", {"base", "tensor"}},
      {"kernels", {"base", "tensor", "quant"}},
      {"ops", {"base", "tensor", "quant", "kernels"}},
      {"file", {"base", "tensor", "quant"}},
      {"tokenizer", {"base", "file"}},
      {"model", {"base", "tensor", "quant", "kernels", "ops", "file"}},
      {"engine", {"base", "tensor", "quant", "kernels", "ops", "file", "model", "tokenizer"}},
      {"memory", {"base"}},
  };
  for (const auto& [folder, _] : Layers(layers)) layers["server"].insert(folder);
  for (const auto& [folder, _] : Layers(layers)) layers["app"].insert(folder);
  return layers;
}

bool is_source(const fs::path& path) {
  static const std::set<std::string> kEndings = {".h", ".cpp", ".inl", ".cu", ".cuh"};
  return kEndings.contains(path.extension());
}

// The folder named first in `#include "folder/file.h"`; empty on other lines.
std::string included_folder(const std::string& line) {
  const size_t hash = line.find_first_not_of(" \t");
  if (hash == std::string::npos || line[hash] != '#') return {};
  const size_t open = line.find('"', hash), slash = line.find('/', hash);
  if (line.find("include", hash) > open || open == std::string::npos || slash == std::string::npos) return {};
  return line.substr(open + 1, slash - open - 1);
}

// A fault for each include that `layers` does not allow, each folder it does not know, and each file that is too long
// or says that something is still to be done.
class Inspection {
 public:
  Inspection(const fs::path& root, const Layers& layers) : root_(root), layers_(layers) {
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (entry.is_regular_file() && is_source(entry.path())) inspect(entry.path());
    }
    std::ranges::sort(faults_);
  }
  const std::vector<std::string>& faults() const { return faults_; }
  int n_includes() const { return n_includes_; }

 private:
  void inspect(const fs::path& path) {
    const fs::path relative = path.lexically_relative(root_);
    const std::string folder = relative.begin()->string();
    const auto known = layers_.find(folder);
    if (known == layers_.end()) {
      faults_.push_back(relative.string() + ": folder '" + folder + "' is not in the list of layers");
      return;
    }
    std::ifstream file(path);
    int n_lines = 0;
    for (std::string line; std::getline(file, line);) {
      const std::string place = relative.string() + ":" + std::to_string(++n_lines) + ": ";
      if (line.find("TODO") != std::string::npos) faults_.push_back(place + "TODO");
      check_include(place, folder, known->second, included_folder(line));
    }
    if (n_lines > kMostLines) faults_.push_back(relative.string() + ": " + std::to_string(n_lines) + " lines");
  }

  void check_include(const std::string& place, const std::string& folder, const std::set<std::string>& allowed,
                     const std::string& included) {
    if (included.empty()) return;
    ++n_includes_;
    if (included == folder || allowed.contains(included)) return;
    faults_.push_back(place + folder + " must not include " + included);
  }

  fs::path root_;
  const Layers& layers_;
  std::vector<std::string> faults_;
  int n_includes_ = 0;
};

TEST(Layers, EveryIncludeOfLoamIsAllowed) {
  const Layers layers = loam_layers();
  const Inspection inspection(test::source_path("src"), layers);
  for (const std::string& fault : inspection.faults()) ADD_FAILURE() << "src/" << fault;
  EXPECT_GT(inspection.n_includes(), 100) << "the sources were not read";
}

// docs/architecture.md is where people look the layers up.
TEST(Layers, TheDocumentNamesEveryFolder) {
  const std::string document = test::read_file(test::source_path("docs/architecture.md"));
  for (const auto& [folder, _] : loam_layers()) {
    EXPECT_NE(document.find("| `src/" + folder + "/`"), std::string::npos) << folder;
    EXPECT_TRUE(fs::is_directory(test::source_path("src/" + folder))) << folder;
  }
}

class LayersOfATree : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "loam_layers_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  std::vector<std::string> faults() const { return Inspection(root_, layers_).faults(); }

  fs::path root_;
  const Layers layers_ = {{"low", {}}, {"high", {"low"}}};
};

TEST_F(LayersOfATree, AllowedIncludesPass) {
  write("low/a.h", "#include <vector>\n#include \"low/b.h\"\n");
  write("high/deep/c.cpp", "  #  include \"low/a.h\"\n#include \"high/d.h\"\nconst char* s = \"low/x\";\n");
  EXPECT_EQ(faults(), std::vector<std::string>{});
}

TEST_F(LayersOfATree, AForbiddenIncludeIsFoundWhereverItStands) {
  write("low/a.h", "#pragma once\n#include \"high/b.h\"\n");
  write("low/isa/a.inl", "#  include \"high/b.h\"\n");
  EXPECT_EQ(faults(), (std::vector<std::string>{"low/a.h:2: low must not include high",
                                                "low/isa/a.inl:1: low must not include high"}));
}

TEST_F(LayersOfATree, AFolderWithoutARowIsFound) {
  write("new/a.cpp", "\n");
  write("low/b.cpp", "#include \"new/a.h\"\n");
  EXPECT_EQ(faults(), (std::vector<std::string>{"low/b.cpp:1: low must not include new",
                                                "new/a.cpp: folder 'new' is not in the list of layers"}));
}

TEST_F(LayersOfATree, LongFilesAndOpenEndsAreFound) {
  std::string lines;
  for (int i = 0; i < kMostLines; ++i) lines += "\n";
  write("low/full.cpp", lines);
  write("low/long.cpp", lines + "\n");
  write("low/open.cpp", "// TODO\n");
  EXPECT_EQ(faults(), (std::vector<std::string>{"low/long.cpp: 401 lines", "low/open.cpp:1: TODO"}));
}

}  // namespace
}  // namespace loam
