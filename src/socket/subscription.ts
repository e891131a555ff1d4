/** Pushing batches to a subscriber, one at a time. */
import type { AsyncResource } from 'node:async_hooks';

import { callLater } from '../native/schedule.js';
import { callIn } from './context.js';
import { clearLastErrors } from './last-error.js';

/** What a subscription belongs to. */
interface Owner {
  /** The async context in which the subscriber is called. */
  readonly context: AsyncResource;
  /** The subscriber can be called again: pushes what has come meanwhile. */
  release(): void;
}

export class Subscription<Batch> {
  /** True while the subscriber must not be called: a promise of its own is not settled yet. */
  isHeld = false;
  private readonly owner: Owner;
  private readonly subscriber: (batch: Batch) => unknown;

  constructor(owner: Owner, subscriber: (batch: Batch) => unknown) {
    this.owner = owner;
    this.subscriber = subscriber;
  }

  /** Calls the subscriber, which must not be held; a promise that it returns holds it. */
  push(batch: Batch): void {
    clearLastErrors();
    const result: unknown = callIn(this.owner.context, this.subscriber, batch);
    if (typeof (result as Partial<Promise<void>> | null | undefined)?.then !== 'function') return;
    this.isHeld = true;
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

  /** Holds the subscriber until the event loop turns. */
  holdForTurn(): void {
    this.isHeld = true;
    callLater(() => {
      this.release();
    });
  }

  private release(): void {
    this.isHeld = false;
    this.owner.release();
  }
}
