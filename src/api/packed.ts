/** Messages that share memory, instead of a string or a Buffer each. */
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
import { messageError, presetResult, resultError } from './write.js';
import { clearLastErrors, failSync } from '../socket/last-error.js';
import type { PackedSubscriber } from '../socket/packed-types.js';
import { subscribingInbox, whenEnded } from './subscribe.js';

/**
 * Subscribes to messages without an object for each: `subscriber` is called with messages that
 * arrived together, as a PackedBatch. This is for programs that look at every message and keep few.
 * A promise that the subscriber returns delays the next batch until it is settled; the batch itself
 * is only valid until the subscriber returns.
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
    return failSync(thrownError(thrown, inbox.url), call, inbox);
  }
  whenEnded(inbox, ended, call);
  return 0;
}

/** The error of invalid arguments, without a look at the bytes; or undefined. */
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

/** The error if native code refused all messages, or undefined. */
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
  presetResult();
  sizes[WriteResult.fault] = PackedFault.none;
  native.writePacked(inbox.slot, bytes, ends, count, kind === 'text');
  // (before sending: messages that arrive meanwhile overwrite `sizes`)
  const refused = faultOf(bytes, ends) ?? resultError(inbox, (place) => `message ${String(place)}`);
  if (inbox.isSync) sendNow(inbox);
  return refused;
}

/**
 * Writes many messages from one piece of memory: message `i` is `bytes` from `ends[i - 1]`, the
 * first one from 0, to `ends[i]`.
 *
 * @param socket A number that webSocketOpen or webSocketOpenSync returned.
 * @param bytes The payloads. May be changed after the call, as may `ends`.
 * @param ends Where each message ends: not before the previous one, not after `bytes.length`.
 * @param count Number of messages, 0 to `ends.length`. Absent: `ends.length`.
 * @param kind The type of the messages; `text` must be UTF-8. Absent: `binary`.
 * @returns 0 all were accepted; -1 error. An argument error sends nothing; after another error, the
 *   messages before the one that `getLastError()` names are sent. Never throws.
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
  if (inbox === undefined) return failSync(invalidSocket(socket), call);
  try {
    const all = count === undefined && types.isUint32Array(ends) ? ends.length : count;
    const error = writePacked(inbox, bytes, ends, all as number, kind);
    if (error !== undefined) return failSync(error, call, inbox);
  } catch (thrown) {
    return failSync(asError(thrown), call, inbox);
  }
  clearLastErrors();
  return 0;
}
