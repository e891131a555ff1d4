// The figures of docs/BENCHMARKS.md, written into it from a run, so that they are those of
// docs/bench.json.
import { readFileSync } from 'node:fs';
import { codecCells } from '../codec/table';
import type { Workload } from '../types';
import { writeFormatted } from './formatted';
import type { RunRecord } from './record';
import { barCells, cellsOf } from './table';

const begin = '<!-- figures: written by npm run bench -->';
const end = '<!-- end of figures -->';

/** The first column is text, the others are flush right. */
function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${head.map((_, column) => cells[column] ?? '').join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map(line).join('\n');
}

/** Rows that show how cost grows: the charts have them. */
const isDrawn = ({ bars, clients, metric }: Workload): boolean =>
  bars.length === 0 && metric === 'cpuNs' && !clients.includes('undici');

function figuresOf(record: RunRecord): string {
  const { machine, node, openssl, date, versions, rounds, extent } = record;
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const bars = [['work', 'client', 'figure', 'reached', 'bar', ''], ...barCells(record.workloads)];
  return [
    `Measured on ${date.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, ` +
      `${machine.memoryGib} GiB, ${machine.system}; Node ${node}, OpenSSL ${openssl}; ` +
      `${packages.join(', ')}. ${rounds} rounds, windows of ${extent.windowMs} ms.`,
    '### The bars',
    table(bars),
    ...record.workloads
      .filter(({ workload }) => !isDrawn(workload))
      .flatMap((result) => [`### ${result.workload.title}`, table(cellsOf(result))]),
    '### The codec alone',
    table(codecCells(record.codec)),
  ].join('\n\n');
}

/** Replaces what stands between the two marks of a page. */
export async function writeBetween(
  path: string,
  [first, last]: readonly [string, string],
  text: string,
): Promise<void> {
  const page = readFileSync(path, 'utf8');
  const from = page.indexOf(first);
  const to = page.indexOf(last);
  if (from < 0 || to < from) throw new Error(`${path} has no place for figures`);
  const before = page.slice(0, from + first.length);
  await writeFormatted(path, `${before}\n\n${text}\n\n${page.slice(to)}`);
}

/** Writes a run's figures into the page. */
export const writeFigures = (path: string, record: RunRecord): Promise<void> =>
  writeBetween(path, [begin, end], figuresOf(record));
