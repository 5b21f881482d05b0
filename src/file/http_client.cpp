#include "file/http_client.h"

#include <fmt/format.h>

#include <exception>
#include <memory>

#include "base/error.h"
#include "file/curl_library.h"

namespace loam {
namespace {

constexpr size_t kMaxBody = 1 << 20;  // bytes
constexpr long kConnectSeconds = 10;

// A request under way; libcurl calls its members back.
class Exchange {
 public:
  Exchange(const ClientRequest& request, const std::function<bool(std::string_view)>& on_bytes,
           const std::function<bool()>& goes_on)
      : request_(request), on_bytes_(on_bytes), goes_on_(goes_on), handle_(curl().easy_init()) {
    if (!handle_) throw Error(Error::Code::no_memory, "no memory for a request");
    set_request();
    set_callbacks();
  }

  ClientReply run() {
    const CURLcode code = curl().easy_perform(handle_.get());
    if (fault_) std::rethrow_exception(fault_);
    if (cancelled_) throw Error(Error::Code::cancelled, "interrupted");
    reply_.status = status();
    if (code != CURLE_OK && !ended_)
      throw Error(Error::Code::io, fmt::format("{} does not answer: {}", request_.url,
                                               *message_ ? message_ : curl().easy_strerror(code)));
    return std::move(reply_);
  }

 private:
  long status() const {
    long status = 0;
    curl().easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  void add_header(const char* line) { headers_.reset(curl().slist_append(headers_.release(), line)); }

  void set_request() {
    CURL* handle = handle_.get();
    curl().easy_setopt(handle, CURLOPT_URL, request_.url.c_str());
    curl().easy_setopt(handle, CURLOPT_USERAGENT, "loam");
    curl().easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl().easy_setopt(handle, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
    curl().easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl().easy_setopt(handle, CURLOPT_ERRORBUFFER, message_);
    if (!request_.bearer_token.empty()) {
      curl().easy_setopt(handle, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
      curl().easy_setopt(handle, CURLOPT_XOAUTH2_BEARER, request_.bearer_token.c_str());
    }
    for (const std::string& header : request_.headers) add_header(header.c_str());
    if (!request_.json.empty()) add_header("Content-Type: application/json");
    curl().easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
    if (request_.json.empty()) return;
    curl().easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.json.size()));
    curl().easy_setopt(handle, CURLOPT_POSTFIELDS, request_.json.c_str());
  }

  void set_callbacks() {
    CURL* handle = handle_.get();
    curl().easy_setopt(handle, CURLOPT_WRITEDATA, this);
    curl().easy_setopt(
        handle, CURLOPT_WRITEFUNCTION, +[](char* data, size_t, size_t n, void* self) {
          return static_cast<Exchange*>(self)->take({data, n}) ? n : 0;
        });
    curl().easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl().easy_setopt(handle, CURLOPT_XFERINFODATA, this);
    curl().easy_setopt(
        handle, CURLOPT_XFERINFOFUNCTION, +[](void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
          auto* exchange = static_cast<Exchange*>(self);
          exchange->cancelled_ = exchange->goes_on_ && !exchange->goes_on_();
          return exchange->cancelled_ ? 1 : 0;
        });
  }

  // Exceptions must not cross libcurl: the first is kept for run().
  bool take(std::string_view bytes) try {
    if (on_bytes_ && status() / 100 == 2) {
      ended_ = !on_bytes_(bytes);
      return !ended_;
    }
    if (reply_.body.size() + bytes.size() > kMaxBody)
      throw Error(Error::Code::io, fmt::format("{} answers with more than {} bytes", request_.url, kMaxBody));
    reply_.body += bytes;
    return true;
  } catch (...) {
    fault_ = std::current_exception();
    return false;
  }

  const ClientRequest& request_;
  const std::function<bool(std::string_view)>& on_bytes_;
  const std::function<bool()>& goes_on_;
  std::unique_ptr<CURL, FreeCurl> handle_;
  std::unique_ptr<curl_slist, FreeCurl> headers_;
  char message_[CURL_ERROR_SIZE] = {};
  ClientReply reply_;
  std::exception_ptr fault_;
  bool ended_ = false, cancelled_ = false;
};

}  // namespace

ClientReply send_request(const ClientRequest& request, const std::function<bool(std::string_view)>& on_bytes,
                         const std::function<bool()>& goes_on) {
  return Exchange(request, on_bytes, goes_on).run();
}

}  // namespace loam
