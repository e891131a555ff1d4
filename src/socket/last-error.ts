import { errorChannel } from '../diagnostics/channels.js';
import { publishError } from '../diagnostics/publish.js';
import type { Subject } from '../diagnostics/subject.js';
import type { WebSocketError } from '../errors/errors.js';
import { callLater } from '../native/schedule.js';

const NONE: readonly WebSocketError[] = Object.freeze([]);

let lastErrors: readonly WebSocketError[] = NONE;

/**
 * The errors of the last call, as CTRL's `getLastError`; empty: none. Called directly after an
 * awaited call that gave -1 or -2, it returns that call's errors, even if others fail in the same
 * tick.
 */
export function getLastError(): readonly WebSocketError[] {
  return lastErrors;
}

/** A call begins or succeeds. */
export function clearLastErrors(): void {
  lastErrors = NONE;
}

/**
 * A synchronous call fails. Returns its code. The error channel gets `call`, the function's name,
 * and `subject`, its connection.
 */
export function failSync(error: WebSocketError, call: string, subject?: Subject): -1 {
  return failWith(-1, [error], call, subject);
}

/** The same for any code, and any number of errors. */
export function failWith<Code extends -1 | -2>(
  code: Code,
  errors: readonly WebSocketError[],
  call: string,
  subject?: Subject,
): Code {
  if (errorChannel.hasSubscribers) publishError(call, code, errors, subject);
  lastErrors = Object.freeze([...errors]);
  return code;
}

/**
 * An asynchronous call fails: it resolves to `code`. Each failure has a callback of its own, and
 * Node runs all promise jobs in between: code that awaited the call reads its errors before those
 * of another call replace them.
 */
export function failAsync(
  resolve: (code: number) => void,
  code: -1 | -2,
  errors: readonly WebSocketError[],
  call: string,
  subject?: Subject,
): void {
  if (errorChannel.hasSubscribers) publishError(call, code, errors, subject);
  callLater(() => {
    lastErrors = Object.freeze([...errors]);
    resolve(code);
  });
}

/** The error of a loop, which throws it: it is the last error where the loop is caught. */
export async function throwError(
  error: WebSocketError,
  call: string,
  subject?: Subject,
): Promise<never> {
  await failedPromise(-1, error, call, subject);
  throw error;
}

/** The promise of a call that fails with `code`. */
export function failedPromise(
  code: -1 | -2,
  error: WebSocketError,
  call: string,
  subject?: Subject,
): Promise<number> {
  clearLastErrors();
  return new Promise((resolve) => {
    failAsync(resolve, code, [error], call, subject);
  });
}
