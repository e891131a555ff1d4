/** One open socket on the JavaScript side: its undelivered messages and whoever waits for them. */
import type { AsyncResource } from 'node:async_hooks';

import { unwritableError } from '../errors/argument.js';
import { unpackBinary } from '../native/binary.js';
import { callIn } from './context.js';
import {
  closeChannel,
  messagesChannel,
  openChannel,
  publishClose,
  publishMessages,
  publishOpen,
} from '../diagnostics/diagnostics.js';
import type { Trace } from '../diagnostics/diagnostics.js';
import { errorOf, makeError, thrownError } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';
import type { End, InboxSettings, Message, Subscriber, Watcher } from './inbox-types.js';
import { clearLastErrors, failLater } from './last-error.js';
import { ask, native } from '../native/addon.js';
import { DrainStatus } from '../native/shared.js';
import type { NativeFailure } from '../errors/failure.js';
import type { NativeInbox, NativeInfo, NativeTrace } from '../native/addon.js';
import { callLater, now } from '../native/schedule.js';
import { Pings } from './pings.js';
import { Waiters } from './waiters.js';

export type { Message, Ref, Subscriber, Watcher } from './inbox-types.js';

/** Batches are joined up to this, so that single messages do not become a queue of arrays. */
const JOINED_BATCH = 512;

const NOTHING: readonly never[] = Object.freeze([]);
let nextId = 1;

export class Inbox implements NativeInbox {
  slot = -1;
  number = -1;
  /** What `number` becomes: it is drawn before, since nothing may go wrong once it is open. */
  reservedNumber = -1;
  /** The same in all events of this connection, and when its opening began. */
  id = nextId++;
  startedAt = now();
  subscriber: Subscriber | undefined = undefined;
  watcher: Watcher | undefined = undefined;
  /** An async iterable or a subscriber has taken the messages: nobody else may read them. */
  claimed = false;
  readonly url: string;
  readonly highWaterMark: number;
  /** The async context in which the socket was opened: whatever belongs to it is called back in that. */
  readonly context: AsyncResource;
  roundTripMs: number | undefined = undefined;
  /**
   * When the socket's own loop last turned (now()); undefined: it is on the
   * environment's, whose calls are asynchronous.
   */
  turnedAt: number | undefined = undefined;
  /** Called once when the descriptor is free. */
  onGone: ((failure: NativeFailure | undefined) => void) | undefined = undefined;
  /** Takes the key log of the TLS handshake. */
  keyLog: ((lines: string) => void) | undefined = undefined;

  /** Publishes what native code tells of the connection; undefined: it tells nothing. */
  trace: Trace | undefined = undefined;

  private batches: Message[][] = NOTHING as unknown as Message[][];
  /** What each of the batches weighs: see native/binding/batch_values.h. */
  private weights: number[] = NOTHING as unknown as number[];
  private cursor = 0;
  private queuedBytes = 0;
  private paused = false;
  private held = false;
  private closing = false;
  private end: End | undefined = undefined;
  /** Made for the first read that waits: a subscriber's connection has none. */
  private waiters: Waiters<Inbox> | undefined = undefined;
  private pings: Pings | undefined = undefined;
  private flushes: ((code: number) => void)[] | undefined = undefined;
  private onOpened: ((failures?: NativeFailure[]) => void) | undefined;

  constructor(
    { target, highWaterMark, context }: InboxSettings,
    onOpened: (failures?: NativeFailure[]) => void,
  ) {
    this.url = target.url;
    this.highWaterMark = highWaterMark;
    this.context = context;
    this.onOpened = onOpened;
  }

  // Called by native code.

  onOpen(): void {
    const opened = this.onOpened;
    this.onOpened = undefined;
    clearLastErrors();
    if (opened !== undefined) callIn(this.context, opened);
  }

  onOpenFailed(failures: NativeFailure[]): void {
    const opened = this.onOpened;
    this.onOpened = undefined;
    if (opened !== undefined) callIn(this.context, opened, failures);
  }

  onMessages(weight: number, packed: boolean, ...batch: unknown[]): void {
    if (packed) unpackBinary(batch);
    const messages = batch as Message[];
    if (messagesChannel.hasSubscribers) callIn(this.context, publishMessages, this, messages);
    if (this.subscriber !== undefined && !this.held) {
      this.push(messages);
      return;
    }
    this.enqueue(messages, weight);
    // (what a subscriber holds back is its own: who waits beside it waits for the end)
    if (this.isAwaited && this.subscriber === undefined) this.serve();
  }

  onPong(number: number, roundTripMs: number): void {
    if (roundTripMs > 0) this.roundTripMs = roundTripMs;
    const waitedMs = this.pings?.answered(number);
    if (waitedMs !== undefined && roundTripMs === 0) this.roundTripMs = waitedMs;
  }

  onEnd(failure: NativeFailure | undefined): void {
    this.end =
      failure === undefined
        ? { code: 1, errors: NOTHING }
        : { code: -1, errors: [errorOf(failure, this.url)] };
    this.announceClose(failure !== undefined, this.end.errors[0]);
    this.watcher?.onEnd(this.end.errors[0]);
    this.endIfRead();
  }

  onDrained(lost: boolean): void {
    const flushes = this.flushes ?? [];
    this.flushes = undefined;
    if (lost) {
      const errors = this.lostErrors();
      for (const resolve of flushes) failLater(resolve, -1, errors, 'webSocketFlush', this);
      return;
    }
    clearLastErrors();
    for (const resolve of flushes) resolve(0);
  }

  onClosed(failure: NativeFailure | undefined): void {
    this.abandonPending();
    this.watcher?.onClosed(failure === undefined ? undefined : errorOf(failure, this.url));
    const gone = this.onGone;
    this.onGone = undefined;
    gone?.(failure);
  }

  onKeyLog(lines: string): void {
    if (this.keyLog !== undefined) callIn(this.context, this.keyLog, lines);
  }

  onTrace(events: readonly NativeTrace[]): void {
    callIn(this.context, () => {
      for (const event of events) this.trace?.publish(event);
    });
  }

  // Reading.

  get hasMessages(): boolean {
    return this.batches.length !== 0;
  }

  /** Everything that has come is with whoever reads, and a subscriber is done with it. */
  private get isDelivered(): boolean {
    return !this.hasMessages && !this.held;
  }

  /** Somebody waits for a message. */
  get isAwaited(): boolean {
    return this.waiters !== undefined && !this.waiters.isEmpty;
  }

  get hasEnded(): boolean {
    return this.end !== undefined;
  }

  /** How the connection ended; undefined: it has not. No message comes any more. */
  get ending(): Readonly<End> | undefined {
    return this.end;
  }

  /** What the messages that are queued weigh, about. */
  get weight(): number {
    return this.queuedBytes;
  }

  /** The next message; undefined when there is none. */
  take(): Message | undefined {
    const batch = this.batches[0];
    if (batch === undefined) return undefined;
    const message = batch[this.cursor];
    // The batch lives on until its last message is read: it must not keep this one.
    batch[this.cursor++] = '';
    if (this.cursor === batch.length) {
      this.cursor = 0;
      this.batches.shift();
      this.queuedBytes -= this.weights.shift() ?? 0;
      this.afterTaking();
    }
    return message;
  }

  /** Messages that were taken and could not be handed over are the next again; with their weight. */
  putBack(messages: Message[], weight: number): void {
    if (this.closing) return;
    const [first, ...rest] = this.batches;
    this.batches = first === undefined ? [messages] : [messages, first.slice(this.cursor), ...rest];
    this.weights = [weight, ...this.weights];
    this.cursor = 0;
    this.queuedBytes += weight;
    this.pauseIfFull();
  }

  /** All messages that are queued, as one array; the queue is empty after it. */
  takeAll(): Message[] {
    const [first = [], ...rest] = this.batches;
    const head = this.cursor === 0 ? first : first.slice(this.cursor);
    const all = rest.length === 0 ? head : head.concat(...rest);
    this.batches = NOTHING as unknown as Message[][];
    this.weights = NOTHING as unknown as number[];
    this.cursor = 0;
    this.queuedBytes = 0;
    this.afterTaking();
    return all;
  }

  /** Waits for a message, at most `timeoutMs` (Infinity: for ever). */
  wait(take: (inbox: Inbox) => boolean, timeoutMs: number, call: string): Promise<number> {
    return new Promise((resolve) => {
      if (this.end !== undefined && this.isDelivered) {
        this.finish(resolve, this.end, call);
        return;
      }
      try {
        (this.waiters ??= new Waiters()).add({ take, resolve, call }, timeoutMs, () => {
          failLater(resolve, -2, [this.timeoutError(timeoutMs)], call, this);
        });
      } catch (thrown) {
        failLater(resolve, -1, [thrownError(thrown, this.url)], call, this);
      }
    });
  }

  /** The error of a read that `timeoutMs` have passed for. */
  timeoutError(timeoutMs: number): WebSocketError {
    const detail = timeoutMs === 0 ? 'nothing was there' : `${String(timeoutMs / 1000)} seconds`;
    return makeError('WSFD_READ_TIMEOUT', `${detail} (${this.url})`);
  }

  /** From now on every batch goes to the subscriber, the queued messages first. */
  subscribe(subscriber: Subscriber): void {
    this.claimed = true;
    this.subscriber = subscriber;
    if (!this.hasMessages) return;
    // Not from inside the caller's call.
    this.held = true;
    callLater(() => {
      this.release();
    });
  }

  /** Takes no more messages: some were lost. */
  breakOff(error: WebSocketError): void {
    if (!this.hasEnded) this.announceClose(true, error);
    this.end = { code: -1, errors: [error] };
  }

  // Writing and closing.

  /** Resolves to 0 once everything written was handed to the operating system. */
  flush(): Promise<number> {
    return new Promise((resolve) => {
      const status = ask(() => native.drain(this.slot));
      if (status === DrainStatus.waits) (this.flushes ??= []).push(resolve);
      else if (status === DrainStatus.drained) resolve(0);
      else failLater(resolve, -1, this.lostErrors(), 'webSocketFlush', this);
    });
  }

  /** Resolves to 0 once the pong is back; false if no ping can be sent. */
  ping(): Promise<number> | undefined {
    const number = native.nextNumber();
    const sentAt = now();
    if (!native.ping(this.slot, number)) return undefined;
    return (this.pings ??= new Pings()).wait(number, sentAt);
  }

  /** Closes and frees the slot; whoever still waits is told that the socket was closed. */
  close(code: number, reason: string): Promise<number> {
    return new Promise((resolve) => {
      this.startClosing(code, reason, (error) => {
        this.free();
        if (error !== undefined) {
          failLater(resolve, -1, [error], 'webSocketClose', this);
          return;
        }
        clearLastErrors();
        resolve(0);
      });
    });
  }

  /** Starts the closing handshake; `gone` is called once it is over, with what it took too long. */
  startClosing(
    code: number,
    reason: string,
    gone: (error: WebSocketError | undefined) => void,
  ): void {
    const hadEnded = this.hasEnded;
    this.leave();
    this.onGone = (failure) => {
      const error = failure === undefined ? undefined : errorOf(failure, this.url);
      if (!hadEnded) this.announceClose(false, error);
      gone(error?.category === 'timeout' ? error : undefined);
    };
    try {
      if (!native.close(this.slot, code, reason)) this.onClosed(undefined);
    } catch (thrown) {
      this.onGone = undefined;
      this.abandonPending();
      native.terminate(this.slot);
      gone(thrownError(thrown, this.url));
    }
  }

  /** Closes at once, without a word to the server, and frees the slot. */
  terminate(): void {
    if (!this.hasEnded) this.announceClose(false, undefined);
    this.leave();
    this.watcher?.onTerminate();
    this.abandonPending();
    native.terminate(this.slot);
    this.slot = -1;
  }

  /** Gives the slot back, which another connection may get: nothing is asked of it from here on. */
  free(): void {
    native.release(this.slot);
    this.slot = -1;
  }

  /** Frees the slot, if whoever closes does not; what was written still goes out. */
  abandon(error: WebSocketError | undefined): void {
    if (this.closing) return;
    if (!this.hasEnded) this.announceClose(false, error);
    this.leave();
    this.abandonPending();
    this.free();
  }

  /** Whoever waits, or still comes with the inbox in hand, is told that the socket was closed. */
  private leave(): void {
    this.closing = true;
    this.subscriber = undefined;
    this.batches = NOTHING as unknown as Message[][];
    this.weights = NOTHING as unknown as number[];
    this.end = { code: 1, errors: NOTHING };
    this.endWaiters(this.end);
  }

  private enqueue(messages: Message[], weight: number): void {
    if (this.closing) return;
    const last = this.batches.at(-1);
    if (last !== undefined && last.length + messages.length <= JOINED_BATCH) {
      last.push(...messages);
      this.weights.push((this.weights.pop() ?? 0) + weight);
    } else if (last === undefined) {
      this.batches = [messages];
      this.weights = [weight];
    } else {
      this.batches.push(messages);
      this.weights.push(weight);
    }
    this.queuedBytes += weight;
    this.pauseIfFull();
  }

  private pauseIfFull(): void {
    if (this.paused || this.queuedBytes <= this.highWaterMark) return;
    this.paused = true;
    native.pause(this.slot);
  }

  private afterTaking(): void {
    if (!this.paused || this.queuedBytes > this.highWaterMark / 2) return;
    this.paused = false;
    native.resume(this.slot);
  }

  private serve(): void {
    clearLastErrors();
    while (this.hasMessages) {
      const waiter = this.waiters?.shift();
      if (waiter === undefined) break;
      if (waiter.take(this)) waiter.resolve(0);
      else failLater(waiter.resolve, -1, [unwritableError(waiter.call)], waiter.call, this);
    }
    this.endIfRead();
  }

  /** Tells those who wait of the end, once every message before it has been delivered. */
  private endIfRead(): void {
    if (this.end !== undefined && this.isDelivered) this.endWaiters(this.end);
  }

  private finish(resolve: (code: number) => void, end: End, call: string): void {
    if (end.code === -1) {
      failLater(resolve, -1, end.errors, call, this);
      return;
    }
    clearLastErrors();
    resolve(1);
  }

  private endWaiters(end: End): void {
    for (let it = this.waiters?.shift(); it !== undefined; it = this.waiters?.shift()) {
      this.finish(it.resolve, end, it.call);
    }
  }

  /** Pings and flushes that will not be answered any more; while the slot is still its own. */
  private abandonPending(): void {
    const pings = this.pings?.takeAll() ?? [];
    // The end takes nothing back of what went out before it.
    if (this.flushes !== undefined) {
      this.onDrained(ask(() => native.drain(this.slot)) !== DrainStatus.drained);
    }
    if (pings.length === 0) return;
    const errors = this.lostErrors();
    for (const resolve of pings) failLater(resolve, -1, errors, 'webSocketPing', this);
  }

  // Telling whoever listens.

  /** It goes on with the opening that the other one began. */
  continues({ id, startedAt }: Inbox): void {
    this.id = id;
    this.startedAt = startedAt;
  }

  /** The connection is open. What is called meanwhile leaves no errors behind. */
  announceOpen(): void {
    if (!openChannel.hasSubscribers) return;
    publishOpen(this, this.info());
    clearLastErrors();
  }

  private info(): NativeInfo | undefined {
    return ask(() => native.info(this.slot));
  }

  /** The connection is over. */
  private announceClose(failed: boolean, error: WebSocketError | undefined): void {
    if (!closeChannel.hasSubscribers) return;
    callIn(this.context, publishClose, this, this.info(), failed, error);
  }

  /** Why what was asked for cannot happen any more. */
  lostErrors(): readonly WebSocketError[] {
    const errors = this.end?.errors ?? [];
    return errors.length === 0 ? [makeError('WSFD_SOCKET_CLOSED', this.url)] : errors;
  }

  private push(messages: Message[]): void {
    clearLastErrors();
    const { subscriber } = this;
    if (subscriber === undefined) return;
    const result: unknown = callIn(this.context, subscriber, messages);
    if (typeof (result as Partial<Promise<void>> | null | undefined)?.then !== 'function') return;
    this.held = true;
    // (a thenable of the caller's may throw, or call back at once or twice: this one does not)
    const settled = new Promise((resolve) => {
      resolve(result);
    });
    const next = (): void => {
      this.release();
    };
    // A rejection is the subscriber's: it surfaces as an unhandled one, and the messages go on.
    void settled.then(next, (reason: unknown) => {
      next();
      throw reason;
    });
  }

  /** Goes on with what was held back. */
  private release(): void {
    this.held = false;
    if (this.hasMessages && this.subscriber !== undefined) this.push(this.takeAll());
    this.endIfRead();
  }
}
