// What every client does with every message, the same for all: count it, add its length up, and look
// at one now and then: whether it is the one that has to stand at this place of the stream.
import { isDeepStrictEqual } from 'node:util';
import type { Data } from './messages';

/** As the clients hand it over; undici gives an ArrayBuffer. */
export type Received = string | Buffer | ArrayBuffer | JsonValue;
/** A message that was parsed. */
export type JsonValue = Readonly<Record<string, unknown>>;
export interface Take {
  (data: Received, length: number): void;
  /** Counts a message that is not to be looked at, true then: nothing need be made of it. */
  readonly skip?: (length: number) => boolean;
}

/** Of a large message only both ends are compared, so that looking costs next to nothing. */
const comparedBytes = 256;

const isJson = (received: Received): received is JsonValue =>
  typeof received === 'object' && !(received instanceof ArrayBuffer) && !Buffer.isBuffer(received);

function isSame(received: Received, expected: Data): boolean {
  if (isJson(received)) return isDeepStrictEqual(received, JSON.parse(String(expected)));
  if (typeof received === 'string' || typeof expected === 'string') {
    if (typeof received !== typeof expected || received === expected) return received === expected;
    return false;
  }
  const data = Buffer.isBuffer(received) ? received : Buffer.from(received);
  return (
    data.length === expected.length &&
    data.subarray(0, comparedBytes).equals(expected.subarray(0, comparedBytes)) &&
    data.subarray(-comparedBytes).equals(expected.subarray(-comparedBytes))
  );
}

/** The messages of one connection. */
export class Feed {
  count = 0;
  /** Lengths as JavaScript sees them: of text, UTF-16 units. */
  length = 0;
  private nextLook = 1;

  /** `lookEvery`: 1 looks at every message; a prime comes to see all that differ. */
  constructor(
    private readonly expected: readonly Data[],
    private readonly lookEvery: number,
  ) {}

  take(data: Received, length: number): void {
    this.length += length;
    this.count += 1;
    if (this.count === this.nextLook) this.look(data);
  }

  skip(length: number): boolean {
    if (this.count + 1 === this.nextLook) return false;
    this.length += length;
    this.count += 1;
    return true;
  }

  private look(data: Received): void {
    const place = (this.count - 1) % this.expected.length;
    if (!isSame(data, this.expected[place] as Data)) {
      throw new Error(`message ${this.count - 1} is not what was sent`);
    }
    this.nextLook += this.lookEvery;
  }

  /** Throws unless the lengths add up to what the messages' places say. */
  verify(): void {
    const { expected, count } = this;
    const whole = expected.reduce((sum, { length }) => sum + length, 0);
    const rest = expected.slice(0, count % expected.length);
    const length =
      Math.floor(count / expected.length) * whole +
      rest.reduce((sum, message) => sum + message.length, 0);
    if (length !== this.length) throw new Error(`${this.length} units came, ${length} were sent`);
  }
}
