/** Messages that the WebSocket class cannot send yet, because a Blob has to be read first. */
import { sizeOf } from './arguments.js';
import type { Outgoing } from './arguments.js';

interface Entry {
  message: Outgoing;
  size: number;
}

/** Messages in the order in which they are to be sent. */
export class SendQueue {
  /** (a set, of which the first is taken at the same cost however many are behind it) */
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

  /** Of the messages that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends a message, a copy where it is bytes; false if that is more than may wait. */
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

  /** Hands the messages to `write`, each as soon as it and those before are read; rejects where one
   * cannot be read. */
  async drain(write: (message: string | Uint8Array) => void): Promise<void> {
    for (const entry of this.#entries) {
      const message = await bytesOf(entry.message);
      // (cleared meanwhile)
      if (!this.#entries.delete(entry)) return;
      this.#bytes -= entry.size;
      write(message);
    }
    this.#whenEmpty?.();
  }

  /** Calls `action` behind the last message: now, if there is none. */
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
  if (typeof message === 'string' || message instanceof Uint8Array) return message;
  return new Uint8Array(await message.arrayBuffer());
}
