/** The reads of one socket that wait for a message, the end or a timeout. */
import { unwritableError } from '../errors/argument.js';
import { makeError, thrownError } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';
import type { Subject } from '../diagnostics/subject.js';
import type { End } from './inbox-types.js';
import { clearLastErrors, failAsync } from './last-error.js';
import { Waiters } from './waiters.js';

/** The error of a read whose `timeoutMs` have passed. */
export function readTimeoutError(url: string, timeoutMs: number): WebSocketError {
  const detail = timeoutMs === 0 ? 'nothing was there' : `${String(timeoutMs / 1000)} seconds`;
  return makeError('WSFD_READ_TIMEOUT', `${detail} (${url})`);
}

/** Resolves a read with how the connection ended. */
export function resolveWithEnd(
  resolve: (code: number) => void,
  end: End,
  call: string,
  subject: Subject,
): void {
  if (end.code === -1) {
    failAsync(resolve, -1, end.errors, call, subject);
    return;
  }
  clearLastErrors();
  resolve(1);
}

export class Reads<Source extends Subject & { readonly hasMessages: boolean }> {
  private readonly waiters = new Waiters<Source>();
  private readonly source: Source;

  constructor(source: Source) {
    this.source = source;
  }

  get isEmpty(): boolean {
    return this.waiters.isEmpty;
  }

  /** Adds a read at the end; at most `timeoutMs` (Infinity: for ever). */
  add(
    take: (source: Source) => boolean,
    resolve: (code: number) => void,
    timeoutMs: number,
    call: string,
  ): void {
    const { source } = this;
    try {
      this.waiters.add({ take, resolve, call }, timeoutMs, () => {
        failAsync(resolve, -2, [readTimeoutError(source.url, timeoutMs)], call, source);
      });
    } catch (thrown) {
      failAsync(resolve, -1, [thrownError(thrown, source.url)], call, source);
    }
  }

  /** Gives messages to the reads, first come, first served, as long as there are both. */
  serve(): void {
    clearLastErrors();
    while (this.source.hasMessages) {
      const waiter = this.waiters.shift();
      if (waiter === undefined) return;
      const { take, resolve, call } = waiter;
      if (take(this.source)) resolve(0);
      else failAsync(resolve, -1, [unwritableError(call)], call, this.source);
    }
  }

  /** Resolves the read with this `take`, if it waits, to 1 without a message. */
  stop(take: (source: Source) => boolean): void {
    this.waiters.removeBy(take)?.resolve(1);
  }

  /** No message comes any more: resolves all reads. */
  endAll(end: End): void {
    for (let it = this.waiters.shift(); it !== undefined; it = this.waiters.shift()) {
      resolveWithEnd(it.resolve, end, it.call, this.source);
    }
  }
}
