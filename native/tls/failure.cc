#include "tls/failure.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/quote.h"
#include "tls/options.h"

namespace wsfd::tls {

namespace {

struct Reason {
  int library = 0;
  int code = 0;
  std::string text;
};

Reason TakeFirstReason() {
  const ErrorsCleared cleared;
  Reason first;
  const char* data = nullptr;
  int flags = 0;
  while (const auto error = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    const bool is_ssl = ERR_GET_LIB(error) == ERR_LIB_SSL;
    if (first.code != 0 && (first.library == ERR_LIB_SSL || !is_ssl)) continue;
    const char* text = ERR_reason_error_string(error);
    first = {ERR_GET_LIB(error), ERR_GET_REASON(error), text != nullptr ? text : "error"};
    // The data of an alert repeats its number.
    if ((flags & ERR_TXT_STRING) != 0 && *data != '\0' && !is_ssl) {
      first.text.append(" (").append(data).append(")");
    }
  }
  if (first.text.empty()) first.text = "OpenSSL gives no reason";
  return first;
}

// The alerts of RFC 8446 section 6 and RFC 5246 section 7.2, and their most probable meaning;
// nullptr if the name says as much. (OpenSSL 3.0 does not know all names.)
struct Alert {
  int number;
  const char* name;
  const char* hint;
  bool may_be_certificate = false;  // of the client, if the server requested one
};

// The hint of alerts about a client certificate, once the server has requested one.
std::string CertificateHint(ClientCertificate certificate) {
  if (certificate == ClientCertificate::kNone) {
    return std::string("it asked for a client certificate and got none: ") + kSslConfigOption +
           " carries it";
  }
  return std::string("it asked for a client certificate and does not accept that of ") +
         kSslConfigOption + ": it may not know the CA, or need the intermediates behind it in " +
         kCertificateOption;
}

constexpr Alert kAlerts[] = {
    {0, "close_notify", nullptr},
    {10, "unexpected_message", nullptr},
    {20, "bad_record_mac", nullptr},
    {22, "record_overflow", nullptr},
    {40, "handshake_failure",
     "it has no cipher suite, group or signature algorithm in common with us", true},
    {42, "bad_certificate", nullptr, true},
    {43, "unsupported_certificate", nullptr, true},
    {44, "certificate_revoked", nullptr, true},
    {45, "certificate_expired", nullptr, true},
    {46, "certificate_unknown", nullptr, true},
    {47, "illegal_parameter", nullptr},
    {48, "unknown_ca", nullptr, true},
    {49, "access_denied", nullptr, true},
    {50, "decode_error", nullptr},
    {51, "decrypt_error", "it could not verify a signature or decrypt a message of ours"},
    {70, "protocol_version", nullptr},
    {71, "insufficient_security", "it wants stronger cipher suites than were offered"},
    {80, "internal_error", nullptr},
    {86, "inappropriate_fallback", nullptr},
    {90, "user_canceled", nullptr},
    {100, "no_renegotiation", nullptr},
    {109, "missing_extension", nullptr},
    {110, "unsupported_extension", nullptr},
    {112, "unrecognized_name", "it does not know the server name"},
    {113, "bad_certificate_status_response", nullptr},
    {115, "unknown_psk_identity", nullptr},
    {116, "certificate_required", nullptr, true},
    {120, "no_application_protocol", "it does not speak HTTP/1.1 here"},
};

std::string VersionRange(const HandshakeFacts& facts) {
  if (facts.min_version == facts.max_version) return VersionName(facts.max_version) + " alone";
  return VersionName(facts.min_version) + " to " + VersionName(facts.max_version);
}

std::string Offered(const HandshakeFacts& facts) {
  return VersionRange(facts) + " offered, with the cipher suites " + facts.cipher_suites;
}

std::string AlertText(int number, ClientCertificate certificate, const HandshakeFacts* facts) {
  const auto known = std::find_if(std::begin(kAlerts), std::end(kAlerts),
                                  [number](const Alert& alert) { return alert.number == number; });
  std::string text = "the server answered with the alert ";
  if (known == std::end(kAlerts)) return text + std::to_string(number);
  text += known->name;
  // A server requests it after the choice of version, suite and group: they are not the cause.
  if (known->may_be_certificate && certificate != ClientCertificate::kNotAsked) {
    return text + ": " + CertificateHint(certificate);
  }
  if (known->hint != nullptr) text.append(": ").append(known->hint);
  if (facts == nullptr) return text;
  if (number == SSL_AD_PROTOCOL_VERSION) text += ": " + VersionRange(*facts) + " offered";
  if (number == SSL_AD_HANDSHAKE_FAILURE || number == SSL_AD_INSUFFICIENT_SECURITY) {
    text += ": " + Offered(*facts);
  }
  if (number == SSL_AD_UNRECOGNIZED_NAME) text.append(" '").append(facts->server_name).append("'");
  return text;
}

std::string ReasonText(const Reason& reason, const HandshakeFacts& facts) {
  if (reason.library != ERR_LIB_SSL) return reason.text;
  switch (reason.code) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_SSL_VERSION:
      return "the server chose a TLS version that was not offered: " + VersionRange(facts) +
             " offered";
    case SSL_R_UNKNOWN_CIPHER_RETURNED:
    case SSL_R_WRONG_CIPHER_RETURNED:
      return "the server chose a cipher suite that was not offered: " + Offered(facts);
    case SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED:
      return std::string("the server does not know secure renegotiation (RFC 5746); ") +
             kLegacyServerOption + ": true connects to it all the same";
    case SSL_R_DH_KEY_TOO_SMALL:
      return "the server's Diffie-Hellman key is too small for the security level";
    case SSL_R_WRONG_SIGNATURE_TYPE:
      return "the server signs with an algorithm that the security level does not allow";
    case SSL_R_NO_CIPHERS_AVAILABLE:
      return "no cipher suite is left for the versions offered: " + VersionRange(facts);
    default:
      return reason.text;
  }
}

std::string_view FirstLine(std::string_view bytes) {
  return bytes.substr(0, bytes.find_first_of("\r\n"));
}

// True for the beginning of a TLSPlaintext (RFC 8446 section 5.1): an alert or handshake record of
// version 3.x.
bool LooksLikeTls(std::string_view bytes) {
  if (bytes.empty()) return true;
  if (bytes[0] != SSL3_RT_ALERT && bytes[0] != SSL3_RT_HANDSHAKE) return false;
  return bytes.size() < 2 || bytes[1] == SSL3_VERSION_MAJOR;
}

}  // namespace

std::string VersionName(int version) {
  if (version == 0) return "any version";
  if (version == SSL3_VERSION) return "SSL 3.0";
  return "TLS 1." + std::to_string((version & 0xff) - 1);
}

std::string TakeReason() { return TakeFirstReason().text; }

Error HandshakeFailure(const HandshakeFacts& facts) {
  const Reason reason = TakeFirstReason();
  if (!LooksLikeTls(facts.first_input)) {
    return Error(ErrorCode::kTlsNotSpoken,
                 "it answered " + Quote(FirstLine(facts.first_input), 64));
  }
  const bool is_alert = reason.library == ERR_LIB_SSL && reason.code >= SSL_AD_REASON_OFFSET;
  std::string text =
      is_alert ? AlertText(reason.code - SSL_AD_REASON_OFFSET, facts.client_certificate, &facts)
               : ReasonText(reason, facts);
  // Above level 0, OpenSSL 3.0 refuses the signatures of these versions; later ones do not offer
  // them.
  if (facts.min_version < TLS1_2_VERSION && facts.security_level > 0) {
    text += std::string("; TLS 1.0 and 1.1 take '@SECLEVEL=0' in ") + kCiphersOption;
  }
  return Error(ErrorCode::kTlsHandshakeFailed, std::move(text));
}

Error RecordFailure(ClientCertificate client_certificate) {
  const Reason reason = TakeFirstReason();
  const bool is_alert = reason.library == ERR_LIB_SSL && reason.code >= SSL_AD_REASON_OFFSET;
  if (is_alert) {
    return Error(ErrorCode::kTlsFailed,
                 AlertText(reason.code - SSL_AD_REASON_OFFSET, client_certificate, nullptr));
  }
  // RFC 8446 section 4.6.2: "A client that receives a post-handshake CertificateRequest message
  // without having sent the "post_handshake_auth" extension MUST send an "unexpected_message" fatal
  // alert."
  const bool unexpected = reason.library == ERR_LIB_SSL && reason.code == SSL_R_UNEXPECTED_MESSAGE;
  return Error(ErrorCode::kTlsFailed,
               reason.text + (unexpected ? ": a handshake message that does not belong there, such "
                                           "as a request for a client certificate"
                                         : ""));
}

}  // namespace wsfd::tls
