#ifndef WSFD_TEST_NATIVE_FUZZ_PEER_H_
#define WSFD_TEST_NATIVE_FUZZ_PEER_H_

// zlib's input pointer is then one to const.
#define ZLIB_CONST
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random_pool.h"

// The server's side of a connection, written again from the RFCs: nothing here uses the code that
// it is held against, but for the hash of the opening handshake.
namespace wsfd::fuzz {

// A source for RandomPool that gives the same bytes in each run, or none while `fails`.
struct Foreseen {
  uint64_t state = 1;
  bool fails = false;
  static bool Fill(void* context, uint8_t* data, size_t size);
};

// Inflates or deflates one message after the other with zlib (RFC 7692 section 7.2).
class Zlib {
 public:
  enum class Direction : uint8_t { kInflate, kDeflate };
  Zlib(Direction direction, int window_bits, bool no_context_takeover);
  ~Zlib();
  Zlib(const Zlib&) = delete;
  Zlib& operator=(const Zlib&) = delete;

  // False when `payload` is not what a correct peer sends.
  bool Inflate(std::string_view payload, std::string* message);
  std::string Deflate(std::string_view message);

 private:
  z_stream stream_ = {};
  Direction direction_;
  bool no_context_takeover_;
};

// A frame or message that a client sent; of a message the payload is inflated.
struct ClientFrame {
  uint8_t opcode;  // of the first frame
  std::string payload;
};

// Reads what a client sends, in any portions, and ends the process where it is not what RFC 6455
// has a client send.
class ClientReader {
 public:
  // `inflater`: what was agreed for the client's messages, or nullptr. Must outlive the reader.
  explicit ClientReader(Zlib* inflater) : inflater_(inflater) {}

  void Receive(std::string_view bytes, std::vector<ClientFrame>* frames);
  bool closed() const { return closed_; }
  // Nothing of a frame that is not complete has come.
  bool at_boundary() const { return rest_.empty(); }

 private:
  size_t ReadFrame(std::string_view bytes, std::vector<ClientFrame>* frames);
  void Judge(uint8_t first, std::string payload, std::vector<ClientFrame>* frames);

  Zlib* inflater_;
  std::string rest_;
  bool closed_ = false;
};

// True for UTF-8. Long texts are not looked at byte by byte, which takes most of the time.
bool IsText(std::string_view text);

// A server's frame, correct if `first`, its first byte, is.
std::string ServerFrame(uint8_t first, std::string_view payload);

// The head with which a server accepts `request`, with `extensions` unless empty and
// `subprotocol` unless empty.
std::string AcceptingHead(std::string_view request, std::string_view extensions,
                          std::string_view subprotocol);

// The value of a header of a request, or empty; names are compared as they are.
std::string_view HeaderOf(std::string_view request, std::string_view name);

}  // namespace wsfd::fuzz

#endif  // WSFD_TEST_NATIVE_FUZZ_PEER_H_
