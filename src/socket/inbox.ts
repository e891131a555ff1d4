/** One socket on the JavaScript side: passes the callbacks of native code on. */
import type { AsyncResource } from 'node:async_hooks';

import { messagesChannel } from '../diagnostics/channels.js';
import { publishMessages } from '../diagnostics/publish.js';
import type { TracePublisher } from '../diagnostics/trace-publisher.js';
import { errorOf, makeError } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';
import type { NativeFailure } from '../errors/failure.js';
import { native, resultOf } from '../native/addon.js';
import type { NativeInbox, NativeTrace } from '../native/addon.js';
import { unpackBinary } from '../native/binary.js';
import { now } from '../native/schedule.js';
import { DrainStatus } from '../native/shared.js';
import { announceClose } from './announce.js';
import { callIn } from './context.js';
import { Flushes } from './flushes.js';
import type { End, InboxSettings, Message, Subscriber, Watcher } from './inbox-types.js';
import { clearLastErrors, failAsync } from './last-error.js';
import { MessageQueue } from './message-queue.js';
import { PackedSubscription } from './packed-subscription.js';
import type { PackedSubscriber } from './packed-types.js';
import { Pings } from './pings.js';
import { Reads, resolveWithEnd } from './reads.js';
import { Subscription } from './subscription.js';

export type { Message, Ref, Subscriber, Watcher } from './inbox-types.js';

const NO_ERRORS: readonly never[] = Object.freeze([]);
let nextId = 1;

export class Inbox implements NativeInbox {
  slot = -1;
  number = -1;
  /** Becomes `number`. It is drawn earlier: nothing may fail once the socket is open. */
  reservedNumber = -1;
  /** The id in all events of this connection, and when its opening began. */
  id = nextId++;
  startedAt = now();
  watcher: Watcher | undefined = undefined;
  /** An async iterable or a subscriber: no other call may read the messages. */
  hasExclusiveReader = false;
  readonly url: string;
  /** The async context in which the socket was opened: its callbacks run there. */
  readonly context: AsyncResource;
  roundTripMs: number | undefined = undefined;
  /**
   * When the socket's own loop last turned (now()); undefined: the socket is on the
   * environment's loop.
   */
  lastTurnAt: number | undefined = undefined;
  /** Called once. */
  onDescriptorClosed: ((failure: NativeFailure | undefined) => void) | undefined = undefined;
  /** Receives the key log of TLS. */
  keyLog: ((lines: string) => void) | undefined = undefined;
  /** Publishes the trace events of native code; undefined: there are none. */
  trace: TracePublisher | undefined = undefined;

  private readonly highWaterMark: number;
  private readonly queue = new MessageQueue();
  private subscription: Subscription<readonly Message[]> | undefined = undefined;
  private packed: PackedSubscription | undefined = undefined;
  /** native.pause was called, and native.resume not yet. */
  private paused = false;
  /** This side closes the connection, or has: no message is delivered any more. */
  private closing = false;
  private end: End | undefined = undefined;
  /** Each is made for the first that waits: most connections of subscribers have none. */
  private reads: Reads<Inbox> | undefined = undefined;
  private pings: Pings | undefined = undefined;
  private flushes: Flushes | undefined = undefined;
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

  onMessages(weight: number, needsUnpacking: boolean, ...batch: unknown[]): void {
    if (needsUnpacking) unpackBinary(batch);
    const messages = batch as Message[];
    if (messagesChannel.hasSubscribers) callIn(this.context, publishMessages, this, messages);
    const { subscription } = this;
    if (subscription !== undefined && !subscription.isHeld) {
      subscription.push(messages);
      return;
    }
    if (this.closing) return;
    this.queue.add(messages, weight);
    this.updatePaused();
    // (a held subscriber gets these messages: a read beside it waits for the end)
    if (this.isAwaited && subscription === undefined) {
      this.reads?.serve();
      this.endIfRead();
    }
  }

  onPacked(count: number, inPlace: boolean): void {
    this.packed?.receive(count, inPlace);
    this.updatePaused();
  }

  onPong(number: number, roundTripMs: number): void {
    if (roundTripMs > 0) this.roundTripMs = roundTripMs;
    const waitedMs = this.pings?.answered(number);
    if (waitedMs !== undefined && roundTripMs === 0) this.roundTripMs = waitedMs;
  }

  onEnd(failure: NativeFailure | undefined): void {
    this.end =
      failure === undefined
        ? { code: 1, errors: NO_ERRORS }
        : { code: -1, errors: [errorOf(failure, this.url)] };
    announceClose(this, failure !== undefined, this.end.errors[0]);
    this.watcher?.onEnd(this.end.errors[0]);
    this.endIfRead();
  }

  onDrained(lost: boolean): void {
    if (lost) this.flushes?.fail(this.lostErrors(), this);
    else this.flushes?.succeed();
  }

  onClosed(failure: NativeFailure | undefined): void {
    this.settlePending();
    this.watcher?.onClosed(failure === undefined ? undefined : errorOf(failure, this.url));
    const { onDescriptorClosed } = this;
    this.onDescriptorClosed = undefined;
    onDescriptorClosed?.(failure);
  }

  onKeyLog(lines: string): void {
    if (this.keyLog !== undefined) callIn(this.context, this.keyLog, lines);
  }

  onTrace(events: readonly NativeTrace[]): void {
    callIn(this.context, () => {
      for (const event of events) this.trace?.publish(event);
    });
  }

  /** The socket is of webSocketOpenSync. */
  get isSync(): boolean {
    return this.lastTurnAt !== undefined;
  }

  // Reading.

  get hasMessages(): boolean {
    return !this.queue.isEmpty;
  }

  /** All messages have been delivered, and no subscriber is held. */
  private get isDelivered(): boolean {
    const isHeld = this.subscription?.isHeld === true || this.packed?.isBusy === true;
    return !this.hasMessages && !isHeld;
  }

  /** A read waits for a message. */
  get isAwaited(): boolean {
    return this.reads !== undefined && !this.reads.isEmpty;
  }

  get hasEnded(): boolean {
    return this.end !== undefined;
  }

  /** How the connection ended, with no message to follow; undefined: it has not. */
  get ending(): Readonly<End> | undefined {
    return this.end;
  }

  /** Bytes of memory that the queued messages take, about. */
  get weight(): number {
    return this.queue.weight;
  }

  /**
   * The next message; undefined when there is none. Call afterTake() once it is handed over: any call
   * in between could lose it (MessageQueue.take).
   */
  take(): Message | undefined {
    return this.queue.take();
  }

  /** Resumes reading if enough messages were taken. */
  afterTake(): void {
    this.updatePaused();
  }

  /** Puts a message that could not be handed over back in front, with its weight. */
  putBack(message: Message, weight: number): void {
    if (this.closing) return;
    this.queue.putBack(message, weight);
    this.updatePaused();
  }

  /** Takes all queued messages, as one array. */
  takeAll(): Message[] {
    const messages = this.queue.takeAll();
    this.updatePaused();
    return messages;
  }

  /** Waits for a message, at most `timeoutMs` (Infinity: for ever). */
  wait(take: (inbox: Inbox) => boolean, timeoutMs: number, call: string): Promise<number> {
    return new Promise((resolve) => {
      if (this.end !== undefined && this.isDelivered) resolveWithEnd(resolve, this.end, call, this);
      else (this.reads ??= new Reads<Inbox>(this)).add(take, resolve, timeoutMs, call);
    });
  }

  /** The read with this `take` waits no more: it resolves to 1. */
  stopWaiting(take: (inbox: Inbox) => boolean): void {
    this.reads?.stop(take);
  }

  /** From now on every batch goes to the subscriber, the queued messages first. */
  subscribe(subscriber: Subscriber): void {
    this.hasExclusiveReader = true;
    this.subscription = new Subscription(this, subscriber);
    // Not before webSocketSubscribe returns.
    if (this.hasMessages) this.subscription.holdForTurn();
  }

  /** The same, with packed batches. */
  subscribePacked(subscriber: PackedSubscriber): void {
    this.hasExclusiveReader = true;
    native.pack(this.slot);
    this.packed = new PackedSubscription(this, subscriber, this.queue.takeAll());
    this.updatePaused();
  }

  /** Pushes the messages that a subscriber held back. */
  release(): void {
    this.packed?.pushWaiting();
    if (this.hasMessages) this.subscription?.push(this.takeAll());
    this.updatePaused();
    this.endIfRead();
  }

  /** True while reading from the network is paused, since too much is queued. */
  get isPaused(): boolean {
    return this.paused;
  }

  /** Pauses reading while too much is queued. */
  private updatePaused(): void {
    const weight = this.queue.weight + (this.packed?.weight ?? 0);
    if (this.paused ? weight > this.highWaterMark / 2 : weight <= this.highWaterMark) return;
    this.paused = !this.paused;
    if (this.paused) native.pause(this.slot);
    else native.resume(this.slot);
  }

  /** Resolves waiting reads with the end, once every message is delivered. */
  private endIfRead(): void {
    if (this.end !== undefined && this.isDelivered) this.reads?.endAll(this.end);
  }

  // Writing.

  /** Resolves to 0 once all output is handed to the operating system. */
  flush(): Promise<number> {
    return new Promise((resolve) => {
      const status = resultOf(() => native.drain(this.slot));
      if (status === DrainStatus.waits) (this.flushes ??= new Flushes()).add(resolve);
      else if (status === DrainStatus.drained) resolve(0);
      else failAsync(resolve, -1, this.lostErrors(), 'webSocketFlush', this);
    });
  }

  /** Resolves to 0 once the pong is back; undefined if no ping can be sent. */
  ping(): Promise<number> | undefined {
    const number = native.nextNumber();
    const sentAt = now();
    if (!native.ping(this.slot, number)) return undefined;
    return (this.pings ??= new Pings()).wait(number, sentAt);
  }

  // The end.

  /** Takes over id and start time of the inbox that was redirected. */
  inheritOpening({ id, startedAt }: Inbox): void {
    this.id = id;
    this.startedAt = startedAt;
  }

  /** Messages were lost. */
  endWithLoss(error: WebSocketError): void {
    if (!this.hasEnded) announceClose(this, true, error);
    this.end = { code: -1, errors: [error] };
  }

  /** This side ends the connection (src/socket/closing.ts). */
  get isClosing(): boolean {
    return this.closing;
  }

  /** Drops the messages; waiting and later reads resolve to 1. */
  discardAndEnd(): void {
    this.closing = true;
    this.subscription = undefined;
    this.packed = undefined;
    this.queue.clear();
    this.end = { code: 1, errors: NO_ERRORS };
    this.reads?.endAll(this.end);
  }

  /** Settles waiting pings and flushes; called while the inbox still owns its slot. */
  settlePending(): void {
    const pings = this.pings?.takeAll() ?? [];
    // Output that went out before the end counts as flushed.
    if (this.flushes?.isEmpty === false) {
      this.onDrained(resultOf(() => native.drain(this.slot)) !== DrainStatus.drained);
    }
    if (pings.length === 0) return;
    const errors = this.lostErrors();
    for (const resolve of pings) failAsync(resolve, -1, errors, 'webSocketPing', this);
  }

  /** The errors of calls that the end of the connection leaves unanswered. */
  lostErrors(): readonly WebSocketError[] {
    const errors = this.end?.errors ?? [];
    return errors.length === 0 ? [makeError('WSFD_SOCKET_CLOSED', this.url)] : errors;
  }
}
