/** Pings that wait for their pongs. */
import { clearLastErrors } from './last-error.js';
import { now } from '../native/schedule.js';

interface Ping {
  readonly resolve: (code: number) => void;
  readonly sentAt: number;
}

/** The pings of one socket, in the order in which they were sent. */
export class Pings {
  private readonly waiting = new Map<number, Ping>();

  /** Resolves to 0 once the pong of the ping with this number is back. */
  wait(number: number, sentAt: number): Promise<number> {
    return new Promise((resolve) => {
      this.waiting.set(number, { resolve, sentAt });
    });
  }

  /** A pong is back; returns the round trip in ms, or undefined if no ping waits for it. */
  answered(number: number): number | undefined {
    // The payload of an unsolicited pong is any number.
    if (!this.waiting.has(number)) return undefined;
    const time = now();
    let roundTripMs: number | undefined;
    for (const [sent, ping] of this.waiting) {
      // RFC 6455 section 5.5.3: a pong may answer several pings; it has the last one's payload.
      if (sent > number) break;
      this.waiting.delete(sent);
      clearLastErrors();
      roundTripMs = time - ping.sentAt;
      ping.resolve(0);
    }
    return roundTripMs;
  }

  /** Takes the pings whose pongs will not come. */
  takeAll(): ((code: number) => void)[] {
    const all = Array.from(this.waiting.values(), ({ resolve }) => resolve);
    this.waiting.clear();
    return all;
  }
}
