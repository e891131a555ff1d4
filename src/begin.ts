/** The step from settings to a connection that native code is opening. */
import { errorOf, thrownError } from './errors.js';
import type { WebSocketError } from './errors.js';
import type { Inbox } from './inbox.js';
import { native, openTuple } from './native.js';
import type { OpenSettings } from './options.js';
import { ensureDefaultTrustStore } from './trust-store.js';

/** A connection that is being opened: its slot, and the number that it will have. */
export interface Begun {
  slot: number;
  number: number;
}

/** Begins to open a connection, or says why it cannot. */
export function begin(inbox: Inbox, settings: OpenSettings): Begun | WebSocketError {
  try {
    if (settings.needsDefaultTrustStore) ensureDefaultTrustStore();
    // Already now: once the connection is open nothing may go wrong with it.
    const number = native.nextNumber();
    const slot = native.open(inbox, openTuple(settings.native));
    return typeof slot === 'number' ? { slot, number } : errorOf(slot, inbox.url);
  } catch (cause) {
    return thrownError(cause, inbox.url);
  }
}
