// `npm run soak`: hundreds of connections that open, send, receive, stall, are cut and close at
// random, every message checked and every result compared with what may come.
//
//   --minutes <n>      how long; 1 if absent
//   --connections <n>  at a time; 300 if absent
//   --workers <n>      worker threads at a time, each with an eighth of the connections; 2 if absent
//   --seed <n>         what decides every choice; the time if absent, and printed
//   --replay <id>      does the one plan of this name, as a fault names it, and shows it
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBetween } from '../../bench/report/markdown';
import { markdownOf } from './report/table';
import { Run } from './run';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    connections: { type: 'string', default: '300' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string' },
    replay: { type: 'string' },
  },
});

function numberOf(name: 'minutes' | 'connections' | 'workers', least: number): number {
  const value = Number(options[name]);
  if (!(value >= least)) throw new Error(`--${name} takes a number from ${least}`);
  return value;
}

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

/** Runs of so many minutes are kept in docs/RELIABILITY.md. */
const kept = 30;

function makeRun(progress: ReturnType<typeof makeProgress>): Run {
  const seed = Number(options.seed ?? Date.now() % 1_000_000);
  print(`seed ${seed}`);
  return new Run({
    seed,
    minutes: numberOf('minutes', 0.05),
    connections: Math.round(numberOf('connections', 8)),
    workers: Math.min(6, Math.round(numberOf('workers', 0))),
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

async function main(): Promise<void> {
  if (options.replay !== undefined) return replay(options.replay);
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
  const figures = markdownOf(record);
  print(`\n${figures}\n`);
  // Compiled, this file is in out/test/soak.
  const document = join(__dirname, '../../../docs/RELIABILITY.md');
  if (record.minutes >= kept) await writeBetween(document, marks, figures);
  print(record.passed ? 'soak: passed' : 'soak: FAILED');
  if (!record.passed) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.stack : error);
  process.exit(1);
});
