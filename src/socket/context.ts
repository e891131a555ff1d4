/** Calls back in the async context in which a socket was opened (AsyncLocalStorage). */
import type { AsyncResource } from 'node:async_hooks';

import { native } from '../native/addon.js';

/** Calls `callback` in that context. An exception is uncaught, and the result undefined. */
export function callIn<Args extends unknown[]>(
  context: AsyncResource,
  callback: (...args: Args) => unknown,
  ...args: Args
): unknown {
  return context.runInAsyncScope(callReporting, undefined, callback, args);
}

/** (inside the context, which a domain or an uncaughtException listener needs) */
function callReporting<Args extends unknown[]>(
  callback: (...args: Args) => unknown,
  args: Args,
): unknown {
  try {
    return callback(...args);
  } catch (thrown) {
    native.reportUncaught(thrown);
    return undefined;
  }
}
