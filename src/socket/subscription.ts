/** Pushes batches to a subscriber, one at a time. */
import type { AsyncResource } from 'node:async_hooks';

import { callLater } from '../native/schedule.js';
import { callIn } from './context.js';
import { clearLastErrors } from './last-error.js';

/** The inbox of a subscription. */
interface Owner {
  /** The async context in which the subscriber is called. */
  readonly context: AsyncResource;
  /** The subscriber can be called again: pushes the messages held back. */
  release(): void;
}

/** What the subscriber returns, if that is a promise; else undefined. (`then` may be a getter) */
function pendingResult<Batch>(subscriber: (batch: Batch) => unknown, batch: Batch): unknown {
  const result = subscriber(batch) as Partial<Promise<void>> | null | undefined;
  return typeof result?.then === 'function' ? result : undefined;
}

export class Subscription<Batch> {
  /** True while the subscriber must not be called: its promise is pending, or holdForTurn waits. */
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
    const pending = callIn(this.owner.context, pendingResult, this.subscriber, batch);
    if (pending === undefined) return;
    this.isHeld = true;
    // (a caller's thenable may throw, or call back at once or twice; a Promise does not)
    const settled = new Promise((resolve) => {
      resolve(pending);
    });
    const next = (): void => {
      this.release();
    };
    // The subscriber's rejection becomes an unhandled one; further batches are still pushed.
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
