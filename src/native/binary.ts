/** Makes Buffers of binary messages from native code (batch_values.h). */
import { workerThreads } from '../base/builtin.js';
import { LEAST_OWN_BUFFER, STAGING_SLOT_SIZE, STAGING_SLOTS } from './shared.js';

const SIZES_OFFSET = STAGING_SLOTS * STAGING_SLOT_SIZE;

/** Node's own Uint8Array subclass behind Buffer: what Buffer.prototype.subarray makes. */
const FastBuffer = (Buffer as unknown as Record<symbol, unknown>)[Symbol.species] as new (
  source: Uint8Array | ArrayBufferLike | number,
  byteOffset?: number,
  length?: number,
) => Buffer;

/** Small binary messages from native code, a slot each; the sizes of all messages follow. */
export const staging = Buffer.from(new ArrayBuffer(SIZES_OFFSET + 4 * STAGING_SLOTS));

/** All slots: small binary messages to native code, one behind the other. */
export const slots = staging.subarray(0, SIZES_OFFSET);

export const sizes = new Int32Array(staging.buffer, SIZES_OFFSET, STAGING_SLOTS);

/**
 * views[size][slot]: the first `size` bytes of a staging slot. Made when first needed. Not sparse:
 * a hole would show a property of Array.prototype.
 */
const views = new Array<Uint8Array[] | undefined>(STAGING_SLOT_SIZE + 1).fill(undefined);

function viewsOf(size: number): Uint8Array[] {
  const made = Array.from(
    { length: STAGING_SLOTS },
    (_, slot) =>
      new Uint8Array(staging.buffer, staging.byteOffset + slot * STAGING_SLOT_SIZE, size),
  );
  views[size] = made;
  return made;
}

/** A Buffer of its own with the same bytes. */
export function copyOf(bytes: Buffer): Buffer {
  return new FastBuffer(bytes);
}

/**
 * Larger messages may share a slab too: since Node.js 24 detaching can be forbidden. (If it cannot
 * after all, each gets a copy.)
 */
export const sharesSlabs = Number.parseInt(process.versions.node) >= 24;

/** Keeps an ArrayBuffer from being detached. */
type Pin = (buffer: ArrayBufferLike) => void;

/** Undefined: not yet known. Null: this Node has none, and no two messages may share memory. */
let pin: Pin | null | undefined;

/**
 * Detaching an ArrayBuffer (by a transfer list, ArrayBuffer.prototype.transfer or a byte stream)
 * empties all its views. From Node 24 on, one that is marked as untransferable cannot be detached;
 * before, byte streams and `transfer` detach it all the same.
 */
function findPin(): Pin | null {
  if (pin === undefined) pin = makePin();
  return pin;
}

function makePin(): Pin | null {
  const { markAsUntransferable } = workerThreads();
  const sample = new ArrayBuffer(1) as ArrayBuffer & { transfer?: () => unknown };
  markAsUntransferable(sample);
  try {
    sample.transfer?.();
    return null;
  } catch {
    return markAsUntransferable;
  }
}

/**
 * Puts Buffers into a batch: for a size n ≥ 0 a copy of n bytes of the next staging slot, for n < 0
 * the next -n bytes of the slab.
 *
 * V8 keeps a typed array of at most 64 bytes in its heap, without a backing store. Copying one from
 * an existing view takes about 40 ns, a tenth of what an ArrayBuffer takes.
 */
export function unpackBinary(batch: unknown[]): void {
  let slot = 0;
  let slab: Buffer | undefined;
  let offset = 0;
  for (let i = 0; i < batch.length; i++) {
    const given = batch[i];
    if (typeof given === 'string') continue;
    const size = sizes[i] ?? 0;
    if (size < 0) {
      if (given !== undefined) {
        slab = given as Buffer;
        offset = 0;
      }
      if (slab !== undefined) batch[i] = messageOfSlab(slab, offset, -size);
      offset -= size;
    } else if (given === undefined) {
      const view = (views[size] ?? viewsOf(size))[slot++];
      if (view !== undefined) batch[i] = new FastBuffer(view);
    }
  }
}

/** The first message, at offset 0, pins the slab's memory. */
function messageOfSlab(slab: Buffer, offset: number, size: number): Buffer {
  const pins = findPin();
  if (pins === null && size === slab.length) return slab;
  if (pins !== null && offset === 0) pins(slab.buffer);
  const view = new FastBuffer(slab.buffer, slab.byteOffset + offset, size);
  return pins === null ? new FastBuffer(view) : view;
}

/** A message's bytes as an ArrayBuffer of its own, which may be transferred. */
export function toArrayBuffer({ buffer, byteOffset, length }: Buffer): ArrayBuffer {
  const isPinned = pin !== null && length > STAGING_SLOT_SIZE && length < LEAST_OWN_BUFFER;
  const isLent = length >= LEAST_OWN_BUFFER && workerThreads().isMainThread;
  const isOwn = length === buffer.byteLength && !isPinned && !isLent;
  return (isOwn ? buffer : buffer.slice(byteOffset, byteOffset + length)) as ArrayBuffer;
}
