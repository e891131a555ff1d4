/** Reading: the next message, or all that are queued, now or within a time. */
import { invalidArgument, unwritableError } from '../errors/argument.js';
import type { WebSocketError } from '../errors/errors.js';
import type { Inbox } from '../socket/inbox.js';
import type { Message, Ref } from '../socket/inbox.js';
import { clearLastErrors, failed } from '../socket/last-error.js';
import { readTimeoutError } from '../socket/reads.js';
import { invalidSocket, sockets } from '../socket/sockets.js';
import {
  asError,
  conflictOf,
  isExtensible,
  readMaxTimeout,
  takeAllInto,
  takeInto,
} from './checks.js';

/** Shared by every call that succeeds at once: awaiting it costs one promise job. */
const DONE: Promise<number> = Promise.resolve(0);

/** Why the messages of a socket cannot be read, or undefined. */
function readerConflict(inbox: Inbox): WebSocketError | undefined {
  return inbox.claimed && !inbox.hasEnded ? conflictOf(inbox) : undefined;
}

/** Waits for messages; a maxTimeout of 0 looks without waiting. */
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
    return failed(-1, asError(thrown), call, inbox);
  }
  if (inbox.hasMessages) {
    return take(inbox) ? DONE : failed(-1, unwritableError(call), call, inbox);
  }
  if (timeoutMs === 0 && !inbox.hasEnded) {
    return failed(-2, readTimeoutError(inbox.url, 0), call, inbox);
  }
  return inbox.wait(take, timeoutMs, call);
}

/**
 * Reads the next message.
 *
 * @param socket A number that webSocketOpen returned.
 * @param data Its `value` becomes the message: a string for text, a Buffer for binary.
 * @param maxTimeout Seconds to wait, fractions allowed; 0 looks without waiting. Absent: for ever.
 * @returns 0 a message is in `data.value`; 1 the socket was closed; -1 error; -2 nothing came in
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
    return failed(-1, invalidSocket(socket, 'call webSocketReadSync'), 'webSocketRead');
  if (typeof data !== 'object' || (data as unknown) === null) {
    const error = invalidArgument('data', 'an object to put `value` into, such as {}', data);
    return failed(-1, error, 'webSocketRead', inbox);
  }
  const conflict = readerConflict(inbox);
  if (conflict !== undefined) return failed(-1, conflict, 'webSocketRead', inbox);
  if (maxTimeout === undefined && inbox.hasMessages && takeInto(inbox, data)) {
    clearLastErrors();
    return DONE;
  }
  return waitFor(inbox, (from) => takeInto(from, data), maxTimeout, 'webSocketRead');
}

/**
 * Reads all messages that are queued, at least one.
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
    return failed(-1, invalidSocket(socket, 'call webSocketReadManySync'), 'webSocketReadMany');
  if (!isExtensible(into)) {
    const error = invalidArgument('into', 'an array that messages can be appended to', into);
    return failed(-1, error, 'webSocketReadMany', inbox);
  }
  const conflict = readerConflict(inbox);
  if (conflict !== undefined) return failed(-1, conflict, 'webSocketReadMany', inbox);
  return waitFor(inbox, (from) => takeAllInto(from, into), maxTimeout, 'webSocketReadMany');
}
