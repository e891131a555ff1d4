#include "tls/keyword.h"

#include <openssl/x509_vfy.h>

namespace wsfd::tls {

namespace {

// A keyword's X509_V_ERR_* code is -1 where OpenSSL has none for it.
struct Row {
  int code;
  const char* name;
  const char* text;
};

// In the order of the enumerators.
constexpr Row kRows[] = {
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, "UnableToGetIssuerCertificate",
     "the issuer's certificate of a certificate of the trust store was not found"},
    {X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, "UnableToDecryptCertificateSignature",
     "the certificate's signature cannot be decrypted"},
    {X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, "UnableToDecodeIssuerPublicKey",
     "the public key in the certificate cannot be read"},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, "CertificateSignatureFailed",
     "the certificate's signature is not valid"},
    {X509_V_ERR_CERT_NOT_YET_VALID, "CertificateNotYetValid", "the certificate is not yet valid"},
    {X509_V_ERR_CERT_HAS_EXPIRED, "CertificateExpired", "the certificate has expired"},
    {X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, "InvalidNotBeforeField",
     "the certificate's notBefore field is not a time"},
    {X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD, "InvalidNotAfterField",
     "the certificate's notAfter field is not a time"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "SelfSignedCertificate",
     "the certificate is self-signed and not trusted"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "SelfSignedCertificateInChain",
     "the root certificate of the chain is not trusted"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "UnableToGetLocalIssuerCertificate",
     "the issuer's certificate was neither sent nor is it trusted"},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "UnableToVerifyFirstCertificate",
     "no signature could be verified, as the chain has one certificate that is not self-signed"},
    {X509_V_ERR_CERT_REVOKED, "CertificateRevoked", "the certificate was revoked"},
    {X509_V_ERR_INVALID_CA, "InvalidCaCertificate",
     "the certificate signed another one and is not that of a CA"},
    {X509_V_ERR_PATH_LENGTH_EXCEEDED, "PathLengthExceeded",
     "there are more CAs below the certificate than it allows"},
    {X509_V_ERR_INVALID_PURPOSE, "InvalidPurpose",
     "the certificate must not be used for a TLS server"},
    {X509_V_ERR_CERT_UNTRUSTED, "CertificateUntrusted",
     "the root certificate is not trusted for TLS servers"},
    {X509_V_ERR_CERT_REJECTED, "CertificateRejected",
     "the root certificate is rejected for TLS servers"},
    {X509_V_ERR_SUBJECT_ISSUER_MISMATCH, "SubjectIssuerMismatch",
     "the issuer's subject is not the issuer that the certificate names"},
    {X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH, "AuthorityIssuerSerialNumberMismatch",
     "the issuer's name and serial number are not those that the certificate names"},
    {-1, "NoPeerCertificate", "the server showed no certificate"},
    {X509_V_ERR_HOSTNAME_MISMATCH, "HostNameMismatch", "the certificate is for another host"},
    {-1, "NoSslSupport", "there is no TLS"},
    {-1, "CertificateBlacklisted", "the certificate's public key is not one of the pinned ones"},
    {X509_V_ERR_UNSPECIFIED, "UnspecifiedError", "verification failed"},
};
static_assert(sizeof(kRows) / sizeof(kRows[0]) == kKeywordCount, "one row for each keyword");

}  // namespace

const char* NameOf(Keyword keyword) { return kRows[static_cast<uint8_t>(keyword)].name; }

const char* TextOf(Keyword keyword) { return kRows[static_cast<uint8_t>(keyword)].text; }

Keyword KeywordOf(int x509_verify_error) {
  if (x509_verify_error == X509_V_ERR_IP_ADDRESS_MISMATCH) return Keyword::kHostNameMismatch;
  for (int i = 0; i < kKeywordCount; ++i) {
    if (kRows[i].code == x509_verify_error) return static_cast<Keyword>(i);
  }
  return Keyword::kUnspecifiedError;
}

}  // namespace wsfd::tls
