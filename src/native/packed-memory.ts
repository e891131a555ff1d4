/** The memory of packed batches, as native/binding/packer.h lays it out. */
import { workerThreads } from '../base/builtin.js';
import { native, resultOf } from './addon.js';
import { STAGING_SLOTS } from './shared.js';

/** Two positions and a kind. */
export const BYTES_PER_NOTE = 9;

/** Bytes that begin with notes: where each message begins and ends, and its PackedKind. */
export interface PackedMemory {
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly kinds: Uint8Array;
}

/** The views of `bytes`, which begin with notes on `notes` messages. */
export function memoryOf(bytes: Buffer, notes: number): PackedMemory {
  const { buffer, byteOffset } = bytes;
  return {
    bytes,
    starts: new Uint32Array(buffer, byteOffset, notes),
    ends: new Uint32Array(buffer, byteOffset + 4 * notes, notes),
    kinds: new Uint8Array(buffer, byteOffset + 8 * notes, notes),
  };
}

/** Undefined: not requested yet. Null: not available. */
let lent: PackedMemory | null | undefined;

/**
 * The memory belongs to native code and is lent to the main thread alone. When a thread ends, Node
 * frees memory that was lent to it, even after a transfer to another thread; the main thread ends
 * last. The memory is not marked as untransferable: Node ends the process if it cannot detach such
 * memory at the end (docs/DECISIONS.md).
 */
function borrow(): PackedMemory | null {
  if (!workerThreads().isMainThread) return null;
  const bytes = resultOf(() => native.lendMemory());
  return bytes === undefined ? null : memoryOf(bytes, STAGING_SLOTS);
}

/**
 * The receive memory; undefined where batches have to be copied: in a worker, where the engine has
 * no such memory, or once it was detached.
 */
export function lentMemory(): PackedMemory | undefined {
  if (lent === undefined) lent = borrow();
  if (lent !== null && lent.bytes.length === 0) lent = null;
  return lent ?? undefined;
}
