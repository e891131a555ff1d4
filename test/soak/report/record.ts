// A run as it is kept, and whether it passed.
import { machineOf } from '../../../bench/report/record';
import { judgeGrowth } from '../model/trend';
import type { Verdict } from '../model/trend';
import type { Sample } from '../sampler';
import type { Totals } from '../totals';
import type { WorkerEnd } from '../protocol';

const memoryNames = ['rss', 'heapUsed', 'external', 'arrayBuffers'] as const;
type MemoryName = (typeof memoryNames)[number];

/**
 * Bytes by which memory may seem to grow in an hour. A connection that leaves 1 KiB behind shows as
 * tens of MiB an hour at the number of connections that a run makes in one; resident memory moves
 * most by itself, as the allocator's arenas fill and worker threads come and go.
 */
const bounds: Readonly<Record<MemoryName, number>> = {
  rss: 16 << 20,
  heapUsed: 3 << 20,
  external: 3 << 20,
  arrayBuffers: 3 << 20,
};

export interface SoakRecord {
  readonly date: string;
  readonly machine: ReturnType<typeof machineOf>;
  readonly node: string;
  readonly seed: number;
  readonly minutes: number;
  readonly connections: number;
  readonly workersAtATime: number;
  readonly totals: Totals;
  readonly workerEnds: Readonly<Record<WorkerEnd, number>>;
  readonly kills: number;
  /** Before the first connection, and after the last. */
  readonly descriptors: { readonly before: number; readonly after: number; readonly most: number };
  readonly growth: readonly Verdict[];
  readonly passed: boolean;
}

/** Growth is judged by what is left after garbage collection. */
function growthOf(samples: readonly Sample[]): Verdict[] {
  const collected = samples.filter((sample) => sample.collected);
  return memoryNames.map((name) => {
    const points = collected.map((sample) => ({ at: sample.at, value: sample[name] }));
    return judgeGrowth(name, points, bounds[name]);
  });
}

type Known = Omit<SoakRecord, 'date' | 'machine' | 'node' | 'growth' | 'passed'>;

export function makeRecord(known: Known, samples: readonly Sample[]): SoakRecord {
  const growth = growthOf(samples);
  const { before, after } = known.descriptors;
  const passed =
    known.totals.faultCount === 0 &&
    known.totals.plans > 0 &&
    (Number.isNaN(before) || after <= before) &&
    growth.every(({ grows }) => grows !== true);
  return {
    date: new Date().toISOString(),
    machine: machineOf(),
    node: process.version,
    ...known,
    growth,
    passed,
  };
}
