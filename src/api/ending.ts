/** The end of a loop of webSocketConnections. */
import { AbortController } from '../base/event-target.js';
import { isAborted, isAbortSignal, reasonOf, whenAborted } from '../options/abort.js';

/** Ends once: by the loop's own `return`, or by the signal of the options. */
export class Ending {
  private readonly controller = new AbortController();
  private followed: AbortSignal | undefined = undefined;
  /** Removes the listener of `followed`. */
  private unfollow = (): void => undefined;

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  hasEnded(): boolean {
    return isAborted(this.signal);
  }

  end(reason?: unknown): void {
    this.controller.abort(reason);
  }

  /** Follows the signal of these options from now on; other code checks the options. */
  follow(options: unknown): void {
    const { signal } = Object(options) as { signal?: unknown };
    if (signal === this.followed || this.hasEnded()) return;
    this.forget();
    if (!isAbortSignal(signal)) return;
    if (isAborted(signal)) {
      this.end(reasonOf(signal));
      return;
    }
    this.followed = signal;
    this.unfollow = whenAborted(signal, () => {
      this.end(reasonOf(signal));
    });
  }

  forget(): void {
    this.unfollow();
    this.followed = undefined;
    this.unfollow = () => undefined;
  }

  /** The result of a caller's promise; undefined if the loop ends before. */
  orEnd(value: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let forget = (): void => undefined;
      if (this.hasEnded()) {
        resolve(undefined);
      } else {
        forget = whenAborted(this.signal, () => {
          resolve(undefined);
        });
      }
      // (also of a loop that has ended: the caller's rejection would end the process)
      Promise.resolve(value).then(resolve, reject).finally(forget);
    });
  }
}
