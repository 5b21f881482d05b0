#include "file/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>
#include <thread>

#include "base/error.h"
#include "base/human_bytes.h"
#include "file/curl_library.h"

namespace loam {
namespace {

namespace fs = std::filesystem;
using Progress = std::function<bool(uint64_t, uint64_t)>;

// What a message may show of a URL: not its user, its password or its query.
std::string shown(const std::string& url) {
  std::string text = url.substr(0, url.find('?'));
  const size_t host = text.find("://");
  const size_t at = text.find('@');
  if (host != std::string::npos && at != std::string::npos && at < text.find('/', host + 3)) {
    text.erase(host + 3, at - host - 2);
  }
  return text;
}

bool is_loopback(std::string_view host) { return host == "127.0.0.1" || host == "localhost" || host == "[::1]"; }

void check_url(const std::string& url) {
  const std::unique_ptr<CURLU, FreeCurl> parsed(curl().url());
  char *scheme = nullptr, *host = nullptr;
  bool good = parsed && curl().url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK &&
              curl().url_get(parsed.get(), CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              curl().url_get(parsed.get(), CURLUPART_HOST, &host, 0) == CURLUE_OK;
  if (good) good = std::string_view(scheme) == "https" || (std::string_view(scheme) == "http" && is_loopback(host));
  curl().free(scheme);
  curl().free(host);
  if (!good) throw Error(Error::Code::invalid, shown(url) + " is not an https address", "url");
}

// A strong ETag as the server wrote it, or nothing: RFC 9110 lets only strong ones continue a download.
std::string read_etag(const std::string& path) {
  std::string etag;
  std::getline(std::ifstream(path + ".etag"), etag);
  return etag;
}

void write_etag(const std::string& path, const std::string& etag) {
  if (etag.empty()) {
    fs::remove(path + ".etag");
  } else {
    std::ofstream(path + ".etag") << etag << "\n";
  }
}

uint64_t size_or_zero(const std::string& path) {
  std::error_code absent;
  const auto bytes = fs::file_size(path, absent);
  return absent ? 0 : bytes;
}

// One request and its answer; libcurl calls its members back.
class Attempt {
 public:
  Attempt(const std::string& url, const std::string& path, const HttpOptions& options, bool resume,
          const Progress& progress)
      : url_(url), path_(path), options_(options), progress_(progress), handle_(curl().easy_init()) {
    if (!handle_) throw Error(Error::Code::no_memory, "no memory for a download");
    if (resume) offset_ = size_or_zero(path);
    file_.reset(std::fopen(path.c_str(), offset_ ? "r+b" : "wb"));
    if (!file_ || std::fseek(file_.get(), 0, SEEK_END) != 0) {
      throw Error(Error::Code::io, "cannot write " + path + ": " + std::strerror(errno));
    }
    set_request();
    set_callbacks();
  }

  // True when the file is complete. Throws what a callback threw.
  bool run() {
    code_ = curl().easy_perform(handle_.get());
    curl().easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status_);
    if (fault_) std::rethrow_exception(fault_);
    if (code_ == CURLE_OK && !answered_) begin_body();  // an empty file
    if (std::fclose(file_.release()) != 0) throw write_error();
    return code_ == CURLE_OK;
  }

  uint64_t received() const { return received_; }
  bool range_refused() const { return status_ == 416; }

  // Whether another attempt may do better. A host that cannot be reached is left at once, so that the next source gets
  // its turn; `underway` tells that this download has had bytes from it before.
  bool transient(bool underway) const {
    if (code_ == CURLE_HTTP_RETURNED_ERROR) return status_ == 408 || status_ == 429 || status_ >= 500;
    curl_off_t before_transfer = 0;
    curl().easy_getinfo(handle_.get(), CURLINFO_PRETRANSFER_TIME_T, &before_transfer);
    switch (code_) {
      case CURLE_PARTIAL_FILE:
      case CURLE_GOT_NOTHING:
      case CURLE_RECV_ERROR:
      case CURLE_SEND_ERROR:
      case CURLE_HTTP2:
      case CURLE_HTTP2_STREAM: return true;
      case CURLE_OPERATION_TIMEDOUT:
      case CURLE_COULDNT_CONNECT:
      case CURLE_COULDNT_RESOLVE_HOST:
      case CURLE_COULDNT_RESOLVE_PROXY:
      case CURLE_SSL_CONNECT_ERROR: return underway || before_transfer > 0;
      default: return false;
    }
  }

  Error error() const {
    const std::string from = shown(url_);
    if (code_ != CURLE_HTTP_RETURNED_ERROR) {
      const char* detail = *message_ ? message_ : curl().easy_strerror(code_);
      return Error(Error::Code::io, fmt::format("cannot get {}: {}", from, detail));
    }
    if (status_ == 401 || status_ == 403) {
      return Error(Error::Code::io, fmt::format("{} needs a permission (HTTP {}): accept its terms on that site, and "
                                                "for Hugging Face set HF_TOKEN",
                                                from, status_));
    }
    const bool absent = status_ == 404 || status_ == 410;
    return Error(absent ? Error::Code::not_found : Error::Code::io,
                 fmt::format("{} answered HTTP {}{}", from, status_, absent ? ": there is no such file" : ""));
  }

 private:
  void set_request() {
    CURL* handle = handle_.get();
    curl().easy_setopt(handle, CURLOPT_URL, url_.c_str());
    curl().easy_setopt(handle, CURLOPT_USERAGENT, "loam");
    curl().easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl().easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
    curl().easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
    curl().easy_setopt(handle, CURLOPT_MAXREDIRS, 8L);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl().easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https,http");
    curl().easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "https");
#else
    curl().easy_setopt(handle, CURLOPT_PROTOCOLS, CURLPROTO_HTTPS | CURLPROTO_HTTP);
    curl().easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTPS);
#endif
    curl().easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, static_cast<long>(options_.connection_timeout.count()));
    curl().easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl().easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_timeout.count()));
    // As the curl program does, for networks with a certificate authority of their own.
    if (const char* bundle = std::getenv("CURL_CA_BUNDLE")) curl().easy_setopt(handle, CURLOPT_CAINFO, bundle);
    if (!options_.bearer_token.empty()) {
      curl().easy_setopt(handle, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
      curl().easy_setopt(handle, CURLOPT_XOAUTH2_BEARER, options_.bearer_token.c_str());
    }
    if (offset_ > 0) curl().easy_setopt(handle, CURLOPT_RANGE, fmt::format("{}-", offset_).c_str());
    if (const std::string etag = read_etag(path_); offset_ > 0 && !etag.empty()) {
      headers_.reset(curl().slist_append(nullptr, ("If-Range: " + etag).c_str()));
      curl().easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
    }
  }

  void set_callbacks() {
    CURL* handle = handle_.get();
    curl().easy_setopt(handle, CURLOPT_ERRORBUFFER, message_);
    curl().easy_setopt(handle, CURLOPT_HEADERDATA, this);
    curl().easy_setopt(
        handle, CURLOPT_HEADERFUNCTION, +[](char* data, size_t, size_t n, void* self) {
          static_cast<Attempt*>(self)->read_header({data, n});
          return n;
        });
    curl().easy_setopt(handle, CURLOPT_WRITEDATA, this);
    curl().easy_setopt(
        handle, CURLOPT_WRITEFUNCTION, +[](char* data, size_t, size_t n, void* self) {
          return static_cast<Attempt*>(self)->guarded([&](Attempt& attempt) { attempt.write({data, n}); }) ? n : 0;
        });
    curl().easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl().easy_setopt(handle, CURLOPT_XFERINFODATA, this);
    curl().easy_setopt(
        handle, CURLOPT_XFERINFOFUNCTION, +[](void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
          return static_cast<Attempt*>(self)->guarded([](Attempt& attempt) { attempt.report(); }) ? 0 : 1;
        });
  }

  // Exceptions must not cross libcurl: the first is kept for run().
  template <class F>
  bool guarded(F&& body) {
    try {
      body(*this);
      return true;
    } catch (...) {
      fault_ = std::current_exception();
      return false;
    }
  }

  void read_header(std::string_view line) {
    if (line.starts_with("HTTP/")) etag_.clear();  // the answer after a redirect counts
    constexpr std::string_view kName = "etag:";
    if (line.size() < kName.size() || !std::equal(kName.begin(), kName.end(), line.begin(), [](char a, char b) {
          return a == std::tolower(static_cast<unsigned char>(b));
        })) {
      return;
    }
    line.remove_prefix(kName.size());
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.starts_with('"')) etag_ = line;
  }

  // On the first byte: is this the rest of the file, or all of it again, and does it fit?
  void begin_body() {
    answered_ = true;
    long status = 0;
    curl_off_t length = 0;
    curl().easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    curl().easy_getinfo(handle_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (offset_ > 0 && status != 206) {
      offset_ = 0;
      fs::resize_file(path_, 0);
      std::rewind(file_.get());
    }
    write_etag(path_, etag_);
    if (length <= 0) return;
    total_ = offset_ + static_cast<uint64_t>(length);
    if (options_.expected_bytes && total_ != options_.expected_bytes) {
      throw Error(Error::Code::io, fmt::format("{} has {} bytes, {} are expected: another file has taken its place",
                                               shown(url_), total_, options_.expected_bytes));
    }
    check_disk_space(fs::path(path_).parent_path(), static_cast<uint64_t>(length));
  }

  void write(std::string_view data) {
    if (!answered_) begin_body();
    if (std::fwrite(data.data(), 1, data.size(), file_.get()) != data.size()) throw write_error();
    received_ += data.size();
    if (options_.expected_bytes && offset_ + received_ > options_.expected_bytes) {
      throw Error(Error::Code::io,
                  fmt::format("{} goes on after the {} bytes expected", shown(url_), options_.expected_bytes));
    }
  }

  void report() {
    const uint64_t total = total_ ? total_ : options_.expected_bytes;
    if (!progress_(offset_ + received_, total)) throw Error(Error::Code::cancelled, "download cancelled");
  }

  Error write_error() const { return Error(Error::Code::io, "cannot write " + path_ + ": " + std::strerror(errno)); }

  const std::string& url_;
  const std::string& path_;
  const HttpOptions& options_;
  const Progress& progress_;
  std::unique_ptr<CURL, FreeCurl> handle_;
  std::unique_ptr<curl_slist, FreeCurl> headers_;
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, CloseFile> file_;
  char message_[CURL_ERROR_SIZE] = {};
  std::exception_ptr fault_;
  std::string etag_;
  CURLcode code_ = CURLE_OK;
  long status_ = 0;
  bool answered_ = false;
  uint64_t offset_ = 0, received_ = 0, total_ = 0;
};

void wait(std::chrono::milliseconds delay, const std::string& path, const HttpOptions& options,
          const Progress& progress) {
  const auto end = std::chrono::steady_clock::now() + delay;
  while (std::chrono::steady_clock::now() < end) {
    if (!progress(size_or_zero(path), options.expected_bytes)) {
      throw Error(Error::Code::cancelled, "download cancelled");
    }
    std::this_thread::sleep_for(std::min(delay, std::chrono::milliseconds(100)));
  }
}

}  // namespace

void download_file(const std::string& url, const std::string& path, const HttpOptions& options,
                   const Progress& progress) {
  check_url(url);
  if (options.expected_bytes && size_or_zero(path) == options.expected_bytes) return;

  // What another run left is only continued where something will prove that it is the same file.
  bool resume = options.expected_bytes ? size_or_zero(path) < options.expected_bytes : !read_etag(path).empty();
  bool underway = false;
  int failures = 0;
  while (true) {
    Attempt attempt(url, path, options, resume, progress);
    if (attempt.run()) break;
    if (attempt.received() > 0) {
      underway = true;
      failures = 0;
    }
    resume = !attempt.range_refused();
    const bool again = attempt.transient(underway) || attempt.range_refused();
    if (!again || ++failures >= options.attempts) throw attempt.error();
    wait(options.first_delay * (1 << std::min(failures - 1, 5)), path, options, progress);
  }
  write_etag(path, {});
}

void check_disk_space(const std::string& folder, uint64_t bytes) {
  std::error_code fault;
  const fs::space_info space = fs::space(folder.empty() ? "." : folder, fault);
  if (fault || space.available >= bytes) return;
  throw Error(Error::Code::io, fmt::format("needs {} in {}, {} are free: make room there, or set LOAM_HOME to a "
                                           "folder on a larger disk",
                                           human_bytes(bytes), folder, human_bytes(space.available)));
}

}  // namespace loam
