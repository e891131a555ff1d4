// Things that happen at a server, in order, for tests that wait for the next one.

export class Arrivals<T> {
  /** Everything that has happened so far, oldest first. */
  readonly all: T[] = [];
  private taken = 0;
  private readonly waiting: ((value: T) => void)[] = [];

  push(value: T): void {
    this.all.push(value);
    const resolve = this.waiting.shift();
    if (resolve === undefined) return;
    this.taken += 1;
    resolve(value);
  }

  /** The oldest one not yet given out; waits for it if it has not happened yet. */
  next(): Promise<T> {
    const value = this.all[this.taken];
    if (this.taken < this.all.length) {
      this.taken += 1;
      return Promise.resolve(value as T);
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
