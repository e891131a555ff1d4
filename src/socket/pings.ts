/** Pings whose pongs somebody waits for. */
import { clearLastErrors } from './last-error.js';
import { now } from '../native/schedule.js';

interface Ping {
  readonly resolve: (code: number) => void;
  readonly sentAt: number;
}

/** Those of one socket, in the order in which they were sent. */
export class Pings {
  private readonly waiting = new Map<number, Ping>();

  /** Resolves to 0 once the pong of the ping with this number is back. */
  wait(number: number, sentAt: number): Promise<number> {
    return new Promise((resolve) => {
      this.waiting.set(number, { resolve, sentAt });
    });
  }

  /** A pong is back; gives how long that took, or undefined for one that nobody waits for. */
  answered(number: number): number | undefined {
    const time = now();
    let roundTripMs: number | undefined;
    for (const [sent, ping] of this.waiting) {
      // RFC 6455 section 5.5.3: a pong may answer several pings at once, the last of them by name.
      if (sent > number) break;
      this.waiting.delete(sent);
      clearLastErrors();
      roundTripMs = time - ping.sentAt;
      ping.resolve(0);
    }
    return roundTripMs;
  }

  /** Those whose pongs will not come. */
  takeAll(): ((code: number) => void)[] {
    const all = Array.from(this.waiting.values(), ({ resolve }) => resolve);
    this.waiting.clear();
    return all;
  }
}
