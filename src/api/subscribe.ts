/** Pushing messages to a subscriber. */
import { invalidArgument } from '../errors/argument.js';
import { callIn } from '../socket/context.js';
import type { Inbox, Subscriber } from '../socket/inbox.js';
import { clearLastErrors, failSync } from '../socket/last-error.js';
import { invalidSocket, sockets } from '../socket/sockets.js';
import { SYNC_SOCKET_ADVICE, conflictOf } from './checks.js';

/** The inbox of a socket that can have a subscriber; undefined: `call` has failed. */
export function subscribingInbox(
  socket: number,
  subscriber: unknown,
  ended: unknown,
  call: string,
): Inbox | undefined {
  const inbox = sockets.get(socket);
  if (inbox === undefined) {
    failSync(invalidSocket(socket, SYNC_SOCKET_ADVICE), call);
  } else if (typeof subscriber !== 'function') {
    failSync(invalidArgument('subscriber', 'a function', subscriber), call, inbox);
  } else if (ended !== undefined && typeof ended !== 'function') {
    failSync(invalidArgument('ended', 'a function, or nothing', ended), call, inbox);
  } else if (inbox.hasExclusiveReader || inbox.isAwaited) {
    failSync(conflictOf(inbox), call, inbox);
  } else {
    return inbox;
  }
  return undefined;
}

/** Calls `ended` once after the last batch. */
export function whenEnded(
  inbox: Inbox,
  ended: ((code: 1 | -1) => void) | undefined,
  call: string,
): void {
  if (ended === undefined) return;
  // A read that takes nothing resolves at the end only.
  const ending = inbox.wait(() => false, Infinity, call);
  void ending.then((code) => callIn(inbox.context, ended, code as 1 | -1));
}

/**
 * Subscribes to messages: `subscriber` is called with messages that arrived together. A promise
 * that it returns delays the next batch until it is settled. Its exception is an uncaught one, its
 * rejection an unhandled one; the next batches come all the same.
 *
 * @param socket A number that webSocketOpen returned.
 * @param ended Called once after the last batch: with 1 if either side closed the connection, with
 *   -1 if it ended otherwise; `getLastError()` then has the errors. It waits for the subscriber's
 *   promise, unless this side closed the connection.
 * @returns 0; -1 error. Never throws.
 */
export function webSocketSubscribe(
  socket: number,
  subscriber: Subscriber,
  ended?: (code: 1 | -1) => void,
): number {
  const call = 'webSocketSubscribe';
  const inbox = subscribingInbox(socket, subscriber, ended, call);
  if (inbox === undefined) return -1;
  clearLastErrors();
  inbox.subscribe(subscriber);
  whenEnded(inbox, ended, call);
  return 0;
}
