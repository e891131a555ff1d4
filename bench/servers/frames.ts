// Server frames (RFC 6455 section 5.2), encoded before anything is measured.
import { constants, deflateRawSync } from 'node:zlib';
import { makeMessages } from '../messages';
import type { Data } from '../messages';
import type { Compression } from '../types';
import type { Request } from './upgrade';

const bytesOf = (data: Data): Buffer => (typeof data === 'string' ? Buffer.from(data) : data);

/** One unfragmented, unmasked frame; `compressed`: the payload in the place of the data. */
export function encodeFrame(data: Data, compressed?: Buffer): Buffer {
  const payload = compressed ?? bytesOf(data);
  const size = payload.length;
  const header = Buffer.alloc(size <= 125 ? 2 : size <= 0xffff ? 4 : 10);
  header[0] = 0x80 | (compressed === undefined ? 0 : 0x40) | (typeof data === 'string' ? 1 : 2);
  header[1] = size <= 125 ? size : size <= 0xffff ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(size, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(size), 2);
  return Buffer.concat([header, payload]);
}

/**
 * The payloads of messages, compressed one after the other (RFC 7692 section 7.2.1). The first refers
 * to nothing before it, so that the list can be sent again and again.
 */
function* compress(messages: readonly Data[], { windowBits, takeover }: Compression) {
  let window = Buffer.alloc(0);
  for (const message of messages) {
    const data = bytesOf(message);
    const flushed = deflateRawSync(data, {
      windowBits,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(takeover && window.length > 0 ? { dictionary: window } : {}),
    });
    // "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end."
    yield encodeFrame(message, flushed.subarray(0, -4));
    window = Buffer.concat([window, data]).subarray(-(1 << windowBits));
  }
}

const streams = new Map<string, Buffer>();

type StreamOf = Pick<Request, 'message' | 'size' | 'compression'>;

/** The frames of all messages of this kind and size, one behind the other. */
export function streamOf({ message: kind, size, compression }: StreamOf): Buffer {
  const key = JSON.stringify([kind, size, compression]);
  let stream = streams.get(key);
  if (stream === undefined) {
    const messages = makeMessages(kind, size);
    stream = Buffer.concat(
      compression === undefined
        ? messages.map((message) => encodeFrame(message))
        : [...compress(messages, compression)],
    );
    streams.set(key, stream);
  }
  return stream;
}
