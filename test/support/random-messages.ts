// Messages of random sizes and compressibility, the same in every run.

/** A sequence of numbers in [0, 1) (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Most are short, one in a hundred is up to 20,000 bytes long. */
function sizeOf(next: () => number): number {
  const kind = next();
  if (kind < 0.05) return Math.floor(next() * 3);
  return Math.floor(next() * (kind < 0.8 ? 300 : kind < 0.99 ? 3000 : 20_000));
}

/** From one letter again and again to letters that no compressor can do much with. */
function textOf(size: number, next: () => number): string {
  const letters = 'ab0123456789{}":, cdefghijklmnopqrstuvwxyzÄ水';
  const variety = 1 + Math.floor(next() * next() * letters.length);
  const repeated = 1 + Math.floor(next() * next() * size);
  let text = '';
  for (let i = 0; i < repeated; i++) text += letters[Math.floor(next() * variety)] ?? '';
  return text.repeat(Math.ceil(size / repeated)).slice(0, size);
}

function bytesOf(size: number, next: () => number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i + 4 <= size; i += 4) bytes.writeUInt32LE(Math.floor(next() * 2 ** 32), i);
  return bytes;
}

/** A third text, a third bytes that do not compress, a third the middle of an earlier message. */
export function randomMessages(count: number, seed: number): (string | Buffer)[] {
  const next = randomNumbers(seed);
  const messages: (string | Buffer)[] = [];
  for (let i = 0; i < count; i++) {
    const kind = next() * 3;
    const earlier = messages[Math.floor(next() * i)] ?? '';
    if (kind < 1) messages.push(textOf(sizeOf(next), next));
    else if (kind < 2) messages.push(bytesOf(sizeOf(next), next));
    else if (typeof earlier === 'string') messages.push(earlier.slice(earlier.length / 4));
    else messages.push(earlier.subarray(earlier.length / 4));
  }
  return messages;
}

/** Such messages, but one in fifty at most longer than 300 bytes or characters. */
export const smallMessages = (count: number, seed: number): (string | Buffer)[] =>
  randomMessages(count, seed).map((message, i) => {
    if (i % 50 === 0) return message;
    return typeof message === 'string' ? message.slice(0, 300) : message.subarray(0, 300);
  });
