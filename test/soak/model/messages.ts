// The messages of a run. Each says whose it is, its place in the order, its type, its length and the
// hash of its body, so that whoever receives it finds what was lost, doubled, reordered or changed:
//
//   <plan> : <direction><sequence number> : <t|b><length of the body> : <hash of the body> | body
//
// A last message of a direction says how many came before it:
//
//   <plan> : F : <received so far> : <sent so far> |
import { hashBytes, hashText, Random } from './random';

export type Direction = 'u' | 'd';
export type Sizes = 'small' | 'mixed' | 'large';

const poolSize = 1 << 19;

/** Text that bodies are cut from: runs of ASCII, of umlauts and of what UTF-8 has longer forms for. */
function makeTextPool(random: Random): string {
  const alphabets = ['etaoin shrdlu,.{}":0123456789', 'äöüß éè ñ', '漢字かな交じり', '🙂🚀🌍💾'];
  let pool = '';
  while (pool.length < poolSize) {
    const letters = Array.from(random.pick([alphabets[0] ?? '', ...alphabets]));
    const length = random.between(1, 2000);
    for (let i = 0; i < length; i++) pool += random.pick(letters);
  }
  return pool;
}

let textPool: string | undefined;
let bytePool: Buffer | undefined;

const isLow = (unit: number): boolean => (unit & 0xfc00) === 0xdc00;

/** A text of about this many code units that has no half of a surrogate pair. */
function cutText(start: number, length: number): string {
  const pool = (textPool ??= makeTextPool(new Random('text pool')));
  let from = start;
  let to = Math.min(start + length, pool.length);
  if (isLow(pool.charCodeAt(from))) from += 1;
  if (to < pool.length && isLow(pool.charCodeAt(to))) to -= 1;
  return to > from ? pool.slice(from, to) : '';
}

function cutBytes(start: number, length: number): Buffer {
  if (bytePool === undefined) {
    const random = new Random('byte pool');
    bytePool = Buffer.alloc(poolSize);
    for (let i = 0; i < poolSize; i++) bytePool[i] = random.between(0, 255);
  }
  return bytePool.subarray(start, start + length);
}

function sizeOf(sizes: Sizes, random: Random): number {
  if (sizes === 'small') return random.between(0, 200);
  if (sizes === 'large') return random.between(5_000, 300_000);
  const kind = random.next();
  if (kind < 0.85) return random.between(0, 300);
  return kind < 0.97 ? random.between(300, 8_000) : random.between(8_000, 70_000);
}

/** One direction of a connection, at the side that sends. */
export class MessageMaker {
  /** Messages made. */
  count = 0;
  private readonly random: Random;

  constructor(
    private readonly plan: string,
    private readonly direction: Direction,
    private readonly sizes: Sizes,
  ) {
    this.random = new Random(`${plan} ${direction}`);
  }

  /** The next message; a Buffer is its receiver's own. */
  next(): string | Buffer {
    const length = sizeOf(this.sizes, this.random);
    const start = this.random.between(0, poolSize - length - 1);
    const isText = this.random.chance(0.6);
    const place = `${this.plan}:${this.direction}${this.count++}`;
    if (isText) {
      const body = cutText(start, length);
      return `${place}:t${body.length}:${hashText(body)}|${body}`;
    }
    const body = cutBytes(start, length);
    return Buffer.concat([Buffer.from(`${place}:b${length}:${hashBytes(body)}|`), body]);
  }
}

/** What the last message of a direction says. */
export interface Finish {
  readonly received: number;
  readonly sent: number;
}

export const finishMessage = (plan: string, { received, sent }: Finish): string =>
  `${plan}:F:${received}:${sent}|`;

/** One direction of a connection, at the side that receives. */
export class MessageChecker {
  /** Messages that came in their place. */
  count = 0;
  finish: Finish | undefined;

  constructor(
    private readonly plan: string,
    private readonly direction: Direction,
  ) {}

  /** What is wrong with the message; undefined: nothing. */
  take(message: string | Buffer): string | undefined {
    const end = typeof message === 'string' ? message.indexOf('|') : message.indexOf(0x7c);
    if (end < 0) return `a message without a head of ${message.length} units`;
    const head =
      typeof message === 'string' ? message.slice(0, end) : message.toString('latin1', 0, end);
    const [plan, place = '', shape, hash] = head.split(':');
    if (plan !== this.plan) return `a message of ${head}`;
    if (this.finish !== undefined) return `${head} behind the last message`;
    if (place === 'F') return this.takeFinish(Number(shape), Number(hash));
    const expected = `${this.direction}${this.count}`;
    if (place !== expected) return `${place} where ${expected} was expected`;
    const length = message.length - end - 1;
    const type = typeof message === 'string' ? 't' : 'b';
    if (shape !== `${type}${length}`) return `${head} came as ${type}${length}`;
    const actual =
      typeof message === 'string'
        ? hashText(message.slice(end + 1))
        : hashBytes(message.subarray(end + 1));
    if (actual !== Number(hash)) return `${head}: the body was changed (${actual})`;
    this.count += 1;
    return undefined;
  }

  private takeFinish(received: number, sent: number): string | undefined {
    this.finish = { received, sent };
    if (sent === this.count) return undefined;
    return `${this.count} messages came of ${sent} that the last one tells of`;
  }
}
