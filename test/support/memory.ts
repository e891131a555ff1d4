// What a process holds, as Linux tells it. Measured in a process of its own, which loads this file:
//
//   await runInChild(({ load }, { memory }) => {
//     const { watchMemory } = load(memory) as typeof Memory;
//     const growth = watchMemory();
//     …
//     return growth();
//   }, { memory: memoryModule });
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Other systems have no peak that can be set back, and AddressSanitizer (`npm run test:sanitized`)
 * keeps what was freed.
 */
export const measurable = process.platform === 'linux' && process.env['ASAN_OPTIONS'] === undefined;

/** What a child loads. */
export const memoryModule = __filename;

export const mebibyte = 1024 * 1024;

function statusOf(name: string): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
}

/** What is resident now. */
export const residentBytes = (): number => statusOf('VmRSS');

/** From now on; the function gives by how many bytes the resident memory grew at most. */
export function watchMemory(): () => number {
  const before = statusOf('VmRSS');
  // proc(5): 5 sets the peak back to what is resident now.
  writeFileSync('/proc/self/clear_refs', '5');
  return () => statusOf('VmHWM') - before;
}
