// Publishes to a JetStream stream: many messages on their way at a time, each until its
// acknowledgement has come, and again after whatever may have lost it.
import { createInbox, headers } from '@nats-io/transport-node';
import type { Msg, NatsConnection, PublishOptions } from '@nats-io/transport-node';
import type { Message } from 'wsfd';
import type { Log, Sink, Source } from './sink';

interface Publication {
  readonly source: Source;
  readonly subject: string;
  readonly message: Message;
  readonly options: PublishOptions;
  sentAt: number;
}

/** Room for the headers of a message within the server's max_payload. */
const headerBytes = 1024;
/** An acknowledgement that has not come in this time is not waited for. */
const answerMs = 10_000;
/** After this time, what the stream has refused is sent again. */
const retryMs = 1000;
/** Beside the number of messages: what they have of memory. */
const mostLength = 32 << 20;

/** Why a message was not stored; undefined: it was. */
function refusalOf(error: Error | null, answer: Msg): string | undefined {
  if (error !== null) return error.message;
  // 503: there is no such stream, or not yet.
  if (answer.headers?.code === 503) return 'no stream takes its subject';
  return answer.json<{ error?: { description: string } }>().error?.description;
}

export class JetStreamSink implements Sink {
  acknowledged = 0;
  private readonly sent = new Map<number, Publication>();
  private readonly inbox = `${createInbox()}.`;
  private lastNumber = 0;
  private length = 0;
  private connected = true;
  private retrying = false;
  private waiting: (() => void)[] = [];
  private readonly draining = new Map<Source, () => void>();

  /** @param most So many messages are on their way at the most. */
  constructor(
    private readonly connection: NatsConnection,
    private readonly prefix: string,
    private readonly most: number,
    private readonly log: Log,
  ) {
    connection.subscribe(`${this.inbox}*`, {
      callback: (error, answer) => this.onAnswer(error, answer),
    });
    setInterval(() => this.sendAgain(performance.now() - answerMs), answerMs / 10).unref();
    void this.watchConnection();
  }

  get unacknowledged(): number {
    return this.sent.size;
  }

  get maxMessageBytes(): number {
    return (this.connection.info?.max_payload ?? 1 << 20) - headerBytes;
  }

  async take(source: Source, batch: readonly Message[]): Promise<void> {
    for (const message of batch) {
      while (this.isFull || !source.lease.isHeld()) {
        if (this.isFull) await new Promise<void>((resolve) => this.waiting.push(resolve));
        else if (!(await source.lease.holds())) return;
      }
      this.publish(source, message);
    }
  }

  drained(source: Source): Promise<void> {
    if (source.unacknowledged === 0) return Promise.resolve();
    return new Promise((resolve) => this.draining.set(source, resolve));
  }

  private get isFull(): boolean {
    // (while something is to be sent again, nothing new overtakes it)
    if (!this.connected || this.retrying) return true;
    return this.sent.size >= this.most || this.length >= mostLength;
  }

  private publish(source: Source, message: Message): void {
    const number = ++this.lastNumber;
    const names = headers();
    names.set('Nats-Msg-Id', source.nextId());
    const options = { headers: names, reply: `${this.inbox}${number}` };
    const subject = this.prefix + source.feed;
    const publication = { source, subject, message, options, sentAt: performance.now() };
    this.sent.set(number, publication);
    this.length += message.length;
    source.unacknowledged++;
    this.send(publication);
  }

  private send({ subject, message, options }: Publication): void {
    this.connection.publish(subject, message, options);
  }

  private onAnswer(error: Error | null, answer: Msg): void {
    const number = Number(answer.subject.slice(this.inbox.length));
    const publication = this.sent.get(number);
    // (the second answer to what was sent twice)
    if (publication === undefined) return;
    const refusal = refusalOf(error, answer);
    if (refusal !== undefined) {
      this.retry(refusal);
      return;
    }
    this.sent.delete(number);
    this.acknowledged++;
    const { source, message } = publication;
    this.length -= message.length;
    if (--source.unacknowledged === 0) {
      this.draining.get(source)?.();
      this.draining.delete(source);
    }
    this.goOn();
  }

  /** Goes on with those who wait, once half of the room is free. */
  private goOn(): void {
    const hasRoom = this.sent.size <= this.most / 2 && this.length <= mostLength / 2;
    if (!hasRoom || !this.connected || this.retrying) return;
    const resolves = this.waiting;
    this.waiting = [];
    for (const resolve of resolves) resolve();
  }

  private retry(refusal: string): void {
    if (this.retrying) return;
    this.retrying = true;
    this.log(`the stream refused messages, which are sent again: ${refusal}`);
    setTimeout(() => {
      this.retrying = false;
      this.sendAgain(performance.now());
      this.goOn();
    }, retryMs);
  }

  /** Sends again, in their order, what was last sent before then. The stream drops what it has. */
  private sendAgain(before: number): void {
    if (!this.connected) return;
    let count = 0;
    for (const publication of this.sent.values()) {
      if (publication.sentAt > before) continue;
      publication.sentAt = performance.now();
      this.send(publication);
      count++;
    }
    if (count > 0) this.log(`${count} messages were sent again`);
  }

  private async watchConnection(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (type === 'disconnect') this.connected = false;
      if (type !== 'reconnect') continue;
      // What waited in the old connection is gone.
      this.connected = true;
      this.sendAgain(performance.now());
      this.goOn();
    }
  }
}
