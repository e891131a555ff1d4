#ifndef WSFD_BINDING_BATCH_VALUES_H_
#define WSFD_BINDING_BATCH_VALUES_H_

#include <node_api.h>

#include "binding/environment.h"
#include "connection/message.h"
#include "driver/socket.h"

namespace wsfd::binding {

// Arguments before the messages in a call of Inbox.onMessages.
inline constexpr size_t kBatchPrefix = 2;

// Makes the arguments of Inbox.onMessages(weight, needsUnpacking, ...messages) from a batch.
// `socket`, whose batch it is, may give away storage of its own; with nullptr everything is copied.
//
// weight    approximate bytes of memory that the batch takes in JavaScript
// needsUnpacking
//           true unless every message is a string or a large binary one
// message   a string for a text message; a Buffer for a large binary one, with 0 at its place in
//           the staging sizes. For the others, the number there says where they are:
//           n >= 0   n bytes in the next slot of the staging area; the message is undefined
//           n < 0    the next -n bytes of a slab, which is a Buffer; it stands in the place of its
//                    first message, and undefined in that of the others
//
// JavaScript makes the views: that costs a tenth of a view made by Node-API. Sizes go through
// shared memory: a number made by Node-API costs a quarter of a view. The memory that a view pins
// is bounded: messages up to kStagingSlotSize are copied out one by one, larger ones come in a slab
// of at most kMessagesPerSlab times their size, which they share if src/native/binary.ts can keep
// it from being detached.
//
// False if Node-API fails.
bool BatchValues(Environment* environment, driver::Socket* socket, const connection::Batch& batch,
                 napi_value* arguments);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_BATCH_VALUES_H_
