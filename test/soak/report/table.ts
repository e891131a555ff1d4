// A run's figures as Markdown.
import type { Verdict } from '../model/trend';
import type { SoakRecord } from './record';

const count = (value: number): string => Math.round(value).toLocaleString('en');
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map(line).join('\n');
}

const verdictOf = ({ grows }: Verdict): string =>
  grows === undefined ? 'too short to tell' : grows ? 'GROWS' : 'within';

function growthTable(growth: readonly Verdict[]): string {
  const rows = growth.map((verdict) => [
    verdict.name,
    mebibytes(verdict.mean),
    `${mebibytes(verdict.perHour)} ± ${mebibytes(verdict.errorPerHour)}`,
    mebibytes(verdict.boundPerHour),
    verdictOf(verdict),
  ]);
  const head = ['memory', 'mean, MiB', 'growth, MiB/h', 'bound, MiB/h', ''];
  return table(head, rows);
}

function figuresTable(record: SoakRecord): string {
  const { totals, descriptors, workerEnds } = record;
  const { before, most, after } = descriptors;
  const ends = Object.entries(workerEnds).map(([how, times]) => `${times} ${how}`);
  return table(
    ['', 'figure'],
    [
      ['minutes', record.minutes.toFixed(1)],
      ['connections at a time', count(record.connections)],
      ['connections begun', count(totals.plans)],
      ['… of these open', count(totals.opened)],
      ['… over a resumed TLS session', count(totals.resumed)],
      ['messages sent', count(totals.sent)],
      ['messages received', count(totals.received)],
      ['MiB sent', count(totals.bytesOut / 2 ** 20)],
      ['MiB received', count(totals.bytesIn / 2 ** 20)],
      ['servers killed', count(record.kills)],
      ['worker threads ended', ends.join(', ')],
      ['descriptors before, most, after', `${before}, ${most}, ${after}`],
      ['faults: lost, changed or unexpected', count(totals.faultCount)],
    ],
  );
}

/** All that RELIABILITY.md shows. */
export function markdownOf(record: SoakRecord): string {
  const { machine, node, date, seed } = record;
  return [
    `Run on ${date.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, ${machine.system}; Node ${node}; seed ${seed}. Result: **${record.passed ? 'passed' : 'FAILED'}**.`,
    figuresTable(record),
    growthTable(record.growth),
  ].join('\n\n');
}
