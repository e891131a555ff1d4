// A thread that does nothing else for a while: none of its event loops turns.
const never = new Int32Array(new SharedArrayBuffer(4));

/** Blocks the calling thread. */
export function block(ms: number): void {
  Atomics.wait(never, 0, 0, ms);
}
