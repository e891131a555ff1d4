// What processes take of the machine, as Linux tells it; elsewhere nothing is told.
import { readFileSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';

/** Linux counts a process's time in these; sysconf(_SC_CLK_TCK) is 100 wherever Node runs. */
const tickUs = 10_000;
const pageBytes = 4096;

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean =>
  process.platform === 'linux' && exitCode === null && signalCode === null;

/** Microseconds of CPU time that it has had. */
export function cpuUsOf(child: ChildProcess): number {
  if (!isRunning(child)) return 0;
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  // proc(5): utime and stime are the 14th and the 15th; the second is a name in parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickUs;
}

/** Resident bytes; undefined once it has ended. */
export function residentBytesOf(child: ChildProcess): number | undefined {
  if (!isRunning(child)) return undefined;
  return Number(readFileSync(`/proc/${child.pid}/statm`, 'utf8').split(' ')[1]) * pageBytes;
}
