/** Writing messages. */
import { types } from 'node:util';

import { invalidArgument } from '../errors/argument.js';
import { makeError, WebSocketError } from '../errors/errors.js';
import { native } from '../native/addon.js';
import { sizes, slots } from '../native/binary.js';
import {
  MOST_JOINED,
  PackedFault,
  STAGING_SLOTS,
  WriteResult,
  WriteStatus,
} from '../native/shared.js';
import type { Inbox } from '../socket/inbox.js';
import { clearLastErrors, failSync } from '../socket/last-error.js';
import { anySocket, invalidSocket } from '../socket/sockets.js';
import { sendNow } from '../socket/sync-loop.js';
import { asError, serverCloseError } from './checks.js';

// (a look-up of each costs 3 ns)
const { isUint8Array } = types;

/** True if the array's buffer was detached, or has shrunk below it: the length is 0 then. */
function isDetached(bytes: Uint8Array): boolean {
  try {
    // Any method of a typed array checks that first; this one does nothing else.
    Uint8Array.prototype.keys.call(bytes);
    return false;
  } catch {
    return true;
  }
}

/** The true length of a typed array: a caller may have redefined `length`. */
const lengthOf = Reflect.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  'length',
)?.get as (this: Uint8Array) => number;

/** How to make a message of `data`. */
function messageAdvice(data: unknown): string {
  if (types.isAnyArrayBuffer(data)) return '; send new Uint8Array(it)';
  if (ArrayBuffer.isView(data)) return '; send new Uint8Array of its buffer';
  return typeof data === 'object' && data !== null ? '; send JSON.stringify(it)' : '';
}

function isMessage(data: unknown): data is string | Uint8Array {
  if (typeof data === 'string') return true;
  return isUint8Array(data) && (lengthOf.call(data) !== 0 || !isDetached(data));
}

/** Why a value cannot be sent as a message, or undefined. */
export function messageError(data: unknown, name: string): WebSocketError | undefined {
  if (isMessage(data)) return undefined;
  if (!isUint8Array(data)) {
    return invalidArgument(name, 'a string or a Uint8Array', data, messageAdvice(data));
  }
  return makeError(
    'WSFD_INVALID_ARGUMENT',
    `${name}: the buffer of this Uint8Array is detached or too small for it`,
  );
}

/** Passes a message to native code; returns a WriteStatus. */
function writeMessage(inbox: Inbox, data: string | Uint8Array): number {
  return typeof data === 'string'
    ? native.writeText(inbox.slot, data)
    : native.writeBinary(inbox.slot, data);
}

/** Why the connection has ended; undefined: it has not, or the cause is unknown. */
function whyEnded(inbox: Inbox): WebSocketError | undefined {
  const { ending } = inbox;
  if (ending === undefined) return undefined;
  return ending.errors[0] ?? serverCloseError(inbox);
}

export function writeError(inbox: Inbox, status: number): WebSocketError {
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
 * @param socket A number that webSocketOpen or webSocketOpenSync returned.
 * @param data A string is sent as text, a Uint8Array as binary; it may be changed after the call.
 * @returns 0 accepted: sent at the end of the tick, or at once from 64 KiB of output on; -1 error:
 *   nothing of it is sent. Never throws. On a socket of webSocketOpenSync, the system gets at once
 *   as much as it takes without waiting, and the rest in the next calls on that socket.
 * @see WinCC OA reference, webSocketWrite
 */
export function webSocketWrite(socket: number, data: string | Uint8Array): number {
  const inbox = anySocket(socket);
  if (inbox === undefined) return failSync(invalidSocket(socket), 'webSocketWrite');
  if (typeof data !== 'string') {
    const error = messageError(data, 'data');
    if (error !== undefined) return failSync(error, 'webSocketWrite', inbox);
  }
  const status = writeMessage(inbox, data);
  if (inbox.isSync) sendNow(inbox);
  if (status !== WriteStatus.accepted) {
    return failSync(writeError(inbox, status), 'webSocketWrite', inbox);
  }
  clearLastErrors();
  return 0;
}

/** Units or bytes of a message from which on joining it costs more than an argument (measured). */
const LONGEST_JOINED = 128;

/** Fewer messages than this in a crossing: the list has texts and bytes in turn, or long ones. */
const LEAST_JOINED = 16;

type Messages = readonly (string | Uint8Array)[];

/** A copy of the list; throws the error of the first message that cannot be written. */
function checkMessages(messages: unknown): (string | Uint8Array)[] {
  if (!Array.isArray(messages)) {
    throw invalidArgument('messages', 'an array of strings and Uint8Arrays', messages);
  }
  // Copied before any check: a getter among the elements may change another one. (An array's own
  // `slice` may be a subclass's, and Array.from takes 41 ns a message.)
  const copy = ([] as (string | Uint8Array)[]).concat(messages as Messages);
  for (let i = 0; i < copy.length; i++) {
    if (isMessage(copy[i])) continue;
    const error = messageError(copy[i], `messages[${String(i)}]`);
    if (error !== undefined) throw error;
  }
  return copy;
}

/** Presets the result of writing several messages, which native code overwrites. */
export function presetResult(): void {
  sizes[WriteResult.done] = 0;
  sizes[WriteResult.status] = WriteStatus.failed;
}

/** The error if not all messages were accepted, or undefined. `name` names a message. */
export function resultError(
  inbox: Inbox,
  name: (place: number) => string,
  before = 0,
): WebSocketError | undefined {
  const status = sizes[WriteResult.status] ?? WriteStatus.failed;
  if (status === WriteStatus.accepted) return undefined;
  const { code, message, cause } = writeError(inbox, status);
  const place = before + (sizes[WriteResult.done] ?? 0);
  return new WebSocketError(code, `${name(place)}: ${message}`, { cause });
}

/**
 * Passes the texts from `first` on to native code, joined: one long string costs less than many
 * arguments. Returns how many; 0 where the first one is no short text, or one of them is not ASCII.
 */
function writeTexts(inbox: Inbox, messages: Messages, first: number): number {
  let joined = '';
  const most = Math.min(messages.length, first + STAGING_SLOTS - WriteResult.lengths);
  let place = first;
  for (; place < most; place++) {
    const message = messages[place];
    if (typeof message !== 'string') break;
    const { length } = message;
    if (length > LONGEST_JOINED || joined.length + length > MOST_JOINED) break;
    joined += message;
    sizes[WriteResult.lengths + place - first] = length;
  }
  if (place === first) return 0;
  sizes[WriteResult.fault] = PackedFault.none;
  native.writeTexts(inbox.slot, joined, place - first);
  return sizes[WriteResult.fault] === PackedFault.text ? 0 : place - first;
}

/**
 * The same for binary messages, copied into the staging area: looking at an argument costs native
 * code more than the copy of a short one. Returns 0 where the first one is not short.
 */
function writeStaged(inbox: Inbox, messages: Messages, first: number): number {
  let size = 0;
  const most = Math.min(messages.length, first + STAGING_SLOTS - WriteResult.lengths);
  let place = first;
  for (; place < most; place++) {
    const message = messages[place];
    if (message === undefined || typeof message === 'string') break;
    const length = lengthOf.call(message);
    if (length > LONGEST_JOINED || length > slots.length - size) break;
    slots.set(message, size);
    size += length;
    sizes[WriteResult.lengths + place - first] = length;
  }
  if (place !== first) native.writeStaged(inbox.slot, size, place - first);
  return place - first;
}

function writeEach(inbox: Inbox, messages: Messages, first: number): number {
  const some = messages.slice(first, first + STAGING_SLOTS);
  native.writeMany(inbox.slot, ...some);
  return some.length;
}

/** Passes messages to native code; the error of the first refused one. */
function writeAll(inbox: Inbox, messages: Messages): WebSocketError | undefined {
  const name = (place: number): string => `messages[${String(place)}]`;
  let joins = true;
  for (let done = 0; done < messages.length;) {
    presetResult();
    const join = typeof messages[done] === 'string' ? writeTexts : writeStaged;
    let count: number = joins ? join(inbox, messages, done) : 0;
    if (count === 0) count = writeEach(inbox, messages, done);
    // Messages that cannot be joined are seldom alone.
    joins &&= count >= LEAST_JOINED;
    const error = resultError(inbox, name, done);
    if (error !== undefined) return error;
    done += count;
  }
  return undefined;
}

/**
 * Writes several messages in order.
 *
 * @param socket A number that webSocketOpen or webSocketOpenSync returned.
 * @param messages Each as for webSocketWrite.
 * @returns 0 all were accepted; -1 error. An argument error sends nothing; after another error, the
 *   messages before the one that `getLastError()` names are sent. Never throws.
 */
export function webSocketWriteMany(
  socket: number,
  messages: readonly (string | Uint8Array)[],
): number {
  const inbox = anySocket(socket);
  if (inbox === undefined) return failSync(invalidSocket(socket), 'webSocketWriteMany');
  try {
    const error = writeAll(inbox, checkMessages(messages));
    if (inbox.isSync) sendNow(inbox);
    if (error !== undefined) return failSync(error, 'webSocketWriteMany', inbox);
  } catch (thrown) {
    return failSync(asError(thrown), 'webSocketWriteMany', inbox);
  }
  clearLastErrors();
  return 0;
}
