/** The types of the events on the channels of `node:diagnostics_channel`. */
import type { CertificateError, WebSocketError } from '../errors/errors.js';
import type { NativeCertificate, NativeInfo } from '../native/addon.js';

/** The counters of webSocketInfo that a close event has too. */
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

/** The properties of every event of a connection. */
export interface WebSocketEvent {
  /** Numbers the openings of this thread; an opening and its socket have the same id. */
  readonly id: number;
  /** undefined before the connection is open. */
  readonly socket: number | undefined;
  /** Without credentials; after a redirect that of the new target. */
  readonly url: string;
  /** Milliseconds since webSocketOpen was called. */
  readonly elapsedMs: number;
}

/** `wsfd:attempt`: a step of a TCP or Unix domain socket connection. */
export interface WebSocketAttemptEvent extends WebSocketEvent {
  /**
   * `lookup`: a name lookup begins; `resolved`: it found `addresses`; `connecting`, `connected`,
   * `failed`: of one address or Unix domain socket; `failed` of a name, without `address`: its
   * lookup; `abandoned`: another address was faster, or the opening ended.
   */
  readonly phase: 'lookup' | 'resolved' | 'connecting' | 'connected' | 'failed' | 'abandoned';
  /** The requested name or address, or the path of a Unix domain socket. */
  readonly host: string;
  /** The proxy's URL, without credentials; undefined: `host` is the server. */
  readonly proxy: string | undefined;
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** In the order of the attempts; only in `resolved`. */
  readonly addresses: readonly string[] | undefined;
  /** The system's error number (negative, as libuv gives it) and call; only in `failed`. */
  readonly errno: number | undefined;
  readonly syscall: string | undefined;
  readonly error: WebSocketError | undefined;
}

/** `wsfd:proxy`: a request to a proxy, or its answer. */
export interface WebSocketProxyEvent extends WebSocketEvent {
  readonly phase: 'asked' | 'opened' | 'refused';
  /** Its URL without credentials. */
  readonly proxy: string;
  /** The request in words, without credentials; empty for an answer. */
  readonly request: string;
  /** Of an HTTP proxy's answer. */
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[]>> | undefined;
  readonly error: WebSocketError | undefined;
}

/** `wsfd:tls`: a TLS handshake has succeeded or failed. */
export interface WebSocketTlsEvent extends WebSocketEvent {
  /** The proxy's URL, without credentials; undefined: the peer is the server. */
  readonly proxy: string | undefined;
  /** False: the handshake failed with `error`. */
  readonly accepted: boolean;
  readonly error: WebSocketError | undefined;
  /** A TlsVersion; empty if none was negotiated, as are `cipher`, `group` and `alpn`. */
  readonly version: string;
  readonly cipher: string;
  readonly group: string;
  readonly alpn: string;
  readonly serverName: string;
  readonly resumed: boolean;
  /** The chain as the peer sent it, its own certificate first; also a refused one. */
  readonly chain: readonly Readonly<NativeCertificate>[];
  /** Every TLS error that was found, ignored or not. */
  readonly certificateErrors: readonly CertificateError[];
}

/** `wsfd:handshake`: request or response of the opening handshake. Credentials are `***`. */
export interface WebSocketHandshakeEvent extends WebSocketEvent {
  readonly phase: 'request' | 'response';
  /** The lines of the request's head. */
  readonly request: readonly string[];
  /** Of the response; undefined in `request`. */
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
  /** The application's own Buffers; copies if it subscribed with webSocketSubscribePacked. */
  readonly messages: readonly (string | Buffer)[];
}

/** `wsfd:control`: a control frame was received or is sent. */
export interface WebSocketControlEvent extends WebSocketEvent {
  readonly direction: 'in' | 'out';
  readonly type: 'ping' | 'pong' | 'close';
  /** Bytes of its payload. */
  readonly bytes: number;
  /** Of a close frame, if it has them. */
  readonly code: number | undefined;
  readonly reason: string | undefined;
}

/** `wsfd:close`: an open connection has ended; once for each. */
export interface WebSocketCloseEvent extends WebSocketEvent {
  /** The cause: the server's close frame, a call of this side, or `error`. */
  readonly closedBy: 'server' | 'client' | 'failure';
  /** The server's close code; 1005: its close frame had none; 1006: no close frame. */
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
  /** The code that it returns or resolves to; -1 if it has none, as webSocketInfo. */
  readonly result: -1 | -2;
  /** As in the other events; undefined if the call has no connection. */
  readonly id: number | undefined;
  readonly socket: number | undefined;
  readonly url: string | undefined;
  readonly elapsedMs: number | undefined;
  /** The first error that getLastError() will return, and all. */
  readonly error: WebSocketError | undefined;
  readonly errors: readonly WebSocketError[];
}

/** The channels' names, and their events. */
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
