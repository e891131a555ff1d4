/** Shared by the ways to open a connection. */
import { reasonOf } from '../options/abort.js';
import '../diagnostics/debug.js';
import { wantedTopics } from '../diagnostics/channels.js';
import { TracePublisher } from '../diagnostics/trace-publisher.js';
import { errorOf, makeError, thrownError } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';
import { Inbox } from './inbox.js';
import { isNetworkDenied } from '../base/permission.js';
import type { Callbacks } from '../native/addon.js';
import type { NativeFailure } from '../errors/failure.js';
import { native } from '../native/addon.js';
import { openTuple } from '../native/open-tuple.js';
import { CALLBACKS } from '../native/shared.js';
import { sharesSlabs, staging } from '../native/binary.js';
import type { OpenSettings } from '../options/open-options.js';
import { ensureDefaultTrustStore } from './trust-store.js';

const callbacks: Callbacks = Inbox.prototype;
native.setUp(
  CALLBACKS.map((name) => callbacks[name]),
  staging,
  sharesSlabs,
);

/** The error of an opening whose signal was aborted. */
export function abortedError({ target, signal }: OpenSettings): WebSocketError {
  return makeError('WSFD_ABORTED', target.url, { cause: reasonOf(signal) });
}

/**
 * Makes and sets up the inbox of a connection to be opened. `before` is the inbox that was
 * redirected here; `opened` is called once, with the failures of an opening that failed.
 */
export function openingInbox(
  settings: OpenSettings,
  before: Inbox | undefined,
  opened: (failures?: NativeFailure[]) => void,
): Inbox {
  const inbox = new Inbox(settings, opened);
  if (before !== undefined) inbox.inheritOpening(before);
  inbox.keyLog = settings.keyLog;
  settings.native.trace = wantedTopics();
  if (settings.native.trace !== 0) {
    inbox.trace = new TracePublisher(inbox, settings.native.proxy?.name);
  }
  return inbox;
}

/** Starts the opening; returns the inbox's slot, or the error. */
export function openSlot(
  inbox: Inbox,
  settings: OpenSettings,
  how: 'open' | 'openSync',
): number | WebSocketError {
  if (settings.target.port === 0 && settings.target.path === '') {
    const detail = `${inbox.url}: port 0 cannot be connected to; write the one that the server listens on`;
    return makeError('WSFD_INVALID_URL', detail);
  }
  if (isNetworkDenied()) {
    const detail = `start Node.js with --allow-net, or without --permission (${inbox.url})`;
    return makeError('WSFD_PERMISSION_DENIED', detail);
  }
  try {
    if (settings.needsDefaultTrustStore) ensureDefaultTrustStore();
    // Drawn now: nothing may fail once the connection is open.
    inbox.reservedNumber = native.nextNumber();
    const slot = native[how](inbox, openTuple(settings.native));
    if (typeof slot !== 'number') return errorOf(slot, inbox.url);
    inbox.slot = slot;
    return slot;
  } catch (cause) {
    return thrownError(cause, inbox.url);
  }
}
