/** What the event loop does between two tasks. */
import { native } from '../native/addon.js';

/** Node runs this between two timers of one list. Nothing that is documented does the same. */
const { _tickCallback } = process as { _tickCallback?: () => void };

/**
 * Runs what is waiting in process.nextTick and as promise jobs, as happens between two tasks. Call
 * it directly from a callback of the event loop alone.
 *
 * Native code hands over all messages of a wake-up in one call, while the standard makes a task of
 * each: without this, whoever awaited one message would miss those that came with it.
 */
export function checkpoint(): void {
  for (;;) {
    try {
      _tickCallback?.();
      return;
    } catch (thrown) {
      // A nextTick's, such as what a listener threw: uncaught, now, and the others go on.
      native.reportUncaught(thrown);
    }
  }
}
