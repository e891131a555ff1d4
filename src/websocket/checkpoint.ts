/** The microtask checkpoint between two tasks. */
import { native } from '../native/addon.js';

/** Node runs this between two timers of one list. No documented function does the same. */
const { _tickCallback } = process as { _tickCallback?: () => void };

/**
 * Runs the queues of process.nextTick and of promise jobs, as happens between two tasks. Only a
 * callback of the event loop may call it, and only directly.
 *
 * Native code delivers all messages of a wake-up in one call, while the standard makes a task of
 * each. Without this, a program that awaits one message would miss the others of that call.
 */
export function checkpoint(): void {
  for (;;) {
    try {
      _tickCallback?.();
      return;
    } catch (thrown) {
      // A nextTick callback threw, as for a listener's error: it is uncaught; the others go on.
      native.reportUncaught(thrown);
    }
  }
}
