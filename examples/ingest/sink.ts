// Where the messages go: a stream (jetstream.ts), or a file.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import type { Message } from 'wsfd';

/** Says one thing, on a line of its own. */
export type Log = (text: string) => void;

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
  /** Messages that were taken and are not acknowledged. */
  unacknowledged = 0;

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
    return `${this.feed}.${this.term}.${this.connection}.${++this.count}`;
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
  /** Resolves once all that was taken of the source is acknowledged. */
  drained(source: Source): Promise<void>;
}

/** Appends a line of JSON for each message: `{"id":…,"text":…}`, or `base64` for binary ones. */
export class FileSink implements Sink {
  acknowledged = 0;
  readonly unacknowledged = 0;
  readonly maxMessageBytes = 1 << 28;
  private readonly file: WriteStream;
  private draining: Promise<unknown> | undefined = undefined;

  constructor(path: string) {
    this.file = createWriteStream(path, { flags: 'a' });
  }

  async take(source: Source, batch: readonly Message[]): Promise<void> {
    const lines = batch.map((message) => {
      const id = source.nextId();
      const isText = typeof message === 'string';
      const value = isText ? { id, text: message } : { id, base64: message.toString('base64') };
      return `${JSON.stringify(value)}\n`;
    });
    this.acknowledged += batch.length;
    if (this.file.write(lines.join(''))) return;
    this.draining ??= once(this.file, 'drain').then(() => (this.draining = undefined));
    await this.draining;
  }

  drained(): Promise<void> {
    return new Promise((resolve) => this.file.write('', () => resolve()));
  }
}
