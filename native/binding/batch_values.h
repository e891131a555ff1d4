#ifndef WSFD_BINDING_BATCH_VALUES_H_
#define WSFD_BINDING_BATCH_VALUES_H_

#include <node_api.h>

#include "binding/environment.h"
#include "connection/message.h"
#include "driver/socket.h"

namespace wsfd::binding {

// Arguments before the messages in a call of Inbox.onMessages.
inline constexpr size_t kBatchPrefix = 2;

// Makes the arguments of Inbox.onMessages(weight, packed, ...messages) from a batch. `socket`,
// whose batch it is, may give storage of its own away; with nullptr everything is copied.
//
// weight    the bytes of memory that the batch takes in JavaScript, about
// packed    true when not every message is a string or a large binary one
// message   a string for a text message; a Buffer for a large binary one, with 0 at its place in
// the
//           staging sizes. For the others the number there says where they are:
//           n >= 0   n bytes in the next slot of the staging area; the message is undefined
//           n < 0    the next -n bytes of a slab, which is a Buffer; it stands in the place of its
//                    first message, and undefined in that of the others
//
// Views are made in JavaScript, where they cost a tenth of what Node-API asks for one; sizes go
// through shared memory, as a number made by Node-API costs a quarter of the view itself. What a
// view pins is bounded: messages up to kStagingSlotSize are copied out one by one, larger ones
// come in a slab of at most kMessagesPerSlab times their size, which src/native/binary.ts has them
// share where nothing can detach it.
//
// False where Node-API fails.
bool BatchValues(Environment* environment, driver::Socket* socket, const connection::Batch& batch,
                 napi_value* arguments);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_BATCH_VALUES_H_
