/** The options that say how a lost connection is opened again. */
import { invalidOption, readRecord, readWhole, redactLongText } from '../errors/argument.js';
import { makeError } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';
import { MAX_SECONDS, readSeconds } from './open-options.js';

/** How `webSocketConnections` reconnects. Times are seconds, 0 or more, fractions allowed. */
export interface ReconnectOptions {
  /**
   * The first pause; each next one is twice as long, up to `maxDelay`. The loop waits a random time
   * from half of the pause to all of it. Default: 1, or `maxDelay` if that is less.
   */
  minDelay?: number;
  /** The longest pause. Default: 30, or `minDelay` if that is more. */
  maxDelay?: number;
  /** After a connection that was open for this time, the next pause is `minDelay`. Default: 10. */
  resetAfter?: number;
  /** Failed attempts in a row, 1 or more, until the last error is thrown. Default: unlimited. */
  maxAttempts?: number;
  /**
   * Whether another attempt follows this error: `true`, `false`, or `undefined` for the value of
   * `error.retryable`. `attempt` is the number of failed attempts in a row; 0: an open connection
   * was lost.
   */
  shouldRetry?: (
    error: WebSocketError,
    attempt: number,
  ) => boolean | undefined | Promise<boolean | undefined>;
  /** Called with each error that another attempt follows, `delay` seconds later. */
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

/** Milliseconds, at most MAX_SECONDS instead of Infinity. */
function readDelay(name: string, value: unknown): number {
  return Math.min(readSeconds(name, value, invalidOption), MAX_SECONDS * 1000);
}

function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidOption(name, 'a function', redactLongText(value));
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

/** Reads the third argument of webSocketConnections; throws a WebSocketError if it is wrong. */
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

/** The result of shouldRetry; undefined: `error.retryable` counts. */
export function readVerdict(value: unknown): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  const expected = 'true, false or undefined from it';
  throw invalidOption('reconnect.shouldRetry', expected, value);
}
