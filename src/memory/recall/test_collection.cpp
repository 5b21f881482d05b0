#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "base/error.h"
#include "base/utf8.h"
#include "memory/recall/evaluation_set.h"

namespace loam {
namespace {

constexpr size_t kTarBlock = 512;
constexpr size_t kMostArchiveBytes = size_t{1} << 30U;
constexpr std::string_view kArchiveEnding = ".tar.gz";

struct CloseGzip {
  void operator()(gzFile_s* file) const { gzclose(file); }
};

std::string read_gzip(const std::string& path) {
  const std::unique_ptr<gzFile_s, CloseGzip> file(gzopen(path.c_str(), "rb"));
  if (!file) throw Error(Error::Code::not_found, fmt::format("cannot open '{}'", path), path);
  std::string bytes, piece(1U << 16U, '\0');
  for (;;) {
    const int n = gzread(file.get(), piece.data(), static_cast<unsigned>(piece.size()));
    if (n < 0) throw Error(Error::Code::invalid, "broken gzip data", path);
    if (n == 0) return bytes;
    bytes.append(piece, 0, static_cast<size_t>(n));
    if (bytes.size() > kMostArchiveBytes) throw Error(Error::Code::invalid, "unpacks to more than 1 GiB", path);
  }
}

std::string read_text_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw Error(Error::Code::not_found, fmt::format("cannot open '{}', which goes with the archive", path), path);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

struct ArchivedFile {
  std::string name;  // without folders and ending
  std::string text;
};

std::string stem_of_name(std::string_view name) {
  name = name.substr(0, name.find('\0'));
  if (const size_t slash = name.rfind('/'); slash != std::string_view::npos) name = name.substr(slash + 1);
  return std::string(name.substr(0, name.rfind('.')));
}

// The regular files of a tar archive (POSIX ustar).
std::vector<ArchivedFile> files_of_tar(std::string_view tar, const std::string& path) {
  std::vector<ArchivedFile> files;
  for (size_t at = 0; at + kTarBlock <= tar.size() && tar[at] != '\0';) {
    const std::string_view header = tar.substr(at, kTarBlock);
    std::string_view octal = header.substr(124, 12);
    octal.remove_prefix(std::min(octal.find_first_not_of(' '), octal.size()));
    size_t size = 0;
    const auto parsed = std::from_chars(octal.data(), octal.data() + octal.size(), size, 8);
    at += kTarBlock;
    if (parsed.ec != std::errc() || size > tar.size() - at)
      throw Error(Error::Code::invalid, "broken tar archive", path);
    const bool regular = header[156] == '0' || header[156] == '\0';
    if (regular) files.push_back({stem_of_name(header.substr(0, 100)), std::string(tar.substr(at, size))});
    at += (size + kTarBlock - 1) / kTarBlock * kTarBlock;
  }
  return files;
}

// Without tags, and without the lists of citations that end CACM's documents: lines of three numbers.
std::string plain_text(const std::string& document) {
  std::string text;
  std::istringstream lines(sanitize_utf8(document));
  for (std::string line; std::getline(lines, line);) {
    const bool numbers = line.find_first_not_of("0123456789\t \r") == std::string::npos;
    if (!numbers && !line.starts_with('<')) (text += line) += '\n';
  }
  return text;
}

// <DOC> <DOCNO> 1 </DOCNO> text </DOC>
std::map<std::string, std::string> read_topics(const std::string& topics) {
  std::map<std::string, std::string> texts;
  constexpr std::string_view kBegin = "<DOCNO>", kBetween = "</DOCNO>", kEnd = "</DOC>";
  for (size_t at = topics.find(kBegin); at != std::string::npos; at = topics.find(kBegin, at)) {
    const size_t between = topics.find(kBetween, at), end = topics.find(kEnd, at);
    if (between == std::string::npos || end == std::string::npos || end < between) break;
    std::istringstream number(topics.substr(at + kBegin.size(), between - at - kBegin.size()));
    std::string name;
    number >> name;
    texts[name] = sanitize_utf8(topics.substr(between + kBetween.size(), end - between - kBetween.size()));
    at = end;
  }
  return texts;
}

}  // namespace

EvaluationSet read_test_collection(const std::string& archive_path) {
  const std::string name = archive_path.substr(0, archive_path.size() - kArchiveEnding.size());
  EvaluationSet set;
  set.name = stem_of_name(name + ".");
  set.documents = true;
  for (ArchivedFile& file : files_of_tar(read_gzip(archive_path), archive_path)) {
    NewTurn turn;
    turn.session = turn.key = sanitize_utf8(file.name);
    turn.role = TurnRole::document;
    turn.origin = TurnOrigin::document;
    turn.text = plain_text(file.text);
    set.turns.push_back(std::move(turn));
  }
  std::ranges::sort(set.turns, {}, &NewTurn::key);
  std::map<std::string, std::vector<std::string>> relevant;
  std::istringstream judgements(read_text_file(name + ".qrels.txt"));
  std::string topic, iteration, document;
  for (int grade = 0; judgements >> topic >> iteration >> document >> grade;) {
    if (grade > 0) relevant[topic].push_back(sanitize_utf8(document));
  }
  for (auto& [number, text] : read_topics(read_text_file(name + ".topics.txt"))) {
    if (const auto found = relevant.find(number); found != relevant.end())
      set.questions.push_back({text, found->second});
  }
  if (set.turns.empty() || set.questions.empty()) {
    throw Error(Error::Code::invalid, "no documents, or no topics with judgements", archive_path);
  }
  return set;
}

}  // namespace loam
