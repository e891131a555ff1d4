// Fuzzes the readers of foreign bytes (the targets of test/native/fuzz, with libFuzzer), and the
// options of webSocketOpen: docs/RELIABILITY.md.
// Usage: node scripts/fuzz.mjs [target ...] [options]
//
// --seconds N  how long each target runs (30); 0 replays the existing inputs
// --jobs N     how many run at once (2)
// --coverage   replays all inputs and shows which lines of native/ they reach
// --memory     replays all inputs under valgrind's memcheck
// --keep       writes the smallest set of inputs with the same coverage to test/fuzz/corpus
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildTargets, inParallel, nativeTargets } from './fuzz-build.mjs';
import { replayForCoverage, replayForMemory } from './fuzz-replay.mjs';
import { setup } from './setup.mjs';
import { foundSomething } from './stages.mjs';
import { fail, isMain, root, run, say } from './tools.mjs';

/** The target in JavaScript. */
const optionsTarget = 'options';
/** Bytes of each target's corpus that are kept, and of its longest input. */
const mostKept = 32 * 1024;
const longestKept = 2048;

const corpusFile = (target) => join(root, 'test', 'fuzz', 'corpus', `${target}.txt`);
/** Seeds, corpus and regressions, gathered anew in each run. */
const inputsFolder = (target) => join(root, 'build', 'fuzz', 'inputs', target);
/** Inputs that were found on this machine, and those that failed. */
const localCorpusFolder = (target) => join(root, '.cache', 'fuzz', 'corpus', target);
const foundFolder = join(root, '.cache', 'fuzz', 'found');

const filesIn = (folder) =>
  existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => join(folder, name))
    : [];

/** Gathers the seeds, the corpus and the regressions of each target. */
async function gatherInputs(targets) {
  rmSync(join(root, 'build', 'fuzz', 'inputs'), { recursive: true, force: true });
  const seeds = ['out/test/fuzz/seeds.js', 'build/fuzz/inputs'];
  const { code, output } = await run(process.execPath, seeds, { capture: true });
  if (code !== 0) fail(`fuzz: the seeds could not be made:\n${output}`);
  for (const target of targets) {
    const folder = inputsFolder(target);
    mkdirSync(folder, { recursive: true });
    mkdirSync(localCorpusFolder(target), { recursive: true });
    const corpus = corpusFile(target);
    const lines = existsSync(corpus) ? readFileSync(corpus, 'utf8').split('\n') : [];
    for (const line of lines.filter((text) => text !== '')) {
      const name = createHash('sha1').update(line).digest('hex');
      writeFileSync(join(folder, name), Buffer.from(line, 'base64'));
    }
    for (const file of filesIn(join(root, 'test', 'fuzz', 'regressions', target))) {
      const bytes = readFileSync(file);
      const name = createHash('sha1').update(bytes).digest('hex');
      writeFileSync(join(folder, `regression-${name}`), bytes);
    }
  }
}

/** Starts a target; resolves with { code, output, seconds }. `onLine` gets each line of output. */
function start(program, args, onLine) {
  const started = Date.now();
  const output = [];
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, UBSAN_OPTIONS: 'print_stacktrace=1' },
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      for (const line of text.split('\n').filter((part) => part !== '')) {
        output.push(line);
        onLine(line);
      }
    });
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 127, output: [error.message], seconds: 0 }));
    child.once('close', (code) => {
      resolve({ code: code ?? 1, output, seconds: (Date.now() - started) / 1000 });
    });
  });
}

const programOf = (target, programs, seconds) =>
  target === optionsTarget
    ? [process.execPath, ['out/test/fuzz/options.js', `--seconds=${String(seconds)}`]]
    : [
        programs[target],
        [
          ...[localCorpusFolder(target), inputsFolder(target)],
          seconds === 0 ? '-runs=0' : `-max_total_time=${String(seconds)}`,
          ...['-timeout=20', '-rss_limit_mb=2048', '-malloc_limit_mb=256', '-print_final_stats=1'],
          `-artifact_prefix=${join(foundFolder, target)}-`,
        ],
      ];

/** Parses libFuzzer's line of progress: '#4096 NEW cov: 10 ft: 20 corp: 30/40b …'. */
const progressOf = (line) => /^#(\d+)\s.*cov: (\d+) ft: (\d+) corp: (\d+)/.exec(line);

/** Runs one target and reports its progress; true if it found nothing. */
async function fuzz(target, programs, seconds) {
  let seen;
  const started = Date.now();
  const report = setInterval(() => {
    const past = String(Math.round((Date.now() - started) / 1000));
    const [, count = '0', edges = '0', , corpus = '0'] = seen ?? [];
    say(`fuzz: ${target}: ${past} s, ${count} executions, ${edges} edges, ${corpus} inputs`);
  }, 20_000);
  const [program, args] = programOf(target, programs, seconds);
  const result = await start(program, args, (line) => (seen = progressOf(line) ?? seen));
  clearInterval(report);
  const stat = (name) => result.output.find((line) => line.startsWith(`stat::${name}:`));
  const count = /\d+/.exec(stat('number_of_executed_units') ?? '')?.[0] ?? seen?.[1] ?? '0';
  const past = result.seconds.toFixed(0);
  if (result.code === 0) {
    const edges = seen === undefined ? '' : `, ${seen[2]} edges, ${seen[4]} inputs`;
    say(`fuzz: ${target}: nothing found; ${count} executions in ${past} s${edges}`);
    return true;
  }
  console.error(result.output.slice(-60).join('\n'));
  console.error(`wsfd: fuzz: ${target}: ${foundSomething} after ${past} s; its words stand above`);
  const again = `${program} .cache/fuzz/found/${target}-…`;
  if (target !== optionsTarget) console.error(`wsfd: fuzz: to see it again: ${again}`);
  return false;
}

/** Replaces a target's corpus by the smallest inputs with the same coverage. */
async function keep(target, program) {
  const merged = join(root, 'build', 'fuzz', 'merged', target);
  rmSync(merged, { recursive: true, force: true });
  mkdirSync(merged, { recursive: true });
  const args = ['-merge=1', `-max_len=${String(longestKept)}`, merged];
  const { code, output } = await run(
    program,
    [...args, inputsFolder(target), localCorpusFolder(target)],
    { capture: true },
  );
  if (code !== 0) fail(`fuzz: ${target}: merging failed:\n${output}`);
  const inputs = filesIn(merged)
    .map((file) => readFileSync(file))
    .filter((bytes) => bytes.length <= longestKept)
    .sort((a, b) => a.length - b.length || a.compare(b));
  let left = mostKept;
  const kept = inputs.filter((bytes) => (left -= bytes.length) >= 0);
  const text = kept.map((bytes) => `${bytes.toString('base64')}\n`).join('');
  mkdirSync(join(root, 'test', 'fuzz', 'corpus'), { recursive: true });
  writeFileSync(corpusFile(target), text);
  say(`fuzz: ${target}: kept ${String(kept.length)} of ${String(inputs.length)} inputs`);
}

/** Every input of each target, by its file. */
const inputsOf = (targets) =>
  Object.fromEntries(
    targets.map((target) => [
      target,
      [...filesIn(inputsFolder(target)), ...filesIn(localCorpusFolder(target))],
    ]),
  );

function readArguments() {
  const flag = { type: 'boolean', default: false };
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '30' },
      jobs: { type: 'string', default: '2' },
      ...{ coverage: flag, memory: flag, keep: flag },
    },
  });
  const known = [...nativeTargets(), optionsTarget];
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined)
    fail(`fuzz: there is no target ${unknown}; there are ${known.join(', ')}`);
  return {
    ...values,
    targets: positionals.length === 0 ? known : positionals,
    seconds: Number(values.seconds),
    jobs: Number(values.jobs),
  };
}

/** True if nothing was found. */
async function main() {
  const { targets, seconds, jobs, ...mode } = readArguments();
  await setup({ tools: true });
  const native = targets.filter((target) => target !== optionsTarget);
  await gatherInputs(native);
  mkdirSync(foundFolder, { recursive: true });
  if (mode.coverage) {
    const programs = await buildTargets('coverage', native, jobs);
    return replayForCoverage(programs, inputsOf(native));
  }
  if (mode.memory) {
    const programs = await buildTargets('memory', native, jobs);
    return replayForMemory(programs, inputsOf(native), jobs);
  }
  const programs = await buildTargets('fuzz', native, jobs);
  let good = true;
  await inParallel(targets, jobs, async (target) => {
    if (!mode.keep) good = (await fuzz(target, programs, seconds)) && good;
    else if (target !== optionsTarget) await keep(target, programs[target]);
  });
  return good;
}

if (isMain(import.meta.url)) process.exitCode = (await main()) ? 0 : 1;
