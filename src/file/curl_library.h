// libcurl, opened when a download begins: it brings thirty libraries, which a chat would load for nothing.
#pragma once

#include <curl/curl.h>

namespace loam {

// The functions in use, under libcurl's names without the prefix.
struct CurlLibrary {
  decltype(&::curl_global_init) global_init;
  decltype(&::curl_easy_init) easy_init;
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_easy_setopt) easy_setopt;
  decltype(&::curl_easy_perform) easy_perform;
  decltype(&::curl_easy_getinfo) easy_getinfo;
  decltype(&::curl_easy_strerror) easy_strerror;
  decltype(&::curl_slist_append) slist_append;
  decltype(&::curl_slist_free_all) slist_free_all;
  decltype(&::curl_free) free;
  decltype(&::curl_url) url;
  decltype(&::curl_url_cleanup) url_cleanup;
  decltype(&::curl_url_get) url_get;
  decltype(&::curl_url_set) url_set;
};

// Opens and initialises the library at the first call; Error(unsupported) where the machine has none.
const CurlLibrary& curl();

// For unique_ptrs to what the library makes.
struct FreeCurl {
  void operator()(CURL* handle) const { curl().easy_cleanup(handle); }
  void operator()(CURLU* url) const { curl().url_cleanup(url); }
  void operator()(curl_slist* list) const { curl().slist_free_all(list); }
};

}  // namespace loam
