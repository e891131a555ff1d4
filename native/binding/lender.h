#ifndef WSFD_BINDING_LENDER_H_
#define WSFD_BINDING_LENDER_H_

#include <node_api.h>

#include <cstddef>
#include <memory>
#include <utility>

#include "base/shared_block.h"

namespace wsfd::binding {

// Lends blocks to JavaScript as Buffers, only in the main thread: when an environment ends, Node
// returns what was lent, although another thread may own it by then (a byte stream and
// ArrayBuffer.prototype.transfer hand it on). No other thread outlives the main thread's.
class Lender {
 public:
  // Lent blocks return to `pool`.
  explicit Lender(std::shared_ptr<BlockPool> pool)
      : loans_(std::make_shared<Loans>(Loans{std::move(pool)})) {}

  // Makes a Buffer of the first `size` bytes of the block, which goes to the pool when the Buffer
  // is collected. Takes the block also if it fails.
  napi_status Lend(napi_env env, Block block, size_t size, napi_value* buffer) noexcept;
  // The same for `size` bytes at `data` in a block, of which the Buffer is an owner until it is
  // collected.
  napi_status LendPart(napi_env env, SharedBlock* block, const uint8_t* data, size_t size,
                       napi_value* buffer) noexcept;

  // Makes V8 collect dead young Buffers, if any are lent. V8 does so by itself only while a program
  // makes new ones.
  void CollectYoung(napi_env env) noexcept;
  // Makes V8 mark its whole heap, mostly in other threads: it collects those in the old generation
  // too, and shrinks the young one.
  void CollectOld(napi_env env) noexcept;

 private:
  // Outlives this as long as there are Buffers.
  struct Loans {
    std::shared_ptr<BlockPool> pool;
    size_t bytes = 0;  // lent to JavaScript
  };
  struct WholeBlock;
  struct PartOfBlock;

  // A Buffer of loan.size bytes at `data`, which are given back when it is collected.
  template <typename Loan>
  napi_status MakeBuffer(napi_env env, const uint8_t* data, Loan loan, napi_value* buffer) noexcept;

  // Counts bytes that were lent, and makes V8 collect young Buffers in time.
  void CountLent(napi_env env, size_t size) noexcept;

  std::shared_ptr<Loans> loans_;
  size_t since_check_ = 0;  // bytes lent since V8 last checked the sum of young Buffers
};

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_LENDER_H_
