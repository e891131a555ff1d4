/** Makes Buffers of the binary messages that native code handed over (batch_values.h). */

/** As Batch::kCapacity and Environment::kStagingSlotSize. */
const STAGING_SLOTS = 512;
const STAGING_SLOT_SIZE = 64;
const SIZES_OFFSET = STAGING_SLOTS * STAGING_SLOT_SIZE;

/** Node's own Uint8Array subclass behind Buffer: what Buffer.prototype.subarray makes. */
const FastBuffer = (Buffer as unknown as Record<symbol, unknown>)[Symbol.species] as new (
  source: Uint8Array | ArrayBufferLike | number,
  byteOffset?: number,
  length?: number,
) => Buffer;

/** Where native code lays small binary messages, a slot each, and the sizes of all behind them. */
export const staging = Buffer.from(new ArrayBuffer(SIZES_OFFSET + 4 * STAGING_SLOTS));

const sizes = new Int32Array(staging.buffer, SIZES_OFFSET, STAGING_SLOTS);

/** views[size][slot]: the first `size` bytes of a staging slot. Made when first needed. */
const views: (Uint8Array[] | undefined)[] = [];

function viewsOf(size: number): Uint8Array[] {
  const made = Array.from(
    { length: STAGING_SLOTS },
    (_, slot) =>
      new Uint8Array(staging.buffer, staging.byteOffset + slot * STAGING_SLOT_SIZE, size),
  );
  views[size] = made;
  return made;
}

/**
 * Fills the gaps in a batch with Buffers: for a size n ≥ 0 a copy of n bytes of the next staging
 * slot, for n < 0 a view of the next -n bytes of the slabs.
 *
 * A typed array of at most 64 bytes lives in V8's heap, without a backing store: made from a view
 * that is there already it costs about 40 ns, a tenth of what an ArrayBuffer does.
 */
export function unpackBinary(batch: unknown[], slabs: readonly Buffer[]): void {
  let slot = 0;
  let slabIndex = 0;
  let offset = 0;
  for (let i = 0; i < batch.length; i++) {
    if (batch[i] !== undefined) continue;
    const size = sizes[i] ?? 0;
    if (size >= 0) {
      const view = (views[size] ?? viewsOf(size))[slot++];
      if (view !== undefined) batch[i] = new FastBuffer(view);
      continue;
    }
    const slab = slabs[slabIndex];
    if (slab === undefined) continue;
    batch[i] = new FastBuffer(slab.buffer, slab.byteOffset + offset, -size);
    offset -= size;
    if (offset === slab.length) {
      slabIndex++;
      offset = 0;
    }
  }
}
