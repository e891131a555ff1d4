/** Pushing messages to a subscriber. */
import { invalidArgument } from '../errors/argument.js';
import { callIn } from '../socket/context.js';
import type { Inbox, Subscriber } from '../socket/inbox.js';
import { clearLastErrors, failNow } from '../socket/last-error.js';
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
    failNow(invalidSocket(socket, SYNC_SOCKET_ADVICE), call);
  } else if (typeof subscriber !== 'function') {
    failNow(invalidArgument('subscriber', 'a function', subscriber), call, inbox);
  } else if (ended !== undefined && typeof ended !== 'function') {
    failNow(invalidArgument('ended', 'a function, or nothing', ended), call, inbox);
  } else if (inbox.claimed || inbox.isAwaited) {
    failNow(conflictOf(inbox), call, inbox);
  } else {
    return inbox;
  }
  return undefined;
}

/** Calls `ended` once behind the last batch. */
export function whenEnded(
  inbox: Inbox,
  ended: ((code: 1 | -1) => void) | undefined,
  call: string,
): void {
  if (ended === undefined) return;
  // A read that takes nothing: what is left for it is the end.
  const ending = inbox.wait(() => false, Infinity, call);
  void ending.then((code) => callIn(inbox.context, ended, code as 1 | -1));
}

/**
 * Has messages pushed: `subscriber` is called once per wake-up with all messages that arrived. A
 * promise that it returns holds the next batch back until it is settled.
 *
 * @param ended Called once behind the last batch, with what webSocketRead returns there: 1 the
 *   connection was closed in order, -1 it ended otherwise, with the errors in getLastError.
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
