/**
 * The functions that block the calling thread, as CTRL's do. Arguments and codes are those of the
 * functions without `Sync` in their names. During a call, the thread runs no JavaScript but
 * listeners of diagnostics channels and `keylog`.
 */
import { isAborted } from '../options/abort.js';
import { invalidArgument, unwritableError } from '../errors/argument.js';
import {
  asError,
  closeArgumentError,
  isExtensibleArray,
  NORMAL_CLOSURE,
  readMaxTimeout,
  takeAllInto,
  takeInto,
} from './checks.js';
import { errorOf, isWebSocketError } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';
import { announceOpen } from '../socket/announce.js';
import { startClosing } from '../socket/closing.js';
import type { Inbox, Message, Ref } from '../socket/inbox.js';
import { clearLastErrors, failSync, failWith } from '../socket/last-error.js';
import { native } from '../native/addon.js';
import { DrainStatus } from '../native/shared.js';
import type { NativeFailure } from '../errors/failure.js';
import { abortedError, openingInbox, openSlot } from '../socket/opening.js';
import { readOpenArguments } from '../options/open-options.js';
import type { OpenSettings } from '../options/open-options.js';
import type { OpenOptions } from '../options/table.js';
import { readTimeoutError } from '../socket/reads.js';
import { nestingError, turnIfDue, waitUntil, watchSignals } from '../socket/sync-loop.js';
import { followRedirect } from '../socket/redirect.js';
import { now } from '../native/schedule.js';
import { forgetSocket, invalidSocket, syncSockets } from '../socket/sockets.js';

/** A call succeeds; returns its code. */
function succeed(code: number): number {
  clearLastErrors();
  return code;
}

/**
 * Opens a WebSocket connection, as webSocketOpen does, and waits until it is open.
 *
 * wsfd serves the socket only during calls for it: between them, messages wait in the system, the
 * server's pings are not answered and `pingInterval` sends none. webSocketReadSync,
 * webSocketReadManySync, webSocketFlushSync, webSocketCloseSync, webSocketWrite,
 * webSocketWriteMany, webSocketWritePacked, webSocketInfo and webSocketTerminate take its number;
 * webSocketList lists it. All others refuse it (WSFD_WRONG_MODE). An open socket does not keep the
 * process alive.
 *
 * A signal such as SIGINT (Ctrl-C) ends the process. If it has a listener
 * (`process.on('SIGINT', …)`), a waiting call returns -1 with WSFD_INTERRUPTED, since the listener
 * runs only when the program lets the event loop turn. The termination of the worker, or
 * process.exit() in another thread, ends a waiting call.
 *
 * @param url `ws://`, `wss://` or `ws+unix:` URL.
 * @param options See OpenOptions. A `signal` counts only if it is aborted before the call: nothing
 *   aborts it while the thread is blocked, not even AbortSignal.timeout; use `timeout`.
 * @returns The socket number, 0 or more; -1 error; -2 `timeout` has passed. Never throws;
 *   `getLastError()` has the errors.
 * @see WinCC OA reference, webSocketOpen
 */
export function webSocketOpenSync(url: string, options?: OpenOptions): number {
  clearLastErrors();
  try {
    const settings = readOpenArguments(url, options);
    if (isAborted(settings.signal)) return failSync(abortedError(settings), OPEN);
    watchSignals();
    return connect(settings);
  } catch (thrown) {
    return failSync(asError(thrown), OPEN);
  }
}

const OPEN = 'webSocketOpenSync';

/** An attempt to open a connection. */
interface Attempt {
  state: 'opening' | 'open' | readonly NativeFailure[];
  /** Its descriptor is closed. */
  gone: boolean;
}

function startAttempt(settings: OpenSettings, before: Inbox | undefined): [Attempt, Inbox] {
  const attempt: Attempt = { state: 'opening', gone: false };
  const inbox = openingInbox(settings, before, (failures) => {
    attempt.state = failures ?? 'open';
    if (failures !== undefined) return;
    inbox.onDescriptorClosed = undefined;
    inbox.number = inbox.reservedNumber;
    syncSockets.set(inbox.number, inbox);
    announceOpen(inbox);
  });
  inbox.lastTurnAt = inbox.startedAt;
  inbox.onDescriptorClosed = () => {
    attempt.gone = true;
  };
  return [attempt, inbox];
}

/** Opens a connection, and follows redirects; `before` is the inbox that was redirected. */
function connect(settings: OpenSettings, before?: Inbox): number {
  const startedAt = now();
  const [attempt, inbox] = startAttempt(settings, before);
  const slot = openSlot(inbox, settings, 'openSync');
  if (typeof slot !== 'number') return failSync(slot, OPEN, inbox);
  const waited = waitUntil(inbox, () => attempt.state !== 'opening' || inbox.hasEnded);
  if (attempt.state === 'open') return succeed(inbox.number);
  const failures = attempt.state === 'opening' ? [] : attempt.state;
  const [first, ...more] = failures.map((failure) => errorOf(failure, inbox.url));
  if (first === undefined) {
    native.terminate(slot);
    return failWith(-1, isWebSocketError(waited) ? [waited] : inbox.lostErrors(), OPEN, inbox);
  }
  const passedMs = now() - startedAt;
  const next = followRedirect(settings, first, passedMs);
  if (isWebSocketError(next) && next.category !== 'timeout' && next.httpStatus === undefined) {
    // Lets the server read an alert that is on its way and close: if this side closed at once, a
    // reset could destroy the alert. (Not after an HTTP refusal: that server may stay connected.)
    const { timeoutMs } = settings.native;
    waitUntil(inbox, () => attempt.gone, timeoutMs === 0 ? Infinity : timeoutMs - passedMs);
  }
  native.terminate(slot);
  if (!isWebSocketError(next)) return connect(next, inbox);
  return failWith(next.category === 'timeout' ? -2 : -1, [next, ...more], OPEN, inbox);
}

/** Waits for messages, unless maxTimeout is 0, and takes them. */
function receive(inbox: Inbox, take: () => boolean, maxTimeout: unknown, call: string): number {
  let timeoutMs: number;
  try {
    timeoutMs = readMaxTimeout(maxTimeout);
  } catch (thrown) {
    return failSync(asError(thrown), call, inbox);
  }
  if (inbox.hasMessages) turnIfDue(inbox);
  const waited = waitUntil(inbox, () => inbox.hasMessages || inbox.hasEnded, timeoutMs);
  if (inbox.hasMessages) return take() ? succeed(0) : failSync(unwritableError(call), call, inbox);
  if (isWebSocketError(waited)) return failSync(waited, call, inbox);
  const { ending } = inbox;
  if (ending === undefined)
    return failWith(-2, [readTimeoutError(inbox.url, timeoutMs)], call, inbox);
  return ending.code === 1 ? succeed(1) : failWith(-1, ending.errors, call, inbox);
}

/**
 * Reads the next message; waits if there is none.
 *
 * @param socket A number that webSocketOpenSync returned.
 * @param data Its `value` becomes the message: a string for text, a Buffer for binary.
 * @param maxTimeout Seconds to wait, fractions allowed. 0: no wait. Absent: no limit.
 * @returns 0 a message is in `data.value`; 1 the connection was closed; -1 error; -2 no message in
 *   time. Never throws.
 * @see WinCC OA reference, webSocketRead
 */
export function webSocketReadSync(
  socket: number,
  data: Ref<string | Buffer>,
  maxTimeout?: number,
): number {
  const call = 'webSocketReadSync';
  const inbox = syncSockets.get(socket);
  if (inbox === undefined) return failSync(invalidSocket(socket, 'call webSocketRead'), call);
  if (typeof data !== 'object' || (data as unknown) === null) {
    return failSync(
      invalidArgument('data', 'an object to put `value` into, such as {}', data),
      call,
      inbox,
    );
  }
  return receive(inbox, () => takeInto(inbox, data), maxTimeout, call);
}

/**
 * Reads all messages that have arrived; waits if there is none.
 *
 * @param socket A number that webSocketOpenSync returned.
 * @param into The messages are appended to it.
 * @param maxTimeout As for webSocketReadSync.
 * @returns As webSocketReadSync.
 */
export function webSocketReadManySync(
  socket: number,
  into: Message[],
  maxTimeout?: number,
): number {
  const call = 'webSocketReadManySync';
  const inbox = syncSockets.get(socket);
  if (inbox === undefined) return failSync(invalidSocket(socket, 'call webSocketReadMany'), call);
  if (!isExtensibleArray(into)) {
    const error = invalidArgument('into', 'an array that messages can be appended to', into);
    return failSync(error, call, inbox);
  }
  return receive(inbox, () => takeAllInto(inbox, into), maxTimeout, call);
}

/**
 * Waits until the operating system has taken all written messages.
 *
 * @param socket A number that webSocketOpenSync returned.
 * @returns As webSocketFlush. Never throws.
 */
export function webSocketFlushSync(socket: number): number {
  const call = 'webSocketFlushSync';
  const inbox = syncSockets.get(socket);
  if (inbox === undefined) return failSync(invalidSocket(socket, 'call webSocketFlush'), call);
  let status: number = DrainStatus.waits;
  const waited = waitUntil(inbox, () => {
    status = native.drain(inbox.slot);
    return status !== DrainStatus.waits;
  });
  if (isWebSocketError(waited)) return failSync(waited, call, inbox);
  if (status === DrainStatus.drained) return succeed(0);
  return failWith(-1, inbox.lostErrors(), call, inbox);
}

/**
 * Closes a connection, as webSocketClose does, and waits until it is closed. The number becomes
 * invalid, unless an argument is invalid, or the call is made within another one that waits for the
 * same socket (WSFD_READER_CONFLICT).
 *
 * @param socket A number that webSocketOpenSync returned.
 * @param code As for webSocketClose.
 * @param reason As for webSocketClose.
 * @returns As webSocketClose; WSFD_INTERRUPTED also closes the socket. Never throws.
 * @see WinCC OA reference, webSocketClose
 */
export function webSocketCloseSync(
  socket: number,
  code: number = NORMAL_CLOSURE,
  reason = '',
): number {
  const call = 'webSocketCloseSync';
  const inbox = syncSockets.get(socket);
  if (inbox === undefined) return failSync(invalidSocket(socket, 'call webSocketClose'), call);
  const error = closeArgumentError(code, reason) ?? nestingError(inbox);
  if (error !== undefined) return failSync(error, call, inbox);
  forgetSocket(socket);
  const closing: { gone: boolean; error?: WebSocketError | undefined } = { gone: false };
  startClosing(inbox, code, reason, (why) => {
    closing.gone = true;
    closing.error = why;
  });
  const waited = waitUntil(inbox, () => closing.gone || inbox.ending?.code === -1);
  if (!closing.gone) {
    inbox.onClosed(undefined);
    closing.error = isWebSocketError(waited) ? waited : inbox.lostErrors()[0];
  }
  native.terminate(inbox.slot);
  inbox.slot = -1;
  return closing.error === undefined ? succeed(0) : failSync(closing.error, call, inbox);
}
