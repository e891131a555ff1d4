/** Turns the own loop of a socket of webSocketOpenSync, while a blocking call waits. */
import { constants } from 'node:os';

import { workerThreads } from '../base/builtin.js';
import { makeError, thrownError } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';
import type { Inbox } from './inbox.js';
import { native, resultOf } from '../native/addon.js';
import { RunStatus } from '../native/shared.js';
import { callLater, now } from '../native/schedule.js';

/**
 * The longest single wait in native code. Between two waits, V8 can end a terminated worker, or a
 * script of the REPL at Ctrl-C.
 */
const SLICE_MS = 50;

/** How often the loop turns while calls find messages in the queue, or write. */
const TURN_INTERVAL_MS = 50;

type Signal = keyof typeof constants.signals;

/** Signals that ask a program to end. */
const ENDING_SIGNALS: readonly Signal[] = (
  ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGBREAK'] as const
).filter((name) => name in constants.signals);

/** The signals that native code watches. */
let watched: readonly Signal[] = [];

function watch(signals: readonly Signal[]): void {
  watched = signals;
  resultOf(() => native.watchSignals(signals.map((name) => constants.signals[name])));
}

/**
 * The listener of a signal cannot run before the event loop turns. Until then, blocking calls look
 * for the signal.
 */
export function watchSignals(): void {
  // Without a listener, a signal has its default action. A worker gets no signals.
  if (!workerThreads().isMainThread) return;
  const handled = ENDING_SIGNALS.filter((name) => process.listenerCount(name) !== 0);
  if (handled.length === watched.length && handled.every((name, i) => name === watched[i])) return;
  if (watched.length === 0) callLater(() => watch([]));
  watch(handled);
}

/** The error of a call that a signal interrupts; undefined: none. */
function interruption(inbox: Inbox): WebSocketError | undefined {
  watchSignals();
  const signal = watched.length === 0 ? 0 : native.takeSignal();
  if (signal === 0) return undefined;
  const name = ENDING_SIGNALS.find((it) => constants.signals[it] === signal);
  return makeError('WSFD_INTERRUPTED', `${String(name)}, which has a listener (${inbox.url})`);
}

function brokenError(inbox: Inbox): WebSocketError {
  const detail = `the program was ended while messages came, and some are lost (${inbox.url})`;
  return makeError('WSFD_INTERRUPTED', detail);
}

/** A diagnostics channel's listener made a blocking call within another one of the same socket. */
function busyError(inbox: Inbox): WebSocketError {
  const detail = `a call that waits is under way for socket ${String(inbox.number)}`;
  return makeError('WSFD_READER_CONFLICT', detail);
}

/** The error of a call within a blocking call of the same socket; undefined: it is not. */
export function nestingError(inbox: Inbox): WebSocketError | undefined {
  return resultOf(() => turn(inbox, 0)) === RunStatus.busy ? busyError(inbox) : undefined;
}

function turn(inbox: Inbox, mostMs: number): number {
  const status = native.run(inbox.slot, mostMs);
  if (status === RunStatus.broken) inbox.endWithLoss(brokenError(inbox));
  inbox.lastTurnAt = now();
  return status;
}

/**
 * Blocks the thread until `done()`, at most `timeoutMs`; input that is there by then counts.
 *
 * @returns True: done; false: the time is over; or the error that ended the wait.
 */
export function waitUntil(
  inbox: Inbox,
  done: () => boolean,
  timeoutMs = Infinity,
): boolean | WebSocketError {
  const end = now() + timeoutMs;
  try {
    while (!done()) {
      const error = interruption(inbox);
      if (error !== undefined) return error;
      const left = Math.max(0, Math.ceil(end - now()));
      if (turn(inbox, Math.min(left, SLICE_MS)) === RunStatus.busy) return busyError(inbox);
      if (left === 0) return done();
    }
    return true;
  } catch (thrown) {
    return thrownError(thrown, inbox.url);
  }
}

/** Turns the loop unless it has just turned: pings are answered, output goes out. */
export function turnIfDue(inbox: Inbox): void {
  if (now() - (inbox.lastTurnAt ?? 0) > TURN_INTERVAL_MS) resultOf(() => turn(inbox, 0));
}

/** Sends as much output as the system takes without waiting. */
export function sendNow(inbox: Inbox): void {
  // The rest goes out with the next turn.
  resultOf(() => native.send(inbox.slot));
  turnIfDue(inbox);
}
