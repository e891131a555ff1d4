/** Pushing messages to a subscriber. */
import { invalidArgument } from '../errors/argument.js';
import { callIn } from '../socket/context.js';
import type { Subscriber } from '../socket/inbox.js';
import { clearLastErrors, failNow } from '../socket/last-error.js';
import { invalidSocket, sockets } from '../socket/sockets.js';
import { AWAITED_ALONE, conflictOf } from './checks.js';

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
  const inbox = sockets.get(socket);
  if (inbox === undefined)
    return failNow(invalidSocket(socket, AWAITED_ALONE), 'webSocketSubscribe');
  if (typeof subscriber !== 'function') {
    const error = invalidArgument('subscriber', 'a function', subscriber);
    return failNow(error, 'webSocketSubscribe', inbox);
  }
  if (ended !== undefined && typeof ended !== 'function') {
    const error = invalidArgument('ended', 'a function, or nothing', ended);
    return failNow(error, 'webSocketSubscribe', inbox);
  }
  if (inbox.claimed || inbox.isAwaited) {
    return failNow(conflictOf(inbox), 'webSocketSubscribe', inbox);
  }
  clearLastErrors();
  inbox.subscribe(subscriber);
  if (ended !== undefined) {
    // A read that takes nothing: what is left for it is the end.
    const ending = inbox.wait(() => false, Infinity, 'webSocketSubscribe');
    void ending.then((code) => callIn(inbox.context, ended, code as 1 | -1));
  }
  return 0;
}
