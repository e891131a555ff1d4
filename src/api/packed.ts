/** Messages in memory that many share, instead of a string or a Buffer each. */
import { clearLastErrors, failNow } from '../socket/last-error.js';
import type { PackedSubscriber } from '../socket/packed-types.js';
import { subscribingInbox, whenEnded } from './subscribe.js';
import { thrownError } from '../errors/errors.js';

/**
 * Has messages pushed without an object for each: `subscriber` is called once per wake-up with all
 * messages that arrived, as a PackedBatch. It is for programs that look at every message and keep
 * few. A promise that it returns holds the next batch back until it is settled; the batch itself is
 * good until the subscriber returns, whatever it returns.
 *
 * @param socket A number that webSocketOpen returned.
 * @param ended As for webSocketSubscribe.
 * @returns 0; -1 error. Never throws.
 */
export function webSocketSubscribePacked(
  socket: number,
  subscriber: PackedSubscriber,
  ended?: (code: 1 | -1) => void,
): number {
  const call = 'webSocketSubscribePacked';
  const inbox = subscribingInbox(socket, subscriber, ended, call);
  if (inbox === undefined) return -1;
  clearLastErrors();
  try {
    inbox.subscribePacked(subscriber);
  } catch (thrown) {
    return failNow(thrownError(thrown, inbox.url), call, inbox);
  }
  whenEnded(inbox, ended, call);
  return 0;
}
