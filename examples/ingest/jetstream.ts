// Publishes to a JetStream stream: many messages on their way at a time, each until its
// acknowledgement has come, and again after whatever may have lost it.
import { createInbox, headers } from '@nats-io/transport-node';
import type { Msg, NatsConnection, PublishOptions } from '@nats-io/transport-node';
import type { Message } from 'wsfd';
import { Happening } from './sink';
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
/** So often is looked for what is to be sent again. */
const lookMs = 1000;
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
  /** The stream has refused something: all that is on its way is sent again, in its order. */
  private isRefused = false;
  private readonly hasRoom = new Happening();

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
    setInterval(() => {
      this.sendAgain(this.isRefused ? 0 : answerMs);
    }, lookMs).unref();
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
        if (this.isFull) await this.hasRoom.wait();
        else if (!(await source.lease.holds())) return;
      }
      this.publish(source, message);
    }
  }

  private get isFull(): boolean {
    // (while something is to be sent again, nothing new overtakes it)
    if (!this.connected || this.isRefused) return true;
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
    this.connection.publish(subject, message, options);
  }

  private onAnswer(error: Error | null, answer: Msg): void {
    const number = Number(answer.subject.slice(this.inbox.length));
    const publication = this.sent.get(number);
    // (the second answer to what was sent twice)
    if (publication === undefined) return;
    const refusal = refusalOf(error, answer);
    if (refusal !== undefined) {
      if (!this.isRefused) this.log(`the stream refused messages: ${refusal}`);
      this.isRefused = true;
      return;
    }
    this.sent.delete(number);
    this.acknowledged++;
    this.length -= publication.message.length;
    publication.source.acknowledge();
    this.goOn();
  }

  /** Goes on with those who wait, once half of the room is free. */
  private goOn(): void {
    if (this.isFull || this.sent.size > this.most / 2 || this.length > mostLength / 2) return;
    this.hasRoom.happen();
  }

  /** Sends again, in their order, what was sent so long ago. The stream drops what it has. */
  private sendAgain(ageMs: number): void {
    if (!this.connected) return;
    const now = performance.now();
    const due = [...this.sent.values()].filter(({ sentAt }) => now - sentAt >= ageMs);
    for (const publication of due) {
      publication.sentAt = now;
      this.connection.publish(publication.subject, publication.message, publication.options);
    }
    if (due.length > 0) this.log(`${due.length} messages were sent again`);
    this.isRefused = false;
    this.goOn();
  }

  private async watchConnection(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (type === 'disconnect') this.connected = false;
      if (type !== 'reconnect') continue;
      // What waited in the old connection is gone.
      this.connected = true;
      this.sendAgain(0);
    }
  }
}
