/** What every argument check needs: how to say what came, and how to guess what was meant. */
import { makeError } from './errors.js';
import type { WebSocketError } from './errors.js';

const MAX_SHOWN = 60;

/** The beginning of a text in quotes, with nothing in it that would end the line. */
export function quote(text: string, most = MAX_SHOWN): string {
  const shown = text.length > most ? `${text.slice(0, most)}…` : text;
  // JSON leaves these as they are.
  const ends = /[\u007f-\u009f\u2028\u2029]/g;
  return JSON.stringify(shown).replace(
    ends,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The same without quotes. */
export function excerpt(text: string): string {
  return quote(text).slice(1, -1);
}

/** More digits than are shown; to write those of a long number takes minutes. */
const MANY_DIGITS = 10n ** BigInt(MAX_SHOWN);

function describeOther(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') {
    return value > -MANY_DIGITS && value < MANY_DIGITS ? `${value.toString()}n` : 'a long bigint';
  }
  if (Array.isArray(value)) return `an array of ${String(value.length)}`;
  if (typeof value === 'object' && value !== null) {
    const { constructor } = value as { constructor?: unknown };
    const name = typeof constructor === 'function' ? constructor.name : '';
    return name === '' || name === 'Object' ? 'an object' : `an object of class ${name}`;
  }
  return String(value);
}

/** What came, short and in one line, whatever it is. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  try {
    return excerpt(describeOther(value));
  } catch {
    return 'a value that cannot be looked at';
  }
}

/** An argument error: which argument, what was expected, what came. */
export function invalidArgument(name: string, expected: string, value: unknown): WebSocketError {
  return makeError(
    'WSFD_INVALID_ARGUMENT',
    `${name}: expected ${expected}, got ${describe(value)}`,
  );
}

/** The same for an option of webSocketOpen. */
export function invalidOption(name: string, expected: string, value: unknown): WebSocketError {
  return makeError('WSFD_INVALID_OPTION', `${name}: expected ${expected}, got ${describe(value)}`);
}

/** How many letters have to be changed, added or dropped to get from one word to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** The word of `known` that is nearest to `word`, upper and lower case being the same. */
export function nearest(word: string, known: readonly string[]): string {
  const wanted = word.slice(0, MAX_SHOWN).toLowerCase();
  let best = known[0] ?? '';
  let least = Infinity;
  for (const candidate of known) {
    const against = candidate.toLowerCase();
    // A beginning is nearer than any word of the same letters.
    const needed = against.startsWith(wanted) ? 0 : distance(wanted, against);
    if (needed < least) {
      least = needed;
      best = candidate;
    }
  }
  return best;
}

/** What may be said of a value that could be a key: a long text's type alone. */
export function showable(value: unknown): unknown {
  return typeof value === 'string' && value.length > 20 ? 'a text' : value;
}

/** The entries of an option that is an object, without those that are undefined. */
export function readRecord(
  name: string,
  value: unknown,
  keys: readonly string[],
): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidOption(name, `an object with ${keys.join(', ')}`, showable(value));
  }
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  for (const [key] of entries) {
    if (!keys.includes(key)) {
      const detail = `${quote(`${name}.${key}`)}; the nearest one is "${name}.${nearest(key, keys)}"`;
      throw makeError('WSFD_UNKNOWN_OPTION', detail);
    }
  }
  return Object.fromEntries(entries);
}

export function readBoolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalidOption(name, 'true or false', value);
  return value;
}

/** A message could not be put where the caller of `call` wants it. */
export function unwritableError(call: string): WebSocketError {
  const detail = call.startsWith('webSocketReadMany')
    ? 'into: cannot be appended to; what could not be is still there to be read'
    : 'data: its `value` cannot be set; the message is still there to be read';
  return makeError('WSFD_INVALID_ARGUMENT', detail);
}
