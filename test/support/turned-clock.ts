// A clock that the test turns, in place of the system's (the seam of src/api/connections.ts).
import { Arrivals } from './arrivals';

interface Timer {
  readonly task: () => void;
  readonly dueAt: number;
}

export class TurnedClock {
  /** Milliseconds of each timer, as they are started. */
  readonly started = new Arrivals<number>('timer');
  private readonly timers = new Set<Timer>();
  private time = 0;

  /** `drawn` is what each random number is. */
  constructor(readonly drawn = 0) {}

  now(): number {
    return this.time;
  }

  random(): number {
    return this.drawn;
  }

  /** The day before the Sunday that RFC 9110's examples are of. */
  wallClock(): number {
    return Date.UTC(1994, 10, 5, 8, 49, 37) + this.time;
  }

  startTimer(task: () => void, ms: number): () => void {
    const timer: Timer = { task, dueAt: this.time + ms };
    this.timers.add(timer);
    this.started.push(ms);
    return () => {
      this.timers.delete(timer);
    };
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.timers.size;
  }

  turn(ms: number): void {
    this.time += ms;
    for (const timer of [...this.timers]) {
      if (timer.dueAt > this.time) continue;
      this.timers.delete(timer);
      timer.task();
    }
  }

  /** Waits for the next pause to begin, and has it pass; its milliseconds. */
  async passPause(): Promise<number> {
    const ms = await this.started.next();
    this.turn(ms);
    return ms;
  }
}
