/** How a connection is opened again after its loss: what each option may be. */
import { invalidOption, readRecord, readWhole, showable } from '../errors/argument.js';
import { makeError } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';
import { MAX_SECONDS, readSeconds } from './open-options.js';

/** How `webSocketConnections` connects again. Times are seconds, fractions allowed. */
export interface ReconnectOptions {
  /**
   * The first pause; each one after it is twice as long. What is waited is drawn at random from the
   * upper half of the pause. Default: 1, or `maxDelay` where that is less.
   */
  minDelay?: number;
  /** The longest pause. Default: 30, or `minDelay` where that is more. */
  maxDelay?: number;
  /** A connection that stays open for so long has the next pause be `minDelay`. Default: 10. */
  resetAfter?: number;
  /** Of so many attempts that fail in a row the last one's error is thrown. Default: unlimited. */
  maxAttempts?: number;
  /**
   * Whether there is another attempt after this error: `true`, `false`, or `undefined` for what
   * `error.retryable` says. `attempt` is how many attempts have failed in a row; 0: an open
   * connection was lost.
   */
  shouldRetry?: (
    error: WebSocketError,
    attempt: number,
  ) => boolean | undefined | Promise<boolean | undefined>;
  /** Hears of each error that another attempt follows, `delay` seconds later. */
  onRetry?: (error: WebSocketError, delay: number, attempt: number) => void;
}

/** Reconnect options that were read. */
export interface ReconnectSettings {
  minDelayMs: number;
  maxDelayMs: number;
  resetAfterMs: number;
  maxAttempts: number;
  shouldRetry: ReconnectOptions['shouldRetry'];
  onRetry: ReconnectOptions['onRetry'];
}

type Draft = Omit<ReconnectSettings, 'minDelayMs' | 'maxDelayMs'> & {
  minDelayMs: number | undefined;
  maxDelayMs: number | undefined;
};

const DEFAULT_MIN_DELAY_MS = 1000;
const DEFAULT_MAX_DELAY_MS = 30_000;
const DEFAULT_RESET_AFTER_MS = 10_000;
const ATTEMPTS = { least: 1, most: Number.MAX_SAFE_INTEGER, unit: '' };

/** Milliseconds that a timer takes. */
function readDelay(name: string, value: unknown): number {
  return Math.min(readSeconds(name, value, invalidOption), MAX_SECONDS * 1000);
}

function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidOption(name, 'a function', showable(value));
}

const readers: Record<keyof ReconnectOptions, (value: unknown, name: string, to: Draft) => void> = {
  minDelay: (value, name, to) => {
    to.minDelayMs = readDelay(name, value);
  },
  maxDelay: (value, name, to) => {
    to.maxDelayMs = readDelay(name, value);
  },
  resetAfter: (value, name, to) => {
    to.resetAfterMs = readSeconds(name, value, invalidOption);
  },
  maxAttempts: (value, name, to) => {
    to.maxAttempts = value === Infinity ? Infinity : readWhole(name, value, ATTEMPTS);
  },
  shouldRetry: (value, name, to) => {
    checkFunction(name, value);
    to.shouldRetry = value as ReconnectOptions['shouldRetry'];
  },
  onRetry: (value, name, to) => {
    checkFunction(name, value);
    to.onRetry = value as ReconnectOptions['onRetry'];
  },
};

const RECONNECT_OPTIONS: readonly string[] = Object.keys(readers);

/** Reads the third argument of webSocketConnections; throws the error that says what is wrong. */
export function readReconnect(value: unknown): ReconnectSettings {
  const draft: Draft = {
    minDelayMs: undefined,
    maxDelayMs: undefined,
    resetAfterMs: DEFAULT_RESET_AFTER_MS,
    maxAttempts: Infinity,
    shouldRetry: undefined,
    onRetry: undefined,
  };
  const given = value === undefined ? {} : readRecord('reconnect', value, RECONNECT_OPTIONS);
  for (const [name, entry] of Object.entries(given)) {
    readers[name as keyof ReconnectOptions](entry, `reconnect.${name}`, draft);
  }
  const { minDelayMs, maxDelayMs } = draft;
  if (minDelayMs !== undefined && maxDelayMs !== undefined && minDelayMs > maxDelayMs) {
    const detail = 'reconnect.minDelay: more than reconnect.maxDelay; exchange the two';
    throw makeError('WSFD_INVALID_OPTION', detail);
  }
  return {
    ...draft,
    minDelayMs: minDelayMs ?? Math.min(DEFAULT_MIN_DELAY_MS, maxDelayMs ?? Infinity),
    maxDelayMs: maxDelayMs ?? Math.max(DEFAULT_MAX_DELAY_MS, minDelayMs ?? 0),
  };
}

/** What shouldRetry answered, or undefined for what the error itself says. */
export function readVerdict(value: unknown): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  const expected = 'true, false or undefined from it';
  throw invalidOption('reconnect.shouldRetry', expected, value);
}
