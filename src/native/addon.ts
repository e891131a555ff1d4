/** Loads the addon, and declares everything native. */
import type { NativeCertificateError, NativeFailure } from '../errors/failure.js';
import { loadAddon } from './load-addon.js';
import type { NativeOpenTuple } from './open-tuple.js';
import type { CALLBACKS } from './shared.js';

export interface NativeCertificate {
  /** The one-line form of RFC 2253; may be empty. */
  subject: string;
  /** Likewise. */
  issuer: string;
  /** As `DNS:a.example, IP Address:192.0.2.1`; empty without that extension. */
  subjectAltNames: string;
  /** UTC, as `2026-11-30T08:00:00Z`. */
  validFrom: string;
  validTo: string;
  /** Upper-case hexadecimal digits. */
  serialNumber: string;
  /** SHA-256 of the DER form: upper-case hexadecimal digits with colons. */
  fingerprint256: string;
  /** Node's `asymmetricKeyType` (`rsa`, `ec`, `ed25519` …); empty if OpenSSL does not know it. */
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

/** An event of a connection (driver::TraceEvent). */
export interface NativeTrace {
  /** Index in TRACE_KINDS. */
  kind: number;
  /** How long ago it happened. */
  ageMs: number;
  /** A host, the request to a proxy, or the head of the opening handshake. */
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

/** The methods that CALLBACKS names. */
export type Callbacks = Record<(typeof CALLBACKS)[number], unknown>;

/**
 * The methods of an inbox that native code calls (CALLBACKS), each in a callback scope of the
 * wake-up.
 */
export interface NativeInbox extends Callbacks {
  onOpen(): void;
  onOpenFailed(failures: NativeFailure[]): void;
  /** native/binding/batch_values.h describes a message before src/native/binary.ts unpacks it. */
  onMessages(weight: number, needsUnpacking: boolean, ...batch: unknown[]): void;
  /** `roundTripMs` is that of an automatic ping; 0: the pong does not answer one. */
  onPong(number: number, roundTripMs: number): void;
  /** No message comes after this; without a failure a close frame ended the connection. */
  onEnd(failure: NativeFailure | undefined): void;
  /** All output is handed to the system; `lost`: some of it never will be. */
  onDrained(lost: boolean): void;
  /** The descriptor is closed. */
  onClosed(failure: NativeFailure | undefined): void;
  /** Lines of the key log, each with its newline; only where NativeTlsOptions.keylog is true. */
  onKeyLog(lines: string): void;
  /** The events that NativeOpenOptions.trace asks for, before the call with their result. */
  onTrace(events: readonly NativeTrace[]): void;
  /** Messages of a socket that `pack` was called for; `inPlace`: they are in the lent memory. */
  onPacked(count: number, inPlace: boolean): void;
}

/** The addon's exports. A slot is a small integer: a handle's until `release` or `terminate`. */
interface Native {
  /**
   * Called once, with an inbox's methods in the order of CALLBACKS, the memory for small binary
   * messages, and whether larger ones may share a slab.
   */
  setUp(callbacks: readonly unknown[], staging: Buffer, sharesSlabs: boolean): void;
  /** A socket number that is unique in this process. */
  nextNumber(): number;
  /** A slot, or the failure to open one; onOpen or onOpenFailed follows a slot. */
  open(inbox: NativeInbox, options: NativeOpenTuple): number | NativeFailure;
  /**
   * The same on a loop of the socket's own, which turns only in `run` and `send`: the inbox's
   * methods are called in those, without a callback scope.
   */
  openSync(inbox: NativeInbox, options: NativeOpenTuple): number | NativeFailure;
  /**
   * Blocks the thread until a method of the inbox is called, or `mostMs` have passed and no input
   * is pending. Returns a RunStatus.
   */
  run(slot: number, mostMs: number): number;
  /** Sends as much output of such a socket as the system takes without waiting. */
  send(slot: number): void;
  /** From now on `takeSignal` returns these signals, which do not end the process; [] undoes it. */
  watchSignals(signals: readonly number[]): void;
  /** The first of them that came since the last call; 0: none. */
  takeSignal(): number;
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** Calls `task` in the event loop's next iteration, in a callback scope of its own. */
  callLater(task: () => void): void;
  /** Calls `task` once `ms` have passed; the timer's number, which may be reused after that. */
  startTimer(task: () => void, ms: number): number;
  stopTimer(timer: number): void;
  /** Reports `thrown` as an uncaught exception. */
  reportUncaught(thrown: unknown): void;
  /** A WriteStatus; undefined: Node-API failed, and the message is not accepted. */
  writeText(slot: number, text: string): number;
  writeBinary(slot: number, bytes: Uint8Array): number;
  /** At most STAGING_SLOTS messages; the result is in the staging sizes (WriteResult). */
  writeMany(slot: number, ...messages: (string | Uint8Array)[]): void;
  /** The same for `count` texts of ASCII; their lengths are in the sizes from WriteResult.lengths on. */
  writeTexts(slot: number, joined: string, count: number): void;
  /** The same for `count` binary messages in the first `size` bytes of the staging area. */
  writeStaged(slot: number, size: number, count: number): void;
  /** The same for any number of contiguous messages. */
  writePacked(
    slot: number,
    bytes: Uint8Array,
    ends: Uint32Array,
    count: number,
    text: boolean,
  ): void;
  /** From now on onPacked is called instead of onMessages. */
  pack(slot: number): void;
  /** The receive memory (native/binding/packer.h); undefined where it can't be lent. */
  lendMemory(): Buffer | undefined;
  /** Within onPacked: a copy of the batch, in the same form. Throws where it can't be made. */
  copyBatch(): Buffer | undefined;
  /**
   * The messages as the text of a JSON array: if it parses to `count` elements, these are the
   * messages. Undefined where that does not hold, or Node-API fails.
   */
  joinTexts(
    bytes: Buffer,
    starts: Uint32Array,
    ends: Uint32Array,
    kinds: Uint8Array,
    count: number,
  ): string | undefined;
  /** A DrainStatus. */
  drain(slot: number): number;
  /** True if the ping was sent; onPong(number) follows if the peer answers. */
  ping(slot: number, number: number): boolean;
  /** Stops and resumes reading; decoded messages still come. */
  pause(slot: number): void;
  resume(slot: number): void;
  /** True if onClosed will follow; false if there is nothing left to close. */
  close(slot: number, code: number, reason: string): boolean;
  /** Frees the slot; output still goes out. */
  release(slot: number): void;
  /** Frees the slot and closes everything at once, also in the midst of opening. */
  terminate(slot: number): void;
  info(slot: number): NativeInfo | undefined;
  /**
   * About the payload bytes that were accepted and not handed to the operating system before this
   * turn of the event loop.
   */
  bufferedAmount(slot: number): number;
  /**
   * The trust store of the OpenSSL context that `makeSecureContext` makes becomes the default of
   * this environment. False if it makes none.
   */
  adoptTrustStore(makeSecureContext: () => unknown): boolean;
  /** These certificates become the default. */
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
