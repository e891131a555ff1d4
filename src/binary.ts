/** Makes Buffers of the binary messages that native code handed over (batch_values.h). */

/** As Environment::kStagingSlots and kStagingSlotSize. */
const STAGING_SLOTS = 512;
const STAGING_SLOT_SIZE = 64;

/** Node's own Uint8Array subclass behind Buffer: what Buffer.prototype.subarray makes. */
const FastBuffer = (Buffer as unknown as Record<symbol, unknown>)[Symbol.species] as new (
  source: Uint8Array | ArrayBufferLike | number,
  byteOffset?: number,
  length?: number,
) => Buffer;

/** Where native code lays small binary messages, a slot each. */
export const staging = Buffer.alloc(STAGING_SLOTS * STAGING_SLOT_SIZE);

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
 * Replaces the numbers in a batch by Buffers: a number n ≥ 0 by a copy of n bytes of the next
 * staging slot, n < 0 by a view of the next -n bytes of the slabs.
 *
 * A typed array of at most 64 bytes lives in V8's heap, without a backing store: made from a view
 * that is there already it costs about 40 ns, a tenth of what an ArrayBuffer does.
 */
export function unpackBinary(batch: unknown[], slabs: readonly Buffer[]): void {
  let slot = 0;
  let slabIndex = 0;
  let offset = 0;
  for (let i = 0; i < batch.length; i++) {
    const entry = batch[i];
    if (typeof entry !== 'number') continue;
    if (entry >= 0) {
      const view = (views[entry] ?? viewsOf(entry))[slot++];
      if (view !== undefined) batch[i] = new FastBuffer(view);
      continue;
    }
    const slab = slabs[slabIndex];
    if (slab === undefined) continue;
    batch[i] = new FastBuffer(slab.buffer, slab.byteOffset + offset, -entry);
    offset -= entry;
    if (offset === slab.length) {
      slabIndex++;
      offset = 0;
    }
  }
}
