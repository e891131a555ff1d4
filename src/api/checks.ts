/** Checks and reads arguments for several functions. */
import { describe, invalidArgument, numberAdvice, quote } from '../errors/argument.js';
import { isWebSocketError, makeError } from '../errors/errors.js';
import type { WebSocketError, WebSocketErrorDetails } from '../errors/errors.js';
import { native, resultOf } from '../native/addon.js';
import type { Inbox, Message, Ref } from '../socket/inbox.js';
import { MAX_CONTROL_PAYLOAD } from '../native/shared.js';
import { readSeconds } from '../options/open-options.js';

/** The error for an exception that was thrown while the arguments were read. */
export function asError(thrown: unknown): WebSocketError {
  if (isWebSocketError(thrown)) return thrown;
  return makeError('WSFD_INVALID_ARGUMENT', `reading it threw ${describe(thrown)}`, {
    cause: thrown,
  });
}

/** A maxTimeout in milliseconds; throws the error of an invalid one. */
export function readMaxTimeout(value: unknown): number {
  return value === undefined ? Infinity : readSeconds('maxTimeout', value, invalidArgument);
}

/** Also false if a trap of a proxy throws. */
export function isExtensibleArray(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value) && Object.isExtensible(value);
  } catch {
    return false;
  }
}

/** RFC 6455 section 7.4.1: a normal closure. */
export const NORMAL_CLOSURE = 1000;
/** RFC 6455 section 5.5.1: a close frame's code takes two bytes, and its reason the rest. */
export const MAX_REASON_BYTES = MAX_CONTROL_PAYLOAD - 2;

/** RFC 6455 section 7.4: the codes that frame::IsSendableCloseCode accepts. */
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

/** RFC 6455 section 7.1.5: the close code where the close frame has none. */
const NO_CODE = 1005;

/** The error for a close by the server; undefined if native code has no info on the slot. */
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

/** The error of a socket that a subscriber of a diagnostics channel closed before the caller had it. */
export const closedAsItOpened = (url: string): WebSocketError =>
  makeError('WSFD_CLOSED_ABNORMALLY', `it was closed as it opened (${url})`);

/** Sets `data.value` to the next message; false if that throws: the message stays queued. */
export function takeInto(inbox: Inbox, data: Ref<string | Buffer>): boolean {
  const { weight } = inbox;
  // (taken first: a setter may read from the inbox too)
  const message = inbox.take();
  if (message === undefined) return false;
  try {
    data.value = message;
  } catch {
    inbox.putBack(message, Math.max(0, weight - inbox.weight));
    return false;
  }
  inbox.afterTake();
  return true;
}

/** Appends all messages; false if that throws: the messages not yet appended stay queued. */
export function takeAllInto(inbox: Inbox, into: Message[]): boolean {
  for (;;) {
    const { weight } = inbox;
    const message = inbox.take();
    if (message === undefined) break;
    try {
      into.push(message);
    } catch {
      inbox.putBack(message, Math.max(0, weight - inbox.weight));
      return false;
    }
  }
  inbox.afterTake();
  return true;
}

/** The advice where a socket of webSocketOpenSync has no such call. */
export const SYNC_SOCKET_ADVICE = 'call webSocketReadSync, or open it with webSocketOpen';

/** The error if the messages already have a reader. */
export function conflictOf(inbox: Inbox): WebSocketError {
  const detail = `a subscriber, an iterable or another read has socket ${String(inbox.number)}`;
  return makeError('WSFD_READER_CONFLICT', detail);
}
