// What a micro-benchmark of the codec gives.

export interface CodecResult {
  readonly name: string;
  /** Nanoseconds for one: a header, a message, a handshake. */
  readonly ns: number;
  /** Relative margin of error of the mean, per cent. */
  readonly margin: number;
  /** Gigabytes per second; absent where bytes are not the point. */
  readonly gigabytesPerSecond?: number;
}
