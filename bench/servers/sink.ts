// Takes messages, counts them, and looks at some of them closely. A message of the other kind (binary
// among text, text among binary) is answered by the counts, so that the client can tell that all it
// sent arrived.
import type { Socket } from 'node:net';
import { createInflateRaw } from 'node:zlib';
import type { InflateRaw } from 'node:zlib';
import { makeMessages } from '../messages';
import type { Data } from '../messages';
import { encodeFrame } from './frames';
import type { Request } from './upgrade';

export interface SinkReport {
  messages: number;
  bytes: number;
  /** Messages looked at that were not what they should have been. */
  wrong: number;
}

/** A prime, so that in time every message of the list is looked at. */
const lookEvery = 1009;

interface Frame {
  readonly opcode: number;
  /** RSV1. */
  readonly compressed: boolean;
  /** Where the masking key is. */
  readonly key: number;
  readonly payload: number;
  readonly end: number;
}

/** The frame at `at`, or undefined while not all of it is there. */
function frameAt(data: Buffer, at: number): Frame | undefined {
  // A shorter one than the shortest header with its key cannot be whole.
  if (data.length - at < 6) return undefined;
  const opcode = (data[at] as number) & 15;
  const compressed = ((data[at] as number) & 0x40) !== 0;
  const short = (data[at + 1] as number) & 127;
  let key = at + 2;
  let size = short;
  if (short === 126) {
    size = data.readUInt16BE(key);
    key += 2;
  } else if (short === 127) {
    if (data.length - at < 14) return undefined;
    size = Number(data.readBigUInt64BE(key));
    key += 8;
  }
  const end = key + 4 + size;
  return end <= data.length ? { opcode, compressed, key, payload: key + 4, end } : undefined;
}

function payloadOf(data: Buffer, frame: Frame): Buffer {
  const payload = Buffer.from(data.subarray(frame.payload, frame.end));
  for (let i = 0; i < payload.length; i += 1) {
    payload[i] = (payload[i] as number) ^ (data[frame.key + (i & 3)] as number);
  }
  return payload;
}

/** RFC 7692 section 7.2.2: what every message lacks. */
const tail = Buffer.from([0, 0, 0xff, 0xff]);

/**
 * Compares what compressed messages inflate to with the stream that they have to be. One inflater
 * for all messages does with context takeover and without: what refers to nothing before it may
 * have anything there.
 */
class InflatedStream {
  private readonly inflater: InflateRaw = createInflateRaw();
  private readonly expected: Buffer;
  private at = 0;
  bytes = 0;
  wrong = 0;

  constructor(messages: readonly Data[]) {
    this.expected = Buffer.concat(messages.map((message) => Buffer.from(message as string)));
    this.inflater.on('data', (chunk: Buffer) => this.compare(chunk));
    // What is not deflated data at all.
    this.inflater.on('error', () => (this.wrong += 1));
  }

  add(payload: Buffer): void {
    this.inflater.write(Buffer.concat([payload, tail]));
  }

  /** Calls `done` once all that was added has been compared. */
  settle(done: () => void): void {
    this.inflater.write(Buffer.alloc(0), () => setImmediate(done));
  }

  private compare(chunk: Buffer): void {
    this.bytes += chunk.length;
    for (let from = 0; from < chunk.length;) {
      const part = this.expected.subarray(this.at, this.at + chunk.length - from);
      if (!part.equals(chunk.subarray(from, from + part.length))) this.wrong += 1;
      from += part.length;
      this.at = (this.at + part.length) % this.expected.length;
    }
  }
}

export class Sink {
  private rest: Buffer = Buffer.alloc(0);
  private readonly expected: readonly Data[];
  private readonly report: SinkReport = { messages: 0, bytes: 0, wrong: 0 };
  private readonly inflated: InflatedStream | undefined;

  constructor(
    private readonly socket: Socket,
    request: Request,
  ) {
    this.expected = makeMessages(request.message, request.size);
    if (request.compression !== undefined) this.inflated = new InflatedStream(this.expected);
    socket.on('data', (chunk: Buffer) => this.take(chunk));
  }

  private take(chunk: Buffer): void {
    const data = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    for (let frame = frameAt(data, at); frame !== undefined; frame = frameAt(data, at)) {
      this.count(data, frame);
      at = frame.end;
    }
    this.rest = data.subarray(at);
  }

  private count(data: Buffer, frame: Frame): void {
    const { report, inflated } = this;
    if (frame.opcode >= 8) return;
    if (frame.opcode !== this.opcode) {
      this.answer();
      return;
    }
    report.messages += 1;
    if (inflated !== undefined && frame.compressed) {
      inflated.add(payloadOf(data, frame));
      return;
    }
    if ((report.messages - 1) % lookEvery === 0) this.look(data, frame);
    report.bytes += frame.end - frame.payload;
  }

  /** Of the messages that are counted. */
  private get opcode(): number {
    return typeof this.expected[0] === 'string' ? 1 : 2;
  }

  private answer(): void {
    const { report, inflated, socket } = this;
    const send = (): void => void socket.write(encodeFrame(JSON.stringify(report)));
    if (inflated === undefined) {
      send();
      return;
    }
    inflated.settle(() => {
      report.bytes += inflated.bytes;
      report.wrong += inflated.wrong;
      send();
    });
  }

  private look(data: Buffer, frame: Frame): void {
    const expected = this.expected[(this.report.messages - 1) % this.expected.length] as Data;
    if (!payloadOf(data, frame).equals(Buffer.from(expected as string))) this.report.wrong += 1;
  }
}
