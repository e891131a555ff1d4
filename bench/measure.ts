// The window in which a client's process is measured: its CPU time (user and system, all threads,
// garbage collection included) and the clock.
import { readFileSync } from 'node:fs';
import type { Extent, Metrics } from './types';

export interface Usage {
  /** Microseconds of CPU of this process. */
  readonly cpuUs: number;
  /** Microseconds that went by. */
  readonly wallUs: number;
}

/** Begins to measure; the result ends it. */
export function startUsage(): () => Usage {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { cpuUs: user + system, wallUs: (performance.now() - wall) * 1000 };
  };
}

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

export interface Window extends Usage {
  /** Messages in the window. */
  readonly messages: number;
}

/** Lets the warm-up pass, then measures; `count` gives the messages so far. */
export async function measure(extent: Extent, count: () => number): Promise<Window> {
  await sleep(extent.warmUpMs);
  const before = count();
  const end = startUsage();
  await sleep(extent.windowMs);
  return { ...end(), messages: count() - before };
}

/** The figures of a stream of messages of `size` bytes. */
export function ratesOf({ cpuUs, wallUs, messages }: Window, size: number): Metrics {
  if (messages === 0) throw new Error('no message came');
  return {
    cpuNs: (1000 * cpuUs) / messages,
    messagesPerSecond: (1e6 * messages) / wallUs,
    megabytesPerSecond: (messages * size) / wallUs,
    busy: cpuUs / wallUs,
  };
}

/** The value below which `share` of the values lie; sorts in place. */
export function percentile(values: Float64Array, share: number): number {
  values.sort();
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;
}

/** What "RssAnon:  1234 kB" of /proc/self/status says. */
const anonymousKib = /^RssAnon:\s+(\d+) kB$/m;

/**
 * The process's own resident memory in bytes, once garbage is gone: without the pages of its
 * program file (Node's text is 40 MiB), of which each phase of V8 brings in some more.
 */
export async function settledMemory(): Promise<number> {
  if (gc === undefined) throw new Error('node has to run with --expose-gc');
  for (let i = 0; i < 4; i += 1) {
    gc();
    await sleep(50);
  }
  const kib = anonymousKib.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  if (kib === undefined) throw new Error('/proc/self/status has no RssAnon (Linux 4.5)');
  return Number(kib) * 1024;
}
