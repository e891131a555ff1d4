#include "binding/lender.h"

#include <cstdlib>
#include <new>

namespace wsfd::binding {

namespace {

// As much as young Buffers may hold, or more, before V8 collects them: twice its semi-space, which
// is 16 or 32 MiB.
constexpr size_t kMostOfYoung = 64 * 1024 * 1024;

constexpr size_t kLookEvery = 1024 * 1024;

// V8 counts what young Buffers hold, but looks at the sum only where it allocates memory for one
// itself. Otherwise they would grow old, and be collected with the whole heap.
// Where that fails, they do.
void Look(napi_env env) {
  napi_value smallest = nullptr;
  (void)napi_create_arraybuffer(env, 1, nullptr, &smallest);
}

struct Lent {
  std::shared_ptr<BlockPool> pool;
  Block block;
};

void GiveBack(napi_env, void*, void* hint) {
  const std::unique_ptr<Lent> lent(static_cast<Lent*>(hint));
  lent->pool->Give(lent->block);
}

}  // namespace

napi_status Lender::Lend(napi_env env, const std::shared_ptr<BlockPool>& pool, Block block,
                         size_t size, napi_value* buffer) noexcept {
  Lent* const lent = new (std::nothrow) Lent{pool, block};
  if (lent == nullptr) {
    pool->Give(block);
    return napi_generic_failure;
  }
  napi_status status = napi_create_external_buffer(env, size, block.data, GiveBack, lent, buffer);
  if (status == napi_no_external_buffers_allowed) {
    status = napi_create_buffer_copy(env, size, block.data, nullptr, buffer);
    GiveBack(env, nullptr, lent);
  } else if (status == napi_pending_exception) {
    // An environment that may not be used any more; with every other failure Node has called the
    // finalizer, or will.
    GiveBack(env, nullptr, lent);
  }
  lent_ += size;
  if (status == napi_ok && lent_ >= kLookEvery) {
    lent_ = 0;
    Look(env);
  }
  return status;
}

void Lender::Collect(napi_env env) noexcept {
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  // One more holds all that young Buffers may. Nobody writes to its memory, so that it is address
  // space alone.
  void* const memory = std::malloc(kMostOfYoung);
  const auto free = [](napi_env, void* data, void*) { std::free(data); };
  napi_value buffer = nullptr;
  const napi_status status =
      memory == nullptr
          ? napi_generic_failure
          : napi_create_external_buffer(env, kMostOfYoung, memory, free, nullptr, &buffer);
  if (status == napi_ok) {
    Look(env);
  } else if (status == napi_no_external_buffers_allowed || status == napi_pending_exception) {
    std::free(memory);
  }
  (void)napi_close_handle_scope(env, scope);
}

}  // namespace wsfd::binding
