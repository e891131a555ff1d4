#ifndef WSFD_TEST_NATIVE_FUZZ_MACHINE_H_
#define WSFD_TEST_NATIVE_FUZZ_MACHINE_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random_pool.h"
#include "connection/connection.h"
#include "connection/keepalive.h"
#include "test/native/fuzz/input.h"
#include "test/native/fuzz/peer.h"

namespace wsfd::fuzz {

// A connection between an application and a server that both do what the input says, and what has
// to hold after each step. It keeps to what connection.h asks of a driver, and to nothing more.
class Machine {
 public:
  explicit Machine(Input* input);
  ~Machine();

  // The opening handshake, with the server's answer.
  void Open();
  // One step of somebody's.
  void Step();
  // What is left of the output has to be whole.
  void Finish();

 private:
  // The server's steps.
  void SendRaw();
  void SendFrame();
  void SendMessage();
  // The application's steps.
  void Write();
  void Ping();
  void Close();
  // What the driver moves.
  void Receive();
  void Drain(size_t most);
  void EndTransport(ErrorCode why);
  void PassTime();

  const uint8_t* Place(const Exact& portion);
  connection::ReceiveStatus ReceiveOnce(const uint8_t* data, size_t left, size_t* used);
  void Opened();
  void CheckBatch(const uint8_t* data, size_t size);
  void Hold(const connection::Message& message);
  void LetGo();
  void CheckMessage(const connection::Message& message);
  void CheckError() const;
  void CheckState();
  void CheckEnded();
  void TakeFrame(const ClientFrame& frame);
  void TakeClose(const std::string& payload);
  void Tick();
  std::string Payload(bool utf8);

  // A message in a block of which this is an owner, and what its bytes were.
  struct Held {
    SharedBlock* block;
    const uint8_t* data;
    std::string bytes;
  };

  Input* const input_;
  Foreseen foreseen_;
  RandomPool random_;
  BlockPool pool_;
  connection::Limits limits_;
  connection::CompressionOptions compression_;
  std::unique_ptr<connection::Connection> connection_;
  connection::State state_ = connection::State::kOpening;
  const std::unique_ptr<connection::Batch> batch_;
  std::deque<Held> held_;

  // The server.
  std::string network_;  // what it sent and is not received yet
  std::unique_ptr<Zlib> server_deflater_;
  std::unique_ptr<Zlib> server_inflater_;
  std::unique_ptr<ClientReader> reader_;
  bool correct_ = true;  // it keeps to the protocol
  std::deque<ClientFrame> sent_messages_;
  std::deque<std::string> sent_pings_;

  // The application and the driver.
  std::deque<ClientFrame> written_;  // and not taken from the output yet
  bool paused_ = false;
  uint64_t reads_ = 0;
  uint64_t drains_ = 0;
  uint64_t interval_;
  uint64_t pong_timeout_;
  uint64_t now_ = 0;
  uint64_t due_;
  uint64_t heard_ = 0;  // when bytes came or could not be taken, or output was waiting
  connection::Keepalive keepalive_;
};

}  // namespace wsfd::fuzz

#endif  // WSFD_TEST_NATIVE_FUZZ_MACHINE_H_
