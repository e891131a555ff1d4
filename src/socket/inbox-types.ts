/** What goes into and out of an inbox. */
import type { AsyncResource } from 'node:async_hooks';

import type { WebSocketError } from '../errors/errors.js';

/**
 * A message: text is a string, binary is a Buffer.
 *
 * A Buffer's memory is its own: a transfer list (`port.postMessage(message, [message.buffer])`),
 * `ArrayBuffer.prototype.transfer` or a stream of bytes takes it and no other message's. Two kinds
 * cannot be put on a transfer list; `new Uint8Array(message)` makes a copy that can:
 *
 * - of 65 to 16,383 bytes, on Node.js 24 and later: several of them share an ArrayBuffer, which
 *   nothing can detach;
 * - from 16 KiB on, in the main thread, unless the message was read by a call that waits: its memory
 *   is used again, for messages up to 32 KiB where several came at once.
 *
 * On the list, such a one is a DataCloneError; up to Node.js 20 it is copied.
 */
export type Message = string | Buffer;

/** Receives what a read found, as CTRL's `any` does. */
export interface Ref<T> {
  value?: T;
}

/** What webSocketSubscribe calls with the messages of a wake-up. */
export type Subscriber = (batch: readonly Message[]) => void | Promise<void>;

/** How the connection ended: 1 by a close frame; -1 otherwise, with the errors. */
export interface End {
  code: 1 | -1;
  errors: readonly WebSocketError[];
}

/** What an inbox takes of OpenSettings. */
export interface InboxSettings {
  readonly target: { readonly url: string };
  readonly highWaterMark: number;
  readonly context: AsyncResource;
}

/** Hears how the connection ends. Each is called once at the most, before whoever else is told. */
export interface Watcher {
  /** No message comes any more, and it was not this side that began to close. */
  onEnd(error: WebSocketError | undefined): void;
  /** The connection is closed; the slot is still there. */
  onClosed(error: WebSocketError | undefined): void;
  /** webSocketTerminate was called, and is still running; the slot is still there. */
  onTerminate(): void;
}
