/** Turning the loop of a socket of its own: what the calls that wait do while they wait. */
import { constants } from 'node:os';

import { workerThreads } from '../base/builtin.js';
import { makeError, thrownError } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';
import type { Inbox } from './inbox.js';
import { native, resultOf } from '../native/addon.js';
import { RunStatus } from '../native/shared.js';
import { callLater, now } from '../native/schedule.js';

/**
 * The longest that native code waits in one piece. Between two of them V8 ends what it was told to
 * end: a worker that is terminated, a script of the REPL at Ctrl-C.
 */
const SLICE_MS = 50;

/** A socket whose messages are read one by one out of its queue lives on as often as this. */
const LOOK_EVERY_MS = 50;

type Signal = keyof typeof constants.signals;

/** Signals that ask a program to end. */
const ENDING_SIGNALS: readonly Signal[] = (
  ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGBREAK'] as const
).filter((name) => name in constants.signals);

/** Those that are watched. */
let watched: readonly Signal[] = [];

function watch(signals: readonly Signal[]): void {
  watched = signals;
  resultOf(() => native.watchSignals(signals.map((name) => constants.signals[name])));
}

/**
 * The listener of a signal can't run as long as the program does not let the event loop turn: till
 * then the calls that wait look out for it.
 */
export function watchSignals(): void {
  // Without a listener a signal does what the system has it do. A worker gets none.
  if (!workerThreads().isMainThread) return;
  const heard = ENDING_SIGNALS.filter((name) => process.listenerCount(name) !== 0);
  if (heard.length === watched.length && heard.every((name, i) => name === watched[i])) return;
  if (watched.length === 0) callLater(() => watch([]));
  watch(heard);
}

/** Why a call cannot wait any longer. */
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

/** A listener of a diagnostics channel, which is called in the midst of a call that waits, makes one. */
function busyError(inbox: Inbox): WebSocketError {
  const detail = `a call that waits is under way for socket ${String(inbox.number)}`;
  return makeError('WSFD_READER_CONFLICT', detail);
}

function turn(inbox: Inbox, mostMs: number): number {
  const status = native.run(inbox.slot, mostMs);
  if (status === RunStatus.broken) inbox.breakOff(brokenError(inbox));
  inbox.turnedAt = now();
  return status;
}

/**
 * Blocks the thread until `done`, at most `timeoutMs`; what has come by then counts.
 *
 * @returns True when it is; false when the time is over; or why it was given up.
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

/** Lets a socket live on that is busy with what it has: its pings are answered, its output goes out. */
export function look(inbox: Inbox): void {
  if (now() - (inbox.turnedAt ?? 0) > LOOK_EVERY_MS) resultOf(() => turn(inbox, 0));
}

/** Sends what was written, as far as the system takes it without waiting. */
export function sendNow(inbox: Inbox): void {
  // What does not go out now does with the next turn.
  resultOf(() => native.send(inbox.slot));
  look(inbox);
}
