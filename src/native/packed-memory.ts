/** The memory of packed batches, as native/binding/packer.h lays it out. */
import { workerThreads } from '../base/builtin.js';
import { ask, native } from './addon.js';
import { findPin } from './binary.js';
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
 * The memory is native code's. When a thread ends, Node frees what was lent to it, wherever that has
 * been handed on to: so only the main thread, which ends last, gets it where something can detach it.
 */
function borrow(): PackedMemory | null {
  const pin = findPin();
  if (pin === null && !workerThreads().isMainThread) return null;
  const bytes = ask(() => native.lendMemory());
  if (bytes === undefined) return null;
  if (pin !== null) ask(() => pin(bytes.buffer));
  return memoryOf(bytes, STAGING_SLOTS);
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
