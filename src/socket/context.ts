/** Calling back in the async context in which a socket was opened (AsyncLocalStorage). */
import type { AsyncResource } from 'node:async_hooks';

import { native } from '../native/addon.js';

/** Calls `callback` in that context. What it throws is uncaught, and gives undefined. */
export function callIn<Args extends unknown[]>(
  context: AsyncResource,
  callback: (...args: Args) => unknown,
  ...args: Args
): unknown {
  return context.runInAsyncScope(callReporting, undefined, callback, args);
}

/** (a domain, or whoever hears of uncaught exceptions, would look for the context in vain later) */
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
