/** Messages in memory that many share, instead of a string or a Buffer each. */
import { types } from 'node:util';

import { invalidArgument, numberAdvice } from '../errors/argument.js';
import { makeError, thrownError } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';
import { native } from '../native/addon.js';
import { sizes } from '../native/binary.js';
import { PackedFault, WriteResult } from '../native/shared.js';
import type { Inbox } from '../socket/inbox.js';
import { anySocket, invalidSocket } from '../socket/sockets.js';
import { sendNow } from '../socket/sync-loop.js';
import { asError } from './checks.js';
import { expectResult, messageError, resultError } from './write.js';
import { clearLastErrors, failNow } from '../socket/last-error.js';
import type { PackedSubscriber } from '../socket/packed-types.js';
import { subscribingInbox, whenEnded } from './subscribe.js';

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

/** Why these arguments cannot be written, as far as it shows without the bytes; or undefined. */
function packedArgumentError(
  bytes: unknown,
  ends: unknown,
  count: unknown,
  kind: unknown,
): WebSocketError | undefined {
  if (!types.isUint8Array(bytes)) return invalidArgument('bytes', 'a Uint8Array', bytes);
  const error = messageError(bytes, 'bytes');
  if (error !== undefined) return error;
  if (!types.isUint32Array(ends)) {
    const advice = Array.isArray(ends) ? '; write Uint32Array.from(it)' : '';
    return invalidArgument('ends', 'a Uint32Array', ends, advice);
  }
  const fits = (value: unknown): boolean =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= ends.length;
  if (!fits(count)) {
    const expected = `a whole number from 0 to ${String(ends.length)}, the length of ends`;
    return invalidArgument('count', expected, count, numberAdvice(count, fits));
  }
  if (kind === 'text' || kind === 'binary') return undefined;
  return invalidArgument('kind', "'text' or 'binary'", kind);
}

/** Why native code has refused all of the messages, or undefined. */
function faultOf(bytes: Uint8Array, ends: Uint32Array): WebSocketError | undefined {
  const place = sizes[WriteResult.place] ?? 0;
  if (sizes[WriteResult.fault] === PackedFault.end) {
    const least = String(ends[place - 1] ?? 0);
    const expected = `a number from ${least}, the end before it, to ${String(bytes.length)}, the length of bytes`;
    return invalidArgument(`ends[${String(place)}]`, expected, ends[place]);
  }
  if (sizes[WriteResult.fault] !== PackedFault.text) return undefined;
  const detail = `bytes: message ${String(place)} is no UTF-8; write it with kind 'binary'`;
  return makeError('WSFD_INVALID_ARGUMENT', detail);
}

function writePacked(
  inbox: Inbox,
  bytes: Uint8Array,
  ends: Uint32Array,
  count: number,
  kind: 'text' | 'binary',
): WebSocketError | undefined {
  const error = packedArgumentError(bytes, ends, count, kind);
  if (error !== undefined) return error;
  expectResult();
  sizes[WriteResult.fault] = PackedFault.none;
  native.writePacked(inbox.slot, bytes, ends, count, kind === 'text');
  // (before anything is sent: what comes meanwhile is told in the same place)
  const refused = faultOf(bytes, ends) ?? resultError(inbox, (place) => `message ${String(place)}`);
  if (inbox.turnedAt !== undefined) sendNow(inbox);
  return refused;
}

/**
 * Writes many messages out of one piece of memory: message `i` is `bytes` from `ends[i - 1]`, the
 * first one from 0, to `ends[i]`.
 *
 * @param socket A number that webSocketOpen or webSocketOpenSync returned.
 * @param bytes May be changed afterwards, as `ends`.
 * @param ends Where each message ends: none before the one before it, none past the bytes.
 * @param count How many messages there are; absent: as many as `ends` has elements.
 * @param kind What they are sent as; `text` must be UTF-8. Absent: `binary`.
 * @returns As webSocketWriteMany: 0 all were accepted; -1 error. An argument error sends nothing;
 *   where the send buffer is full, those before the one that `getLastError()` names are sent. Never
 *   throws.
 */
export function webSocketWritePacked(
  socket: number,
  bytes: Uint8Array,
  ends: Uint32Array,
  count?: number,
  kind: 'text' | 'binary' = 'binary',
): number {
  const call = 'webSocketWritePacked';
  const inbox = anySocket(socket);
  if (inbox === undefined) return failNow(invalidSocket(socket), call);
  try {
    const all = count === undefined && types.isUint32Array(ends) ? ends.length : count;
    const error = writePacked(inbox, bytes, ends, all as number, kind);
    if (error !== undefined) return failNow(error, call, inbox);
  } catch (thrown) {
    return failNow(asError(thrown), call, inbox);
  }
  clearLastErrors();
  return 0;
}
