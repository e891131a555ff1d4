/** Publishes the trace events of native code. */
import { errorOf } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';
import type { NativeTrace } from '../native/addon.js';
import { TRACE_KINDS } from '../native/shared.js';
import {
  attemptChannel,
  controlChannel,
  handshakeChannel,
  proxyChannel,
  tlsChannel,
} from './channels.js';
import type {
  WebSocketAttemptEvent,
  WebSocketControlEvent,
  WebSocketEvent,
  WebSocketHandshakeEvent,
  WebSocketProxyEvent,
  WebSocketTlsEvent,
} from './events.js';
import { redactHead, redactHeaders } from './redact.js';
import { eventOf } from './subject.js';
import type { Subject } from './subject.js';

const CONTROL_TYPES = { 8: 'close', 9: 'ping', 10: 'pong' } as const;

/** One for each opening with wanted topics. */
export class TracePublisher {
  private readonly subject: Subject;
  private readonly proxy: string | undefined;
  private request: readonly string[] = [];

  /** `proxy`: its URL without credentials; undefined: none. */
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
