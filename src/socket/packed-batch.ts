/** The class behind PackedBatch, and functions that make one. */
import { isDebugging } from '../diagnostics/debug.js';
import { describe } from '../errors/argument.js';
import { native, resultOf } from '../native/addon.js';
import { copyOf } from '../native/binary.js';
import type { PackedMemory } from '../native/packed-memory.js';
import { BYTES_PER_NOTE, memoryOf } from '../native/packed-memory.js';
import { PackedKind } from '../native/shared.js';
import type { Message } from './inbox-types.js';
import type { PackedBatch } from './packed-types.js';

/** Overwrites the memory of a batch that is over. */
const POISON = 0xdd;

export class Packed implements PackedBatch {
  length: number;
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  private readonly kinds: Uint8Array;

  constructor(memory: PackedMemory, length: number) {
    this.length = length;
    this.bytes = memory.bytes;
    this.starts = memory.starts;
    this.ends = memory.ends;
    this.kinds = memory.kinds;
  }

  isText(i: number): boolean {
    return this.kinds[this.checked(i)] !== PackedKind.binary;
  }

  text(i: number): string {
    const isAscii = this.kinds[this.checked(i)] === PackedKind.ascii;
    return this.bytes.toString(isAscii ? 'latin1' : 'utf8', this.starts[i], this.ends[i]);
  }

  subarray(i: number): Buffer {
    return this.bytes.subarray(this.starts[this.checked(i)], this.ends[i]);
  }

  copy(i: number): Buffer {
    return copyOf(this.subarray(i));
  }

  json(): unknown[] {
    const { bytes, starts, ends, kinds, length } = this;
    if (length === 0) throw overError();
    const text = resultOf(() => native.joinTexts(bytes, starts, ends, kinds, length));
    if (text === undefined) return this.parseEach();
    try {
      // native/frame/json_array.h proves that its elements are then the messages.
      const values = JSON.parse(text) as unknown[];
      return values.length === length ? values : this.parseEach();
    } catch {
      return this.parseEach();
    }
  }

  /** A PackedKind. */
  kindOf(i: number): number {
    return this.kinds[i] ?? PackedKind.binary;
  }

  /** The messages as webSocketSubscribe gives them. */
  messages(): Message[] {
    return Array.from({ length: this.length }, (_, i) =>
      this.isText(i) ? this.text(i) : this.copy(i),
    );
  }

  /** The subscriber has returned: the batch is over. */
  end(): void {
    const { length } = this;
    this.length = 0;
    if (!isDebugging) return;
    for (let i = 0; i < length; i++) this.bytes.fill(POISON, this.starts[i], this.ends[i]);
    this.starts.fill(0xffff_ffff, 0, length);
    this.ends.fill(0xffff_ffff, 0, length);
  }

  /** As json(), one by one; the error names the first message that is no JSON value. */
  private parseEach(): unknown[] {
    return Array.from({ length: this.length }, (_, i) => {
      if (!this.isText(i)) throw new SyntaxError(`message ${String(i)} of the batch is binary`);
      try {
        return JSON.parse(this.text(i)) as unknown;
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new SyntaxError(`message ${String(i)} of the batch is no JSON: ${why}`, { cause });
      }
    });
  }

  private checked(i: number): number {
    if (i >>> 0 === i && i < this.length) return i;
    const { length } = this;
    if (length === 0) throw overError();
    throw new RangeError(
      `expected a message's number from 0 to ${String(length - 1)}, got ${describe(i)}`,
    );
  }
}

/** (every batch has a message until it is over) */
const overError = (): RangeError =>
  new RangeError('this batch is over: it is only good until the subscriber returns');

/** Memory for `count` messages of `bytes` in all; the notes are not yet written. */
function newMemory(count: number, bytes: number): PackedMemory {
  return memoryOf(Buffer.allocUnsafeSlow(count * BYTES_PER_NOTE + bytes), count);
}

/** A copy of the batch of this onPacked call; undefined: it failed. */
export function copyBatch(count: number): Packed | undefined {
  const bytes = resultOf(() => native.copyBatch());
  return bytes === undefined ? undefined : new Packed(memoryOf(bytes, count), count);
}

/** A batch of messages that arrived as values. */
export function packMessages(messages: readonly Message[]): Packed {
  const encoded = messages.map((message) =>
    typeof message === 'string' ? Buffer.from(message) : message,
  );
  const size = encoded.reduce((sum, { length }) => sum + length, 0);
  const memory = newMemory(messages.length, size);
  let at = messages.length * BYTES_PER_NOTE;
  for (const [i, bytes] of encoded.entries()) {
    memory.bytes.set(bytes, at);
    memory.starts[i] = at;
    memory.ends[i] = at += bytes.length;
    memory.kinds[i] = typeof messages[i] === 'string' ? PackedKind.text : PackedKind.binary;
  }
  return new Packed(memory, messages.length);
}

/** Joins batches that have memory of their own. */
export function joinBatches(batches: readonly Packed[]): Packed {
  const [only] = batches;
  if (batches.length === 1 && only !== undefined) return only;
  const count = batches.reduce((sum, { length }) => sum + length, 0);
  const size = batches.reduce(
    (sum, { bytes, length }) => sum + bytes.length - length * BYTES_PER_NOTE,
    0,
  );
  const memory = newMemory(count, size);
  let next = 0;
  let at = count * BYTES_PER_NOTE;
  for (const batch of batches) {
    const { bytes, starts, ends, length } = batch;
    const first = length * BYTES_PER_NOTE;
    memory.bytes.set(bytes.subarray(first), at);
    for (let i = 0; i < length; i++, next++) {
      memory.starts[next] = (starts[i] ?? 0) - first + at;
      memory.ends[next] = (ends[i] ?? 0) - first + at;
      memory.kinds[next] = batch.kindOf(i);
    }
    at += bytes.length - first;
  }
  return new Packed(memory, count);
}
