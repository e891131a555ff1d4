/** Opens a connection, and after its loss the next one. */
import { Date } from '../base/platform.js';
import { describe } from '../errors/argument.js';
import { makeError, thrownError } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';
import { now, startTimer } from '../native/schedule.js';
import { isAborted, whenAborted } from '../options/abort.js';
import { readOpenArguments } from '../options/open-options.js';
import type { OpenOptions } from '../options/table.js';
import { readReconnect, readVerdict } from '../options/reconnect.js';
import type { ReconnectOptions, ReconnectSettings } from '../options/reconnect.js';
import { after, NO_ATTEMPT, pauseMs } from '../socket/backoff.js';
import type { Streak } from '../socket/backoff.js';
import type { Inbox } from '../socket/inbox.js';
import { failedPromise, getLastError, throwError } from '../socket/last-error.js';
import { retryAfterMs } from '../socket/retry-after.js';
import { sockets } from '../socket/sockets.js';
import { asError, closedAsItOpened, serverCloseError } from './checks.js';
import { webSocketClose } from './close.js';
import { Ending } from './ending.js';
import { markReconnecting } from './iterate.js';
import { connect } from './open.js';
import { stoppable } from './stoppable.js';

/** Times and random numbers for the pauses; tests pass their own. */
export interface Clock {
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** Calls `task` once `ms` have passed, unless the returned function was called before. */
  startTimer(task: () => void, ms: number): () => void;
  /** At least 0, below 1. */
  random(): number;
  /** Milliseconds since 1970. */
  wallClock(): number;
}

const systemClock: Clock = {
  now,
  startTimer,
  random: () => Math.random(),
  wallClock: () => Date.now(),
};

/** The arguments of webSocketOpen, or functions that return them for each attempt. */
interface OpenArguments {
  readonly url: unknown;
  readonly options: unknown;
}

/**
 * Reconnects: yields the number of an open socket, and after the loop's body and a pause the number
 * of the next one. After the body, the loop closes the socket (1000), or frees it if its connection
 * has ended. `break`, `return` and a thrown error close the socket and end the loop.
 *
 * When the connection of such a socket is lost, `webSocketMessages` and `webSocketBatches` end
 * without an error; `reconnect.onRetry` receives it.
 *
 * The pause before each attempt but the first grows from `minDelay` to `maxDelay`. A longer
 * `Retry-After` of a server that refuses, up to an hour, replaces it. A failed first attempt is
 * repeated like any other. docs/FEEDS.md has examples.
 *
 * @param url `ws://`, `wss://` or `ws+unix:` URL, or a function, called for each attempt, that
 *   returns it or a promise of it. Its exception is the `cause` of an error that is not retryable.
 * @param options As for webSocketOpen, or a function as for `url`. `signal` ends the loop during a
 *   pause or an attempt, without an error; it has no effect on an open connection.
 * @param reconnect See ReconnectOptions.
 * @returns Throws the WebSocketError that no attempt follows: one that is not `retryable`, unless
 *   `shouldRetry` says otherwise, or that of the last of `maxAttempts`; and argument errors.
 */
export function webSocketConnections(
  url: string | (() => string | Promise<string>),
  options?: OpenOptions | (() => OpenOptions | undefined | Promise<OpenOptions | undefined>),
  reconnect?: ReconnectOptions,
): AsyncGenerator<number, void, undefined> {
  return connectionsWithClock(systemClock, { url, options }, reconnect);
}

export function connectionsWithClock(
  clock: Clock,
  openArguments: OpenArguments,
  reconnect: unknown,
): AsyncGenerator<number, void, undefined> {
  const ending = new Ending();
  return stoppable(iterate(clock, openArguments, reconnect, ending), () => ending.end());
}

async function* iterate(
  clock: Clock,
  openArguments: OpenArguments,
  reconnect: unknown,
  ending: Ending,
): AsyncGenerator<number, void, undefined> {
  try {
    const settings = await readSettings(reconnect);
    for (let streak = NO_ATTEMPT; ; streak = after.pause(streak)) {
      const opened = await attempt(clock, openArguments, ending);
      if (opened === undefined) return;
      let error: WebSocketError | undefined;
      if (opened instanceof Connection) {
        try {
          if (!ending.hasEnded()) yield opened.number;
        } finally {
          await opened.close();
        }
        ({ error } = opened);
        streak = after.connection(streak, opened.openMs, settings);
      } else {
        error = opened;
        streak = after.failure(streak);
      }
      if (!(await isRetried(error, streak, settings, ending))) return;
      const delayMs = pauseMs(streak, settings, clock.random(), requestedDelayMs(error, clock));
      if (error !== undefined) settings.onRetry?.(error, delayMs / 1000, streak.failed);
      await pause(clock, delayMs, ending);
      if (ending.hasEnded()) return;
    }
  } finally {
    ending.forget();
  }
}

async function readSettings(reconnect: unknown): Promise<ReconnectSettings> {
  try {
    return readReconnect(reconnect);
  } catch (thrown) {
    return throwError(asError(thrown), CALL);
  }
}

const CALL = 'webSocketConnections';

/** The Retry-After of a refusal, in milliseconds; 0: none. */
const requestedDelayMs = (error: WebSocketError | undefined, clock: Clock): number =>
  error === undefined ? 0 : retryAfterMs(error, () => clock.wallClock());

/** True if another attempt follows, false if the loop was ended; throws the error that ends it. */
async function isRetried(
  error: WebSocketError | undefined,
  { failed }: Streak,
  { maxAttempts, shouldRetry }: ReconnectSettings,
  ending: Ending,
): Promise<boolean> {
  if (ending.hasEnded()) return false;
  if (error === undefined) return true;
  if (failed >= maxAttempts) throw error;
  const verdict = readVerdict(await ending.orEnd(shouldRetry?.(error, failed)));
  if (ending.hasEnded()) return false;
  if (!(verdict ?? error.retryable)) throw error;
  return true;
}

/** Waits, until the loop ends at the latest. */
function pause(clock: Clock, ms: number, { signal }: Ending): Promise<void> {
  return new Promise((resolve, reject) => {
    if (isAborted(signal)) {
      resolve();
      return;
    }
    try {
      const stop = clock.startTimer(() => {
        forget();
        resolve();
      }, ms);
      const forget = whenAborted(signal, () => {
        stop();
        resolve();
      });
    } catch (thrown) {
      reject(thrownError(thrown, 'the pause before the next attempt'));
    }
  });
}

/** One attempt: a connection, its error, or undefined if the loop has ended. */
async function attempt(
  clock: Clock,
  { url, options }: OpenArguments,
  ending: Ending,
): Promise<Connection | WebSocketError | undefined> {
  try {
    const given = await valueForAttempt('options', options, ending);
    ending.follow(given);
    if (ending.hasEnded()) return undefined;
    const target = await valueForAttempt('url', url, ending);
    if (ending.hasEnded()) return undefined;
    const settings = readOpenArguments(target, given);
    settings.signal = ending.signal;
    const opened = await new Promise<Connection | WebSocketError | undefined>((resolve) => {
      connect(settings, (code) => {
        const inbox = sockets.get(code);
        if (inbox !== undefined) resolve(new Connection(inbox, clock));
        else resolve(code < 0 ? getLastError()[0] : closedAsItOpened(settings.target.url));
      });
    });
    return opened instanceof Connection || !ending.hasEnded() ? opened : undefined;
  } catch (thrown) {
    const error = asError(thrown);
    await failedPromise(-1, error, CALL);
    return error;
  }
}

/** The value, or the result of the function; undefined once the loop has ended. */
async function valueForAttempt(name: string, value: unknown, ending: Ending): Promise<unknown> {
  if (typeof value !== 'function') return value;
  try {
    return await ending.orEnd((value as () => unknown)());
  } catch (cause) {
    const thrown = describe(cause instanceof Error ? cause.message : cause);
    throw makeError('WSFD_INVALID_ARGUMENT', `${name}: the function threw ${thrown}`, { cause });
  }
}

/** One connection: how long it was open, and its error. */
class Connection {
  readonly number: number;
  error: WebSocketError | undefined = undefined;
  private readonly openedAt: number;
  private endedAt: number | undefined = undefined;

  /** (called as it opens: the end may come in the same wake-up) */
  constructor(
    private readonly inbox: Inbox,
    private readonly clock: Clock,
  ) {
    this.number = inbox.number;
    this.openedAt = clock.now();
    markReconnecting(inbox);
    inbox.watcher = {
      onEnd: (error) => {
        this.endedAt = clock.now();
        const detail = `the server closed it (${inbox.url})`;
        this.error =
          error ??
          serverCloseError(inbox) ??
          makeError('WSFD_SOCKET_CLOSED', detail, { retryable: true });
      },
      onClosed: () => undefined,
      onTerminate: () => undefined,
    };
  }

  get openMs(): number {
    return (this.endedAt ?? this.clock.now()) - this.openedAt;
  }

  /** Closes the socket, unless the loop's body has. */
  async close(): Promise<void> {
    this.endedAt ??= this.clock.now();
    if (sockets.get(this.number) === this.inbox) await webSocketClose(this.number);
  }
}
