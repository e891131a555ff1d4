/** Messages that the WebSocket class cannot send yet, because a Blob has to be read first. */
import { types } from 'node:util';

import { isRead, sizeOf } from './arguments.js';
import type { Outgoing } from './arguments.js';

interface Entry {
  message: Outgoing;
  size: number;
}

/** Messages in the order of sending. */
export class SendQueue {
  /** (a Set, from which the first is removed in constant time) */
  readonly #entries = new Set<Entry>();
  readonly #maxBytes: number;
  #bytes = 0;
  #whenEmpty: (() => void) | undefined = undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** Of the messages in the queue. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends a message, with a copy of its bytes; false if that would exceed the limit. */
  push(message: Outgoing): boolean {
    const size = sizeOf(message);
    if (this.#bytes + size > this.#maxBytes) return false;
    this.#bytes += size;
    this.#entries.add({
      message: message instanceof Uint8Array ? message.slice() : message,
      size,
    });
    return true;
  }

  /** Passes the messages to `write` in order, each once it is read; rejects if a read fails. */
  async drain(write: (message: string | Uint8Array) => void): Promise<void> {
    for (const entry of this.#entries) {
      const message = await bytesOf(entry.message);
      // (clear() was called)
      if (!this.#entries.delete(entry)) return;
      this.#bytes -= entry.size;
      write(message);
    }
    this.#whenEmpty?.();
  }

  /** Calls `action` after the last message; at once, if there is none. */
  whenEmpty(action: () => void): void {
    if (this.isEmpty) action();
    else this.#whenEmpty = action;
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
    this.#whenEmpty = undefined;
  }
}

async function bytesOf(message: Outgoing): Promise<string | Uint8Array> {
  if (isRead(message)) return message;
  const bytes: unknown = await message.arrayBuffer();
  // (of a class that is not Node's)
  if (!types.isArrayBuffer(bytes)) throw new TypeError('arrayBuffer() gave no ArrayBuffer');
  return new Uint8Array(bytes);
}
