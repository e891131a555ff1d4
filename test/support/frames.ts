// RFC 6455 frames as a server sees them: it writes its own, however wrong, and reads a client's.
import assert from 'node:assert/strict';

export const opcodes = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

export interface FrameOptions {
  /** False: the message goes on in the next frame. */
  fin?: boolean;
  /** The three reserved bits, RSV1 being 4. */
  rsv?: number;
  /** Given: the frame is masked with these four bytes, which a server's must not be. */
  maskKey?: Uint8Array;
  /** How many bytes the length takes behind the first seven bits; the fewest possible if absent. */
  lengthBytes?: 0 | 2 | 8;
  /** The length that the header claims; the payload's own if absent. */
  declaredLength?: bigint;
}

function masked(payload: Uint8Array, key: Uint8Array): Buffer {
  const result = Buffer.from(payload);
  for (let i = 0; i < result.length; i++) result[i] = (result[i] ?? 0) ^ (key[i % 4] ?? 0);
  return result;
}

function lengthField(length: bigint, lengthBytes: 0 | 2 | 8, maskBit: number): Buffer {
  if (lengthBytes === 0) return Buffer.from([maskBit | Number(length)]);
  const field = Buffer.alloc(1 + lengthBytes);
  field[0] = maskBit | (lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) field.writeUInt16BE(Number(length), 1);
  else field.writeBigUInt64BE(length, 1);
  return field;
}

/** A frame; `payload` as text is sent as UTF-8. */
export function encodeFrame(
  opcode: number,
  payload: Uint8Array | string = '',
  options: FrameOptions = {},
): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const { fin = true, rsv = 0, maskKey, declaredLength = BigInt(body.length) } = options;
  const fewest = declaredLength <= 125n ? 0 : declaredLength <= 0xffffn ? 2 : 8;
  return Buffer.concat([
    Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | opcode]),
    lengthField(declaredLength, options.lengthBytes ?? fewest, maskKey === undefined ? 0 : 0x80),
    maskKey ?? Buffer.alloc(0),
    maskKey === undefined ? body : masked(body, maskKey),
  ]);
}

type Encoder = (payload?: Uint8Array | string, options?: FrameOptions) => Buffer;
const encoderOf =
  (opcode: number): Encoder =>
  (payload, options) =>
    encodeFrame(opcode, payload, options);

export const text = encoderOf(opcodes.text);
export const binary = encoderOf(opcodes.binary);
export const continuation = encoderOf(opcodes.continuation);
export const ping = encoderOf(opcodes.ping);
export const pong = encoderOf(opcodes.pong);

/** A close frame's payload: the code, then the reason. */
export function closePayload(code: number, reason: Uint8Array | string = ''): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, typeof reason === 'string' ? Buffer.from(reason) : reason]);
}

/** A close frame; without a code one that has no payload. */
export const close = (code?: number, reason: Uint8Array | string = ''): Buffer =>
  encodeFrame(opcodes.close, code === undefined ? '' : closePayload(code, reason));

/** A message cut into frames, one for each of `parts`. */
export function fragments(opcode: number, parts: readonly (Uint8Array | string)[]): Buffer[] {
  return parts.map((part, i) =>
    encodeFrame(i === 0 ? opcode : opcodes.continuation, part, { fin: i === parts.length - 1 }),
  );
}

/** A client's frame, unmasked. */
export interface ClientFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly maskKey: Buffer;
  readonly payload: Buffer;
}

/** The code of a close frame; undefined when it has none. */
export function closeCodeOf(frame: ClientFrame): number | undefined {
  assert.equal(frame.opcode, opcodes.close);
  return frame.payload.length === 0 ? undefined : frame.payload.readUInt16BE(0);
}

/** Takes a client's frames out of its bytes, and throws where one breaks RFC 6455. */
export class FrameReader {
  private bytes = Buffer.alloc(0);
  private pieces: Buffer[] = [];
  private missing = 0;

  /** The frames that these bytes complete. */
  read(bytes: Buffer): ClientFrame[] {
    this.pieces.push(bytes);
    this.missing -= bytes.length;
    const frames: ClientFrame[] = [];
    // A large frame's pieces are put together once, when it is complete.
    if (this.missing > 0) return frames;
    this.bytes = Buffer.concat([this.bytes, ...this.pieces]);
    this.pieces = [];
    for (let frame = this.next(); frame !== undefined; frame = this.next()) frames.push(frame);
    return frames;
  }

  private next(): ClientFrame | undefined {
    const [first, second] = this.bytes;
    if (first === undefined || second === undefined) return undefined;
    // RFC 6455 section 5.1: "The server MUST close the connection upon receiving a frame that is
    // not masked."
    assert.ok((second & 0x80) !== 0, 'a client frame is not masked');
    const length = this.payloadLength(second & 0x7f);
    if (length === undefined) return undefined;
    const { headerSize, payloadSize } = length;
    this.missing = headerSize + payloadSize - this.bytes.length;
    if (this.missing > 0) return undefined;
    const opcode = first & 0x0f;
    const isControl = (opcode & 0x8) !== 0;
    const fin = (first & 0x80) !== 0;
    assert.ok(
      !isControl || (fin && payloadSize <= 125),
      'a control frame is too long or not final',
    );
    const maskKey = this.bytes.subarray(headerSize - 4, headerSize);
    const payload = masked(this.bytes.subarray(headerSize, headerSize + payloadSize), maskKey);
    this.bytes = this.bytes.subarray(headerSize + payloadSize);
    return { fin, rsv: (first >> 4) & 0x7, opcode, maskKey, payload };
  }

  /** The header's size, masking key included, and the payload's; undefined: bytes are missing. */
  private payloadLength(short: number): { headerSize: number; payloadSize: number } | undefined {
    if (short < 126) return { headerSize: 6, payloadSize: short };
    const headerSize = short === 126 ? 8 : 14;
    if (this.bytes.length < headerSize) return undefined;
    const payloadSize =
      short === 126 ? this.bytes.readUInt16BE(2) : Number(this.bytes.readBigUInt64BE(2));
    // RFC 6455 section 5.2: "the minimal number of bytes MUST be used to encode the length"
    assert.ok(payloadSize > (short === 126 ? 125 : 0xffff), 'a length is not minimal');
    return { headerSize, payloadSize };
  }
}
