/** Messages as positions in memory: a string or a Buffer is made only on request. */

/**
 * Messages that arrived together; see webSocketSubscribePacked. The memory belongs to wsfd, and the
 * next messages overwrite it: the batch is only valid until the subscriber returns, even if it
 * returns a promise. After that, `length` is 0. With WSFD_DEBUG set, wsfd overwrites the memory as
 * soon as the subscriber returns, which exposes a program that uses a view after that.
 */
export interface PackedBatch {
  /** Number of messages, at least 1. */
  readonly length: number;
  /** The memory of the messages: message `i` is from `starts[i]` to `ends[i]`. */
  readonly bytes: Buffer;
  /** Only the first `length` elements are valid. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** True for a text message, whose bytes are UTF-8; false for a binary one. */
  isText(i: number): boolean;
  /**
   * Message `i` as a string. In a binary message, invalid UTF-8 becomes U+FFFD.
   *
   * @throws RangeError, as isText, subarray and copy, if there is no message `i`.
   */
  text(i: number): string;
  /** A view of message `i`. */
  subarray(i: number): Buffer;
  /** A copy of message `i`, which may be kept. */
  copy(i: number): Buffer;
  /**
   * Parses all messages as JSON, which costs less than a JSON.parse for each.
   *
   * @returns An array of `length` values.
   * @throws SyntaxError if a message is binary or not JSON; it names the first one.
   */
  json(): unknown[];
}

/** Receives messages that arrived together; see webSocketSubscribePacked. */
export type PackedSubscriber = (batch: PackedBatch) => void | Promise<void>;
