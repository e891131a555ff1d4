/** The unread messages of one socket, in the batches in which they arrived. */
import type { Message } from './inbox-types.js';

/** Batches are joined up to this many messages: single messages get no batch each. */
const JOINED_BATCH = 512;

interface Batch {
  readonly messages: Message[];
  /** See native/binding/batch_values.h. */
  weight: number;
  next: Batch | undefined;
}

export class MessageQueue {
  private first: Batch | undefined;
  private last: Batch | undefined;
  /** How many messages of the first batch were taken. */
  private cursor = 0;
  private total = 0;

  get isEmpty(): boolean {
    return this.first === undefined;
  }

  /** Bytes of memory, about; a batch counts until its last message is taken. */
  get weight(): number {
    return this.total;
  }

  /** Adds a batch of at least one message at the end. */
  add(messages: Message[], weight: number): void {
    const { last } = this;
    if (last !== undefined && last.messages.length + messages.length <= JOINED_BATCH) {
      last.messages.push(...messages);
      last.weight += weight;
    } else {
      const batch = { messages, weight, next: undefined };
      if (last === undefined) this.first = batch;
      else last.next = batch;
      this.last = batch;
    }
    this.total += weight;
  }

  /**
   * The next message; undefined when there is none. It calls nothing: V8 ends a script (its timeout,
   * Ctrl-C in the REPL) where a function begins, and would lose a message between two steps.
   */
  take(): Message | undefined {
    const { first } = this;
    if (first === undefined) return undefined;
    const message = first.messages[this.cursor];
    // The batch stays until its last message is taken: it must not keep this one.
    first.messages[this.cursor++] = '';
    if (this.cursor === first.messages.length) {
      this.cursor = 0;
      this.total -= first.weight;
      this.first = first.next;
      if (this.first === undefined) this.last = undefined;
    }
    return message;
  }

  /** Takes all messages, as one array. */
  takeAll(): Message[] {
    const { first, cursor } = this;
    if (first === undefined) return [];
    const batches = [cursor === 0 ? first.messages : first.messages.slice(cursor)];
    for (let batch = first.next; batch !== undefined; batch = batch.next) {
      batches.push(batch.messages);
    }
    const [all = []] = batches.length === 1 ? batches : [batches.flat()];
    this.clear();
    return all;
  }

  /** Puts a message that could not be handed over back in front, with its weight. */
  putBack(message: Message, weight: number): void {
    const { first } = this;
    if (first !== undefined) first.messages.splice(0, this.cursor);
    this.cursor = 0;
    this.first = { messages: [message], weight, next: first };
    this.last ??= this.first;
    this.total += weight;
  }

  clear(): void {
    this.first = this.last = undefined;
    this.cursor = 0;
    this.total = 0;
  }
}
