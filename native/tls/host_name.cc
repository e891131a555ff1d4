#include "tls/host_name.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <string_view>

#include "tls/openssl_ptr.h"

namespace wsfd::tls {

namespace {

GeneralNamesPtr AltNamesOf(const X509* certificate, int* critical) {
  return GeneralNamesPtr(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, critical, nullptr)));
}

// RFC 6125 section 6.4.4: the common name counts "if and only if the presented identifiers do not
// include a DNS-ID, SRV-ID, URI-ID, or any application-specific identifier types supported by the
// client"; IP addresses are among the latter here. (X509_check_host() checks only DNS names.)
bool MayUseCommonName(const X509* certificate) {
  int critical = -1;  // stays -1 without such an extension
  const GeneralNamesPtr names = AltNamesOf(certificate, &critical);
  if (names == nullptr) return critical == -1;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
    if (type != GEN_EMAIL && type != GEN_DIRNAME) return false;
  }
  return true;
}

char LowerCase(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char one, char other) { return LowerCase(one) == LowerCase(other); });
}

bool IsOfLabel(char c) {
  const char lower = LowerCase(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool IsLabel(std::string_view text) {
  return !text.empty() && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), IsOfLabel);
}

// At least two labels: no wildcard covers a top-level domain.
bool IsDomain(std::string_view name) {
  size_t labels = 0;
  while (true) {
    const size_t end = std::min(name.size(), name.find('.'));
    if (!IsLabel(name.substr(0, end))) return false;
    ++labels;
    if (end == name.size()) return labels >= 2;
    name.remove_prefix(end + 1);
  }
}

// RFC 6125 section 6.4.3: the wildcard is the whole left-most label and stands for one label.
bool MatchesWildcard(std::string_view pattern, std::string_view host) {
  if (pattern.substr(0, 2) != "*." || !IsDomain(pattern.substr(2))) return false;
  const size_t dot = std::min(host.size(), host.find('.'));
  const std::string_view label = host.substr(0, dot);
  return !label.empty() && std::all_of(label.begin(), label.end(), IsOfLabel) &&
         EqualIgnoringCase(pattern.substr(1), host.substr(dot));
}

std::string_view TextOf(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text))};
}

bool HasDnsNameFor(const X509* certificate, std::string_view host) {
  int critical = -1;
  const GeneralNamesPtr names = AltNamesOf(certificate, &critical);
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
    if (type != GEN_DNS) continue;
    if (MatchesWildcard(TextOf(static_cast<const ASN1_STRING*>(value)), host)) return true;
  }
  return false;
}

// (Common names in UTF-16 or UTF-32 do not match: nobody makes those.)
bool HasCommonNameFor(const X509* certificate, std::string_view host) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  int at = -1;
  while ((at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0) {
    const ASN1_STRING* name = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
    if (MatchesWildcard(TextOf(name), host)) return true;
  }
  return false;
}

}  // namespace

bool IsAddress(const std::string& host) {
  return host.find(':') != std::string::npos ||
         host.find_first_not_of("0123456789.") == std::string::npos;
}

bool IsForHost(X509* certificate, const std::string& host) {
  if (host.find(':') != std::string::npos) {
    // The zone of a link-local address is local to this machine, and in no certificate.
    const std::string address = host.substr(0, host.find('%'));
    return X509_check_ip_asc(certificate, address.c_str(), 0) == 1;
  }
  if (IsAddress(host)) return X509_check_ip_asc(certificate, host.c_str(), 0) == 1;
  // X509_check_host() would let ".a.b" match any name below a.b.
  if (host.front() == '.') return false;
  const bool may_use_common_name = MayUseCommonName(certificate);
  const unsigned int common_name = may_use_common_name ? 0 : X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  if (X509_check_host(certificate, host.data(), host.size(),
                      X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | common_name, nullptr) == 1) {
    return true;
  }
  // It matches no wildcard with a name that has an underscore, as names of devices often have.
  return host.find('_') != std::string::npos &&
         (HasDnsNameFor(certificate, host) ||
          (may_use_common_name && HasCommonNameFor(certificate, host)));
}

}  // namespace wsfd::tls
