/** The CTRL functions and those beyond CTRL that work on a socket number. */
import { types } from 'node:util';

import { isAborted, whenAborted } from '../options/abort.js';
import { invalidArgument, quote, readList, unwritableError } from '../errors/argument.js';
import { staging } from '../native/binary.js';
import {
  asError,
  closeArgumentError,
  isExtensible,
  NORMAL_CLOSURE,
  readMaxTimeout,
  takeAllInto,
  takeInto,
} from './checks.js';
import { callIn } from '../socket/context.js';
import {
  errorOf,
  isWebSocketError,
  makeError,
  thrownError,
  WebSocketError,
} from '../errors/errors.js';
import { Inbox } from '../socket/inbox.js';
import type { Message, Ref, Subscriber } from '../socket/inbox.js';
import { clearLastErrors, failed, failLater, failNow } from '../socket/last-error.js';
import { ask, native, WriteStatus } from '../native/addon.js';
import { abortedError, openingInbox, openSlot } from '../socket/opening.js';
import { readOpenArguments } from '../options/open-options.js';
import type { OpenOptions, OpenSettings } from '../options/open-options.js';
import { sendNow } from '../socket/sync-loop.js';
import { followRedirect } from '../socket/redirect.js';
import { now } from '../native/schedule.js';
import { anySocket, forgetSocket, invalidSocket, sockets } from '../socket/sockets.js';

native.setUp(Inbox.prototype, staging);

/** What to do where a socket of webSocketOpenSync has no such call. */
export const AWAITED_ALONE = 'call webSocketReadSync, or open it with webSocketOpen';

/** Shared by every call that succeeds at once: awaiting it costs one promise job. */
const DONE: Promise<number> = Promise.resolve(0);

/**
 * Opens a WebSocket connection.
 *
 * @param url `ws://` or `wss://` URL.
 * @param options See OpenOptions.
 * @returns The socket number, 0 or more; -1 on an error, -2 if `timeout` passed. Never rejects;
 *   `getLastError()` says what happened.
 * @see WinCC OA reference, webSocketOpen
 */
export function webSocketOpen(url: string, options?: OpenOptions): Promise<number> {
  clearLastErrors();
  try {
    const settings = readOpenArguments(url, options);
    if (isAborted(settings.signal)) return failed(-1, abortedError(settings), OPEN);
    return new Promise((resolve) => {
      connect(settings, resolve);
    });
  } catch (thrown) {
    return failed(-1, asError(thrown), OPEN);
  }
}

const OPEN = 'webSocketOpen';

/**
 * Opens a connection, and where a redirect is followed the next one; `before` is that which was.
 * `resolve` gets what webSocketOpen results in: a socket's number before any message comes.
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
      inbox.announceOpen();
      resolve(inbox.number);
      return;
    }
    inbox.free();
    const [first, ...more] = failures.map((failure) => errorOf(failure, inbox.url));
    if (first === undefined) return;
    const next = followRedirect(settings, first, now() - startedAt);
    if (!isWebSocketError(next)) connect(next, resolve, inbox);
    else failLater(resolve, next.category === 'timeout' ? -2 : -1, [next, ...more], OPEN, inbox);
  });
  const slot = openSlot(inbox, settings, 'open');
  if (typeof slot !== 'number') {
    failLater(resolve, -1, [slot], OPEN, inbox);
    return;
  }
  if (settings.signal === undefined) return;
  forget = whenAborted(settings.signal, () => {
    native.terminate(slot);
    failLater(resolve, -1, [abortedError(settings)], OPEN, inbox);
  });
}

/** The error for messages that already go elsewhere. */
export function conflictOf(inbox: Inbox): WebSocketError {
  const detail = `a subscriber, an iterable or another read has socket ${String(inbox.number)}`;
  return makeError('WSFD_READER_CONFLICT', detail);
}

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
    return failed(-2, inbox.timeoutError(0), call, inbox);
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

/** A typed array of length 0 may be one whose buffer is gone or has shrunk under it. */
function isDetached(bytes: Uint8Array): boolean {
  try {
    // Any method of a typed array looks at that first; this one does nothing else.
    Uint8Array.prototype.keys.call(bytes);
    return false;
  } catch {
    return true;
  }
}

/** The length of a typed array, whatever its `length` is: that may be a caller's own. */
const lengthOf = Reflect.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  'length',
)?.get as (this: Uint8Array) => number;

/** What makes a message of what is none. */
function messageAdvice(data: unknown): string {
  if (types.isAnyArrayBuffer(data)) return '; send new Uint8Array(it)';
  if (ArrayBuffer.isView(data)) return '; send new Uint8Array of its buffer';
  return typeof data === 'object' && data !== null ? '; send JSON.stringify(it)' : '';
}

/** Why a value cannot be sent as a message, or undefined. */
function messageError(data: unknown, name: string): WebSocketError | undefined {
  if (typeof data === 'string') return undefined;
  if (!types.isUint8Array(data)) {
    return invalidArgument(name, 'a string or a Uint8Array', data, messageAdvice(data));
  }
  if (lengthOf.call(data) !== 0 || !isDetached(data)) return undefined;
  return makeError(
    'WSFD_INVALID_ARGUMENT',
    `${name}: the buffer of this Uint8Array is detached or too small for it`,
  );
}

/** Hands a message over; a status of WriteStatus. */
function writeMessage(inbox: Inbox, data: string | Uint8Array): number {
  return typeof data === 'string'
    ? native.writeText(inbox.slot, data)
    : native.writeBinary(inbox.slot, data);
}

/** Why the connection has ended; undefined: it has not, or nobody knows yet. */
function whyEnded({ ending, slot }: Inbox): WebSocketError | undefined {
  if (ending === undefined) return undefined;
  const [error] = ending.errors;
  const info = error === undefined ? ask(() => native.info(slot)) : undefined;
  if (info === undefined) return error;
  const reason = info.closeReason === '' ? '' : ` ${quote(info.closeReason)}`;
  return makeError(
    'WSFD_SOCKET_CLOSED',
    `the server closed it with ${String(info.closeCode)}${reason}`,
  );
}

function writeError(inbox: Inbox, status: number): WebSocketError {
  if (status === WriteStatus.notOpen) {
    const detail = `nothing can be written any more (${inbox.url})`;
    return makeError('WSFD_SOCKET_CLOSED', detail, { cause: whyEnded(inbox) });
  }
  if (status === WriteStatus.full) {
    const detail = 'more than maxBufferedBytes wait to be sent; webSocketFlush tells when they are';
    return makeError('WSFD_SEND_BUFFER_FULL', detail);
  }
  return makeError('WSFD_OUT_OF_MEMORY', 'the message could not be encoded');
}

/**
 * Writes a message.
 *
 * @param socket A number that webSocketOpen returned.
 * @param data A string is sent as text, a Uint8Array as binary; it may be changed afterwards.
 * @returns 0 accepted: it is sent at the end of the tick; -1 error, and nothing of it is sent.
 *   Never throws. On a socket of webSocketOpenSync it is sent at once as far as the system takes it
 *   without waiting; the rest goes out in the next calls on that socket.
 * @see WinCC OA reference, webSocketWrite
 */
export function webSocketWrite(socket: number, data: string | Uint8Array): number {
  const inbox = anySocket(socket);
  if (inbox === undefined) return failNow(invalidSocket(socket), 'webSocketWrite');
  if (typeof data !== 'string') {
    const error = messageError(data, 'data');
    if (error !== undefined) return failNow(error, 'webSocketWrite', inbox);
  }
  const status = writeMessage(inbox, data);
  if (inbox.turnedAt !== undefined) sendNow(inbox);
  if (status !== WriteStatus.accepted) {
    return failNow(writeError(inbox, status), 'webSocketWrite', inbox);
  }
  clearLastErrors();
  return 0;
}

/** A copy of a list of messages of which each can be written; throws the error of the first that cannot. */
function checkMessages(messages: unknown): (string | Uint8Array)[] {
  if (!Array.isArray(messages)) {
    throw invalidArgument('messages', 'an array of strings and Uint8Arrays', messages);
  }
  // All of them before the first is judged: a getter among them may change another one.
  const copy = readList(messages, (message) => message as string | Uint8Array);
  for (let i = 0; i < copy.length; i++) {
    if (typeof copy[i] === 'string') continue;
    const error = messageError(copy[i], `messages[${String(i)}]`);
    if (error !== undefined) throw error;
  }
  return copy;
}

/**
 * Writes several messages in order.
 *
 * @param socket A number that webSocketOpen returned.
 * @param messages As for webSocketWrite, each.
 * @returns 0 all were accepted; -1 error. An argument error sends nothing; where the send buffer is
 *   full, those before the one that `getLastError()` names are sent, it and the following are not.
 *   Never throws.
 */
export function webSocketWriteMany(
  socket: number,
  messages: readonly (string | Uint8Array)[],
): number {
  const inbox = anySocket(socket);
  if (inbox === undefined) return failNow(invalidSocket(socket), 'webSocketWriteMany');
  try {
    let next = 0;
    let status: number = WriteStatus.accepted;
    for (const message of checkMessages(messages)) {
      status = writeMessage(inbox, message);
      if (status !== WriteStatus.accepted) break;
      next++;
    }
    if (inbox.turnedAt !== undefined) sendNow(inbox);
    if (status !== WriteStatus.accepted) {
      const { code, message, cause } = writeError(inbox, status);
      const error = new WebSocketError(code, `messages[${String(next)}]: ${message}`, { cause });
      return failNow(error, 'webSocketWriteMany', inbox);
    }
  } catch (thrown) {
    return failNow(asError(thrown), 'webSocketWriteMany', inbox);
  }
  clearLastErrors();
  return 0;
}

/**
 * Waits until everything that was written is handed to the operating system.
 *
 * @returns 0 then; -1 if the connection ended before. Never rejects.
 */
export function webSocketFlush(socket: number): Promise<number> {
  const inbox = sockets.get(socket);
  if (inbox === undefined)
    return failed(-1, invalidSocket(socket, 'call webSocketFlushSync'), 'webSocketFlush');
  clearLastErrors();
  return inbox.flush();
}

/**
 * Pings the server.
 *
 * @returns 0 once the pong is back; -1 if the connection ended before. Never rejects.
 * @see RFC 6455 section 5.5.2
 */
export function webSocketPing(socket: number): Promise<number> {
  const inbox = sockets.get(socket);
  if (inbox === undefined) return failed(-1, invalidSocket(socket, AWAITED_ALONE), 'webSocketPing');
  clearLastErrors();
  try {
    return (
      inbox.ping() ?? failed(-1, writeError(inbox, WriteStatus.notOpen), 'webSocketPing', inbox)
    );
  } catch (thrown) {
    return failed(-1, thrownError(thrown, inbox.url), 'webSocketPing', inbox);
  }
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

/**
 * Closes a connection: the closing handshake, then the socket. Its number is no socket's any more
 * as soon as this is called, unless an argument is not valid.
 *
 * @param socket A number that webSocketOpen returned.
 * @param code The close code: 1000 to 1003, 1007 to 1014 or 3000 to 4999. Absent: 1000.
 * @param reason Why, at most 123 bytes of UTF-8. Absent: empty.
 * @returns 0 once it is closed; -1 for a number that is no open socket's or a code or reason that
 *   cannot be sent (the socket stays open), or if the server did not answer within `closeTimeout`
 *   (the socket is closed all the same). Never rejects.
 * @see WinCC OA reference, webSocketClose
 */
export function webSocketClose(
  socket: number,
  code: number = NORMAL_CLOSURE,
  reason = '',
): Promise<number> {
  const inbox = sockets.get(socket);
  if (inbox === undefined)
    return failed(-1, invalidSocket(socket, 'call webSocketCloseSync'), 'webSocketClose');
  const error = closeArgumentError(code, reason);
  if (error !== undefined) return failed(-1, error, 'webSocketClose', inbox);
  sockets.delete(socket);
  clearLastErrors();
  return inbox.close(code, reason);
}

/**
 * Lets a socket go: its number is no socket's any more, and what was written still goes out.
 * `error` is why it was not closed as it should.
 */
export function releaseSocket(inbox: Inbox, error: WebSocketError | undefined): void {
  sockets.delete(inbox.number);
  inbox.abandon(error);
}

/**
 * Ends a connection at once, without the closing handshake: what was written and not yet sent is
 * lost, and the server sees the connection end abnormally.
 *
 * @param socket A number that webSocketOpen returned; it is no socket's any more.
 * @returns 0; -1 for a number that is no open socket's. Never throws.
 */
export function webSocketTerminate(socket: number): number {
  const inbox = anySocket(socket);
  if (inbox === undefined) return failNow(invalidSocket(socket), 'webSocketTerminate');
  forgetSocket(socket);
  inbox.terminate();
  clearLastErrors();
  return 0;
}
