/**
 * Publishes the events that `src/` itself knows of. Callers check the channel's `hasSubscribers`
 * first: no event is made without a subscriber.
 */
import type { WebSocketError } from '../errors/errors.js';
import type { NativeInfo } from '../native/addon.js';
import { closeChannel, errorChannel, messagesChannel, openChannel } from './channels.js';
import { COUNTERS } from './events.js';
import type {
  WebSocketCloseEvent,
  WebSocketErrorEvent,
  WebSocketMessagesEvent,
  WebSocketOpenEvent,
} from './events.js';
import { eventOf } from './subject.js';
import type { Subject } from './subject.js';

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

/** `failed`: the connection ended with `error`, not by a close. */
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
