/** Opening: from the arguments to a socket's number. */
import { errorOf, isWebSocketError } from '../errors/errors.js';
import { native } from '../native/addon.js';
import { now } from '../native/schedule.js';
import { isAborted, whenAborted } from '../options/abort.js';
import { readOpenArguments } from '../options/open-options.js';
import type { OpenSettings } from '../options/open-options.js';
import type { OpenOptions } from '../options/table.js';
import { announceOpen } from '../socket/announce.js';
import { freeSlot } from '../socket/closing.js';
import type { Inbox } from '../socket/inbox.js';
import { clearLastErrors, failedPromise, failAsync } from '../socket/last-error.js';
import { abortedError, openingInbox, openSlot } from '../socket/opening.js';
import { followRedirect } from '../socket/redirect.js';
import { sockets } from '../socket/sockets.js';
import { asError } from './checks.js';

/**
 * Opens a WebSocket connection.
 *
 * @param url `ws://`, `wss://` or `ws+unix:` URL.
 * @param options See OpenOptions.
 * @returns The socket number, 0 or more; -1 error; -2 `timeout` has passed. Never rejects;
 *   `getLastError()` has the errors.
 * @see WinCC OA reference, webSocketOpen
 */
export function webSocketOpen(url: string, options?: OpenOptions): Promise<number> {
  clearLastErrors();
  try {
    const settings = readOpenArguments(url, options);
    if (isAborted(settings.signal)) return failedPromise(-1, abortedError(settings), OPEN);
    return new Promise((resolve) => {
      connect(settings, resolve);
    });
  } catch (thrown) {
    return failedPromise(-1, asError(thrown), OPEN);
  }
}

const OPEN = 'webSocketOpen';

/**
 * Opens a connection, and follows redirects; `before` is the inbox that was redirected. `resolve`
 * gets the result of webSocketOpen: a socket's number before any message arrives.
 */
export function connect(
  settings: OpenSettings,
  resolve: (code: number) => void,
  before?: Inbox,
): void {
  const startedAt = now();
  let forget = (): void => undefined;
  const inbox = openingInbox(settings, before, (failures) => {
    forget();
    if (failures === undefined) {
      inbox.number = inbox.reservedNumber;
      sockets.set(inbox.number, inbox);
      announceOpen(inbox);
      resolve(inbox.number);
      return;
    }
    freeSlot(inbox);
    const [first, ...more] = failures.map((failure) => errorOf(failure, inbox.url));
    if (first === undefined) return;
    const next = followRedirect(settings, first, now() - startedAt);
    if (!isWebSocketError(next)) connect(next, resolve, inbox);
    else failAsync(resolve, next.category === 'timeout' ? -2 : -1, [next, ...more], OPEN, inbox);
  });
  const slot = openSlot(inbox, settings, 'open');
  if (typeof slot !== 'number') {
    failAsync(resolve, -1, [slot], OPEN, inbox);
    return;
  }
  if (settings.signal === undefined) return;
  forget = whenAborted(settings.signal, () => {
    native.terminate(slot);
    failAsync(resolve, -1, [abortedError(settings)], OPEN, inbox);
  });
}
