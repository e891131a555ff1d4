/** Global classes, as they were when the package was loaded: tests replace them later. */
export const AbortSignal: typeof globalThis.AbortSignal | undefined = globalThis.AbortSignal;
export const Date: typeof globalThis.Date = globalThis.Date;
export const DOMException: typeof globalThis.DOMException = globalThis.DOMException;
export const URL: typeof globalThis.URL = globalThis.URL;
