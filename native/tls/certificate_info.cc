#include "tls/certificate_info.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdio>
#include <ctime>
#include <string_view>

#include "tls/openssl_ptr.h"

namespace wsfd::tls {

namespace {

std::string Contents(BIO* memory) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(memory, &data);
  return size > 0 ? std::string(data, static_cast<size_t>(size)) : std::string();
}

constexpr char kHexDigits[] = "0123456789ABCDEF";

// A certificate may hold any bytes as a name. A name with a character that could imitate a
// separator is written as a JSON string, as Node does, with its commas escaped as well: code that
// splits the list at commas finds only names that are there.
std::string AltNameValue(std::string_view value) {
  bool plain = true;
  for (const char c : value) {
    plain = plain && c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != ',' && c != '\'';
  }
  if (plain) return std::string(value);
  std::string quoted = "\"";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted.append({'\\', c});
    } else if (byte >= ' ' && byte <= '~' && c != ',') {
      quoted += c;
    } else {
      quoted.append("\\u00").append({kHexDigits[byte >> 4], kHexDigits[byte & 15]});
    }
  }
  return quoted + '"';
}

std::string AddressText(const unsigned char* bytes, int size) {
  std::string text;
  char part[8];
  if (size == 4) {
    for (int i = 0; i < 4; ++i) {
      std::snprintf(part, sizeof(part), i == 0 ? "%d" : ".%d", bytes[i]);
      text += part;
    }
  } else if (size == 16) {
    for (int i = 0; i < 16; i += 2) {
      std::snprintf(part, sizeof(part), i == 0 ? "%X" : ":%X", bytes[i] << 8 | bytes[i + 1]);
      text += part;
    }
  } else {
    text = "<invalid>";
  }
  return text;
}

std::string AltNameText(const GENERAL_NAME* name) {
  int type = 0;
  const void* value = GENERAL_NAME_get0_value(name, &type);
  const char* prefix = type == GEN_DNS     ? "DNS:"
                       : type == GEN_EMAIL ? "email:"
                       : type == GEN_URI   ? "URI:"
                                           : nullptr;
  if (prefix != nullptr) {
    const auto* string = static_cast<const ASN1_STRING*>(value);
    const auto* data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(string));
    return prefix + AltNameValue({data, static_cast<size_t>(ASN1_STRING_length(string))});
  }
  if (type == GEN_IPADD) {
    const auto* string = static_cast<const ASN1_STRING*>(value);
    return "IP Address:" + AddressText(ASN1_STRING_get0_data(string), ASN1_STRING_length(string));
  }
  if (type == GEN_DIRNAME) {
    return "DirName:" + AltNameValue(NameText(static_cast<const X509_NAME*>(value)));
  }
  return "othername:<unsupported>";
}

std::string SerialText(const X509* certificate) {
  BIGNUM* number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr);
  char* hex = number == nullptr ? nullptr : BN_bn2hex(number);
  std::string text = hex == nullptr ? "" : hex;
  OPENSSL_free(hex);
  BN_free(number);
  return text;
}

std::string FingerprintText(const X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1) return {};
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    if (i != 0) text += ':';
    text.append({kHexDigits[digest[i] >> 4], kHexDigits[digest[i] & 15]});
  }
  return text;
}

void DescribeKey(X509* certificate, CertificateInfo* info) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return;  // of an algorithm that OpenSSL does not know
  info->key_bits = EVP_PKEY_get_bits(key);
  const char* name = EVP_PKEY_get0_type_name(key);
  for (const char* c = name == nullptr ? "" : name; *c != '\0'; c++) {
    info->key_type += *c >= 'A' && *c <= 'Z' ? static_cast<char>(*c - 'A' + 'a') : *c;
  }
}

}  // namespace

std::string NameText(const X509_NAME* name) {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  // RFC 2253 does not require escapes for characters outside ASCII: they stay UTF-8.
  constexpr auto kFlags = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
  if (memory == nullptr || X509_NAME_print_ex(memory.get(), name, 0, kFlags) < 0) return {};
  return Contents(memory.get());
}

std::string TimeText(const ASN1_TIME* time) {
  std::tm utc = {};
  if (ASN1_TIME_to_tm(time, &utc) != 1) return {};
  char text[64];
  std::snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", utc.tm_year + 1900,
                utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
  return text;
}

std::string AltNamesText(X509* certificate) {
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string text;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    if (i != 0) text += ", ";
    text += AltNameText(sk_GENERAL_NAME_value(names.get(), i));
  }
  return text;
}

std::string Base64(const unsigned char* bytes, size_t size) {
  std::string text((size + 2) / 3 * 4 + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size));
  text.resize(static_cast<size_t>(length));
  return text;
}

CertificateInfo InfoOf(X509* certificate) {
  CertificateInfo info;
  info.subject = NameText(X509_get_subject_name(certificate));
  info.issuer = NameText(X509_get_issuer_name(certificate));
  info.subject_alt_names = AltNamesText(certificate);
  info.valid_from = TimeText(X509_get0_notBefore(certificate));
  info.valid_to = TimeText(X509_get0_notAfter(certificate));
  info.serial_number = SerialText(certificate);
  info.fingerprint256 = FingerprintText(certificate);
  DescribeKey(certificate, &info);
  const BioPtr memory(BIO_new(BIO_s_mem()));
  if (memory != nullptr && PEM_write_bio_X509(memory.get(), certificate) == 1) {
    info.pem = Contents(memory.get());
  }
  return info;
}

}  // namespace wsfd::tls
