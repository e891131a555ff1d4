/** Reads that wait for a message, first come, first served. */
import { startDeadline } from '../native/schedule.js';

/** A read that waits for messages of a source, such as an inbox. */
interface Waiter<Source> {
  /** Takes one message or more out of the source, which has some. False: they stay in it. */
  readonly take: (source: Source) => boolean;
  readonly resolve: (code: number) => void;
  /** The function that was called. */
  readonly call: string;
  /** Undefined: it waits for ever. */
  stopTimer: (() => void) | undefined;
  /** Its neighbours in the list. */
  before: Waiter<Source> | undefined;
  after: Waiter<Source> | undefined;
}

/** A linked list: removal takes the same time at any place. */
export class Waiters<Source> {
  private first: Waiter<Source> | undefined = undefined;
  private last: Waiter<Source> | undefined = undefined;

  get isEmpty(): boolean {
    return this.first === undefined;
  }

  /** Adds a read at the end. Once `timeoutMs` have passed, it is removed and `late` is called. */
  add(
    { take, resolve, call }: Pick<Waiter<Source>, 'take' | 'resolve' | 'call'>,
    timeoutMs: number,
    late: () => void,
  ): void {
    const before = this.last;
    const waiter: Waiter<Source> = {
      take,
      resolve,
      call,
      stopTimer: undefined,
      before,
      after: undefined,
    };
    if (timeoutMs !== Infinity) {
      waiter.stopTimer = startDeadline(() => {
        this.remove(waiter);
        late();
      }, timeoutMs);
    }
    if (before === undefined) this.first = waiter;
    else before.after = waiter;
    this.last = waiter;
  }

  /** Removes the first read. */
  shift(): Waiter<Source> | undefined {
    const waiter = this.first;
    if (waiter !== undefined) this.remove(waiter);
    return waiter;
  }

  /** Removes the read with this `take`; undefined: there is none. */
  removeBy(take: Waiter<Source>['take']): Waiter<Source> | undefined {
    let waiter = this.first;
    while (waiter !== undefined && waiter.take !== take) waiter = waiter.after;
    if (waiter !== undefined) this.remove(waiter);
    return waiter;
  }

  private remove(waiter: Waiter<Source>): void {
    const { before, after } = waiter;
    if (before === undefined) this.first = after;
    else before.after = after;
    if (after === undefined) this.last = before;
    else after.before = before;
    waiter.stopTimer?.();
  }
}
