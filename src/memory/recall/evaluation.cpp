#include "memory/recall/evaluation.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "memory/recall/recall.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFirst = 10;                     // results that recall is measured over
constexpr size_t kRanked = 1000;                  // documents that average precision is measured over
constexpr size_t kAtOnce = 64;                    // turns that get their vectors together
constexpr UnixTime kAskedAfter = 24 * 3'600'000;  // the last turn

class PrivateFolder {
 public:
  PrivateFolder() {
    std::string name = (fs::temp_directory_path() / "loam-eval-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw Error(Error::Code::io, "cannot make a temporary folder", name);
    path_ = name;
  }
  ~PrivateFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  std::string file(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

struct Sums {
  double turns = 0, sessions = 0, precision = 0;
};

// One set's turns, ready to be asked for.
class Memorised {
 public:
  Memorised(const EvaluationSet& set, TextEmbedder* embedder)
      : set_(set), database_(folder_.file("mem.db")), words_(database_) {
    if (embedder != nullptr) {
      vectors_ = std::make_unique<VectorIndex>(database_, embedder->name(), embedder->dimensions());
    }
    store_ = std::make_unique<TurnStore>(database_);
    store_->attach(words_, LexicalIndex::kVersion);
    if (vectors_) store_->attach(*vectors_, VectorIndex::kVersion);
    const std::vector<TurnId> ids = store_->add(set.turns);
    for (size_t i = 0; i < ids.size(); ++i) {
      keys_[ids[i]] = set.turns[i].key;
      sessions_[set.turns[i].key] = set.turns[i].session;
      asked_at_ = std::max(asked_at_, set.turns[i].time + kAskedAfter);
    }
    lexical_ = std::make_unique<Recaller>(*store_, words_);
    if (!vectors_) return;
    hybrid_ = std::make_unique<Recaller>(*store_, words_, vectors_.get(), embedder);
    while (hybrid_->catch_up(kAtOnce) > 0) {
    }
  }

  void ask(const EvaluationQuestion& question, bool with_vectors, Sums& sums) {
    Recaller& recaller = with_vectors ? *hybrid_ : *lexical_;
    RecallQuery query;
    query.text = question.text;
    query.now = asked_at_;
    query.limit = kFirst;
    query.budget = SIZE_MAX;
    query.floor = false;
    if (set_.documents) {
      sums.precision += average_precision(recaller, query, question);
      return;
    }
    sums.turns += turn_recall(recaller, query, question);
    sums.sessions += session_recall(recaller, query, question);
  }

 private:
  static double share(const std::unordered_set<std::string>& found, const std::unordered_set<std::string>& wanted) {
    const auto n = std::ranges::count_if(wanted, [&](const std::string& each) { return found.contains(each); });
    return static_cast<double>(n) / static_cast<double>(wanted.size());
  }

  double turn_recall(Recaller& recaller, const RecallQuery& query, const EvaluationQuestion& question) {
    std::unordered_set<std::string> found;
    for (const Recalled& each : recaller.recall(query)) found.insert(keys_[each.turn.id]);
    return share(found, {question.evidence.begin(), question.evidence.end()});
  }

  double session_recall(Recaller& recaller, const RecallQuery& query, const EvaluationQuestion& question) {
    std::unordered_set<std::string> found, wanted;
    for (const RecalledSession& each : recaller.recall_sessions(query)) found.insert(each.session);
    for (const std::string& key : question.evidence) wanted.insert(sessions_[key]);
    return share(found, wanted);
  }

  double average_precision(Recaller& recaller, const RecallQuery& query, const EvaluationQuestion& question) {
    const std::unordered_set<std::string> relevant(question.evidence.begin(), question.evidence.end());
    double sum = 0;
    int n_seen = 0, n_relevant = 0;
    for (const TurnId id : recaller.ranking(query, kRanked)) {
      ++n_seen;
      if (relevant.contains(keys_[id])) sum += static_cast<double>(++n_relevant) / n_seen;
    }
    return sum / static_cast<double>(relevant.size());
  }

  const EvaluationSet& set_;
  PrivateFolder folder_;
  Database database_;
  LexicalIndex words_;
  std::unique_ptr<VectorIndex> vectors_;
  std::unique_ptr<TurnStore> store_;
  std::unique_ptr<Recaller> lexical_, hybrid_;
  std::unordered_map<TurnId, std::string> keys_;
  std::unordered_map<std::string, std::string> sessions_;  // of keys
  UnixTime asked_at_ = 0;
};

void set_means(EvaluationReport& report, std::optional<double> Measured::*way, const Sums& sums, size_t n_asked,
               size_t n_topics) {
  if (n_asked > 0) {
    report.turn_recall_at_10.*way = sums.turns / static_cast<double>(n_asked);
    report.session_recall_at_10.*way = sums.sessions / static_cast<double>(n_asked);
  }
  if (n_topics > 0) report.mean_average_precision.*way = sums.precision / static_cast<double>(n_topics);
}

}  // namespace

std::vector<EvaluationSet> read_evaluation_sets(const std::string& path) {
  std::vector<std::string> files;
  std::error_code error;
  if (fs::is_directory(path, error)) {
    for (const auto& entry : fs::directory_iterator(path)) files.push_back(entry.path());
  } else {
    files.push_back(path);
  }
  std::ranges::sort(files);
  std::vector<EvaluationSet> sets;
  for (const std::string& file : files) {
    if (file.ends_with(".tar.gz")) sets.push_back(read_test_collection(file));
    if (!file.ends_with(".json")) continue;
    for (EvaluationSet& set : read_locomo(file)) sets.push_back(std::move(set));
  }
  if (!sets.empty()) return sets;
  throw Error(fs::exists(path, error) ? Error::Code::invalid : Error::Code::not_found,
              fmt::format("'{}' holds neither a .json file in LoCoMo's form nor a .tar.gz with documents", path), path);
}

EvaluationReport evaluate_recall(const std::vector<EvaluationSet>& sets, TextEmbedder* embedder,
                                 const std::function<void(size_t, size_t)>& progress) {
  EvaluationReport report;
  for (const EvaluationSet& set : sets) report.n_questions += set.questions.size();
  Sums lexical, hybrid;
  size_t n_topics = 0, n_done = 0;
  for (const EvaluationSet& set : sets) {
    Memorised memorised(set, embedder);
    if (set.documents) n_topics += set.questions.size();
    for (const EvaluationQuestion& question : set.questions) {
      memorised.ask(question, false, lexical);
      if (embedder != nullptr) memorised.ask(question, true, hybrid);
      if (progress) progress(++n_done, report.n_questions);
    }
  }
  set_means(report, &Measured::lexical, lexical, report.n_questions - n_topics, n_topics);
  if (embedder != nullptr) set_means(report, &Measured::hybrid, hybrid, report.n_questions - n_topics, n_topics);
  return report;
}

}  // namespace loam
