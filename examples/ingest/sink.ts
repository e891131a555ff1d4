// Where the messages go: a stream (jetstream.ts), or a file.
import { createWriteStream, openSync } from 'node:fs';
import type { WriteStream } from 'node:fs';
import type { Message } from 'wsfd';

/** Says one thing, on a line of its own. */
export type Log = (text: string) => void;

/** What several wait for; it may happen again and again. */
export class Happening {
  private waiting: (() => void)[] = [];

  wait(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  happen(): void {
    for (const goOn of this.waiting.splice(0)) goOn();
  }
}

/** Whether a process still is what it was when it took a feed. */
export interface Holder {
  /** True while messages may be taken. */
  isHeld(): boolean;
  /** Resolves with true once that is so, with false once it will never be again. */
  holds(): Promise<boolean>;
}

/** A feed while one process holds it, and how far its messages are. */
export class Source {
  /** Connections since the lease was taken, and messages of the present one. */
  connection = 0;
  count = 0;
  private unacknowledged = 0;
  private readonly drainedNow = new Happening();

  /** @param term The lease's revision, which grows with every holder. */
  constructor(
    readonly feed: string,
    readonly term: number,
    readonly lease: Holder,
  ) {}

  /**
   * The next message's name, the same each time that it is sent. Within a connection the last number
   * grows by one; where the connection's or the term's is another, messages may be missing.
   */
  nextId(): string {
    this.unacknowledged++;
    return `${this.feed}.${this.term}.${this.connection}.${++this.count}`;
  }

  acknowledge(count = 1): void {
    this.unacknowledged -= count;
    if (this.unacknowledged === 0) this.drainedNow.happen();
  }

  /** Resolves once all that was taken is acknowledged. */
  async drained(): Promise<void> {
    while (this.unacknowledged > 0) await this.drainedNow.wait();
  }
}

export interface Sink {
  /** Messages that are where they were to go. */
  readonly acknowledged: number;
  /** Messages that are on their way. */
  readonly unacknowledged: number;
  /** The largest message that can be taken. */
  readonly maxMessageBytes: number;
  /** Resolves once more can be taken. Messages behind the end of the lease are left. Never rejects. */
  take(source: Source, batch: readonly Message[]): Promise<void>;
}

/** Appends a line of JSON for each message: `{"id":…,"text":…}`, or `base64` for binary ones. */
export class FileSink implements Sink {
  acknowledged = 0;
  unacknowledged = 0;
  readonly maxMessageBytes = 1 << 28;
  private readonly file: WriteStream;

  constructor(path: string) {
    this.file = createWriteStream(path, { fd: openSync(path, 'a') });
  }

  /** (one batch of a feed at a time: no more than that waits for the disk) */
  take(source: Source, batch: readonly Message[]): Promise<void> {
    const lines = batch.map((message) => {
      const id = source.nextId();
      const isText = typeof message === 'string';
      const value = isText ? { id, text: message } : { id, base64: message.toString('base64') };
      return `${JSON.stringify(value)}\n`;
    });
    this.unacknowledged += batch.length;
    return new Promise((resolve) => {
      // (an error is an event too, which ends the process: nobody listens)
      this.file.write(lines.join(''), (error) => {
        if (error !== null && error !== undefined) return;
        this.unacknowledged -= batch.length;
        this.acknowledged += batch.length;
        source.acknowledge(batch.length);
        resolve();
      });
    });
  }
}
