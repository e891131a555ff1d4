#include "binding/lender.h"

#include <cstdlib>
#include <new>

namespace wsfd::binding {

namespace {

// At least as much as young Buffers may hold before V8 collects them: twice its semi-space, which
// is 16 or 32 MiB.
constexpr size_t kYoungLimit = 64 * 1024 * 1024;

// As much as V8 marks its heap for: it allows 64 MiB more than were left after the last marking.
constexpr size_t kOldLimit = 2 * kYoungLimit;

constexpr size_t kBytesPerCheck = 1024 * 1024;

// Bytes that JavaScript may have before V8 is made to collect. Memory that is reused sooner is more
// likely still in the processor's cache.
constexpr size_t kMostLent = 16 * 1024 * 1024;

// About the largest object that V8 has in its young generation.
constexpr size_t kFilling = 120 * 1000;

// V8 collects its young generation once objects fill it; its first size is 1 MiB. A Buffer takes a
// few hundred bytes there, whatever memory it has: this fills it. In the larger young generation of
// a program with many objects, this makes no difference.
void FillYoungGeneration(napi_env env) {
  static char filling[kFilling];
  napi_value string = nullptr;
  (void)napi_create_string_latin1(env, filling, kFilling, &string);
}

// V8 counts the bytes of young Buffers, but checks the sum only when it allocates a Buffer's memory
// itself. Otherwise they would grow old, and be collected with the whole heap.
void CheckYoungLimit(napi_env env) {
  napi_value smallest = nullptr;
  (void)napi_create_arraybuffer(env, 1, nullptr, &smallest);
}

// Makes V8 count `external` more bytes, those of a Buffer that is dead at once.
void Press(napi_env env, size_t external) noexcept {
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  // Its memory is never written to: it takes address space only.
  void* const memory = std::malloc(external);
  const auto free = [](napi_env, void* data, void*) { std::free(data); };
  napi_value buffer = nullptr;
  const napi_status status = memory == nullptr ? napi_generic_failure
                                               : napi_create_external_buffer(
                                                     env, external, memory, free, nullptr, &buffer);
  if (status == napi_ok) {
    CheckYoungLimit(env);
  } else if (status == napi_no_external_buffers_allowed || status == napi_pending_exception) {
    std::free(memory);
  }
  (void)napi_close_handle_scope(env, scope);
}

}  // namespace

struct Lender::WholeBlock {
  std::shared_ptr<Loans> loans;
  size_t size;
  Block block;

  void GiveBack() const { loans->pool->Give(block); }
};

struct Lender::PartOfBlock {
  std::shared_ptr<Loans> loans;
  size_t size;
  SharedBlock* block;

  void GiveBack() const { block->Release(loans->pool.get()); }
};

template <typename Loan>
napi_status Lender::MakeBuffer(napi_env env, const uint8_t* data, Loan loan,
                               napi_value* buffer) noexcept {
  Loan* const lent = new (std::nothrow) Loan(loan);
  if (lent == nullptr) {
    loan.GiveBack();
    return napi_generic_failure;
  }
  loans_->bytes += loan.size;
  const auto give_back = [](napi_env, void*, void* hint) {
    const std::unique_ptr<Loan> given(static_cast<Loan*>(hint));
    given->loans->bytes -= given->size;
    given->GiveBack();
  };
  napi_status status = napi_create_external_buffer(env, loan.size, const_cast<uint8_t*>(data),
                                                   give_back, lent, buffer);
  if (status == napi_no_external_buffers_allowed) {
    status = napi_create_buffer_copy(env, loan.size, data, nullptr, buffer);
    give_back(env, nullptr, lent);
  } else if (status == napi_pending_exception) {
    // The environment can no longer be used; after every other failure, Node has called the
    // finalizer, or will.
    give_back(env, nullptr, lent);
  }
  if (status == napi_ok) CountLent(env, loan.size);
  return status;
}

// If any of it fails, Buffers are collected later.
void Lender::CountLent(napi_env env, size_t size) noexcept {
  since_check_ += size;
  for (; since_check_ >= kBytesPerCheck; since_check_ -= kBytesPerCheck) {
    napi_handle_scope scope = nullptr;
    if (napi_open_handle_scope(env, &scope) != napi_ok) return;
    CheckYoungLimit(env);
    if (loans_->bytes > kMostLent) FillYoungGeneration(env);
    (void)napi_close_handle_scope(env, scope);
  }
}

napi_status Lender::Lend(napi_env env, Block block, size_t size, napi_value* buffer) noexcept {
  return MakeBuffer(env, block.data, WholeBlock{loans_, size, block}, buffer);
}

napi_status Lender::LendPart(napi_env env, SharedBlock* block, const uint8_t* data, size_t size,
                             napi_value* buffer) noexcept {
  block->AddOwner();
  return MakeBuffer(env, data, PartOfBlock{loans_, size, block}, buffer);
}

void Lender::CollectYoung(napi_env env) noexcept {
  if (loans_->bytes != 0) Press(env, kYoungLimit);
}

void Lender::CollectOld(napi_env env) noexcept { Press(env, kOldLimit); }

}  // namespace wsfd::binding
