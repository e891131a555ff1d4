// Server frames (RFC 6455 section 5.2), encoded before anything is measured.
import { makeMessages } from '../messages';
import type { Data } from '../messages';
import type { MessageKind } from '../types';

/** One unfragmented, unmasked frame. */
export function encodeFrame(data: Data): Buffer {
  const payload = typeof data === 'string' ? Buffer.from(data) : data;
  const size = payload.length;
  const header = Buffer.alloc(size <= 125 ? 2 : size <= 0xffff ? 4 : 10);
  header[0] = 0x80 | (typeof data === 'string' ? 1 : 2);
  header[1] = size <= 125 ? size : size <= 0xffff ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(size, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(size), 2);
  return Buffer.concat([header, payload]);
}

const streams = new Map<string, Buffer>();

/** The frames of all messages of this kind and size, one behind the other. */
export function streamOf(kind: MessageKind, size: number): Buffer {
  const key = `${kind} ${size}`;
  let stream = streams.get(key);
  if (stream === undefined) {
    stream = Buffer.concat(makeMessages(kind, size).map(encodeFrame));
    streams.set(key, stream);
  }
  return stream;
}
