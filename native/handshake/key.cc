#include <openssl/err.h>
#include <openssl/evp.h>

#include "handshake/request.h"

namespace wsfd::handshake {

namespace {

std::string Base64(const uint8_t* data, int size) {
  std::string text;
  // EVP_EncodeBlock writes a NUL after the text, for which a string has room.
  text.resize(static_cast<size_t>(size + 2) / 3 * 4);
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data, size);
  return text;
}

}  // namespace

std::string EncodeKey(const uint8_t nonce[16]) { return Base64(nonce, 16); }

std::string ComputeAccept(std::string_view key) {
  // RFC 6455 section 4.1: "the concatenation of the |Sec-WebSocket-Key| (as a string, not
  // base64-decoded) with the string "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"".
  std::string input(key);
  input += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(input.data(), input.size(), digest, &size, EVP_sha1(), nullptr) != 1) {
    // Node's OpenSSL calls take an error left in the queue for theirs.
    ERR_clear_error();
    return {};
  }
  return Base64(digest, static_cast<int>(size));
}

}  // namespace wsfd::handshake
