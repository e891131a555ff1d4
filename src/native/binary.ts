/** Makes Buffers of the binary messages that native code handed over (batch_values.h). */
import { workerThreads } from '../base/builtin.js';
import { LEAST_OWN_BUFFER, STAGING_SLOT_SIZE, STAGING_SLOTS } from './shared.js';

const SIZES_OFFSET = STAGING_SLOTS * STAGING_SLOT_SIZE;

/** Node's own Uint8Array subclass behind Buffer: what Buffer.prototype.subarray makes. */
const FastBuffer = (Buffer as unknown as Record<symbol, unknown>)[Symbol.species] as new (
  source: Uint8Array | ArrayBufferLike | number,
  byteOffset?: number,
  length?: number,
) => Buffer;

/** Where native code lays small binary messages, a slot each, and the sizes of all behind them. */
export const staging = Buffer.from(new ArrayBuffer(SIZES_OFFSET + 4 * STAGING_SLOTS));

export const sizes = new Int32Array(staging.buffer, SIZES_OFFSET, STAGING_SLOTS);

/**
 * views[size][slot]: the first `size` bytes of a staging slot. Made when first needed; without
 * holes, through which a property of Array.prototype would show.
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
 * Larger messages may share a slab too: since Node.js 24 it can be kept from being detached. (Where
 * that turns out not to be so, each gets a copy.)
 */
export const sharesSlabs = Number.parseInt(process.versions.node) >= 24;

/** Keeps an ArrayBuffer from being detached. */
type Pin = (buffer: ArrayBufferLike) => void;

/** Undefined: not looked for yet. Null: this Node has none, and no two messages may share memory. */
let pin: Pin | null | undefined;

/**
 * Whoever detaches an ArrayBuffer (a transfer list, ArrayBuffer.prototype.transfer, a stream of
 * bytes that it is put into) empties all views of it. From Node 24 on what is marked as
 * untransferable cannot be detached; before that streams and `transfer` do it all the same.
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
 * A typed array of at most 64 bytes lives in V8's heap, without a backing store: made from a view
 * that is there already it costs about 40 ns, a tenth of what an ArrayBuffer does.
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
      if (slab !== undefined) batch[i] = slabbed(slab, offset, -size);
      offset -= size;
    } else if (given === undefined) {
      const view = (views[size] ?? viewsOf(size))[slot++];
      if (view !== undefined) batch[i] = new FastBuffer(view);
    }
  }
}

/** One message of a slab. The first one comes first, and pins the slab's memory. */
function slabbed(slab: Buffer, offset: number, size: number): Buffer {
  const pins = findPin();
  if (pins === null && size === slab.length) return slab;
  if (pins !== null && offset === 0) pins(slab.buffer);
  const view = new FastBuffer(slab.buffer, slab.byteOffset + offset, size);
  return pins === null ? new FastBuffer(view) : view;
}

/** A message's bytes as an ArrayBuffer that is its own and may be transferred. */
export function toArrayBuffer({ buffer, byteOffset, length }: Buffer): ArrayBuffer {
  const isPinned = pin !== null && length > STAGING_SLOT_SIZE && length < LEAST_OWN_BUFFER;
  const isLent = length >= LEAST_OWN_BUFFER && workerThreads().isMainThread;
  const isOwn = length === buffer.byteLength && !isPinned && !isLent;
  return (isOwn ? buffer : buffer.slice(byteOffset, byteOffset + length)) as ArrayBuffer;
}
