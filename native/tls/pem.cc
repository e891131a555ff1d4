#include "tls/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <climits>
#include <cstring>

#include "tls/failure.h"
#include "tls/options.h"

namespace wsfd::tls {

namespace {

// The answer to OpenSSL's passphrase callback, and whether it was called.
struct Passphrase {
  const std::string* known;
  bool asked = false;
};

int AnswerPassphrase(char* to, int size, int, void* context) {
  auto* passphrase = static_cast<Passphrase*>(context);
  passphrase->asked = true;
  if (passphrase->known == nullptr || passphrase->known->size() > static_cast<size_t>(size)) {
    return -1;
  }
  std::memcpy(to, passphrase->known->data(), passphrase->known->size());
  return static_cast<int>(passphrase->known->size());
}

using CertificateReader = decltype(PEM_read_bio_X509_AUX);
using CrlReader = decltype(PEM_read_bio_X509_CRL);

// Whether OpenSSL read `pem` to its end and found `count` objects of the label `what`, at least
// one. Takes OpenSSL's errors.
bool EndsWell(const std::string& pem, const char* what, const char* option, size_t count,
              Error* error) {
  const auto last = ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  const std::string reason = TakeReason();
  if (!at_end) {
    return RefuseOption(option,
                        "PEM " + std::string(what) + " number " + std::to_string(count + 1) +
                            " cannot be read: " + reason,
                        error);
  }
  if (count > 0) return true;
  return RefuseOption(option,
                      "expected PEM, with a line '-----BEGIN " + std::string(what) +
                          "-----'; there is none in the " + std::to_string(pem.size()) +
                          " bytes that came",
                      error);
}

template <typename Ptr, typename Reader>
bool ReadAll(const std::string& pem, const char* what, Reader* read, const char* option,
             std::vector<Ptr>* to, Error* error) {
  ClearErrors();
  const BioPtr bio = NewMemoryBio(pem);
  if (bio == nullptr) return OutOfMemory(option, error);
  const size_t before = to->size();
  // Certificates are never encrypted; the callback keeps OpenSSL from asking on the terminal.
  Passphrase none{nullptr};
  while (Ptr one{read(bio.get(), nullptr, AnswerPassphrase, &none)}) to->push_back(std::move(one));
  return EndsWell(pem, what, option, to->size() - before, error);
}

}  // namespace

// OpenSSL's decoder also says "unsupported" of a key decrypted with a wrong passphrase: one result
// in 200 ends like padding.
bool IsLegacy(const std::string& reason) {
  return reason.find("unsupported") != std::string::npos &&
         reason.find("No supported data to decode") == std::string::npos;
}

std::string LegacyText(const std::string& reason, const char* conversion) {
  return "is encrypted in a way that OpenSSL 3 has in its legacy provider alone, such as RC2 (" +
         reason + "): make it anew with AES (" + conversion +
         ") or start Node.js with --openssl-legacy-provider";
}

bool OutOfMemory(const char* option, Error* error) {
  *error = Error(ErrorCode::kOutOfMemory, option + (": " + TakeReason()));
  return false;
}

BioPtr NewMemoryBio(const std::string& text) {
  if (text.size() > INT_MAX) return nullptr;
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

bool ReadCertificates(const std::string& pem, const char* option, std::vector<X509Ptr>* to,
                      Error* error) {
  return ReadAll<X509Ptr, CertificateReader>(pem, "CERTIFICATE", PEM_read_bio_X509_AUX, option, to,
                                             error);
}

bool ReadCrls(const std::string& pem, const char* option, std::vector<CrlPtr>* to, Error* error) {
  return ReadAll<CrlPtr, CrlReader>(pem, "X509 CRL", PEM_read_bio_X509_CRL, option, to, error);
}

PkeyPtr ReadPrivateKey(const std::string& pem, const std::string* known, Error* error) {
  ClearErrors();
  const BioPtr bio = NewMemoryBio(pem);
  if (bio == nullptr) {
    OutOfMemory(kKeyOption, error);
    return nullptr;
  }
  Passphrase passphrase{known};
  PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, AnswerPassphrase, &passphrase));
  const std::string reason = TakeReason();
  if (key != nullptr) return key;
  if (passphrase.asked && known == nullptr) {
    RefuseOption(kPassphraseOption, std::string("missing, and ") + kKeyOption + " is encrypted",
                 error);
  } else if (passphrase.asked && IsLegacy(reason)) {
    RefuseOption(
        kKeyOption,
        LegacyText(reason, "openssl pkey -provider legacy -provider default -in FILE -aes256"),
        error);
  } else if (passphrase.asked) {
    RefuseOption(kPassphraseOption,
                 std::string("does not open ") + kKeyOption + " (" + reason + ")", error);
  } else if (pem.find("PRIVATE KEY-----") == std::string::npos) {
    RefuseOption(kKeyOption,
                 "expected a PEM private key, with a line '-----BEGIN PRIVATE KEY-----'", error);
  } else {
    RefuseOption(kKeyOption, "the PEM private key cannot be read: " + reason, error);
  }
  return nullptr;
}

}  // namespace wsfd::tls
