#include "file/curl_library.h"

#include <dlfcn.h>

#include "base/error.h"

namespace loam {
namespace {

[[noreturn]] void fail() {
  throw Error(Error::Code::unsupported,
              std::string("downloads need libcurl (Debian and Ubuntu: apt install libcurl4): ") + dlerror(), "libcurl");
}

template <class Function>
void find(void* library, const char* name, Function& function) {
  void* symbol = dlsym(library, name);
  if (!symbol) fail();
  function = reinterpret_cast<Function>(symbol);
}

CurlLibrary open_library() {
  void* library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) fail();
  CurlLibrary c{};
  find(library, "curl_global_init", c.global_init);
  find(library, "curl_easy_init", c.easy_init);
  find(library, "curl_easy_cleanup", c.easy_cleanup);
  find(library, "curl_easy_setopt", c.easy_setopt);
  find(library, "curl_easy_perform", c.easy_perform);
  find(library, "curl_easy_getinfo", c.easy_getinfo);
  find(library, "curl_easy_strerror", c.easy_strerror);
  find(library, "curl_slist_append", c.slist_append);
  find(library, "curl_slist_free_all", c.slist_free_all);
  find(library, "curl_free", c.free);
  find(library, "curl_url", c.url);
  find(library, "curl_url_cleanup", c.url_cleanup);
  find(library, "curl_url_get", c.url_get);
  find(library, "curl_url_set", c.url_set);
  c.global_init(CURL_GLOBAL_DEFAULT);
  return c;
}

}  // namespace

const CurlLibrary& curl() {
  static const CurlLibrary library = open_library();
  return library;
}

}  // namespace loam
