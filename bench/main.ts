// `npm run bench`: runs the workloads, prints a table, and keeps a whole run: docs/bench-24.json (or
// that of another Node), the figures of docs/BENCHMARKS.md and README.md, and the charts in docs/.
//
//   --quick           the rows with a bar, short windows, fewer rounds
//   --only <pattern>  workloads whose id matches this regular expression ("codec": the codec)
//   --client <text>   clients whose name contains this
//   --rounds <n>      rounds of every client; 5, or 2 with --quick
//   --window <ms>     what is measured of each trial; 1500, or 300 with --quick
//   --json <file>     keep the figures in this file
//   --from <file>     measure nothing; show the figures of this file
//   --list            name the workloads
//   --node <option>   a further option for the Node of the clients' processes, such as
//                     --node=--cpu-prof; may be repeated
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCodec } from './codec/codec';
import { codecTable } from './codec/table';
import { writeCharts } from './report/charts';
import { writeFigures } from './report/markdown';
import { writeReadme } from './report/readme';
import { makeRecord, readRecord, writeRecord } from './report/record';
import type { RunRecord } from './report/record';
import { barsTable, blockOf } from './report/table';
import { Run } from './run';
import type { Extent, Workload } from './types';
import { workloads } from './workloads';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    client: { type: 'string', default: '' },
    rounds: { type: 'string' },
    window: { type: 'string' },
    json: { type: 'string' },
    from: { type: 'string' },
    list: { type: 'boolean', default: false },
    node: { type: 'string', multiple: true, default: [] },
  },
});

// Compiled, this file is in out/bench.
const docs = join(__dirname, '../../docs');
const print = (text: string): void => void process.stdout.write(`${text}\n`);

function numberOf(name: 'rounds' | 'window', otherwise: number): number {
  const value = Number(options[name] ?? otherwise);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number`);
  return value;
}

function chosen(): Workload[] {
  const pattern = new RegExp(options.only);
  return workloads.filter(({ id, long }) => pattern.test(id) && !(options.quick && long === true));
}

function extent(): Extent {
  const windowMs = numberOf('window', options.quick ? 300 : 1500);
  return { warmUpMs: Math.round(windowMs / 3), windowMs, share: options.quick ? 0.2 : 1 };
}

async function measure(): Promise<RunRecord> {
  const settings = { rounds: numberOf('rounds', options.quick ? 2 : 5), extent: extent() };
  const { client, node, only } = options;
  const run = new Run({
    ...settings,
    workloads: chosen(),
    clients: client,
    nodeOptions: node,
    say: print,
  });
  const results = await run.all();
  const withCodec = new RegExp(only).test('codec') && client === '';
  const codec = withCodec ? runCodec(options.quick ? 0.1 : 1, print) : [];
  return makeRecord({ ...settings, workloads: results, codec });
}

function show({ workloads: results, codec, machine, node, date, versions }: RunRecord): void {
  for (const result of results) print(`\n${blockOf(result)}`);
  if (codec.length > 0) print(`\n${codecTable(codec)}`);
  print(`\n${barsTable(results)}`);
  const clients = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  print(`\n${machine.cpu}, ${machine.cores} cores, ${machine.system}, Node ${node}, ${date}`);
  print(clients.join(', '));
}

/** Fails the run when a trial failed: a figure that is missing must not go unnoticed. */
const failed = ({ workloads: results }: RunRecord): boolean =>
  results.some((result) => result.results.some(({ errors }) => errors.length > 0));

/** Where the whole run on this version of Node is kept. */
const keptPath = (version: string): string =>
  join(docs, `bench-${version.split('.', 1).join()}.json`);

/** Writes the kept runs into the documents; the charts are those of the newest Node. */
async function writeDocuments(): Promise<void> {
  const [first, ...others] = ['24', '20'].map(keptPath).filter(existsSync).map(readRecord);
  if (first === undefined) throw new Error('no whole run is kept');
  await writeFigures(join(docs, 'BENCHMARKS.md'), [first, ...others]);
  await writeReadme(join(docs, '../README.md'), first);
  for (const path of await writeCharts(first, docs)) print(`wrote ${path}`);
}

async function main(): Promise<void> {
  if (options.list) {
    for (const { id, title } of workloads) print(`${id.padEnd(28)}${title}`);
    return;
  }
  const { from, json } = options;
  const record = from === undefined ? await measure() : readRecord(from);
  show(record);
  const whole = !options.quick && options.only === '' && options.client === '' && !failed(record);
  if (from === undefined) {
    const path = json ?? (whole ? keptPath(process.versions.node) : undefined);
    if (path !== undefined) await writeRecord(path, record);
  }
  if (whole) await writeDocuments();
  if (failed(record)) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
