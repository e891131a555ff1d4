#ifndef WSFD_BINDING_PACKER_H_
#define WSFD_BINDING_PACKER_H_

#include <node_api.h>

#include <cstddef>
#include <cstdint>

#include "connection/message.h"
#include "driver/receive_memory.h"

namespace wsfd::binding {

// What a message of a packed batch is.
enum class PackedKind : uint8_t {
  kBinary,
  kText,
  kAscii,  // text without a byte over 0x7F
};

// Batches of messages as positions in memory, for PackedBatch (src/socket/packed-batch.ts).
//
// The memory of the environment's loop is lent to JavaScript once, as one ArrayBuffer. For a batch
// that lies in it, JavaScript gets the number of messages, and reads the start, end and kind of
// each from the notes. Otherwise JavaScript requests a copy of the batch.
//
// Both have the same form. Notes on n messages (n is kNotes in the lent memory):
//
//   n uint32   where each begins
//   n uint32   where each ends
//   n uint8    its PackedKind
//
// Positions count from the first note.
class Packer {
 public:
  static constexpr size_t kNotes = connection::Batch::kCapacity;
  static constexpr size_t kBytesPerNote = 2 * sizeof(uint32_t) + sizeof(PackedKind);
  static_assert(kNotes * kBytesPerNote <= driver::ReceiveMemory::kNotesSize);

  // Makes a Buffer of the memory, which then has three owners: the loop, this, and the Buffer's
  // finalizer. Undefined, and nothing is lent, if the engine has no such Buffers; nullptr if
  // Node-API fails.
  napi_value Lend(napi_env env, driver::ReceiveMemory* memory);

  // The batch that is delivered to JavaScript as long as this lives.
  class CurrentBatch {
   public:
    CurrentBatch(Packer* packer, const connection::Batch& batch) : packer_(packer) {
      packer->batch_ = &batch;
      packer->lost_ = false;
    }
    ~CurrentBatch() { packer_->batch_ = nullptr; }
    CurrentBatch(const CurrentBatch&) = delete;
    CurrentBatch& operator=(const CurrentBatch&) = delete;

    // Puts the notes, and messages that lie elsewhere, into the lent memory. False if it cannot.
    bool InPlace() { return packer_->NoteInPlace(); }
    // JavaScript requested a copy that could not be made.
    bool lost() const { return packer_->lost_; }

   private:
    Packer* packer_;
  };

  // A Buffer with a copy of the current batch; undefined if there is none; nullptr if it cannot be
  // made.
  napi_value Copy(napi_env env);

 private:
  class Notes;

  bool NoteInPlace();

  driver::ReceiveMemory::Owner lent_;
  const connection::Batch* batch_ = nullptr;
  bool lost_ = false;
};

// joinTexts(bytes, starts, ends, kinds, count): the first `count` messages of a packed batch as the
// text of one JSON array. Undefined if its elements may not be the messages (frame/json_array.h),
// or it cannot be made.
napi_value JoinTexts(napi_env env, napi_callback_info info);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_PACKER_H_
