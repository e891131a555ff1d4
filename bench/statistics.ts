// What several rounds of one client at one workload come to.
import type { ClientName, MetricName, Metrics } from './types';

export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}
export type Summaries = Partial<Record<MetricName, Summary>>;

/** The figures of one client at one workload. */
export interface ClientResult {
  readonly client: ClientName;
  /** One after the other; of a failed one nothing is in it. */
  readonly rounds: readonly Metrics[];
  readonly summaries: Summaries;
  /** What went wrong, one text a failed round. */
  readonly errors: readonly string[];
}

/** Of one value or more. */
export function summarise(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    least: at(0),
    most: at(sorted.length - 1),
  };
}

export function summariesOf(rounds: readonly Metrics[]): Summaries {
  const names = new Set(rounds.flatMap((round) => Object.keys(round) as MetricName[]));
  const entries = [...names].map((name) => {
    const values = rounds.map((round) => round[name]).filter((value) => value !== undefined);
    return [name, summarise(values)] as const;
  });
  return Object.fromEntries(entries);
}

/**
 * What a client's figure is of another's: the median of the rounds' ratios. In a round the clients of
 * a workload come one right after the other, so that what the machine does meanwhile falls on both;
 * from round to round it may do something else. Undefined: no round has both.
 */
export function ratioOf(
  own: readonly Metrics[],
  other: readonly Metrics[],
  metric: MetricName,
): number | undefined {
  const ratios = own.flatMap((round, i) => {
    const [value, reference] = [round[metric], other[i]?.[metric]];
    return value === undefined || reference === undefined || reference === 0
      ? []
      : [value / reference];
  });
  return ratios.length === 0 ? undefined : summarise(ratios).median;
}

/** The rounds of a client; none where it was not measured. */
export function roundsOf(results: readonly ClientResult[], client: ClientName): readonly Metrics[] {
  return results.find((result) => result.client === client)?.rounds ?? [];
}

/** The median of a client's figure, or undefined if there is none. */
export function medianOf(
  results: readonly ClientResult[],
  client: ClientName,
  metric: MetricName,
): number | undefined {
  return results.find((result) => result.client === client)?.summaries[metric]?.median;
}
