/** Reading: the next message, or all that are queued. */
import { invalidArgument, unwritableError } from '../errors/argument.js';
import type { WebSocketError } from '../errors/errors.js';
import type { Inbox } from '../socket/inbox.js';
import type { Message, Ref } from '../socket/inbox.js';
import { clearLastErrors, failedPromise } from '../socket/last-error.js';
import { readTimeoutError } from '../socket/reads.js';
import { invalidSocket, sockets } from '../socket/sockets.js';
import {
  asError,
  conflictOf,
  isExtensibleArray,
  readMaxTimeout,
  takeAllInto,
  takeInto,
} from './checks.js';

/** Shared by every call that succeeds at once: awaiting it costs one promise job. */
const DONE: Promise<number> = Promise.resolve(0);

/** The error if the messages have another reader, or undefined. */
function readerConflict(inbox: Inbox): WebSocketError | undefined {
  const isTheirs = inbox.hasExclusiveReader && (inbox.hasMessages || !inbox.hasEnded);
  return isTheirs ? conflictOf(inbox) : undefined;
}

/** Takes messages, or waits for them, unless maxTimeout is 0. */
function waitFor(
  inbox: Inbox,
  take: (inbox: Inbox) => boolean,
  maxTimeout: unknown,
  call: string,
): Promise<number> {
  clearLastErrors();
  let timeoutMs: number;
  try {
    timeoutMs = readMaxTimeout(maxTimeout);
  } catch (thrown) {
    return failedPromise(-1, asError(thrown), call, inbox);
  }
  if (inbox.hasMessages) {
    return take(inbox) ? DONE : failedPromise(-1, unwritableError(call), call, inbox);
  }
  if (timeoutMs === 0 && !inbox.hasEnded) {
    return failedPromise(-2, readTimeoutError(inbox.url, 0), call, inbox);
  }
  return inbox.wait(take, timeoutMs, call);
}

/**
 * Reads the next message.
 *
 * @param socket A number that webSocketOpen returned.
 * @param data Its `value` becomes the message: a string for text, a Buffer for binary.
 * @param maxTimeout Seconds to wait, fractions allowed. 0: no wait. Absent: no limit.
 * @returns 0 a message is in `data.value`; 1 the connection was closed; -1 error; -2 no message in
 *   time. Never rejects.
 * @see WinCC OA reference, webSocketRead
 */
export function webSocketRead(
  socket: number,
  data: Ref<string | Buffer>,
  maxTimeout?: number,
): Promise<number> {
  const inbox = sockets.get(socket);
  if (inbox === undefined)
    return failedPromise(-1, invalidSocket(socket, 'call webSocketReadSync'), 'webSocketRead');
  if (typeof data !== 'object' || (data as unknown) === null) {
    const error = invalidArgument('data', 'an object to put `value` into, such as {}', data);
    return failedPromise(-1, error, 'webSocketRead', inbox);
  }
  const conflict = readerConflict(inbox);
  if (conflict !== undefined) return failedPromise(-1, conflict, 'webSocketRead', inbox);
  if (maxTimeout === undefined && inbox.hasMessages && takeInto(inbox, data)) {
    clearLastErrors();
    return DONE;
  }
  return waitFor(inbox, (from) => takeInto(from, data), maxTimeout, 'webSocketRead');
}

/**
 * Reads all queued messages; waits if there is none.
 *
 * @param socket A number that webSocketOpen returned.
 * @param into The messages are appended to it.
 * @param maxTimeout As for webSocketRead.
 * @returns As webSocketRead.
 */
export function webSocketReadMany(
  socket: number,
  into: Message[],
  maxTimeout?: number,
): Promise<number> {
  const inbox = sockets.get(socket);
  if (inbox === undefined)
    return failedPromise(
      -1,
      invalidSocket(socket, 'call webSocketReadManySync'),
      'webSocketReadMany',
    );
  if (!isExtensibleArray(into)) {
    const error = invalidArgument('into', 'an array that messages can be appended to', into);
    return failedPromise(-1, error, 'webSocketReadMany', inbox);
  }
  const conflict = readerConflict(inbox);
  if (conflict !== undefined) return failedPromise(-1, conflict, 'webSocketReadMany', inbox);
  return waitFor(inbox, (from) => takeAllInto(from, into), maxTimeout, 'webSocketReadMany');
}
