#ifndef WSFD_BINDING_LENDER_H_
#define WSFD_BINDING_LENDER_H_

#include <node_api.h>

#include <cstddef>
#include <memory>
#include <utility>

#include "base/shared_block.h"

namespace wsfd::binding {

// Lends blocks to JavaScript as Buffers, in the main thread alone: when an environment ends, Node
// gives back what was lent, where by then it may be another thread's (a stream of bytes and
// ArrayBuffer.prototype.transfer hand it on). No other thread outlives the main thread's.
class Lender {
 public:
  // What is lent goes to `pool` in the end.
  explicit Lender(std::shared_ptr<BlockPool> pool)
      : loans_(std::make_shared<Loans>(Loans{std::move(pool)})) {}

  // Makes a Buffer of the first `size` bytes of the block, which goes to the pool when the Buffer
  // is collected. Takes the block whatever it returns.
  napi_status Lend(napi_env env, Block block, size_t size, napi_value* buffer) noexcept;
  // The same of `size` bytes at `data` in a block, of which the Buffer is an owner until it is
  // collected.
  napi_status LendPart(napi_env env, SharedBlock* block, const uint8_t* data, size_t size,
                       napi_value* buffer) noexcept;

  // Has V8 collect the Buffers that died young, which it does by itself only while a program makes
  // new ones.
  static void Collect(napi_env env) noexcept;

 private:
  // Outlives this while there are Buffers.
  struct Loans {
    std::shared_ptr<BlockPool> pool;
    size_t bytes = 0;  // that JavaScript has
  };
  struct WholeBlock;
  struct PartOfBlock;

  // A Buffer of loan.size bytes at `data`, which are given back when it is collected.
  template <typename Loan>
  napi_status MakeBuffer(napi_env env, const uint8_t* data, Loan loan, napi_value* buffer) noexcept;

  // Sees to it that V8 collects young Buffers while more are made.
  void HaveCollected(napi_env env) noexcept;

  std::shared_ptr<Loans> loans_;
  size_t since_look_ = 0;  // bytes lent since V8 last looked whether there is enough to collect
};

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_LENDER_H_
