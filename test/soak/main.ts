// `npm run soak`: hundreds of connections that open, send, receive, stall, are cut and close at
// random, every message checked and every result compared with what may come.
//
//   --minutes <n>      how long; 1 if absent
//   --connections <n>  at a time; 300 if absent
//   --workers <n>      worker threads at a time, each with an eighth of the connections; 2 if absent
//   --load <share>     of one core that client and servers may use together; 0.5 if absent
//   --seed <n>         what decides every choice; the time if absent, and printed
//   --out <folder>     where soak.json and soak.svg go; docs for 30 minutes and more, else nowhere
//   --from <file>      runs nothing; shows the figures of this file, and keeps them as --out says
//   --replay <id>      does the one plan of this name, as a fault names it, and shows it
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFormatted } from '../../bench/report/formatted';
import { writeBetween } from '../../bench/report/markdown';
import { rounded } from '../../bench/report/record';
import { writeChart } from './report/chart';
import type { SoakRecord } from './report/record';
import { markdownOf } from './report/table';
import { Run } from './run';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    connections: { type: 'string', default: '300' },
    workers: { type: 'string', default: '2' },
    load: { type: 'string', default: '0.5' },
    seed: { type: 'string' },
    out: { type: 'string' },
    from: { type: 'string' },
    replay: { type: 'string' },
  },
});

function numberOf(name: 'minutes' | 'connections' | 'workers' | 'load', least: number): number {
  const value = Number(options[name]);
  if (!(value >= least)) throw new Error(`--${name} takes a number from ${least}`);
  return value;
}

// Compiled, this file is in out/test/soak.
const docs = resolve(__dirname, '../../../docs');
const terminal = process.stdout.isTTY;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** On a terminal one line that changes; elsewhere one every ten seconds. */
function makeProgress(): { show(line: string): void; clear(): void } {
  let calls = 0;
  const clear = (): void => {
    if (terminal) process.stdout.write('\r\x1b[K');
  };
  return {
    clear,
    show: (line) => {
      if (terminal) process.stdout.write(`\r\x1b[K${line.slice(0, process.stdout.columns - 1)}`);
      else if (calls++ % 10 === 9) print(line);
    },
  };
}

const marks = ['<!-- soak: written by npm run soak -->', '<!-- end of soak -->'] as const;

async function keep(record: SoakRecord, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await writeFormatted(join(folder, 'soak.json'), JSON.stringify(record, rounded));
  await writeChart(join(folder, 'soak.svg'), record);
  if (resolve(folder) === docs) {
    await writeBetween(join(docs, 'RELIABILITY.md'), marks, markdownOf(record));
  }
  print(`wrote soak.json and soak.svg in ${folder}`);
}

function makeRun(progress: ReturnType<typeof makeProgress>): Run {
  const seed = Number(options.seed ?? Date.now() % 1_000_000);
  print(`seed ${seed}`);
  return new Run({
    seed,
    minutes: numberOf('minutes', 0.05),
    connections: Math.round(numberOf('connections', 8)),
    workers: Math.min(6, Math.round(numberOf('workers', 0))),
    load: numberOf('load', 0.05),
    onProgress: (line) => progress.show(line),
    onFault: (text) => {
      progress.clear();
      print(`FAULT ${text}`);
    },
  });
}

async function replay(id: string): Promise<void> {
  print(JSON.stringify(await makeRun(makeProgress()).replay(id), null, 2));
}

async function soak(): Promise<SoakRecord> {
  const progress = makeProgress();
  const run = makeRun(progress);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      progress.clear();
      print('ending');
      run.end();
    });
  }
  const record = await run.run();
  progress.clear();
  return record;
}

async function main(): Promise<void> {
  const { from, out } = options;
  if (options.replay !== undefined) {
    await replay(options.replay);
    return;
  }
  const record =
    from === undefined ? await soak() : (JSON.parse(readFileSync(from, 'utf8')) as SoakRecord);
  print(`\n${markdownOf(record)}\n`);
  const folder = out ?? (from === undefined && record.minutes >= 30 ? docs : undefined);
  if (folder !== undefined) await keep(record, folder);
  print(record.passed ? 'soak: passed' : 'soak: FAILED');
  if (!record.passed) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.stack : error);
  process.exit(1);
});
