// The results as text: a block for each workload, and the bars in the end.
import type { WorkloadResult } from '../run';
import { ratioOf, roundsOf } from '../statistics';
import type { ClientResult, Summary } from '../statistics';
import type { Bar, ClientName, MetricName, Workload } from '../types';
import { verdictsOf } from './bars';
import type { Verdict } from './bars';
import { format, metrics, shownBeside } from './metrics';

/** Columns as wide as they have to be; the first is text, the others are flush right. */
export function align(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number): number =>
    Math.max(...rows.map((row) => (row[column] ?? '').length));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(width(column)) : cell.padStart(width(column)),
      )
      .join('  ')
      .trimEnd(),
  );
}

const ratio = (value: number | undefined): string =>
  value === undefined ? '' : value.toFixed(value < 0.1 ? 3 : 2);

/** Least and most as parts of the median: "±3 %" says more than two further numbers. */
function spread({ median, least, most }: Summary): string {
  if (median === 0) return '';
  const share = Math.max(most - median, median - least) / Math.abs(median);
  return `±${(100 * share).toFixed(0)} %`;
}

const references: readonly ClientName[] = ['ws', 'undici', 'Bun', 'bare frames'];

function row(
  { workload, results }: WorkloadResult,
  { client, rounds, summaries }: ClientResult,
  beside: readonly MetricName[],
): string[] {
  const own = summaries[workload.metric];
  if (own === undefined) return [client, 'failed'];
  const ratios = references.map((reference) =>
    ratio(ratioOf(rounds, roundsOf(results, reference), workload.metric)),
  );
  const others = beside.map((name) => {
    const summary = summaries[name];
    return summary === undefined ? '' : format(name, summary.median);
  });
  return [client, format(workload.metric, own.median), spread(own), ...ratios, ...others];
}

const heading = (name: MetricName): string => `${metrics[name].label} ${metrics[name].unit}`;

/** The figures that at least one client has. */
function shownFor({ kind, metric }: Workload, results: readonly ClientResult[]): MetricName[] {
  return shownBeside[kind].filter(
    (name) => name !== metric && results.some(({ summaries }) => summaries[name] !== undefined),
  );
}

/** A workload's table, its heading first. */
function cellsOf(result: WorkloadResult): string[][] {
  const { workload, results } = result;
  const beside = shownFor(workload, results);
  const ratios = references.map((reference) => `× ${reference.replace(' frames', '')}`);
  const head = [heading(workload.metric), 'median', 'spread', ...ratios, ...beside.map(heading)];
  return [head, ...results.map((one) => row(result, one, beside))];
}

const indent = (text: string): string => `  ${text}`;

export function blockOf(result: WorkloadResult): string {
  const errors = result.results.flatMap(({ client, errors: texts }) =>
    texts.map((text) => `${client} failed: ${text.split('\n', 1).join()}`),
  );
  const lines = [...align(cellsOf(result)), ...errors].map(indent);
  return [result.workload.title, ...lines].join('\n');
}

/** A bar in words. */
export function barText({ metric, versus, atMost }: Bar): string {
  if (versus !== undefined) return `at most ${ratio(atMost)} of ${versus}`;
  return `at most ${atMost} ${metrics[metric].unit}`;
}

/** The figure that is held against a bar; empty: not measured. */
export function reachedText({ bar, value }: Verdict): string {
  if (value === undefined) return '';
  if (bar.versus !== undefined) return ratio(value);
  return `${format(bar.metric, value)} ${metrics[bar.metric].unit}`;
}

function verdictRow(verdict: Verdict): string[] {
  const { workload, bar, met } = verdict;
  return [
    workload.title,
    bar.client,
    metrics[bar.metric].label,
    reachedText(verdict),
    barText(bar),
    met === undefined ? 'not measured' : met ? 'met' : 'MISSED',
  ];
}

/** The bars and what was reached, or nothing if no row has any. */
export function barsTable(all: readonly WorkloadResult[]): string {
  const cells = verdictsOf(all).map(verdictRow);
  return cells.length === 0 ? '' : ['Bars', ...align(cells).map(indent)].join('\n');
}
