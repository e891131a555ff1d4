// The figures of docs/BENCHMARKS.md, written into it from whole runs: the tables are those of the
// first one, on the newest Node; the bars have a column for each. The kept run has the rest: spread,
// throughput and all rounds.
import { readFileSync } from 'node:fs';
import { codecCells } from '../codec/table';
import type { WorkloadResult } from '../run';
import type { ClientName, MetricName, Workload } from '../types';
import { figureText, metrics } from './metrics';
import { writeFormatted } from './formatted';
import type { RunRecord } from './record';
import { verdictsOf } from './bars';
import type { Verdict } from './bars';
import { barText, reachedText } from './table';

const begin = '<!-- figures: written by npm run bench -->';
const end = '<!-- end of figures -->';

/** The first column is text, the others are flush right. */
export function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${head.map((_, column) => cells[column] ?? '').join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map(line).join('\n');
}

/** Rows that show how cost grows: the charts and docs/TUNING.md have them. */
const isElsewhere = ({ bars, clients, metric }: Workload): boolean =>
  bars.length === 0 &&
  (clients.every((client) => client.startsWith('wsfd')) ||
    (metric === 'cpuNs' && !clients.includes('undici')));

/** The client's median, with its unit; empty: there is none. */
export function figureOf(
  { workload, results }: WorkloadResult,
  client: ClientName,
  metric: MetricName = workload.metric,
): string {
  const median = results.find((one) => one.client === client)?.summaries[metric]?.median;
  return median === undefined ? '' : figureText(metric, median);
}

/** When, on what and with which versions a run was made. */
export function introductionOf(record: RunRecord): string {
  const { machine, node, openssl, date, versions, rounds, extent } = record;
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return (
    `Measured on ${date.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, ` +
    `${machine.memoryGib} GiB, ${machine.system}; Node ${node}, OpenSSL ${openssl}; ` +
    `${packages.join(', ')}. ${rounds} rounds, windows of ${extent.windowMs} ms.`
  );
}

const isSameBar = (one: Verdict, other: Verdict): boolean =>
  one.workload.id === other.workload.id &&
  one.bar.client === other.bar.client &&
  one.bar.metric === other.bar.metric &&
  one.bar.versus === other.bar.versus &&
  one.bar.atMost === other.bar.atMost;

/** Each bar of the first run, and the figure of every run. */
function barRows(records: readonly RunRecord[]): string[][] {
  const verdicts = records.map(({ workloads }) => verdictsOf(workloads));
  const figureIn = (run: readonly Verdict[], bar: Verdict): string => {
    const found = run.find((verdict) => isSameBar(verdict, bar));
    if (found?.met === undefined) return 'not measured';
    return `${reachedText(found)}${found.met ? '' : ', MISSED'}`;
  };
  return [
    ['work', 'client', 'figure', 'bar', ...records.map(({ node }) => `Node ${node}`)],
    ...(verdicts[0] ?? []).map((verdict) => [
      verdict.workload.title,
      verdict.bar.client,
      metrics[verdict.bar.metric].label,
      barText(verdict.bar),
      ...verdicts.map((run) => figureIn(run, verdict)),
    ]),
  ];
}

const groupTitles: Record<Workload['kind'], string> = {
  receive: 'Receiving',
  send: 'Sending',
  workers: 'Worker threads',
  echo: 'Round trips',
  open: 'Opening connections',
  idle: 'Idle connections',
  fairness: 'Fairness',
  kept: 'Kept messages',
  wait: 'Waiting for an answer',
};

/** The heading of the table for a row; rows of unlike clients are apart. */
function groupOf({ workload: { kind, metric, compression, clients } }: WorkloadResult): string {
  if (!clients.includes('wsfd subscribe')) return 'Other interfaces';
  const what = compression === undefined ? '' : ', compressed';
  return `${groupTitles[kind]}${what}: ${metrics[metric].label}`;
}

/** A column for each client, and a further row where there is a 99th percentile. */
function groupTable(results: readonly WorkloadResult[]): string {
  const clients = [...new Set(results.flatMap(({ workload }) => workload.clients))];
  const isMeasured = (client: ClientName): boolean =>
    results.some((result) => figureOf(result, client) !== '');
  const shown = clients.filter(isMeasured);
  const cells = (result: WorkloadResult, metric: MetricName): string[] =>
    shown.map((client) => figureOf(result, client, metric));
  const rows = results.flatMap((result) => {
    const { title, metric } = result.workload;
    const p99 = cells(result, 'p99Us');
    const isNew = metric !== 'p99Us' && p99.some((cell) => cell !== '');
    return [[title, ...cells(result, metric)], ...(isNew ? [[`${title}, p99`, ...p99]] : [])];
  });
  return table([['median', ...shown], ...rows]);
}

function groupTables(results: readonly WorkloadResult[]): string[] {
  const titles = [...new Set(results.map(groupOf))];
  return titles.flatMap((title) => [
    `### ${title}`,
    groupTable(results.filter((result) => groupOf(result) === title)),
  ]);
}

function figuresOf(records: readonly [RunRecord, ...RunRecord[]]): string {
  const [record] = records;
  return [
    ...records.map(introductionOf),
    '### The bars',
    table(barRows(records)),
    ...groupTables(record.workloads.filter(({ workload }) => !isElsewhere(workload))),
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

/** Writes a benchmark's figures into a page. */
export const writeInto = (path: string, figures: string): Promise<void> =>
  writeBetween(path, [begin, end], figures);

/** Writes the figures of runs into the page, those of the newest Node first. */
export const writeFigures = (
  path: string,
  records: readonly [RunRecord, ...RunRecord[]],
): Promise<void> => writeInto(path, figuresOf(records));
