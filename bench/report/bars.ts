// Whether the bars are met.
import type { WorkloadResult } from '../run';
import { medianOf, ratioOf, roundsOf } from '../statistics';
import type { Bar, Workload } from '../types';

export interface Verdict {
  readonly workload: Workload;
  readonly bar: Bar;
  /** The ratio to `versus`, or the figure itself where the bar is absolute; absent: not measured. */
  readonly value?: number;
  /** Absent: not measured. */
  readonly met?: boolean;
}

function verdictOf(all: readonly WorkloadResult[], result: WorkloadResult, bar: Bar): Verdict {
  const { workload, results } = result;
  const { client, metric, versus, atMost } = bar;
  const other = all.find((one) => one.workload.id === (bar.of ?? workload.id))?.results ?? [];
  const value =
    versus === undefined
      ? medianOf(results, client, metric)
      : ratioOf(roundsOf(results, client), roundsOf(other, versus), metric);
  return value === undefined ? { workload, bar } : { workload, bar, value, met: value <= atMost };
}

export const verdictsOf = (all: readonly WorkloadResult[]): Verdict[] =>
  all.flatMap((result) => result.workload.bars.map((bar) => verdictOf(all, result, bar)));
