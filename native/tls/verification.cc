#include "tls/verification.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "tls/certificate_info.h"
#include "tls/host_name.h"
#include "tls/openssl_ptr.h"
#include "tls/options.h"

namespace wsfd::tls {

namespace {

// RFC 8446 section 4.6.1: "It is RECOMMENDED that implementations place limits on the total
// lifetime of such keying material; these limits should take into account the lifetime of the
// peer's certificate, the likelihood of intervening revocation [...]".
constexpr std::time_t kLongestTrust = 24 * 60 * 60;

// The peer chooses the names; an error message need not hold more of them.
std::string Shortened(std::string text) {
  constexpr size_t kLongest = 256;
  if (text.size() <= kLongest) return text;
  size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  return text + "...";
}

struct Recorder {
  const Policy& policy;
  Verification* result;
  bool out_of_memory;  // during the walk

  void Add(Keyword keyword, int code, int depth, const X509* certificate, std::string text) {
    for (const CertificateError& error : result->errors) {
      if (error.code == code && error.depth == depth && error.keyword == keyword) return;
    }
    std::string subject;
    if (certificate != nullptr) subject = Shortened(NameText(X509_get_subject_name(certificate)));
    result->errors.push_back(
        {keyword, code, depth, std::move(subject), std::move(text), policy.ignore.Has(keyword)});
  }
};

// OpenSSL's text for an error without a keyword, and what may help.
std::string UnspecifiedText(int code, const X509_CRL* crl) {
  std::string text = X509_verify_cert_error_string(code);
  if (code == X509_V_ERR_UNABLE_TO_GET_CRL) {
    return text + ": " + kCrlsOption + " has none of this certificate's issuer";
  }
  if (code == X509_V_ERR_CRL_HAS_EXPIRED && crl != nullptr) {
    return text + ": it was to be followed by the next one on " +
           TimeText(X509_CRL_get0_nextUpdate(crl));
  }
  return text;
}

std::string TextFor(int code, const X509* certificate, const X509_CRL* crl) {
  const Keyword keyword = KeywordOf(code);
  if (keyword == Keyword::kUnspecifiedError) return UnspecifiedText(code, crl);
  std::string text = TextOf(keyword);
  if (certificate != nullptr && keyword == Keyword::kCertificateExpired) {
    text += " on " + TimeText(X509_get0_notAfter(certificate));
  } else if (certificate != nullptr && keyword == Keyword::kCertificateNotYetValid) {
    text += ", but from " + TimeText(X509_get0_notBefore(certificate));
  }
  return text;
}

// Called for every step of X509_verify_cert(); 1 continues the walk. No exception may pass through
// OpenSSL's frames.
int RecordStep(int ok, X509_STORE_CTX* store_context) {
  if (ok == 1) return 1;
  const int code = X509_STORE_CTX_get_error(store_context);
  const X509* certificate = X509_STORE_CTX_get_current_cert(store_context);
  auto* recorder = static_cast<Recorder*>(X509_STORE_CTX_get_app_data(store_context));
  try {
    recorder->Add(KeywordOf(code), code, X509_STORE_CTX_get_error_depth(store_context), certificate,
                  TextFor(code, certificate, X509_STORE_CTX_get0_current_crl(store_context)));
  } catch (const std::bad_alloc&) {
    recorder->out_of_memory = true;
    return 0;
  }
  // Building a chain would take an error that is still set for its own, and then not check whether
  // the chain's end is trusted.
  X509_STORE_CTX_set_error(store_context, X509_V_OK);
  return 1;
}

void WalkChain(X509_STORE_CTX* store_context, Recorder* recorder) {
  if (X509_STORE_CTX_set_app_data(store_context, recorder) != 1) throw std::bad_alloc();
  X509_STORE_CTX_set_verify_cb(store_context, RecordStep);
  const bool complete = X509_verify_cert(store_context) == 1;
  X509_STORE_CTX_set_app_data(store_context, nullptr);
  if (recorder->out_of_memory) throw std::bad_alloc();
  if (complete) return;
  // The walk broke off (no memory, an unreadable key), so errors may be missing: that passes only
  // if every error is ignored.
  const int code = X509_STORE_CTX_get_error(store_context);
  recorder->result->errors.push_back(
      {Keyword::kUnspecifiedError, code, std::max(0, X509_STORE_CTX_get_error_depth(store_context)),
       "", std::string("verification broke off: ") + X509_verify_cert_error_string(code),
       recorder->policy.ignore.bits == IgnoreList::All().bits});
}

void CheckHost(X509* certificate, std::string host, Recorder* recorder) {
  // The dot at the end of an absolute name is not in certificates.
  if (!host.empty() && host.back() == '.') host.pop_back();
  if (!host.empty() && IsForHost(certificate, host)) return;
  std::string names = AltNamesText(certificate);
  if (names.empty()) names = NameText(X509_get_subject_name(certificate));
  recorder->Add(Keyword::kHostNameMismatch,
                IsAddress(host) ? X509_V_ERR_IP_ADDRESS_MISMATCH : X509_V_ERR_HOSTNAME_MISMATCH, 0,
                certificate,
                "the certificate is for " + Shortened(names) + ", not for '" + host + "'");
}

void CheckPins(X509* certificate, Recorder* recorder) {
  const auto& pins = recorder->policy.pins;
  if (pins.empty()) return;
  std::array<uint8_t, 32> digest = {};
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  const bool hashed = size > 0 && EVP_Digest(der, static_cast<size_t>(size), digest.data(), nullptr,
                                             EVP_sha256(), nullptr) == 1;
  OPENSSL_free(der);
  if (hashed && std::find(pins.begin(), pins.end(), digest) != pins.end()) return;
  std::string text = std::string(TextOf(Keyword::kCertificateBlacklisted)) + ": its SHA-256 is " +
                     Base64(digest.data(), digest.size()) + ", pinned is ";
  for (size_t i = 0; i < pins.size(); ++i) {
    text += (i == 0 ? "" : ", ") + Base64(pins[i].data(), pins[i].size());
  }
  recorder->Add(Keyword::kCertificateBlacklisted, 0, 0, certificate, std::move(text));
}

// The end of trust: a day from now, or the first bound before that. (A bound in the past was either
// refused or ignored by the caller.)
class TrustEnd {
 public:
  void BoundBy(const ASN1_TIME* time) {
    int days = 0;
    int seconds = 0;
    if (time == nullptr || ASN1_TIME_diff(&days, &seconds, nullptr, time) != 1) return;
    if (days == 0 && seconds > 0) left_ = std::min(left_, std::time_t{seconds});
  }
  std::time_t time() const { return std::time(nullptr) + left_; }

 private:
  static_assert(kLongestTrust == 24 * 60 * 60, "so that no bound counts days");
  std::time_t left_ = kLongestTrust;
};

void LimitToNextUpdate(const X509_STORE_CTX* store_context, const X509* certificate,
                       TrustEnd* end) {
  const CrlsPtr crls(X509_STORE_CTX_get1_crls(store_context, X509_get_issuer_name(certificate)));
  for (int i = 0; i < sk_X509_CRL_num(crls.get()); ++i) {
    end->BoundBy(X509_CRL_get0_nextUpdate(sk_X509_CRL_value(crls.get(), i)));
  }
}

// Until then, a new verification would find the same, except for revocation lists that are yet to
// come: no certificate of the chain ends before, and no list of its issuers.
std::time_t ValidUntil(X509_STORE_CTX* store_context) {
  TrustEnd end;
  end.BoundBy(X509_get0_notAfter(X509_STORE_CTX_get0_cert(store_context)));
  const auto flags = X509_VERIFY_PARAM_get_flags(X509_STORE_CTX_get0_param(store_context));
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(store_context);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    const X509* certificate = sk_X509_value(chain, i);
    end.BoundBy(X509_get0_notAfter(certificate));
    if ((flags & X509_V_FLAG_CRL_CHECK) != 0) LimitToNextUpdate(store_context, certificate, &end);
  }
  return end.time();
}

// nullptr: none.
const CertificateError* FirstRefused(const std::vector<CertificateError>& errors) {
  const auto refused = std::find_if(errors.begin(), errors.end(),
                                    [](const CertificateError& error) { return !error.ignored; });
  return refused == errors.end() ? nullptr : &*refused;
}

}  // namespace

bool Verify(X509_STORE_CTX* store_context, const Policy& policy, const std::string& host,
            Verification* result) {
  Recorder recorder{policy, result, false};
  X509* certificate = X509_STORE_CTX_get0_cert(store_context);
  WalkChain(store_context, &recorder);
  CheckHost(certificate, host, &recorder);
  CheckPins(certificate, &recorder);
  result->valid_until = ValidUntil(store_context);
  const CertificateError* refused = FirstRefused(result->errors);
  X509_STORE_CTX_set_error(store_context, refused == nullptr   ? X509_V_OK
                                          : refused->code == 0 ? X509_V_ERR_CERT_REJECTED
                                                               : refused->code);
  return refused == nullptr;
}

bool VerifyWithoutCertificate(const Policy& policy, Verification* result) {
  Recorder{policy, result, false}.Add(Keyword::kNoPeerCertificate, 0, 0, nullptr,
                                      TextOf(Keyword::kNoPeerCertificate));
  return FirstRefused(result->errors) == nullptr;
}

std::string Describe(const std::vector<CertificateError>& errors) {
  std::string text;
  std::string refused;
  uint32_t named = 0;
  for (const CertificateError& error : errors) {
    if (!text.empty()) text += "; ";
    text.append(NameOf(error.keyword)).append(": ").append(error.text);
    text.append(" (depth ").append(std::to_string(error.depth));
    if (!error.subject.empty()) text.append(", ").append(error.subject);
    text.append(error.ignored ? ") [ignored]" : ")");
    const uint32_t bit = uint32_t{1} << static_cast<uint8_t>(error.keyword);
    if (error.ignored || (named & bit) != 0) continue;
    named |= bit;
    if (!refused.empty()) refused += ", ";
    refused += NameOf(error.keyword);
  }
  return text + ". Not in the ignore list: " + refused;
}

}  // namespace wsfd::tls
