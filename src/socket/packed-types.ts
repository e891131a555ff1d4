/** Messages as positions in memory: no string and no Buffer is made for one that nobody asks for. */

/**
 * What webSocketSubscribePacked calls with: messages that arrived together. All of it is the
 * library's memory, which the next messages overwrite: it is only good until the subscriber returns,
 * also where it returns a promise. From then on `length` is 0. With WSFD_DEBUG set, the memory is
 * overwritten as soon as the subscriber returns, so that a program that kept a view of it finds out.
 */
export interface PackedBatch {
  /** How many messages there are: one at least. */
  readonly length: number;
  /** What the messages lie in: message `i` is from `starts[i]` to `ends[i]`. */
  readonly bytes: Buffer;
  /** The first `length` elements count. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** True for a text message, whose bytes are UTF-8; false for a binary one. */
  isText(i: number): boolean;
  /**
   * Message `i` as a string. Of a binary message, what is not UTF-8 becomes U+FFFD.
   *
   * @throws RangeError, as the others, where `i` is no message's.
   */
  text(i: number): string;
  /** Message `i` where it lies: a view. */
  subarray(i: number): Buffer;
  /** A copy of message `i`, which may be kept. */
  copy(i: number): Buffer;
  /**
   * All messages as values, parsed at once: less work than a JSON.parse for each.
   *
   * @returns An array of `length` values.
   * @throws SyntaxError where one is binary or no JSON value; it names the first that is.
   */
  json(): unknown[];
}

/** What webSocketSubscribePacked calls with the messages of a wake-up. */
export type PackedSubscriber = (batch: PackedBatch) => void | Promise<void>;
