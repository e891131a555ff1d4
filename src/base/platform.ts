/** Global classes, as they were when the package was loaded: tests replace them later. */
export const AbortController: typeof globalThis.AbortController = globalThis.AbortController;
export const AbortSignal: typeof globalThis.AbortSignal = globalThis.AbortSignal;
export const Date: typeof globalThis.Date = globalThis.Date;
export const DOMException: typeof globalThis.DOMException = globalThis.DOMException;
export const Event: typeof globalThis.Event = globalThis.Event;
export const EventTarget: typeof globalThis.EventTarget = globalThis.EventTarget;
export const URL: typeof globalThis.URL = globalThis.URL;
