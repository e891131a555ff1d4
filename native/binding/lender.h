#ifndef WSFD_BINDING_LENDER_H_
#define WSFD_BINDING_LENDER_H_

#include <node_api.h>

#include <cstddef>
#include <memory>

#include "base/block_pool.h"

namespace wsfd::binding {

// Lends blocks to JavaScript as Buffers, in the main thread alone: when an environment ends, Node
// gives back what was lent, where by then it may be another thread's (a stream of bytes and
// ArrayBuffer.prototype.transfer hand it on). No other thread outlives the main thread's.
class Lender {
 public:
  // Makes a Buffer of the first `size` bytes of the block, which goes to the pool when the Buffer
  // is collected. Takes the block whatever it returns.
  napi_status Lend(napi_env env, const std::shared_ptr<BlockPool>& pool, Block block, size_t size,
                   napi_value* buffer) noexcept;

  // Has V8 collect the Buffers that died young, which it does by itself only while a program makes
  // new ones.
  static void Collect(napi_env env) noexcept;

 private:
  size_t lent_ = 0;  // bytes since V8 last looked whether there is enough to collect
};

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_LENDER_H_
