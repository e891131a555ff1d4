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

// State that the sockets of one event loop share: the receive buffers, random bytes, and work
// deferred to the end of the tick. Belongs to the loop's thread.
class Loop {
 public:
  class Delegate {
   public:
    // A libuv callback is over. The application's promises run now; their writes are flushed after
    // this.
    virtual void OnWakeUpDone() = 0;
    // The iteration that CallLater requested.
    virtual void OnCallLater() = 0;
    // No large message has come for a while.
    virtual void OnMemoryIdle() = 0;
    // None has come for some seconds, after a feed of many.
    virtual void OnFeedOver() = 0;

   protected:
    ~Delegate() = default;
  };

  // When the loop turns.
  enum class Turns : uint8_t {
    kByItself,
    // Nothing may depend on a timer of the loop in time: storage of large messages is freed after
    // use, and no received byte waits for others.
    kInCalls,
  };

  // `loop` and `delegate` outlive this. Call Start() before anything else, then Shutdown() before
  // it is destroyed; without Start() it can just be destroyed.
  Loop(uv_loop_t* loop, Delegate* delegate, Turns turns);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void Start() noexcept;

  Turns turns() const { return turns_; }

  // True for the main thread's loop.
  bool is_default() const { return uv_ == uv_default_loop(); }
  uv_loop_t* uv() { return uv_; }
  RandomPool* random() { return &random_; }

  // One buffer for received bytes and one for decrypted bytes, shared by all connections: a read
  // callback consumes their bytes, or copies the rest, before it returns.
  static constexpr size_t kBufferSize = ReceiveMemory::kBufferSize;
  uint8_t* plaintext_buffer() { return memory()->plaintext(); }
  // The receive buffer, for a uv_alloc_cb. Its size is 0 if memory runs out: the read callback then
  // gets UV_ENOBUFS.
  uv_buf_t receive_buffer();
  // The memory of both buffers.
  ReceiveMemory* memory();
  connection::Batch* batch() { return &batch_; }
  // Memory for large messages, owned jointly with its borrowers; nullptr: it is not used again.
  // Memory not needed for 1 to 2 s is freed; that does not keep the loop alive.
  const std::shared_ptr<BlockPool>& pool() { return pool_; }
  // Starts the timer that frees it. The end of a wake-up does that; for memory that was taken
  // outside of one the borrower calls it.
  void TrimLater() noexcept;

  // Flushes the socket at the end of the tick, with all output that is added until then.
  void FlushLater(Socket* socket) noexcept;
  // Calls the socket's Resume in the next iteration.
  void ResumeLater(Socket* socket) noexcept;
  // Calls the delegate's OnCallLater in the next iteration, which polls without waiting.
  void CallLater() noexcept;
  // Ends every callback that may have called a socket's delegate. Calls OnWakeUpDone, flushes every
  // socket that has output, and calls OnWakeUpDone again, since a flush may call a socket's
  // delegate.
  void WakeUpDone() noexcept;

  // The loop polls without waiting for the next `us` microseconds, or until EndBusyPoll. Timers and
  // other handles still run.
  void BusyPoll(uint64_t us) noexcept;
  void EndBusyPoll() { poll_until_ns_ = 0; }

  // Calls the socket's Tick every millisecond until it returns false. False if there can be no
  // timer.
  bool TickFor(Socket* socket);

  // Makes room for the socket in all lists: queueing it needs no memory.
  void Add(Socket* socket);
  void Remove(Socket* socket);

  // The memory of a handle of this loop. Once initialised and released, the handle goes through
  // CloseHandle, which closes it and frees the memory in its close callback.
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  template <typename Handle>
  static std::unique_ptr<Handle, Free> NewHandle() {
    std::unique_ptr<Handle, Free> made(static_cast<Handle*>(std::calloc(1, sizeof(Handle))));
    if (made == nullptr) throw std::bad_alloc();
    return made;
  }
  // `handle` must be initialised. Its callbacks do not run after this.
  void CloseHandle(uv_handle_t* handle);
  // Starts a timer of this loop that fires once, `after_ms` from now or later. Returns 0 or UV_E*.
  int StartTimer(uv_timer_t* timer, uv_timer_cb on_timer, uint64_t after_ms) noexcept;

  // Counts requests without a handle (name lookups): Shutdown waits for them.
  void RequestStarted() { pending_++; }
  void RequestDone();

  // Destroys every socket without calling its delegate; `done` runs once when no handle is left.
  void Shutdown(void (*done)(void* context), void* context);

 private:
  // Makes the timer unless it exists. False if there can be none.
  bool MakeTimer(uv_timer_t** timer) noexcept;
  void FlushNow();
  void StartIdle();
  void OnIdle();
  void OnTick();
  void OnTrim();
  uv_loop_t* uv_;
  Delegate* delegate_;
  // Active while there is work for the end of the tick, or the poll is busy; nullptr after
  // Shutdown.
  std::unique_ptr<uv_idle_t, Free> idle_;
  // Both are made when needed.
  uv_timer_t* tick_ = nullptr;  // active while a socket ticks
  uv_timer_t* trim_ = nullptr;  // active while the pool keeps memory
  uint8_t idle_trims_ = 0;      // consecutive trims without a request for memory
  RandomPool random_;
  std::shared_ptr<BlockPool> pool_;
  const Turns turns_;
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
