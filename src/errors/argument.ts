/** Helpers of the argument checks: they read or describe a value, or advise another one. */
import { makeError } from './errors.js';
import type { WebSocketError } from './errors.js';
import { foreignOption } from './foreign-options.js';
import { nearest } from '../base/nearest.js';

const MAX_SHOWN = 60;

/** The beginning of a text, in quotes and in one line. */
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

/** Has more digits than are shown; those of a long bigint take minutes to write. */
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

/** Any value, short and in one line. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  try {
    return excerpt(describeOther(value));
  } catch {
    return 'a value that cannot be looked at';
  }
}

/**
 * An argument error: the argument, the expected value and the given one. `advice` is a semicolon
 * and the text to write instead, or empty.
 */
export function invalidArgument(
  name: string,
  expected: string,
  value: unknown,
  advice = '',
): WebSocketError {
  const detail = `${name}: expected ${expected}, got ${describe(value)}${advice}`;
  return makeError('WSFD_INVALID_ARGUMENT', detail);
}

/** The same for an option of webSocketOpen. */
export function invalidOption(
  name: string,
  expected: string,
  value: unknown,
  advice = '',
): WebSocketError {
  const detail = `${name}: expected ${expected}, got ${describe(value)}${advice}`;
  return makeError('WSFD_INVALID_OPTION', detail);
}

/** The advice for a number in quotes or a bigint, if the number would be accepted. */
export function numberAdvice(value: unknown, accepts: (number: number) => boolean): string {
  if (typeof value !== 'string' && typeof value !== 'bigint') return '';
  // (Number() makes 0 of white space)
  const number = typeof value === 'string' && value.trim() === '' ? NaN : Number(value);
  if (!accepts(number)) return '';
  return `; write ${String(number)}${typeof value === 'string' ? ' without quotes' : ''}`;
}

/** The range of a whole number; `unit` may be empty. */
interface WholeRange {
  readonly least: number;
  readonly most: number;
  readonly unit: string;
}

/** A whole number within its range. */
export function readWhole(name: string, value: unknown, range: WholeRange): number {
  const { least, most, unit } = range;
  const accepts = (number: unknown): number is number =>
    Number.isInteger(number) && Number(number) >= least && Number(number) <= most;
  if (accepts(value)) return value;
  const what = unit === '' ? 'a whole number' : `a whole number of ${unit}`;
  const expected = `${what} from ${String(least)} to ${String(most)}`;
  throw invalidOption(name, expected, value, numberAdvice(value, accepts));
}

/**
 * The error for a name that is not in `known`, with the option here if another client has the name,
 * else with the nearest name; `within` is the prefix of all of these.
 */
export function unknownOption(name: string, known: readonly string[], within = ''): WebSocketError {
  const path = `${within}${name}`;
  const advice = foreignOption(path) ?? `the nearest one is "${within}${nearest(name, known)}"`;
  return makeError('WSFD_UNKNOWN_OPTION', `${quote(path)}; ${advice}`);
}

/** A value that could be a key, for an error: of a long text only the type. */
export function redactLongText(value: unknown): unknown {
  return typeof value === 'string' && value.length > 20 ? 'a text' : value;
}

/**
 * The results of `read` for each entry of a list. The length and each entry are read once: a getter
 * or a proxy may give another value the next time.
 */
export function readList<T>(
  list: readonly unknown[],
  read: (entry: unknown, index: number) => T,
): T[] {
  // (not map, which skips the holes of a list)
  return Array.from({ length: list.length }, (_, i) => read(list[i], i));
}

/** The entries of an option that is an object, without those that are undefined. */
export function readRecord(
  name: string,
  value: unknown,
  keys: readonly string[],
): Record<string, unknown> {
  const isList = Array.isArray(value) || ArrayBuffer.isView(value);
  if (typeof value !== 'object' || value === null || isList) {
    throw invalidOption(name, `an object with ${keys.join(', ')}`, redactLongText(value));
  }
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  for (const [key] of entries) {
    if (!keys.includes(key)) throw unknownOption(key, keys, `${name}.`);
  }
  return Object.fromEntries(entries);
}

/** The advice for a boolean in quotes. */
export function booleanAdvice(value: unknown): string {
  return value === 'true' || value === 'false' ? `; write ${value} without quotes` : '';
}

export function readBoolean(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw invalidOption(name, 'true or false', value, booleanAdvice(value));
}

/** The error for a message that cannot be stored where the caller of `call` wants it. */
export function unwritableError(call: string): WebSocketError {
  const detail = call.startsWith('webSocketReadMany')
    ? 'into: cannot be appended to; what could not be is still there to be read'
    : 'data: its `value` cannot be set; the message is still there to be read';
  return makeError('WSFD_INVALID_ARGUMENT', detail);
}
