// Takes messages, counts them, and looks at some of them closely. The text "report" is answered by
// the counts, so that the client can tell that all it sent arrived.
import type { Socket } from 'node:net';
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
  return end <= data.length ? { opcode, key, payload: key + 4, end } : undefined;
}

function payloadOf(data: Buffer, frame: Frame): Buffer {
  const payload = Buffer.from(data.subarray(frame.payload, frame.end));
  for (let i = 0; i < payload.length; i += 1) {
    payload[i] = (payload[i] as number) ^ (data[frame.key + (i & 3)] as number);
  }
  return payload;
}

export class Sink {
  private rest: Buffer = Buffer.alloc(0);
  private readonly expected: readonly Data[];
  private readonly report: SinkReport = { messages: 0, bytes: 0, wrong: 0 };

  constructor(
    private readonly socket: Socket,
    request: Request,
  ) {
    this.expected = makeMessages(request.message, request.size);
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
    const { report } = this;
    const size = frame.end - frame.payload;
    if (size === 6 && payloadOf(data, frame).toString() === 'report') {
      this.socket.write(encodeFrame(JSON.stringify(report)));
      return;
    }
    if (frame.opcode >= 8) return;
    if (report.messages % lookEvery === 0) this.look(data, frame);
    report.messages += 1;
    report.bytes += size;
  }

  private look(data: Buffer, frame: Frame): void {
    const expected = this.expected[this.report.messages % this.expected.length] as Data;
    const opcode = typeof expected === 'string' ? 1 : 2;
    const right = payloadOf(data, frame).equals(Buffer.from(expected as string));
    if (!right || frame.opcode !== opcode) this.report.wrong += 1;
  }
}
