/** The types of an inbox. */
import type { AsyncResource } from 'node:async_hooks';

import type { WebSocketError } from '../errors/errors.js';

/**
 * A message: text is a string, binary is a Buffer.
 *
 * A transfer list (`port.postMessage(message, [message.buffer])`), a byte stream or
 * `ArrayBuffer.prototype.transfer` takes the memory of one Buffer only. Two kinds of Buffer cannot
 * be on a transfer list; `new Uint8Array(message)` makes a copy that can:
 *
 * - of 65 to 16,383 bytes, on Node.js 24 and later: several of them share an ArrayBuffer, which
 *   nothing can detach;
 * - from 16 KiB on, in the main thread, unless a blocking call read it: wsfd reuses the memory (up
 *   to 32 KiB, only that of messages that arrived together).
 *
 * Such a Buffer on the list causes a DataCloneError; Node.js 20 and earlier copy it.
 */
export type Message = string | Buffer;

/** Receives the message of a read, as CTRL's `any` does. */
export interface Ref<T> {
  value?: T;
}

/** Receives messages that arrived together; see webSocketSubscribe. */
export type Subscriber = (batch: readonly Message[]) => void | Promise<void>;

/** How the connection ended: 1 by a close; -1 otherwise, with the errors. */
export interface End {
  code: 1 | -1;
  errors: readonly WebSocketError[];
}

/** The part of OpenSettings that an inbox uses. */
export interface InboxSettings {
  readonly target: { readonly url: string };
  readonly highWaterMark: number;
  readonly context: AsyncResource;
}

/** Is notified of the end of the connection, before the code that awaits a call resumes. */
export interface Watcher {
  /** No message comes any more, and this side did not begin to close. */
  onEnd(error: WebSocketError | undefined): void;
  /** The connection is closed; the slot is not yet free. webSocketClose may repeat the call. */
  onClosed(error: WebSocketError | undefined): void;
  /** webSocketTerminate is running; the slot is not yet free. */
  onTerminate(): void;
}
