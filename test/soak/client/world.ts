// What the actors of one thread share.
import type { AllPorts, ClientFiles } from '../protocol';

export class World {
  /** True: what runs comes to its end as fast as it can, and nothing new is begun. */
  stopping = false;
  /** Sockets that are open. */
  open = 0;
  /** Never aborted; a great many openings are given it. */
  readonly signal = new AbortController().signal;
  /** True: not even what the servers have begun is waited for any more. */
  isAbandoned = false;
  private readonly patient = new Set<() => void>();
  /** A bit for each number that was given out. */
  private given = new Uint8Array(1 << 16);
  private readonly sleepers = new Map<NodeJS.Timeout, () => void>();

  constructor(
    public ports: AllPorts,
    readonly files: ClientFiles,
    private readonly pace: Float64Array,
  ) {}

  /** Waits, the longer the slower the pace is. */
  pause(ms: number): Promise<void> {
    return this.stall(ms * (this.pace[0] ?? 1));
  }

  /** Waits, whatever the pace is: nobody's patience is to be tried. */
  stall(ms: number): Promise<void> {
    if (this.stopping) return new Promise((resolve) => setImmediate(resolve));
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.sleepers.delete(timer);
        resolve();
      }, ms);
      this.sleepers.set(timer, resolve);
    });
  }

  stop(): void {
    this.stopping = true;
    for (const [timer, resolve] of this.sleepers) {
      clearTimeout(timer);
      resolve();
    }
    this.sleepers.clear();
  }

  /** Stops, and has everything ended here that a server would have ended. */
  abandon(): void {
    this.isAbandoned = true;
    this.stop();
    for (const resolve of this.patient) resolve();
    this.patient.clear();
  }

  /**
   * Resolves when `event` does, or when the world is abandoned. (Promise.race would leave something
   * of every event in a promise that lives as long as the world.)
   */
  untilAbandoned(event: Promise<void>): Promise<void> {
    if (this.isAbandoned) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.patient.add(resolve);
      event.then(resolve, reject).finally(() => this.patient.delete(resolve));
    });
  }

  /** False for a socket number that was given out before. */
  isNew(socket: number): boolean {
    const [byte, bit] = [socket >> 3, 1 << (socket & 7)];
    if (byte >= this.given.length) {
      const larger = new Uint8Array(2 ** Math.ceil(Math.log2(byte + 1)));
      larger.set(this.given);
      this.given = larger;
    }
    const before = this.given[byte] ?? 0;
    this.given[byte] = before | bit;
    return (before & bit) === 0;
  }
}
