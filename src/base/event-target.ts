/**
 * Node's own EventTarget, AbortController and AbortSignal. The globals may be others: environments
 * of test runners (jsdom, happy-dom) replace them, some without the rest. Node's EventTarget takes
 * no event of another implementation, and no other EventTarget a signal of Node's.
 */
import { transferableAbortController } from 'node:util';

/** Absent before Node 18.11: then the global class has to do. */
const makeController = transferableAbortController as
  typeof transferableAbortController | undefined;

const controller = makeController?.() ?? new globalThis.AbortController();
export const AbortController = controller.constructor as typeof globalThis.AbortController;
export const AbortSignal = controller.signal.constructor as typeof globalThis.AbortSignal;
export const EventTarget = Object.getPrototypeOf(AbortSignal) as typeof globalThis.EventTarget;
