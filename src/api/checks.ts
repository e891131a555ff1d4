/** What several functions do with their arguments. */
import { describe, invalidArgument, numberAdvice, quote } from '../errors/argument.js';
import { isWebSocketError, makeError } from '../errors/errors.js';
import type { WebSocketError, WebSocketErrorDetails } from '../errors/errors.js';
import { native, resultOf } from '../native/addon.js';
import type { Inbox, Message, Ref } from '../socket/inbox.js';
import { MAX_CONTROL_PAYLOAD } from '../native/shared.js';
import { readSeconds } from '../options/open-options.js';

/** What was thrown while the caller's arguments were read, as an error to be reported. */
export function asError(thrown: unknown): WebSocketError {
  if (isWebSocketError(thrown)) return thrown;
  return makeError('WSFD_INVALID_ARGUMENT', `reading it threw ${describe(thrown)}`, {
    cause: thrown,
  });
}

/** Milliseconds of a maxTimeout; throws the error of one that is none. */
export function readMaxTimeout(value: unknown): number {
  return value === undefined ? Infinity : readSeconds('maxTimeout', value, invalidArgument);
}

/** True for an array that can grow; whatever else is asked of `value` could throw. */
export function isExtensible(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value) && Object.isExtensible(value);
  } catch {
    return false;
  }
}

/** RFC 6455 section 7.4.1: a normal closure. */
export const NORMAL_CLOSURE = 1000;
/** RFC 6455 section 5.5.1: a close frame's code takes two bytes, and the reason what is left. */
export const MAX_REASON_BYTES = MAX_CONTROL_PAYLOAD - 2;

/** RFC 6455 section 7.4: what frame::IsSendableCloseCode lets pass. */
function isSendable(code: unknown): boolean {
  if (!Number.isInteger(code)) return false;
  const number = code as number;
  return number < 3000 ? /^10(0[0-37-9]|1[0-4])$/.test(String(number)) : number <= 4999;
}

/** Why a close frame cannot have this code and reason, or undefined. */
export function closeArgumentError(code: unknown, reason: unknown): WebSocketError | undefined {
  if (!isSendable(code)) {
    const expected = '1000 to 1003, 1007 to 1014 or 3000 to 4999, which alone may be sent';
    return invalidArgument('code', expected, code, numberAdvice(code, isSendable));
  }
  if (typeof reason !== 'string') return invalidArgument('reason', 'a string', reason);
  const bytes = Buffer.byteLength(reason);
  if (bytes <= MAX_REASON_BYTES) return undefined;
  return makeError(
    'WSFD_INVALID_ARGUMENT',
    `reason: expected at most ${String(MAX_REASON_BYTES)} bytes of UTF-8, got ${String(bytes)}`,
  );
}

/** RFC 6455 section 7.1.5: what stands for the code of a close frame that has none. */
const NO_CODE = 1005;

/** That the server closed the connection in order; undefined where how is not known any more. */
export function serverCloseError({ slot, url }: Inbox): WebSocketError | undefined {
  const info = resultOf(() => native.info(slot));
  if (info === undefined) return undefined;
  const { closeCode, closeReason } = info;
  const details: WebSocketErrorDetails = { retryable: true };
  if (closeCode !== NO_CODE) details.closeCode = closeCode;
  const reason = closeReason === '' ? '' : ` ${quote(closeReason)}`;
  const detail = `the server closed it with ${String(closeCode)}${reason} (${url})`;
  return makeError('WSFD_SOCKET_CLOSED', detail, details);
}

/** Puts the next message into the reference; false if it cannot be put there: it stays queued. */
export function takeInto(inbox: Inbox, data: Ref<string | Buffer>): boolean {
  const before = inbox.weight;
  // (out of the inbox first: a setter may read from it too)
  const message = inbox.take();
  if (message === undefined) return false;
  const weight = before - inbox.weight;
  try {
    data.value = message;
    return true;
  } catch {
    inbox.putBack([message], weight);
    return false;
  }
}

/** Appends all messages; false if one cannot be appended: it and those behind it stay queued. */
export function takeAllInto(inbox: Inbox, into: Message[]): boolean {
  const { weight } = inbox;
  const messages = inbox.takeAll();
  let done = 0;
  try {
    for (; done < messages.length; done++) into.push(messages[done] as Message);
    return true;
  } catch {
    inbox.putBack(messages.slice(done), weight);
    return false;
  }
}

/** What to do where a socket of webSocketOpenSync has no such call. */
export const SYNC_SOCKET_ADVICE = 'call webSocketReadSync, or open it with webSocketOpen';

/** The error for messages that already go elsewhere. */
export function conflictOf(inbox: Inbox): WebSocketError {
  const detail = `a subscriber, an iterable or another read has socket ${String(inbox.number)}`;
  return makeError('WSFD_READER_CONFLICT', detail);
}
