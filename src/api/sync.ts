/**
 * The functions that wait: the same as those without `Sync` in their names, with the same arguments
 * and codes, but they block the calling thread, as CTRL's do. Nothing else of the thread's
 * JavaScript runs meanwhile.
 */
import { isAborted } from '../options/abort.js';
import { invalidArgument, unwritableError } from '../errors/argument.js';
import {
  asError,
  closeArgumentError,
  isExtensible,
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
import { clearLastErrors, failNow, failWith } from '../socket/last-error.js';
import { native } from '../native/addon.js';
import { DrainStatus } from '../native/shared.js';
import type { NativeFailure } from '../errors/failure.js';
import { abortedError, openingInbox, openSlot } from '../socket/opening.js';
import { readOpenArguments } from '../options/open-options.js';
import type { OpenSettings } from '../options/open-options.js';
import type { OpenOptions } from '../options/table.js';
import { readTimeoutError } from '../socket/reads.js';
import { look, waitUntil, watchSignals } from '../socket/sync-loop.js';
import { followRedirect } from '../socket/redirect.js';
import { now } from '../native/schedule.js';
import { forgetSocket, invalidSocket, syncSockets } from '../socket/sockets.js';

/** The code of a call that succeeded. */
function succeed(code: number): number {
  clearLastErrors();
  return code;
}

/**
 * Opens a WebSocket connection, as webSocketOpen does, and waits until it is open.
 *
 * The socket lives in the calls that are made for it: while none is made, messages wait in the
 * system, the server's pings are not answered and `pingInterval` sends none. It is for
 * webSocketReadSync, webSocketReadManySync, webSocketFlushSync and webSocketCloseSync, and for
 * webSocketWrite, webSocketWriteMany, webSocketInfo and webSocketTerminate; the functions that
 * return promises or push messages refuse it (WSFD_WRONG_MODE). An open one does not keep the
 * process.
 *
 * A signal such as SIGINT (Ctrl-C) ends the process, as ever. If it has a listener
 * (`process.on('SIGINT', …)`), a call that waits gives up with -1 and WSFD_INTERRUPTED, since the
 * listener runs only once the program lets the event loop turn. A worker that is terminated, or
 * process.exit() in another thread, ends a call that waits.
 *
 * @param url `ws://` or `wss://` URL.
 * @param options See OpenOptions. A `signal` counts if it is aborted already: nothing can abort it
 *   while the thread is blocked. Nor does that of AbortSignal.timeout; use `timeout`.
 * @returns The socket number, 0 or more; -1 on an error, -2 if `timeout` passed. Never throws;
 *   `getLastError()` says what happened.
 * @see WinCC OA reference, webSocketOpen
 */
export function webSocketOpenSync(url: string, options?: OpenOptions): number {
  clearLastErrors();
  try {
    const settings = readOpenArguments(url, options);
    if (isAborted(settings.signal)) return failNow(abortedError(settings), OPEN);
    watchSignals();
    return connect(settings);
  } catch (thrown) {
    return failNow(asError(thrown), OPEN);
  }
}

const OPEN = 'webSocketOpenSync';

/** An attempt to open a connection. */
interface Attempt {
  state: 'opening' | 'open' | readonly NativeFailure[];
  /** Its descriptor is free. */
  gone: boolean;
}

function startAttempt(settings: OpenSettings, before: Inbox | undefined): [Attempt, Inbox] {
  const attempt: Attempt = { state: 'opening', gone: false };
  const inbox = openingInbox(settings, before, (failures) => {
    attempt.state = failures ?? 'open';
    if (failures !== undefined) return;
    inbox.onGone = undefined;
    inbox.number = inbox.reservedNumber;
    syncSockets.set(inbox.number, inbox);
    announceOpen(inbox);
  });
  inbox.turnedAt = inbox.startedAt;
  inbox.onGone = () => {
    attempt.gone = true;
  };
  return [attempt, inbox];
}

/** Opens a connection, and where a redirect is followed the next one; `before` is that which was. */
function connect(settings: OpenSettings, before?: Inbox): number {
  const startedAt = now();
  const [attempt, inbox] = startAttempt(settings, before);
  const slot = openSlot(inbox, settings, 'openSync');
  if (typeof slot !== 'number') return failNow(slot, OPEN, inbox);
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
    // An alert may be on its way, which the server reads before it ends the connection. Ended by us
    // at once it could be reset, and the alert lost. (A server that refuses may stay for long.)
    const { timeoutMs } = settings.native;
    waitUntil(inbox, () => attempt.gone, timeoutMs === 0 ? Infinity : timeoutMs - passedMs);
  }
  native.terminate(slot);
  if (!isWebSocketError(next)) return connect(next, inbox);
  return failWith(next.category === 'timeout' ? -2 : -1, [next, ...more], OPEN, inbox);
}

/** Waits for messages and takes them; a maxTimeout of 0 looks without waiting. */
function receive(inbox: Inbox, take: () => boolean, maxTimeout: unknown, call: string): number {
  let timeoutMs: number;
  try {
    timeoutMs = readMaxTimeout(maxTimeout);
  } catch (thrown) {
    return failNow(asError(thrown), call, inbox);
  }
  if (inbox.hasMessages) look(inbox);
  const waited = waitUntil(inbox, () => inbox.hasMessages || inbox.hasEnded, timeoutMs);
  if (inbox.hasMessages) return take() ? succeed(0) : failNow(unwritableError(call), call, inbox);
  if (isWebSocketError(waited)) return failNow(waited, call, inbox);
  const { ending } = inbox;
  if (ending === undefined)
    return failWith(-2, [readTimeoutError(inbox.url, timeoutMs)], call, inbox);
  return ending.code === 1 ? succeed(1) : failWith(-1, ending.errors, call, inbox);
}

/**
 * Reads the next message, and waits until there is one.
 *
 * @param socket A number that webSocketOpenSync returned.
 * @param data Its `value` becomes the message: a string for text, a Buffer for binary.
 * @param maxTimeout Seconds to wait, fractions allowed; 0 takes what has come without waiting.
 *   Absent: for ever.
 * @returns 0 a message is in `data.value`; 1 the socket was closed; -1 error; -2 nothing came in
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
  if (inbox === undefined) return failNow(invalidSocket(socket, 'call webSocketRead'), call);
  if (typeof data !== 'object' || (data as unknown) === null) {
    return failNow(
      invalidArgument('data', 'an object to put `value` into, such as {}', data),
      call,
      inbox,
    );
  }
  return receive(inbox, () => takeInto(inbox, data), maxTimeout, call);
}

/**
 * Reads all messages that have come, and waits until there is one.
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
  if (inbox === undefined) return failNow(invalidSocket(socket, 'call webSocketReadMany'), call);
  if (!isExtensible(into)) {
    const error = invalidArgument('into', 'an array that messages can be appended to', into);
    return failNow(error, call, inbox);
  }
  return receive(inbox, () => takeAllInto(inbox, into), maxTimeout, call);
}

/**
 * Waits until everything that was written is handed to the operating system.
 *
 * @param socket A number that webSocketOpenSync returned.
 * @returns 0 then; -1 if the connection ended before. Never throws.
 */
export function webSocketFlushSync(socket: number): number {
  const call = 'webSocketFlushSync';
  const inbox = syncSockets.get(socket);
  if (inbox === undefined) return failNow(invalidSocket(socket, 'call webSocketFlush'), call);
  let status: number = DrainStatus.waits;
  const waited = waitUntil(inbox, () => {
    status = native.drain(inbox.slot);
    return status !== DrainStatus.waits;
  });
  if (isWebSocketError(waited)) return failNow(waited, call, inbox);
  if (status === DrainStatus.drained) return succeed(0);
  return failWith(-1, inbox.lostErrors(), call, inbox);
}

/**
 * Closes a connection, and waits for that: the closing handshake, then the socket. Its number is no
 * socket's any more, unless an argument is not valid.
 *
 * @param socket A number that webSocketOpenSync returned.
 * @param code As for webSocketClose.
 * @param reason As for webSocketClose.
 * @returns As webSocketClose. Never throws.
 * @see WinCC OA reference, webSocketClose
 */
export function webSocketCloseSync(
  socket: number,
  code: number = NORMAL_CLOSURE,
  reason = '',
): number {
  const call = 'webSocketCloseSync';
  const inbox = syncSockets.get(socket);
  if (inbox === undefined) return failNow(invalidSocket(socket, 'call webSocketClose'), call);
  const error = closeArgumentError(code, reason);
  if (error !== undefined) return failNow(error, call, inbox);
  forgetSocket(socket);
  const closing: { gone: boolean; error?: WebSocketError | undefined } = { gone: false };
  startClosing(inbox, code, reason, (why) => {
    closing.gone = true;
    closing.error = why;
  });
  const waited = waitUntil(inbox, () => closing.gone || inbox.ending?.code === -1);
  if (!closing.gone) {
    closing.error = isWebSocketError(waited) ? waited : inbox.lostErrors()[0];
    inbox.onClosed(undefined);
  }
  native.terminate(inbox.slot);
  inbox.slot = -1;
  return closing.error === undefined ? succeed(0) : failNow(closing.error, call, inbox);
}
