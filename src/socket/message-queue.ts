/** The unread messages of one socket, in the batches in which they arrived. */
import type { Message } from './inbox-types.js';

/** Batches are joined up to this many messages: single messages get no array each. */
const JOINED_BATCH = 512;

const NOTHING: readonly never[] = Object.freeze([]);

export class MessageQueue {
  private batches: Message[][] = NOTHING as unknown as Message[][];
  /** The weight of each batch: see native/binding/batch_values.h. */
  private weights: number[] = NOTHING as unknown as number[];
  /** How many messages of the first batch were taken. */
  private cursor = 0;
  private total = 0;

  get isEmpty(): boolean {
    return this.batches.length === 0;
  }

  /** Bytes of memory, about; a batch counts until its last message is taken. */
  get weight(): number {
    return this.total;
  }

  /** Adds a batch at the end. */
  add(messages: Message[], weight: number): void {
    const last = this.batches.at(-1);
    if (last !== undefined && last.length + messages.length <= JOINED_BATCH) {
      last.push(...messages);
      this.weights.push((this.weights.pop() ?? 0) + weight);
    } else if (last === undefined) {
      this.batches = [messages];
      this.weights = [weight];
    } else {
      this.batches.push(messages);
      this.weights.push(weight);
    }
    this.total += weight;
  }

  /** The next message; undefined when there is none. */
  take(): Message | undefined {
    const batch = this.batches[0];
    if (batch === undefined) return undefined;
    const message = batch[this.cursor];
    // The batch stays until its last message is taken: it must not keep this one.
    batch[this.cursor++] = '';
    if (this.cursor === batch.length) {
      this.cursor = 0;
      this.batches.shift();
      this.total -= this.weights.shift() ?? 0;
    }
    return message;
  }

  /** Takes all messages, as one array. */
  takeAll(): Message[] {
    const [first = [], ...rest] = this.batches;
    const head = this.cursor === 0 ? first : first.slice(this.cursor);
    const all = rest.length === 0 ? head : head.concat(...rest);
    this.clear();
    return all;
  }

  /** Puts messages that could not be handed over back in front, with their weight. */
  putBack(messages: Message[], weight: number): void {
    const [first, ...rest] = this.batches;
    this.batches = first === undefined ? [messages] : [messages, first.slice(this.cursor), ...rest];
    this.weights = [weight, ...this.weights];
    this.cursor = 0;
    this.total += weight;
  }

  clear(): void {
    this.batches = NOTHING as unknown as Message[][];
    this.weights = NOTHING as unknown as number[];
    this.cursor = 0;
    this.total = 0;
  }
}
