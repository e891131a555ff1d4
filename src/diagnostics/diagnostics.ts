/**
 * What happens to connections, as events on channels of `node:diagnostics_channel`. Whoever calls a
 * publish function has looked at the channel's `hasSubscribers` before: nothing is made for nobody.
 */
import { channel } from 'node:diagnostics_channel';

import { errorOf, groupHeaders } from '../errors/errors.js';
import type { CertificateError, WebSocketError } from '../errors/errors.js';
import type { NativeCertificate, NativeInfo, NativeTrace } from '../native/addon.js';
import { TRACE_KINDS, TraceTopic } from '../native/shared.js';
import { now } from '../native/schedule.js';

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

// A channel lives as long as somebody refers to it: these do.
const attemptChannel = channel('wsfd:attempt');
const proxyChannel = channel('wsfd:proxy');
const tlsChannel = channel('wsfd:tls');
const handshakeChannel = channel('wsfd:handshake');
export const openChannel = channel('wsfd:open');
export const messagesChannel = channel('wsfd:messages');
const controlChannel = channel('wsfd:control');
export const closeChannel = channel('wsfd:close');
export const errorChannel = channel('wsfd:error');

/** What native code is to tell of an opening, as bits; 0 when nobody listens. */
export function wantedTopics(): number {
  return (
    (attemptChannel.hasSubscribers ? TraceTopic.attempts : 0) |
    (proxyChannel.hasSubscribers ? TraceTopic.proxy : 0) |
    (tlsChannel.hasSubscribers ? TraceTopic.tls : 0) |
    (handshakeChannel.hasSubscribers ? TraceTopic.handshake : 0) |
    (controlChannel.hasSubscribers ? TraceTopic.controlFrames : 0)
  );
}

/** A connection, as far as events name it. */
export interface Subject {
  readonly id: number;
  /** -1 before it is open. */
  readonly number: number;
  readonly url: string;
  /** When its opening began, as now() of src/native/schedule.ts gave it. */
  readonly startedAt: number;
}

/** `ageMs`: how long ago it happened. */
function eventOf({ id, number, url, startedAt }: Subject, ageMs = 0): WebSocketEvent {
  const elapsedMs = now() - ageMs - startedAt;
  return { id, socket: number < 0 ? undefined : number, url, elapsedMs };
}

/** A header's name that says that its value is a secret. */
const SECRET = /authorization|cookie|token|secret|password|credential|api-?key/i;

/** A header's value for others to see. */
function redact(name: string, value: string): string {
  return SECRET.test(name) ? '***' : value.replace(/\/\/[^/?#\s]*@/g, '//***@');
}

function redactHeaders(pairs: readonly string[]): Record<string, string | string[]> {
  return groupHeaders(
    pairs.map((text, i) => (i % 2 === 0 ? text : redact(pairs[i - 1] ?? '', text))),
  );
}

function redactHead(head: string): string[] {
  const [requestLine = '', ...fields] = head.trimEnd().split('\r\n');
  const redacted = fields.map((field) => {
    const colon = field.indexOf(':');
    const name = field.slice(0, colon);
    return `${name}: ${redact(name, field.slice(colon + 1).trim())}`;
  });
  return [requestLine, ...redacted];
}

const CONTROL_TYPES = { 8: 'close', 9: 'ping', 10: 'pong' } as const;

/** Publishes what native code tells of one connection. */
export class Trace {
  private readonly subject: Subject;
  private readonly proxy: string | undefined;
  private request: readonly string[] = [];

  /** `proxy`: the URL of that which is used, without credentials. */
  constructor(subject: Subject, proxy: string | undefined) {
    this.subject = subject;
    this.proxy = proxy;
  }

  publish(event: NativeTrace): void {
    const base = eventOf(this.subject, event.ageMs);
    const kind = TRACE_KINDS[event.kind];
    if (kind === undefined) return;
    switch (kind) {
      case 'proxyAsked':
      case 'proxyAnswered':
        this.publishProxy(event, kind === 'proxyAsked', base);
        return;
      case 'tls':
        this.publishTls(event, base);
        return;
      case 'request':
      case 'response':
        this.publishHandshake(event, kind, base);
        return;
      case 'controlIn':
      case 'controlOut':
        this.publishControl(event, kind === 'controlIn' ? 'in' : 'out', base);
        return;
      case 'lookup':
      case 'resolved':
      case 'connecting':
      case 'connected':
      case 'failed':
      case 'abandoned':
        this.publishAttempt(event, kind, base);
    }
  }

  private errorOf({ failure }: NativeTrace): WebSocketError | undefined {
    return failure === undefined ? undefined : errorOf(failure, this.subject.url);
  }

  private publishAttempt(
    event: NativeTrace,
    phase: WebSocketAttemptEvent['phase'],
    base: WebSocketEvent,
  ): void {
    const error = this.errorOf(event);
    attemptChannel.publish({
      ...base,
      phase,
      host: event.text ?? '',
      proxy: this.proxy,
      address: event.address,
      port: event.port,
      addresses: event.addresses,
      errno: error?.errno,
      syscall: error?.syscall,
      error,
    } satisfies WebSocketAttemptEvent);
  }

  private publishProxy(event: NativeTrace, asked: boolean, base: WebSocketEvent): void {
    const refused = event.failure !== undefined;
    const { response } = event;
    proxyChannel.publish({
      ...base,
      phase: asked ? 'asked' : refused ? 'refused' : 'opened',
      proxy: this.proxy ?? '',
      request: event.text ?? '',
      status: response?.status,
      headers: response === undefined ? undefined : redactHeaders(response.headers),
      error: this.errorOf(event),
    } satisfies WebSocketProxyEvent);
  }

  private publishTls(event: NativeTrace, base: WebSocketEvent): void {
    if (event.tls === undefined) return;
    tlsChannel.publish({
      ...base,
      proxy: event.ofProxy === true ? this.proxy : undefined,
      accepted: event.failure === undefined,
      error: this.errorOf(event),
      ...event.tls,
    } satisfies WebSocketTlsEvent);
  }

  private publishHandshake(
    event: NativeTrace,
    phase: WebSocketHandshakeEvent['phase'],
    base: WebSocketEvent,
  ): void {
    if (phase === 'request') this.request = redactHead(event.text ?? '');
    const { response } = event;
    handshakeChannel.publish({
      ...base,
      phase,
      request: this.request,
      status: response?.status,
      reason: response?.reason,
      headers: response === undefined ? undefined : redactHeaders(response.headers),
    } satisfies WebSocketHandshakeEvent);
  }

  private publishControl(
    event: NativeTrace,
    direction: WebSocketControlEvent['direction'],
    base: WebSocketEvent,
  ): void {
    controlChannel.publish({
      ...base,
      direction,
      type: CONTROL_TYPES[event.opcode ?? 8],
      bytes: event.bytes ?? 0,
      code: event.code,
      reason: event.reason,
    } satisfies WebSocketControlEvent);
  }
}

export function publishOpen(subject: Subject, info: NativeInfo | undefined): void {
  openChannel.publish({
    ...eventOf(subject),
    remoteAddress: info?.remoteAddress ?? '',
    remotePort: info?.remotePort ?? 0,
    subprotocol: info?.subprotocol ?? '',
    extensions: info?.extensions ?? '',
  } satisfies WebSocketOpenEvent);
}

/** `messages` may be changed afterwards: a copy is published. */
export function publishMessages(subject: Subject, messages: readonly (string | Buffer)[]): void {
  messagesChannel.publish({
    ...eventOf(subject),
    messages: messages.slice(),
  } satisfies WebSocketMessagesEvent);
}

const COUNTERS = [
  'messagesIn',
  'messagesOut',
  'bytesIn',
  'bytesOut',
  'framesIn',
  'framesOut',
  'reads',
  'writes',
] as const satisfies readonly (keyof NativeInfo)[];

/** `failed`: nobody closed the connection, it came to an end with that error. */
export function publishClose(
  subject: Subject,
  info: NativeInfo | undefined,
  failed: boolean,
  error: WebSocketError | undefined,
): void {
  const byServer = info?.closedByPeer === true;
  const counters = Object.fromEntries(COUNTERS.map((name) => [name, info?.[name] ?? 0]));
  closeChannel.publish({
    ...eventOf(subject),
    closedBy: failed ? 'failure' : byServer ? 'server' : 'client',
    code: info?.closeCode ?? 1006,
    reason: info?.closeReason ?? '',
    error,
    counters: counters as WebSocketCloseEvent['counters'],
  } satisfies WebSocketCloseEvent);
}

const NO_SUBJECT = { id: undefined, socket: undefined, url: undefined, elapsedMs: undefined };

export function publishError(
  call: string,
  result: -1 | -2,
  errors: readonly WebSocketError[],
  subject: Subject | undefined,
): void {
  errorChannel.publish({
    call,
    result,
    ...(subject === undefined ? NO_SUBJECT : eventOf(subject)),
    error: errors[0],
    errors,
  } satisfies WebSocketErrorEvent);
}
