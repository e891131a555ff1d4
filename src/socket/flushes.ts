/** Flushes of one socket that wait until its output is handed to the system. */
import type { Subject } from '../diagnostics/subject.js';
import type { WebSocketError } from '../errors/errors.js';
import { clearLastErrors, failAsync } from './last-error.js';

export class Flushes {
  private waiting: ((code: number) => void)[] = [];

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  add(resolve: (code: number) => void): void {
    this.waiting.push(resolve);
  }

  /** All output is handed to the system. */
  succeed(): void {
    const flushes = this.takeAll();
    clearLastErrors();
    for (const resolve of flushes) resolve(0);
  }

  /** Some output is lost. */
  fail(errors: readonly WebSocketError[], subject: Subject): void {
    for (const resolve of this.takeAll()) {
      failAsync(resolve, -1, errors, 'webSocketFlush', subject);
    }
  }

  private takeAll(): ((code: number) => void)[] {
    const { waiting } = this;
    this.waiting = [];
    return waiting;
  }
}
