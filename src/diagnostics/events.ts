/** What is published on the channels of `node:diagnostics_channel`, a type for each. */
import type { CertificateError, WebSocketError } from '../errors/errors.js';
import type { NativeCertificate, NativeInfo } from '../native/addon.js';

/** The numbers of webSocketInfo that the event of an end has too. */
export const COUNTERS = [
  'messagesIn',
  'messagesOut',
  'bytesIn',
  'bytesOut',
  'framesIn',
  'framesOut',
  'reads',
  'writes',
] as const satisfies readonly (keyof NativeInfo)[];

/** What every event of a connection has. */
export interface WebSocketEvent {
  /** One for each call of webSocketOpen in this thread: its events and its socket's have it. */
  readonly id: number;
  /** undefined before it is open. */
  readonly socket: number | undefined;
  /** Without credentials; after a redirect that of the new target. */
  readonly url: string;
  /** Milliseconds since webSocketOpen was called. */
  readonly elapsedMs: number;
}

/** `wsfd:attempt`: a step on the way to a TCP connection or a Unix domain socket. */
export interface WebSocketAttemptEvent extends WebSocketEvent {
  /**
   * `lookup`: the name is being looked up; `resolved`: it has `addresses`; `connecting`,
   * `connected`, `failed`: of one address, or `failed` without one: of the name; `abandoned`:
   * another address was faster, or the opening ended.
   */
  readonly phase: 'lookup' | 'resolved' | 'connecting' | 'connected' | 'failed' | 'abandoned';
  /** The name or address that was asked for, or the path of a Unix domain socket. */
  readonly host: string;
  /** The proxy whose address it is, without credentials; undefined: it is the server's. */
  readonly proxy: string | undefined;
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** In the order in which they are tried; only in `resolved`. */
  readonly addresses: readonly string[] | undefined;
  /** The system's error number (negative, as libuv gives it) and call; only in `failed`. */
  readonly errno: number | undefined;
  readonly syscall: string | undefined;
  readonly error: WebSocketError | undefined;
}

/** `wsfd:proxy`: what a proxy is asked for and what it answers. */
export interface WebSocketProxyEvent extends WebSocketEvent {
  readonly phase: 'asked' | 'opened' | 'refused';
  /** Its URL without credentials. */
  readonly proxy: string;
  /** What it is asked for, in words and without credentials; empty for an answer. */
  readonly request: string;
  /** Of an HTTP proxy's answer. */
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[]>> | undefined;
  readonly error: WebSocketError | undefined;
}

/** `wsfd:tls`: a TLS handshake has succeeded or failed. */
export interface WebSocketTlsEvent extends WebSocketEvent {
  /** The proxy that it was with, without credentials; undefined: it was with the server. */
  readonly proxy: string | undefined;
  /** False: it failed, and `error` says why. */
  readonly accepted: boolean;
  readonly error: WebSocketError | undefined;
  /** `TLSv1.3`; empty where none was agreed upon, as what follows. */
  readonly version: string;
  readonly cipher: string;
  readonly group: string;
  readonly alpn: string;
  readonly serverName: string;
  readonly resumed: boolean;
  /** The chain as it was sent, the peer's own certificate first; also one that was refused. */
  readonly chain: readonly Readonly<NativeCertificate>[];
  /** Every TLS error that was found, ignored or not. */
  readonly certificateErrors: readonly CertificateError[];
}

/** `wsfd:handshake`: the opening handshake was sent, or answered. Credentials are `***`. */
export interface WebSocketHandshakeEvent extends WebSocketEvent {
  readonly phase: 'request' | 'response';
  /** The lines of the request's head. */
  readonly request: readonly string[];
  /** Of the answer; undefined in `request`. */
  readonly status: number | undefined;
  readonly reason: string | undefined;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[]>> | undefined;
}

/** `wsfd:open`: a connection is open. */
export interface WebSocketOpenEvent extends WebSocketEvent {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly subprotocol: string;
  readonly extensions: string;
}

/** `wsfd:messages`: messages arrived together. */
export interface WebSocketMessagesEvent extends WebSocketEvent {
  /** Buffers are those that the application gets, not copies. */
  readonly messages: readonly (string | Buffer)[];
}

/** `wsfd:control`: a control frame came or goes out. */
export interface WebSocketControlEvent extends WebSocketEvent {
  readonly direction: 'in' | 'out';
  readonly type: 'ping' | 'pong' | 'close';
  /** Bytes of its payload. */
  readonly bytes: number;
  /** Of a close frame, where it has them. */
  readonly code: number | undefined;
  readonly reason: string | undefined;
}

/** `wsfd:close`: a connection that was open is over; once for each. */
export interface WebSocketCloseEvent extends WebSocketEvent {
  /** Who began: a close frame of the server's, a call, or neither: `error` says what happened. */
  readonly closedBy: 'server' | 'client' | 'failure';
  /** The server's close code; 1005: its close frame had none; 1006: none came. */
  readonly code: number;
  readonly reason: string;
  readonly error: WebSocketError | undefined;
  /** As in webSocketInfo. */
  readonly counters: Readonly<Record<(typeof COUNTERS)[number], number>>;
}

/** `wsfd:error`: a call failed. */
export interface WebSocketErrorEvent {
  /** The name of the function. */
  readonly call: string;
  /** What it returns, or its promise resolves to. */
  readonly result: -1 | -2;
  /** As in the other events, where it was about an opening or an open socket. */
  readonly id: number | undefined;
  readonly socket: number | undefined;
  readonly url: string | undefined;
  readonly elapsedMs: number | undefined;
  /** The first of what getLastError() will give, and all of it. */
  readonly error: WebSocketError | undefined;
  readonly errors: readonly WebSocketError[];
}

/** The channels' names, and what is published on them. */
export interface WebSocketDiagnostics {
  'wsfd:attempt': WebSocketAttemptEvent;
  'wsfd:proxy': WebSocketProxyEvent;
  'wsfd:tls': WebSocketTlsEvent;
  'wsfd:handshake': WebSocketHandshakeEvent;
  'wsfd:open': WebSocketOpenEvent;
  'wsfd:messages': WebSocketMessagesEvent;
  'wsfd:control': WebSocketControlEvent;
  'wsfd:close': WebSocketCloseEvent;
  'wsfd:error': WebSocketErrorEvent;
}
