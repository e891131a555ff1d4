#ifndef WSFD_DRIVER_LOOP_H_
#define WSFD_DRIVER_LOOP_H_

#include <uv.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "base/block_pool.h"
#include "base/random_pool.h"
#include "connection/message.h"
#include "driver/receive_memory.h"

namespace wsfd::driver {

class Socket;

// What the sockets of one event loop share: the buffers into which everything is received, the
// random bytes, and the work that waits for the end of the tick. Belongs to the loop's thread.
class Loop {
 public:
  class Delegate {
   public:
    // A callback of libuv's is over. The application may act now (its promises run), and what it
    // writes is flushed after this.
    virtual void OnWakeUpDone() = 0;
    // The iteration of the loop that CallLater asked for.
    virtual void OnCallLater() = 0;
    // No large message has come for a while, and memory of the pool is lent.
    virtual void OnMemoryIdle() = 0;

   protected:
    ~Delegate() = default;
  };

  // What becomes of the memory of large messages.
  enum class Memory : uint8_t {
    kFreed,
    kUsedAgain,  // the loop turns by itself, and so frees in time what is not
  };

  // `loop` is the environment's; it and `delegate` outlive this.
  Loop(uv_loop_t* loop, Delegate* delegate, Memory memory);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // True for the main thread's loop.
  bool is_default() const { return uv_ == uv_default_loop(); }
  uv_loop_t* uv() { return uv_; }
  RandomPool* random() { return &random_; }

  // One buffer for what arrives and one for what TLS decrypts, for all connections: a read callback
  // uses them up, or copies what it cannot use, before it returns.
  static constexpr size_t kBufferSize = ReceiveMemory::kBufferSize;
  uint8_t* plaintext_buffer() { return memory()->plaintext(); }
  // The receive buffer as a uv_alloc_cb gives it; of no size when there is no memory, which libuv
  // tells the read callback as ENOBUFS.
  uv_buf_t receive_buffer();
  // What both lie in.
  ReceiveMemory* memory();
  connection::Batch* batch() { return &batch_; }
  // Memory for large messages, which whoever is lent some shares; nullptr: it is not used again.
  // What nobody has needed for a second or two is freed; that does not keep the loop alive.
  const std::shared_ptr<BlockPool>& pool() { return pool_; }

  // The socket has output: it is flushed at the end of the tick, with all that is added till then.
  void FlushLater(Socket* socket) noexcept;
  // The socket goes on receiving in the next iteration.
  void ResumeLater(Socket* socket) noexcept;
  // The delegate's OnCallLater is called in the next iteration, which does not wait for anything.
  void CallLater() noexcept;
  // Ends every callback that may have called a socket's delegate: tells our delegate, flushes every
  // socket that has output, and tells our delegate again, since a flush may have called one too.
  void WakeUpDone() noexcept;

  // The loop polls without waiting for the next `us` microseconds, or until EndBusyPoll. Timers and
  // other handles have their turns meanwhile.
  void BusyPoll(uint64_t us) noexcept;
  void EndBusyPoll() { poll_until_ns_ = 0; }

  // The socket's Tick runs every millisecond until it gives false. False if there can be no timer.
  bool TickFor(Socket* socket);

  // Makes room for it in all lists, so that no other function of the loop's needs memory.
  void Add(Socket* socket);
  void Remove(Socket* socket);

  // A handle's memory: every handle of this loop's comes from here and, from when it was
  // initialised and released, goes through CloseHandle, which closes it and frees the memory once
  // libuv has let go.
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  template <typename Handle>
  static std::unique_ptr<Handle, Free> NewHandle() {
    std::unique_ptr<Handle, Free> made(static_cast<Handle*>(std::calloc(1, sizeof(Handle))));
    if (made == nullptr) throw std::bad_alloc();
    return made;
  }
  // `handle` must have been initialised. Its callbacks do not run any more after this.
  void CloseHandle(uv_handle_t* handle);

  // Counts what libuv still holds of ours beside handles (name lookups): Shutdown waits for it.
  void RequestStarted() { pending_++; }
  void RequestDone();

  // Destroys every socket without a word to its delegate; `done` runs once when no handle is left.
  void Shutdown(void (*done)(void* context), void* context);

 private:
  // Makes the timer, unless it is there. False if there can be none.
  bool MakeTimer(uv_timer_t** timer) noexcept;
  void FlushNow();
  void StartIdle();
  void OnIdle();
  void OnTick();
  void TrimLater() noexcept;
  void OnTrim();
  uv_loop_t* uv_;
  Delegate* delegate_;
  uv_idle_t* idle_;  // active while there is work for the end of the tick, or the poll is busy
  // Both are made when needed.
  uv_timer_t* tick_ = nullptr;  // active while a socket ticks
  uv_timer_t* trim_ = nullptr;  // active while the pool keeps memory
  uint8_t idle_trims_ = 0;      // in a row, in which nobody had asked for any
  RandomPool random_;
  std::shared_ptr<BlockPool> pool_;
  uint64_t poll_until_ns_ = 0;   // 0: the poll waits
  ReceiveMemory::Owner memory_;  // made when first needed
  connection::Batch batch_;
  Socket* sockets_ = nullptr;  // a doubly linked list through the sockets
  size_t socket_count_ = 0;
  // Each with room for every socket.
  std::vector<Socket*> to_flush_;
  std::vector<Socket*> flushing_;
  std::vector<Socket*> to_resume_;
  std::vector<Socket*> resuming_;
  std::vector<Socket*> ticking_;  // few
  bool call_later_ = false;
  size_t pending_ = 0;  // closing handles and requests
  bool shutting_down_ = false;
  void (*shutdown_done_)(void*) = nullptr;
  void* shutdown_context_ = nullptr;
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_LOOP_H_
