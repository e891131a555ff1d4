// The addon wsfd_bench (bench/native): the bare limits, the codec's loops, the spinning server.
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What a bare limit has to do. Times are in milliseconds. */
export interface Task {
  readonly port: number;
  /** Path and query of the URL. */
  readonly target: string;
  /** PEM; empty: plain. */
  readonly ca: string;
  readonly size: number;
  readonly text: boolean;
  readonly warmUpMs: number;
  readonly windowMs: number;
  /** Connections to open or to hold. */
  readonly count: number;
  readonly resume: boolean;
  /** Read frames, too; else bytes are only received and messages reckoned from them. */
  readonly frames: boolean;
  /** Of messages that come compressed; 0: they do not. */
  readonly windowBits: number;
  /** The window is kept from message to message. */
  readonly takeover: boolean;
}

export interface Outcome {
  readonly cpuUs: number;
  readonly wallUs: number;
  readonly messages: number;
  /** Milliseconds; empty but for echo. */
  readonly latencies: Float64Array;
}

export interface Limits {
  receive(task: Task): Outcome;
  send(task: Task): Outcome;
  echo(task: Task): Outcome;
  open(task: Task): Outcome;
  /** Opens connections that stay until the process ends. */
  hold(task: Task): Outcome;
}

/** Does one piece of work on `bytes` so many times. */
export type Repeated = (bytes: Uint8Array, times: number) => unknown;

export interface Codec {
  /** Reads the frames that lie one behind the other; how many. */
  parseHeaders(bytes: Uint8Array): number;
  writeHeaders(out: Uint8Array, times: number, length: number): number;
  mask: Repeated;
  maskReference: Repeated;
  isAscii: Repeated;
  isAsciiReference: Repeated;
  isUtf8: Repeated;
  isUtf8Reference: Repeated;
  /** From the 16 bytes of the nonce to the size of the request. */
  writeRequest(nonce: Uint8Array): number;
  /** Whether the answer was accepted. */
  readResponse(head: Uint8Array, key: string): boolean;
}

export interface Strings {
  /** A string of these characters of Latin-1, as V8 makes it. */
  readonly latin1: (bytes: Uint8Array) => string;
}

export interface SpinningServer {
  listen(): { listener: number; port: number };
  /** Serves for ever. `key` and `certificate`: PEM; empty: plain. */
  spinEcho(listener: number, key: string, certificate: string): never;
}

export function loadAddon(): Limits & Codec & Strings & SpinningServer {
  // Compiled, this file is in out/bench.
  const path = join(__dirname, '../../build/Release/wsfd_bench.node');
  return createRequire(__filename)(path) as ReturnType<typeof loadAddon>;
}
