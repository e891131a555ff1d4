/** Pushes packed batches to a subscriber, from the receive memory or from a queue. */
import type { AsyncResource } from 'node:async_hooks';

import { messagesChannel } from '../diagnostics/channels.js';
import { publishMessages } from '../diagnostics/publish.js';
import type { Subject } from '../diagnostics/subject.js';
import { lentMemory } from '../native/packed-memory.js';
import { callIn } from './context.js';
import type { Message } from './inbox-types.js';
import { copyBatch, joinBatches, Packed, packMessages } from './packed-batch.js';
import type { PackedSubscriber } from './packed-types.js';
import { Subscription } from './subscription.js';

/** Queued batches are joined up to this many bytes. */
const JOINED_BYTES = 1024 * 1024;

/** Bytes that a queued batch takes beside its own: objects of V8, which keep a Buffer and views. */
const BATCH_OVERHEAD = 1200;

/** The inbox of the subscription. */
interface Owner extends Subject {
  readonly context: AsyncResource;
  readonly isClosing: boolean;
  release(): void;
}

export class PackedSubscription {
  private readonly owner: Owner;
  private readonly subscription: Subscription<Packed>;
  private waiting: Packed[] = [];
  private total = 0;

  /** `earlier`: messages that arrived before; they are pushed first. */
  constructor(owner: Owner, subscriber: PackedSubscriber, earlier: readonly Message[]) {
    this.owner = owner;
    this.subscription = new Subscription<Packed>(owner, subscriber);
    // Native code delivers batches in place only once it has lent the memory.
    lentMemory();
    if (earlier.length === 0) return;
    this.add(packMessages(earlier));
    // Not before webSocketSubscribePacked returns.
    this.subscription.holdForTurn();
  }

  /** Batches are queued, or the subscriber is held. */
  get isBusy(): boolean {
    return this.subscription.isHeld || this.waiting.length !== 0;
  }

  /** Bytes of memory that the queued batches take, about. */
  get weight(): number {
    return this.total;
  }

  /** Native code delivers a batch; `inPlace`: in the memory that it lends. */
  receive(count: number, inPlace: boolean): void {
    const memory = inPlace && !this.subscription.isHeld ? lentMemory() : undefined;
    const batch = memory === undefined ? copyBatch(count) : new Packed(memory, count);
    // (native code fails a connection that has lost messages)
    if (batch === undefined) return;
    if (messagesChannel.hasSubscribers) {
      callIn(this.owner.context, publishMessages, this.owner, batch.messages());
      if (this.owner.isClosing) return;
    }
    if (this.subscription.isHeld) this.add(batch);
    else this.push(batch);
  }

  /** Pushes queued batches until the subscriber is held. */
  pushWaiting(): void {
    while (!this.subscription.isHeld && this.waiting.length !== 0 && !this.owner.isClosing) {
      this.push(this.next());
    }
  }

  private push(batch: Packed): void {
    this.subscription.push(batch);
    batch.end();
  }

  private add(batch: Packed): void {
    this.waiting.push(batch);
    this.total += batch.bytes.length + BATCH_OVERHEAD;
  }

  /** Takes at least one batch from the queue, joined. */
  private next(): Packed {
    let bytes = 0;
    let end = 0;
    for (const batch of this.waiting) {
      if (end !== 0 && bytes + batch.bytes.length > JOINED_BYTES) break;
      bytes += batch.bytes.length;
      end++;
    }
    this.total -= bytes + end * BATCH_OVERHEAD;
    return joinBatches(this.waiting.splice(0, end));
  }
}
