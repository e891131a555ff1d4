/** The memory of packed batches, as native/binding/packer.h lays it out. */
import { workerThreads } from '../base/builtin.js';
import { native, resultOf } from './addon.js';
import { STAGING_SLOTS } from './shared.js';

/** Two positions and a kind. */
export const BYTES_PER_NOTE = 9;

/** Bytes that begin with notes of where each message begins, where it ends and what it is. */
export interface PackedMemory {
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly kinds: Uint8Array;
}

/** What `bytes`, which begin with `notes` of them, have. */
export function memoryOf(bytes: Buffer, notes: number): PackedMemory {
  const { buffer, byteOffset } = bytes;
  return {
    bytes,
    starts: new Uint32Array(buffer, byteOffset, notes),
    ends: new Uint32Array(buffer, byteOffset + 4 * notes, notes),
    kinds: new Uint8Array(buffer, byteOffset + 8 * notes, notes),
  };
}

/** Undefined: nobody has asked for it. Null: it cannot be had. */
let lent: PackedMemory | null | undefined;

/**
 * The memory belongs to native code and is lent to the main thread alone. When a thread ends, Node
 * frees what was lent to it, even if that has been transferred to another one; the main thread ends
 * last. The memory is not marked as untransferable: Node ends the process where it cannot detach
 * such memory at the end (docs/DECISIONS.md).
 */
function borrow(): PackedMemory | null {
  if (!workerThreads().isMainThread) return null;
  const bytes = resultOf(() => native.lendMemory());
  return bytes === undefined ? null : memoryOf(bytes, STAGING_SLOTS);
}

/**
 * What native code receives into; undefined where batches have to be copied: the engine has no such
 * memory, or somebody has detached it.
 */
export function lentMemory(): PackedMemory | undefined {
  if (lent === undefined) lent = borrow();
  if (lent !== null && lent.bytes.length === 0) lent = null;
  return lent ?? undefined;
}
