#include "tls/parameters.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/quote.h"
#include "tls/failure.h"
#include "tls/options.h"

namespace wsfd::tls {

namespace {

// Cipher suites as OpenSSL takes them: those of TLS 1.3, and the cipher list of older versions.
struct Suites {
  std::string tls13;
  std::string older;
  bool older_has_names = false;  // besides modifiers such as "@SECLEVEL=1" and "!SHA1"
};

bool IsModifier(std::string_view name) {
  return name[0] == '!' || name[0] == '-' || name[0] == '+' || name[0] == '@';
}

bool IsKnown(SSL_CTX* context, std::string_view name, bool is_tls13) {
  const std::string alone(name);
  // OpenSSL skips an unknown name in a list, but a list of that name alone has no suites.
  if (!is_tls13) return SSL_CTX_set_cipher_list(context, alone.c_str()) == 1;
  if (SSL_CTX_set_ciphersuites(context, alone.c_str()) != 1) return false;
  const STACK_OF(SSL_CIPHER)* suites = SSL_CTX_get_ciphers(context);
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); ++i) {
    if (alone == SSL_CIPHER_get_name(sk_SSL_CIPHER_value(suites, i))) return true;
  }
  return false;
}

void AddTo(std::string* list, std::string_view name) {
  if (!list->empty()) *list += ':';
  list->append(name);
}

bool Split(std::string_view list, SSL_CTX* context, Suites* suites, Error* error) {
  while (!list.empty()) {
    const size_t end = std::min(list.size(), list.find_first_of(":, "));
    const std::string_view name = list.substr(0, end);
    list.remove_prefix(std::min(list.size(), end + 1));
    if (name.empty()) continue;
    const bool is_tls13 = name.substr(0, 4) == "TLS_";
    if (!IsModifier(name) && !IsKnown(context, name, is_tls13)) {
      return RefuseOption(kCiphersOption,
                          "this OpenSSL has no cipher suite " + Quote(name) +
                              " (OpenSSL's names are expected, such as "
                              "ECDHE-RSA-AES128-GCM-SHA256 or, for TLS 1.3, "
                              "TLS_AES_128_GCM_SHA256)",
                          error);
    }
    AddTo(is_tls13 ? &suites->tls13 : &suites->older, name);
    suites->older_has_names = suites->older_has_names || (!is_tls13 && !IsModifier(name));
  }
  return true;
}

// A list with suites of one kind only allows only that kind.
bool NarrowVersions(const Suites& suites, int* min, int* max, Error* error) {
  if (suites.tls13.empty() == !suites.older_has_names) return true;
  if (suites.older_has_names && *max >= TLS1_3_VERSION) *max = TLS1_2_VERSION;
  if (!suites.older_has_names && *min < TLS1_3_VERSION) *min = TLS1_3_VERSION;
  if (*min <= *max) return true;
  return RefuseOption(kCiphersOption,
                      std::string("names suites of ") +
                          (suites.older_has_names ? "TLS 1.2" : "TLS 1.3") +
                          " alone, which the versions asked for do not have",
                      error);
}

bool UseSuites(const std::string& list, SSL_CTX* context, int* min, int* max, Error* error) {
  Suites suites;
  if (!Split(list, context, &suites, error) || !NarrowVersions(suites, min, max, error)) {
    return false;
  }
  const std::string older = suites.older_has_names ? suites.older
                            : suites.older.empty() ? "DEFAULT"
                                                   : "DEFAULT:" + suites.older;
  // IsKnown() has changed them.
  const std::string tls13 = suites.tls13.empty() ? OSSL_default_ciphersuites() : suites.tls13;
  if (SSL_CTX_set_cipher_list(context, older.c_str()) == 1 &&
      SSL_CTX_set_ciphersuites(context, tls13.c_str()) == 1) {
    return true;
  }
  return RefuseOption(kCiphersOption, Quote(list) + " leaves no cipher suite: " + TakeReason(),
                      error);
}

bool SetGroups(SSL_CTX* context, const std::string& list) {
  return SSL_CTX_set1_groups_list(context, list.c_str()) == 1;
}

bool UseGroups(const std::string& list, SSL_CTX* context, Error* error) {
  if (SetGroups(context, list)) return true;
  const std::string reason = TakeReason();
  // OpenSSL does not say which group it refuses.
  for (size_t at = 0; at <= list.size();) {
    const size_t end = std::min(list.size(), list.find(':', at));
    const std::string name = list.substr(at, end - at);
    if (!SetGroups(context, name)) {
      return RefuseOption(kGroupsOption,
                          "this OpenSSL has no key exchange group " + Quote(name) +
                              " (OpenSSL's names are expected, such as X25519:P-256)",
                          error);
    }
    at = end + 1;
  }
  return RefuseOption(kGroupsOption, Quote(list) + " is no list of groups: " + reason, error);
}

}  // namespace

bool UseParameters(const Config& config, SSL_CTX* context, Error* error) {
  int min = config.min_version != 0 ? config.min_version : TLS1_2_VERSION;
  int max = config.max_version != 0 ? config.max_version : TLS1_3_VERSION;
  if (min > max) {
    return RefuseOption(
        config.max_version != 0 ? kMaxVersionOption : kMinVersionOption,
        VersionName(min) + " at least and " + VersionName(max) + " at most leave no version",
        error);
  }
  ClearErrors();
  if (!config.cipher_suites.empty() &&
      !UseSuites(config.cipher_suites, context, &min, &max, error)) {
    ClearErrors();
    return false;
  }
  if (!config.groups.empty() && !UseGroups(config.groups, context, error)) {
    ClearErrors();
    return false;
  }
  if (SSL_CTX_set_min_proto_version(context, min) == 1 &&
      SSL_CTX_set_max_proto_version(context, max) == 1) {
    return true;
  }
  return RefuseOption(kMinVersionOption,
                      "this OpenSSL does not have " + VersionName(min) + " to " + VersionName(max),
                      error);
}

}  // namespace wsfd::tls
