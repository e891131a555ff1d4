// Things that happen, in order, for tests that wait for the next one.
import { patience } from './patience';

export class Arrivals<T> {
  /** Everything that has happened so far, oldest first. */
  readonly all: T[] = [];
  private taken = 0;
  private readonly waiting: ((value: T) => void)[] = [];

  /** `what` one of them is, for the text of an error: 'message'. */
  constructor(private readonly what: string) {}

  push(value: T): void {
    this.all.push(value);
    const give = this.waiting.shift();
    if (give === undefined) return;
    this.taken += 1;
    give(value);
  }

  /**
   * The oldest one not yet given out; waits for it if it has not happened yet, and rejects when it
   * does not come. `what` is awaited, where that is known better.
   */
  next(what = this.what): Promise<T> {
    const value = this.all[this.taken];
    if (this.taken < this.all.length) {
      this.taken += 1;
      return Promise.resolve(value as T);
    }
    // (made here, so that its stack shows who waits)
    const late = new Error(`no ${what} came in ${patience} s; ${this.all.length} had come before`);
    const coming = new Promise<T>((resolve, reject) => {
      const give = (arrived: T): void => {
        clearTimeout(timer);
        resolve(arrived);
      };
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(give), 1);
        reject(late);
      }, patience * 1000);
      // A process in which nothing else is left ends, and the test fails at once.
      timer.unref();
      this.waiting.push(give);
    });
    // A test that has failed meanwhile does not wait for it any more.
    coming.catch(() => undefined);
    return coming;
  }
}
