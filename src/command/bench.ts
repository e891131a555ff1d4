/** `wsfd bench URL`: messages at a rate to a server that echoes, and how long the answers take. */
import {
  getLastError,
  webSocketClose,
  webSocketFlush,
  webSocketOpen,
  webSocketSubscribe,
  webSocketWrite,
} from '../index.js';
import type { Message } from '../index.js';
import { EXIT_DONE, EXIT_INTERRUPTED, exitCodeOf } from './exit-codes.js';
import { numberOf, openOptionsOf } from './flags.js';
import type { Values } from './flags.js';
import { Latencies } from './latencies.js';
import { describeError, note, paint, print } from './output.js';

const TICK_MS = 10;
/** A message begins with when it was sent; that tells the answer's way. */
const STAMP_LENGTH = 16;

interface Load {
  connections: number;
  /** Messages a second on each connection. */
  rate: number;
  size: number;
  seconds: number;
}

/** What the connections have done so far. */
class Tally {
  readonly latencies = new Latencies();
  sent = 0;
  received = 0;
  bytesIn = 0;
  /** Messages that the send buffer had no room for. */
  refused = 0;
  lost = 0;

  take(batch: readonly Message[]): void {
    const now = performance.now();
    for (const message of batch) {
      this.received++;
      this.bytesIn += message.length;
      const sentAt = Number(message.toString().slice(0, STAMP_LENGTH));
      if (sentAt > 0) this.latencies.add(now - sentAt);
    }
  }
}

function readLoad(values: Values): Load {
  return {
    connections: numberOf(values, 'connections', 1),
    rate: numberOf(values, 'rate', 100, { whole: false, least: 0.1 }),
    size: numberOf(values, 'size', 64, { least: STAMP_LENGTH }),
    seconds: numberOf(values, 'duration', 10, { whole: false, least: 0.1 }),
  };
}

const stampOf = (time: number): string => time.toFixed(6).padStart(STAMP_LENGTH, '0');

/** Sends on all connections as many messages as are due, until the time is over. */
async function drive(sockets: readonly number[], load: Load, tally: Tally): Promise<boolean> {
  const padding = 'x'.repeat(load.size - STAMP_LENGTH);
  const startedAt = performance.now();
  let due = 0;
  const interruption = new AbortController();
  const interrupt = (): void => {
    interruption.abort();
  };
  process.once('SIGINT', interrupt);
  for (let shownAt = startedAt; !interruption.signal.aborted;) {
    const now = performance.now();
    const elapsed = Math.min((now - startedAt) / 1000, load.seconds);
    for (; due < Math.floor(elapsed * load.rate); due++) {
      for (const socket of sockets) {
        const result = webSocketWrite(socket, stampOf(performance.now()) + padding);
        if (result === 0) tally.sent++;
        else tally.refused++;
      }
    }
    if (elapsed >= load.seconds) break;
    if (now - shownAt >= 1000) {
      shownAt = now;
      progress(elapsed, load, tally);
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  process.removeListener('SIGINT', interrupt);
  return interruption.signal.aborted;
}

function progress(elapsed: number, { seconds }: Load, tally: Tally): void {
  const p99 = tally.latencies.percentile(99);
  const text =
    `${elapsed.toFixed(0)}/${String(seconds)} s  sent ${String(tally.sent)}  ` +
    `received ${String(tally.received)}  p99 ${p99 === undefined ? '-' : p99.toFixed(2)} ms`;
  if (process.stderr.isTTY) process.stderr.write(`\r${text}\x1b[K`);
  else note(text);
}

/** What came of it, as a table with a bar for each percentile. */
function summary(load: Load, elapsed: number, openMs: number, tally: Tally): string {
  const { sent, received, bytesIn, refused, lost, latencies } = tally;
  const perSecond = (count: number): string => (count / elapsed).toFixed(0);
  const lines = [
    `${String(load.connections)} connections, opened in ${openMs.toFixed(0)} ms`,
    `sent      ${String(sent)}  (${perSecond(sent)}/s)` +
      (refused === 0
        ? ''
        : paint('red', `, ${String(refused)} refused: the server reads too slowly`)),
    `received  ${String(received)}  (${perSecond(received)}/s, ` +
      `${(bytesIn / elapsed / 1e6).toFixed(2)} MB/s)`,
  ];
  if (lost > 0) lines.push(paint('red', `${String(lost)} connections were lost`));
  const longest = latencies.percentile(100);
  if (longest === undefined) return [...lines, 'no answer had a time in it: no echo'].join('\n');
  lines.push('', paint('bold', 'round trip'));
  for (const percent of [50, 75, 90, 99, 99.9, 100]) {
    const ms = latencies.percentile(percent) ?? 0;
    const bar = '█'.repeat(Math.max(1, Math.round((40 * ms) / longest)));
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
  return JSON.stringify({
    ...{ event: 'bench', ...load, elapsedSeconds: elapsed, openMs },
    ...{ sent, received, bytesIn, refused, lost, roundTripMs },
  });
}

/** Opens all connections; the error of one that could not be is printed, and gives undefined. */
async function openAll(url: string, load: Load, values: Values): Promise<number[] | number> {
  const options = openOptionsOf(values);
  const sockets: number[] = [];
  for (let i = 0; i < load.connections; i++) {
    const socket = await webSocketOpen(url, options);
    if (socket < 0) {
      const [error] = getLastError();
      if (error !== undefined) note(describeError(error));
      await Promise.all(sockets.map((open) => webSocketClose(open)));
      return exitCodeOf(error?.category ?? 'internal');
    }
    sockets.push(socket);
  }
  return sockets;
}

/** Drives a server; resolves with the exit code. */
export async function bench(url: string, values: Values): Promise<number> {
  const load = readLoad(values);
  const tally = new Tally();
  const beganAt = performance.now();
  const sockets = await openAll(url, load, values);
  if (typeof sockets === 'number') return sockets;
  const openMs = performance.now() - beganAt;
  for (const socket of sockets) {
    webSocketSubscribe(socket, (batch) => {
      tally.take(batch);
    });
  }
  const startedAt = performance.now();
  const interrupted = await drive(sockets, load, tally);
  const flushed = await Promise.all(sockets.map((socket) => webSocketFlush(socket)));
  tally.lost = flushed.filter((result) => result !== 0).length;
  await answers(tally);
  const elapsed = (performance.now() - startedAt) / 1000;
  await Promise.all(sockets.map((socket) => webSocketClose(socket)));
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const report = values.json === true ? asJson : summary;
  await print(`${report(load, elapsed, openMs, tally)}\n`);
  if (tally.lost > 0) return exitCodeOf('closed');
  return interrupted ? EXIT_INTERRUPTED : EXIT_DONE;
}

/** The last answers are still on their way: waits for them, but not for those that never come. */
async function answers(tally: Tally): Promise<void> {
  for (let waited = 0; waited < 1000 && tally.received < tally.sent; waited += TICK_MS) {
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
}
