/** The one place where TypeScript meets the addon: every native declaration, and its loading. */
import type { NativeCertificateError, NativeFailure } from '../errors/failure.js';
import { loadAddon } from './load-addon.js';
import type { NativeOpenTuple } from './open-tuple.js';
import type { CALLBACKS } from './shared.js';

export interface NativeCertificate {
  subject: string;
  issuer: string;
  subjectAltNames: string;
  validFrom: string;
  validTo: string;
  serialNumber: string;
  fingerprint256: string;
  /** As Node's `asymmetricKeyType`: `rsa`, `ec`, `ed25519` …; empty for one that OpenSSL does not know. */
  keyType: string;
  keyBits: number;
  pem: string;
}

interface NativeTlsInfo {
  version: string;
  cipher: string;
  group: string;
  alpn: string;
  serverName: string;
  resumed: boolean;
  chain: NativeCertificate[];
  certificateErrors: NativeCertificateError[];
}

export interface NativeInfo {
  /** Index in STATES. */
  state: number;
  subprotocol: string;
  extensions: string;
  closeCode: number;
  closeReason: string;
  closedByPeer: boolean;
  bufferedBytes: number;
  messagesIn: number;
  messagesOut: number;
  bytesIn: number;
  bytesOut: number;
  framesIn: number;
  framesOut: number;
  reads: number;
  writes: number;
  remoteAddress: string;
  remotePort: number;
  tls?: NativeTlsInfo;
}

/** One thing that happened to a connection (driver::TraceEvent), with what is known of it. */
export interface NativeTrace {
  /** Index in TRACE_KINDS. */
  kind: number;
  /** How long ago that was. */
  ageMs: number;
  /** A host, what a proxy is asked for, or the head of the opening handshake. */
  text?: string;
  address?: string;
  port?: number;
  addresses?: string[];
  failure?: NativeFailure;
  /** Headers: name and value in turn. */
  response?: { status: number; reason: string; headers: string[] };
  /** True if `tls` is the session with the proxy. */
  ofProxy?: boolean;
  tls?: NativeTlsInfo;
  /** Of a control frame. */
  opcode?: 8 | 9 | 10;
  bytes?: number;
  code?: number;
  reason?: string;
}

/** What CALLBACKS names. */
export type Callbacks = Record<(typeof CALLBACKS)[number], unknown>;

/**
 * The methods of an inbox that native code calls (CALLBACKS), each in a callback scope of the
 * wake-up.
 */
export interface NativeInbox extends Callbacks {
  onOpen(): void;
  onOpenFailed(failures: NativeFailure[]): void;
  /** See native/binding/batch_values.h for what a message is before src/native/binary.ts unpacks it. */
  onMessages(weight: number, packed: boolean, ...batch: unknown[]): void;
  /** `roundTripMs` is what a ping that was sent by itself took; 0: this pong is not that one's. */
  onPong(number: number, roundTripMs: number): void;
  /** No message comes after this; without a failure a close frame ended the connection. */
  onEnd(failure: NativeFailure | undefined): void;
  /** All that was written is handed to the system, or else some of it never will be. */
  onDrained(lost: boolean): void;
  /** The descriptor is free. */
  onClosed(failure: NativeFailure | undefined): void;
  /** Lines of the key log, each with its newline; only where NativeTlsOptions.keylog is true. */
  onKeyLog(lines: string): void;
  /** What NativeOpenOptions.trace asks for; comes before the call that tells of the result. */
  onTrace(events: readonly NativeTrace[]): void;
  /** Messages came to a socket that `pack` was called for; `inPlace`: they lie in the memory lent. */
  onPacked(count: number, inPlace: boolean): void;
}

/** The addon's exports. A slot is a small integer that stays a handle's own until `release`. */
interface Native {
  /**
   * Once: an inbox's methods in the order of CALLBACKS, where small binary messages are laid, and
   * whether larger ones may share a slab.
   */
  setUp(callbacks: readonly unknown[], staging: Buffer, sharesSlabs: boolean): void;
  /** A socket number that was never given out before in this process. */
  nextNumber(): number;
  /** A slot, or why the options cannot be used; onOpen or onOpenFailed follows a slot. */
  open(inbox: NativeInbox, options: NativeOpenTuple): number | NativeFailure;
  /**
   * The same on a loop of the socket's own: all that happens to it happens in `run`, `send` and
   * `terminate`, and the inbox's methods are called in those, without a callback scope.
   */
  openSync(inbox: NativeInbox, options: NativeOpenTuple): number | NativeFailure;
  /**
   * Blocks the thread until the inbox was told something, at most `mostMs`; looks at what has come
   * by then. A status of RunStatus.
   */
  run(slot: number, mostMs: number): number;
  /** Sends of what was written to such a socket what can be sent without waiting. */
  send(slot: number): void;
  /** From now on `takeSignal` tells of these signals, and they do not end the process; [] ends that. */
  watchSignals(signals: readonly number[]): void;
  /** The first of them that came since the last call; 0: none. */
  takeSignal(): number;
  /** Milliseconds on a clock that nothing sets. */
  now(): number;
  /** Has `task` called in the event loop's next iteration, in a callback scope of its own. */
  callLater(task: () => void): void;
  /** Has `task` called once `ms` have passed; the timer's number, which is another's after that. */
  startTimer(task: () => void, ms: number): number;
  stopTimer(timer: number): void;
  /** As if nobody had caught what was thrown. */
  reportUncaught(thrown: unknown): void;
  /** A status of WriteStatus. */
  writeText(slot: number, text: string): number;
  writeBinary(slot: number, bytes: Uint8Array): number;
  /** At most STAGING_SLOTS of them; what became of them is in the staging sizes (WriteResult). */
  writeMany(slot: number, ...messages: (string | Uint8Array)[]): void;
  /** The same for messages of which each ends where the next begins. */
  writePacked(
    slot: number,
    bytes: Uint8Array,
    ends: Uint32Array,
    count: number,
    text: boolean,
  ): void;
  /** From now on onPacked is called instead of onMessages. */
  pack(slot: number): void;
  /** What native code receives into (native/binding/packer.h); undefined where it can't be lent. */
  lendMemory(): Buffer | undefined;
  /** Within onPacked: a copy of the batch, in the same form. Throws where it can't be had. */
  copyBatch(): Buffer | undefined;
  /**
   * The messages as the text of one JSON array; undefined where its elements, if it has as many as
   * there are messages, need not be the messages.
   */
  joinTexts(
    bytes: Buffer,
    starts: Uint32Array,
    ends: Uint32Array,
    kinds: Uint8Array,
    count: number,
  ): string | undefined;
  /** A status of DrainStatus. */
  drain(slot: number): number;
  /** True if the ping was sent; onPong(number) follows if the peer answers. */
  ping(slot: number, number: number): boolean;
  /** Holds messages back, and lets them come again. */
  pause(slot: number): void;
  resume(slot: number): void;
  /** True if onClosed will follow; false if there is nothing left to close. */
  close(slot: number, code: number, reason: string): boolean;
  /** Frees the slot; what the socket still has to send goes out. */
  release(slot: number): void;
  /** Frees the slot and closes everything at once, also in the midst of opening. */
  terminate(slot: number): void;
  info(slot: number): NativeInfo | undefined;
  /**
   * Bytes of messages that were accepted and not handed to the operating system before this turn of
   * the event loop began.
   */
  bufferedAmount(slot: number): number;
  /**
   * Connections of this environment that name no certificates trust from now on what the OpenSSL
   * context trusts that `makeSecureContext` makes. False if it makes none.
   */
  adoptTrustStore(makeSecureContext: () => unknown): boolean;
  /** They trust these certificates. */
  setTrustStore(certificates: readonly string[]): void;
}

export const native = loadAddon() as Native;

/** The result of a call into native code; undefined where it throws. */
export function resultOf<Result>(call: () => Result): Result | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
