#ifndef WSFD_CONNECTION_COMPRESSION_H_
#define WSFD_CONNECTION_COMPRESSION_H_

#include <cstddef>
#include <cstdint>

#include "base/byte_queue.h"
#include "deflate/deflater.h"
#include "deflate/inflater.h"
#include "deflate/parameters.h"

namespace wsfd::connection {

// The application's options of permessage-deflate. Plain data.
struct CompressionOptions {
  bool offered = false;
  deflate::Options parameters;
  size_t threshold = 1024;  // bytes; a shorter message is sent uncompressed
  int level = -1;           // see deflate::Deflater
};

// permessage-deflate as agreed for one connection.
struct Compression {
  Compression(const deflate::Agreed& agreed, const CompressionOptions& options,
              uint64_t max_message_bytes)
      : inflater(agreed.server_window_bits, agreed.server_no_context_takeover, max_message_bytes),
        deflater(agreed.client_window_bits, agreed.client_no_context_takeover, options.level),
        compresses(agreed.client_window_bits >= deflate::kMinDeflateWindowBits),
        no_context_takeover(agreed.client_no_context_takeover),
        threshold(options.threshold) {}

  deflate::Inflater inflater;
  deflate::Deflater deflater;
  const bool compresses;           // else every message is sent uncompressed
  const bool no_context_takeover;  // we reset our context after each message
  const size_t threshold;
  ByteQueue payload;  // of the message that is being sent
};

}  // namespace wsfd::connection

#endif  // WSFD_CONNECTION_COMPRESSION_H_
