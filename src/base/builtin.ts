/**
 * Modules of Node.js that take milliseconds to load, and that not every program loads: they are
 * loaded when first needed.
 */
import type * as Net from 'node:net';
import type * as Tls from 'node:tls';
import type * as WorkerThreads from 'node:worker_threads';

/** `require` takes microseconds even for a loaded module: its result is kept. */
function memoized<Module>(load: () => Module): () => Module {
  let exports: Module | undefined;
  return () => (exports ??= load());
}

// (with literal names: webpack warns of an expression)
export const net = memoized(() => module.require('node:net') as typeof Net);
export const tls = memoized(() => module.require('node:tls') as typeof Tls);
export const workerThreads = memoized(
  () => module.require('node:worker_threads') as typeof WorkerThreads,
);

/** As `net.isIP`: 4, 6, or 0 if `text` is no IP address. */
export const isIP = (text: string): number => net().isIP(text);
