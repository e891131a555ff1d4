#include "driver/loop.h"

#include <algorithm>
#include <utility>

#include "driver/heap.h"
#include "driver/socket.h"
#include "tls/random.h"

namespace wsfd::driver {

namespace {

// Memory that was not needed during one interval is freed.
constexpr uint64_t kTrimMs = 1000;

// A feed of so many bytes may leave dead objects in V8's old generation, and holes in the heap.
constexpr size_t kFeedBytes = 64 * 1024 * 1024;
// V8 shrinks its young generation if the program allocated little in the last five seconds.
constexpr uint8_t kFeedOverTrims = 6;

}  // namespace

Loop::Loop(uv_loop_t* loop, Delegate* delegate, Turns turns)
    : uv_(loop),
      delegate_(delegate),
      idle_(NewHandle<uv_idle_t>()),
      random_(tls::FillRandom, nullptr),
      pool_(turns == Turns::kByItself ? std::make_shared<BlockPool>() : nullptr),
      turns_(turns) {}

Loop::~Loop() = default;

void Loop::Start() noexcept {
  uv_idle_init(uv_, idle_.get());
  idle_->data = this;
}

uv_buf_t Loop::receive_buffer() {
  if (memory_ == nullptr) memory_ = ReceiveMemory::Create();
  if (memory_ == nullptr) return uv_buf_init(nullptr, 0);
  return uv_buf_init(reinterpret_cast<char*>(memory_->received()), kBufferSize);
}

ReceiveMemory* Loop::memory() {
  if (memory_ == nullptr) memory_ = ReceiveMemory::Create();
  if (memory_ == nullptr) throw std::bad_alloc();
  return memory_.get();
}

void Loop::Add(Socket* socket) {
  const size_t count = socket_count_ + 1;
  for (auto* list : {&to_flush_, &flushing_, &to_resume_, &resuming_, &ticking_}) {
    if (list->capacity() < count) list->reserve(2 * count);
  }
  socket_count_ = count;
  socket->next_ = sockets_;
  socket->previous_ = nullptr;
  if (sockets_ != nullptr) sockets_->previous_ = socket;
  sockets_ = socket;
}

void Loop::Remove(Socket* socket) {
  socket_count_--;
  if (socket->previous_ != nullptr) {
    socket->previous_->next_ = socket->next_;
  } else {
    sockets_ = socket->next_;
  }
  if (socket->next_ != nullptr) socket->next_->previous_ = socket->previous_;
  for (auto* list : {&to_flush_, &to_resume_, &ticking_}) {
    list->erase(std::remove(list->begin(), list->end(), socket), list->end());
  }
  // A loop may be running over these lists: the socket's places are cleared, not erased.
  for (auto* list : {&flushing_, &resuming_}) {
    std::replace(list->begin(), list->end(), socket, static_cast<Socket*>(nullptr));
  }
}

void Loop::StartIdle() {
  if (idle_ == nullptr) return;
  uv_idle_start(idle_.get(), [](uv_idle_t* handle) { static_cast<Loop*>(handle->data)->OnIdle(); });
}

void Loop::FlushLater(Socket* socket) noexcept {
  if (socket->flush_queued_) return;
  socket->flush_queued_ = true;
  if (to_flush_.empty()) StartIdle();
  to_flush_.push_back(socket);
}

void Loop::ResumeLater(Socket* socket) noexcept {
  if (socket->resume_queued_) return;
  socket->resume_queued_ = true;
  if (to_resume_.empty()) StartIdle();
  to_resume_.push_back(socket);
}

void Loop::CallLater() noexcept {
  if (!std::exchange(call_later_, true)) StartIdle();
}

void Loop::WakeUpDone() noexcept {
  delegate_->OnWakeUpDone();
  FlushNow();
  // A socket that is flushed here inside its own callback does not end the wake-up itself.
  delegate_->OnWakeUpDone();
  if (pool_ != nullptr && pool_->active()) TrimLater();
}

void Loop::FlushNow() {
  if (to_flush_.empty() || !flushing_.empty()) return;
  flushing_.swap(to_flush_);
  for (Socket* socket : flushing_) {
    if (socket != nullptr) socket->flush_queued_ = false;
  }
  for (size_t i = 0; i < flushing_.size(); i++) {
    if (flushing_[i] != nullptr) flushing_[i]->Flush();
  }
  flushing_.clear();
}

void Loop::BusyPoll(uint64_t us) noexcept {
  constexpr uint64_t kNsPerUs = 1000;
  poll_until_ns_ = std::max(poll_until_ns_, uv_hrtime() + us * kNsPerUs);
  // libuv polls without waiting while an idle handle is active.
  StartIdle();
}

void Loop::OnIdle() {
  if (to_flush_.empty() && to_resume_.empty() && !call_later_) {
    if (uv_hrtime() >= poll_until_ns_) {
      poll_until_ns_ = 0;
      uv_idle_stop(idle_.get());
    }
    return;
  }
  uv_idle_stop(idle_.get());
  FlushNow();
  // First, as immediates run before the next iteration: deferred calls may still answer messages
  // before a socket goes on to the end of its connection.
  if (std::exchange(call_later_, false)) delegate_->OnCallLater();
  resuming_.swap(to_resume_);
  for (Socket* socket : resuming_) {
    if (socket != nullptr) socket->resume_queued_ = false;
  }
  for (size_t i = 0; i < resuming_.size(); i++) {
    if (resuming_[i] != nullptr) resuming_[i]->Resume();
  }
  resuming_.clear();
  WakeUpDone();
  const bool has_work = call_later_ || !to_flush_.empty() || !to_resume_.empty();
  if (has_work || poll_until_ns_ != 0) StartIdle();
}

bool Loop::MakeTimer(uv_timer_t** timer) noexcept {
  if (*timer != nullptr) return true;
  std::unique_ptr<uv_timer_t, Free> made(
      static_cast<uv_timer_t*>(std::calloc(1, sizeof(uv_timer_t))));
  if (made == nullptr || uv_timer_init(uv_, made.get()) != 0) return false;
  made->data = this;
  *timer = made.release();
  return true;
}

bool Loop::TickFor(Socket* socket) {
  if (std::find(ticking_.begin(), ticking_.end(), socket) != ticking_.end()) return true;
  if (!MakeTimer(&tick_)) return false;
  if (ticking_.empty()) {
    const auto tick = [](uv_timer_t* handle) { static_cast<Loop*>(handle->data)->OnTick(); };
    if (uv_timer_start(tick_, tick, 1, 1) != 0) return false;
  }
  ticking_.push_back(socket);
  return true;
}

void Loop::OnTick() {
  const auto over = [](Socket* socket) { return !socket->Tick(); };
  ticking_.erase(std::remove_if(ticking_.begin(), ticking_.end(), over), ticking_.end());
  if (ticking_.empty()) uv_timer_stop(tick_);
}

void Loop::TrimLater() noexcept {
  if (!MakeTimer(&trim_)) return;
  auto* const handle = reinterpret_cast<uv_handle_t*>(trim_);
  if (uv_is_active(handle) != 0) return;
  uv_unref(handle);
  const auto trim = [](uv_timer_t* timer) { static_cast<Loop*>(timer->data)->OnTrim(); };
  uv_timer_start(trim_, trim, kTrimMs, kTrimMs);
}

void Loop::OnTrim() {
  idle_trims_ = static_cast<uint8_t>(pool_->Trim() ? 0 : idle_trims_ + 1);
  if (idle_trims_ == 0) return;
  const bool had_feed = pool_->asked_bytes() >= kFeedBytes;
  if (idle_trims_ == 1) return delegate_->OnMemoryIdle();
  if (had_feed && idle_trims_ == kFeedOverTrims) return delegate_->OnFeedOver();
  if (had_feed && idle_trims_ < kFeedOverTrims) return;
  idle_trims_ = 0;
  pool_->Stop();
  if (had_feed) ReturnFreeMemory();
  uv_timer_stop(trim_);
}

// libuv counts from the loop's cached time, which may be that of the start of a long tick, in whole
// milliseconds. The time since then is rounded up: the timer would be early by a fraction else.
int Loop::StartTimer(uv_timer_t* timer, uv_timer_cb on_timer, uint64_t after_ms) noexcept {
  constexpr uint64_t kNsPerMs = 1'000'000;
  const uint64_t now = (uv_hrtime() + kNsPerMs - 1) / kNsPerMs;
  const uint64_t of_loop = uv_now(uv_);
  const uint64_t behind = now > of_loop ? now - of_loop : 0;
  return uv_timer_start(timer, on_timer, after_ms == 0 ? 0 : after_ms + behind, 0);
}

void Loop::CloseHandle(uv_handle_t* handle) {
  pending_++;
  handle->data = this;
  uv_close(handle, [](uv_handle_t* closed) {
    Loop* loop = static_cast<Loop*>(closed->data);
    std::free(closed);
    loop->RequestDone();
  });
}

void Loop::RequestDone() {
  pending_--;
  if (shutting_down_ && pending_ == 0) shutdown_done_(shutdown_context_);
}

void Loop::Shutdown(void (*done)(void* context), void* context) {
  shutdown_done_ = done;
  shutdown_context_ = context;
  while (sockets_ != nullptr) sockets_->Destroy();
  shutting_down_ = true;
  CloseHandle(reinterpret_cast<uv_handle_t*>(idle_.release()));
  for (uv_timer_t* timer : {tick_, trim_}) {
    if (timer != nullptr) CloseHandle(reinterpret_cast<uv_handle_t*>(timer));
  }
}

}  // namespace wsfd::driver
