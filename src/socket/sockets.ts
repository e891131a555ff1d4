/** The open sockets of this thread, by number. */
import { types } from 'node:util';

import { describe, numberAdvice } from '../errors/argument.js';
import { makeError } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';
import type { Inbox } from './inbox.js';

/** Sockets of webSocketOpen: their calls are asynchronous. */
export const sockets = new Map<unknown, Inbox>();

/** Sockets of webSocketOpenSync: their calls block. */
export const syncSockets = new Map<unknown, Inbox>();

/** The inbox of either, for calls that neither block nor return a promise. */
export function anySocket(socket: unknown): Inbox | undefined {
  return sockets.get(socket) ?? syncSockets.get(socket);
}

/** All of both, in the order in which their openings began. */
export function openInboxes(): Inbox[] {
  const all = [...sockets.values(), ...syncSockets.values()];
  // A later one has a larger number.
  return all.sort((one, other) => one.number - other.number);
}

/** The number becomes invalid. */
export function forgetSocket(socket: unknown): void {
  if (!sockets.delete(socket)) syncSockets.delete(socket);
}

/** The results of a failed opening. */
const OPEN_FAILED = new Map<unknown, string>([
  [-1, '; the open failed: getLastError() directly after it says why'],
  [-2, '; the open failed: its timeout passed'],
]);

/**
 * The error for a number that is not, or no longer, an open socket's. For a socket of the other
 * kind, `instead` says what to do.
 */
export function invalidSocket(socket: unknown, instead = ''): WebSocketError {
  if (anySocket(socket) !== undefined) {
    const opener = sockets.has(socket) ? 'webSocketOpen' : 'webSocketOpenSync';
    return makeError('WSFD_WRONG_MODE', `socket ${String(socket)} is of ${opener}: ${instead}`);
  }
  const isNumber = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
  if (isNumber(socket)) {
    const detail = `${String(socket)} was never given out or has been closed`;
    return makeError('WSFD_INVALID_SOCKET', detail);
  }
  const advice = types.isPromise(socket)
    ? '; await the promise of webSocketOpen'
    : (OPEN_FAILED.get(socket) ?? numberAdvice(socket, isNumber));
  const detail = `expected a number that webSocketOpen returned, got ${describe(socket)}${advice}`;
  return makeError('WSFD_INVALID_SOCKET', detail);
}
