/** `wsfd bench URL`: sends messages to an echo server at a fixed rate and times the echoes. */
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';

import {
  getLastError,
  webSocketClose,
  webSocketFlush,
  webSocketInfo,
  webSocketOpen,
  webSocketSubscribe,
  webSocketWrite,
} from '../index.js';
import type { Message, OpenOptions, WebSocketError } from '../index.js';
import { EXIT_DONE, EXIT_INTERRUPTED, exitCodeOf } from './exit-codes.js';
import { numberOf, openOptionsOf } from './flags.js';
import type { Values } from './flags.js';
import { Latencies } from './latencies.js';
import {
  describeClose,
  describeError,
  errorEvent,
  jsonLine,
  note,
  paint,
  print,
  widthOf,
} from './output.js';
import { Throughput } from './throughput.js';

const TICK_MS = 10;
/** Messages that are due are sent together, but no more than these if that takes longer. */
const MOST_IN_A_TURN = 1000;
const LONGEST_TURN_MS = 100;
const PROGRESS_MS = 1000;
/** Limits the opening handshakes that are in progress at once. */
const OPENING_AT_ONCE = 16;
/** Characters of the time at the head of each message, which times its echo. */
const STAMP_LENGTH = 16;
/** The default of `maxBufferedBytes`: a longer message is never sent. */
const LONGEST = 64 * 2 ** 20;
/** How long to wait, at most, for output that the server does not take, and then for the echoes. */
const PATIENCE_MS = 1000;

interface Load {
  connections: number;
  /** Messages a second on each connection. */
  rate: number;
  size: number;
  seconds: number;
}

/** The counts of all connections. */
class Tally {
  readonly latencies = new Latencies();
  readonly throughput = new Throughput();
  readonly startedAt = performance.now();
  sent = 0;
  received = 0;
  bytesIn = 0;
  /** Messages that a full send buffer refused. */
  refused = 0;
  lost = 0;

  take(batch: readonly Message[]): void {
    const now = performance.now();
    this.throughput.add(now - this.startedAt, batch.length);
    for (const message of batch) {
      this.received++;
      this.bytesIn += message.length;
      const sentAt = Number(beginningOf(message));
      // A value outside this range is no stamp, but the server's own text.
      if (sentAt >= this.startedAt && sentAt <= now) this.latencies.add(now - sentAt);
    }
  }
}

function readLoad(values: Values): Load {
  return {
    connections: numberOf(values, 'connections', 1),
    rate: numberOf(values, 'rate', 100, { whole: false, least: 0.1 }),
    size: numberOf(values, 'size', 64, { least: STAMP_LENGTH, most: LONGEST }),
    seconds: numberOf(values, 'duration', 10, { whole: false, least: 0.1 }),
  };
}

const beginningOf = (message: Message): string =>
  typeof message === 'string'
    ? message.slice(0, STAMP_LENGTH)
    : message.toString('latin1', 0, STAMP_LENGTH);

const stampOf = (time: number): string => time.toFixed(6).padStart(STAMP_LENGTH, '0');

/** The open connections. A lost one is counted; the first loss is reported. */
class Connections {
  private readonly open: Set<number>;
  private closing = false;

  constructor(
    readonly sockets: readonly number[],
    private readonly tally: Tally,
  ) {
    this.open = new Set(sockets);
    for (const socket of sockets) {
      const take = (batch: readonly Message[]): void => {
        tally.take(batch);
      };
      webSocketSubscribe(socket, take, () => {
        this.lose(socket);
      });
    }
  }

  get areGone(): boolean {
    return this.open.size === 0;
  }

  /** Sends a message on each. */
  send(padding: string): void {
    for (const socket of this.open) {
      const result = webSocketWrite(socket, stampOf(performance.now()) + padding);
      if (result === 0) this.tally.sent++;
      else if (getLastError()[0]?.category === 'limit') this.tally.refused++;
    }
  }

  /** Waits until all output is sent, or patience ends. */
  async flush(): Promise<void> {
    const sent = Promise.all([...this.open].map((socket) => webSocketFlush(socket)));
    const patience = new AbortController();
    const { signal } = patience;
    const waited = setTimeoutPromise(PATIENCE_MS, undefined, { signal }).catch(() => undefined);
    await Promise.race([sent, waited]);
    patience.abort();
  }

  async close(): Promise<void> {
    this.closing = true;
    await Promise.all(this.sockets.map((socket) => webSocketClose(socket)));
  }

  private lose(socket: number): void {
    if (this.closing) return;
    this.open.delete(socket);
    // Only the first loss is reported; the others repeat it.
    if (this.tally.lost++ > 0) return;
    const [error] = getLastError();
    const { closeCode = 1006, closeReason = '' } = webSocketInfo(socket) ?? {};
    clearProgress();
    note(error === undefined ? describeClose(closeCode, closeReason) : describeError(error));
  }
}

/**
 * Sends up to `count` messages on each connection; returns how many. At a rate that cannot be kept,
 * the others wait: echoes and SIGINT come between.
 */
function sendDue(connections: Connections, padding: string, count: number): number {
  const until = performance.now() + LONGEST_TURN_MS;
  for (let sent = 0; sent < count; sent++) {
    if (sent >= MOST_IN_A_TURN && performance.now() >= until) return sent;
    connections.send(padding);
  }
  return count;
}

/** Sends messages as they become due, until the time is over. Resolves with true after SIGINT. */
async function drive(connections: Connections, load: Load, tally: Tally): Promise<boolean> {
  const padding = 'x'.repeat(load.size - STAMP_LENGTH);
  const { startedAt } = tally;
  let due = 0;
  const interruption = new AbortController();
  const interrupt = (): void => {
    interruption.abort();
  };
  process.once('SIGINT', interrupt);
  for (let shownAt = startedAt; !interruption.signal.aborted && !connections.areGone;) {
    const now = performance.now();
    const elapsed = Math.min((now - startedAt) / 1000, load.seconds);
    due += sendDue(connections, padding, Math.floor(elapsed * load.rate) - due);
    if (elapsed >= load.seconds) break;
    if (now - shownAt >= PROGRESS_MS) {
      shownAt = now;
      progress(describeProgress(elapsed, load, tally));
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  process.removeListener('SIGINT', interrupt);
  return interruption.signal.aborted;
}

function describeProgress(elapsed: number, { seconds }: Load, tally: Tally): string {
  const p99 = tally.latencies.percentile(99);
  return (
    `${elapsed.toFixed(0)}/${String(seconds)} s  sent ${String(tally.sent)}  ` +
    `received ${String(tally.received)}  p99 ${p99 === undefined ? '-' : p99.toFixed(2)} ms`
  );
}

/** Prints a line of progress; on a terminal it replaces the last one. */
function progress(text: string): void {
  const { stderr } = process;
  // A line that wraps could not be overwritten.
  if (stderr.isTTY) stderr.write(`\r${text.slice(0, widthOf(stderr) - 1)}\x1b[K`);
  else note(text);
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}

const counted = (count: number, what: string): string =>
  `${String(count)} ${what}${count === 1 ? '' : 's'}`;

/** The results, as a table with a bar for each percentile. */
function summary(load: Load, elapsed: number, openMs: number, tally: Tally): string {
  const { sent, received, bytesIn, refused, lost, latencies } = tally;
  const perSecond = (count: number): string => (count / elapsed).toFixed(0);
  const lines = [
    `${counted(load.connections, 'connection')}, opened in ${openMs.toFixed(0)} ms`,
    `sent      ${String(sent)}  (${perSecond(sent)}/s)` +
      (refused === 0
        ? ''
        : paint('red', `, ${String(refused)} refused: the server reads too slowly`)),
    `received  ${String(received)}  (${perSecond(received)}/s, ` +
      `${(bytesIn / elapsed / 1e6).toFixed(2)} MB/s)`,
  ];
  const seconds = Math.min(elapsed, load.seconds);
  const drawing = tally.throughput.draw(seconds, Math.min(60, widthOf(process.stdout) - 10));
  if (drawing !== '') lines.push(`${' '.repeat(10)}${paint('green', drawing)}`);
  if (lost > 0) lines.push(paint('red', `${counted(lost, 'connection')} lost`));
  const longest = latencies.percentile(100);
  if (longest === undefined) return [...lines, 'no answer had a time in it: no echo'].join('\n');
  lines.push('', paint('bold', 'round trip'));
  const widest = Math.max(1, Math.min(40, widthOf(process.stdout) - 25));
  for (const percent of [50, 75, 90, 99, 99.9, 100]) {
    const ms = latencies.percentile(percent) ?? 0;
    const bar = '█'.repeat(Math.max(1, Math.round((widest * ms) / longest)));
    const name = percent === 100 ? 'longest' : `p${String(percent)}`;
    lines.push(`${name.padEnd(8)} ${ms.toFixed(3).padStart(10)} ms  ${paint('green', bar)}`);
  }
  return lines.join('\n');
}

function asJson(load: Load, elapsed: number, openMs: number, tally: Tally): string {
  const { sent, received, bytesIn, refused, lost, latencies } = tally;
  const roundTripMs = Object.fromEntries(
    [50, 75, 90, 99, 99.9, 100].map((percent) => [
      `p${String(percent)}`,
      latencies.percentile(percent),
    ]),
  );
  return jsonLine({
    ...{ event: 'bench', ...load, elapsedSeconds: elapsed, openMs },
    ...{ sent, received, bytesIn, refused, lost, roundTripMs },
  }).trimEnd();
}

/** Opens all connections. If one fails, closes them and gives the first error. */
async function openAll(
  url: string,
  { connections }: Load,
  options: OpenOptions,
): Promise<number[] | WebSocketError> {
  const sockets: number[] = [];
  const failures: WebSocketError[] = [];
  let left = connections;
  let shownAt = performance.now();
  const openSome = async (): Promise<void> => {
    while (failures.length === 0 && left > 0) {
      left--;
      const socket = await webSocketOpen(url, options);
      if (socket < 0) failures.push(...getLastError());
      else sockets.push(socket);
      if (performance.now() - shownAt < PROGRESS_MS) continue;
      shownAt = performance.now();
      progress(`opened ${String(sockets.length)} of ${counted(connections, 'connection')}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(connections, OPENING_AT_ONCE) }, openSome));
  const [failure] = failures;
  if (failure === undefined) return sockets;
  await Promise.all(sockets.map((socket) => webSocketClose(socket)));
  return failure;
}

/** Runs the benchmark; resolves with the exit code. */
export async function bench(url: string, values: Values): Promise<number> {
  const load = readLoad(values);
  const beganAt = performance.now();
  const sockets = await openAll(url, load, openOptionsOf(values));
  if (!Array.isArray(sockets)) {
    clearProgress();
    if (values.json === true) await print(jsonLine(errorEvent(sockets)));
    else note(describeError(sockets));
    return exitCodeOf(sockets.category);
  }
  const tally = new Tally();
  const openMs = tally.startedAt - beganAt;
  const connections = new Connections(sockets, tally);
  const interrupted = await drive(connections, load, tally);
  await connections.flush();
  if (!connections.areGone) await waitForEchoes(tally);
  const elapsed = (performance.now() - tally.startedAt) / 1000;
  const closed = connections.close();
  clearProgress();
  const report = values.json === true ? asJson : summary;
  await print(`${report(load, elapsed, openMs, tally)}\n`);
  // (printed before: a server that does not read keeps this waiting)
  await closed;
  if (tally.lost > 0) return exitCodeOf('closed');
  return interrupted ? EXIT_INTERRUPTED : EXIT_DONE;
}

/** Waits until all echoes have come, or patience ends. */
async function waitForEchoes(tally: Tally): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS && tally.received < tally.sent; waited += TICK_MS) {
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
}
