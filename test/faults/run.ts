// Runs one scenario again and again, while the first, the second, the third … use of something fails,
// until none is left to fail. In a process of its own: scripts/faults.mjs starts it. Usage:
//
// node --expose-gc out/test/faults/run.js SCENARIO KIND[,KIND…] [FROM [STEP [SYMBOL]]]
//
// With 'first' for STEP the FROM-th use alone fails, in a process in which nothing was used before.
// A line for each kind is JSON: { kind, points, problems }.
import { readdirSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Calls, patience as readPatience } from './calls';
import { faults } from './control';
import type { Kind } from './control';
import { scenarios } from './scenarios';
import type { Prepared } from './scenario';

/** Milliseconds after which a run is taken for one that hangs. */
const patience = 15_000;

const problems: string[] = [];
let current = 'the start';

function say(kind: string, points: number): void {
  writeSync(1, `${JSON.stringify({ kind, points, problems })}\n`);
}

process.on('uncaughtException', (error) => {
  problems.push(`${current}: an exception escaped: ${error.stack ?? String(error)}`);
});

/** What is held at the moment: memory and descriptors. */
const held = (): { blocks: number; files: number } => ({
  blocks: faults.liveBlocks(),
  files: readdirSync('/proc/self/fd').length,
});

async function runOnce(prepared: Prepared, strict: boolean): Promise<string[]> {
  const calls = new Calls(strict);
  const watch = setTimeout(() => {
    problems.push(`${current}: hangs; ${faults.disarm() ?? 'nothing'} failed`, ...calls.problems);
    say('?', 0);
    process.exit(1);
  }, patience);
  await prepared.run(calls);
  clearTimeout(watch);
  if (faults.errorLeft()) calls.problem("an error is left on the thread's queue of OpenSSL's");
  return calls.problems;
}

/** True once no more is held than `limit`: handles close in the iterations that follow. */
async function settles(limit: ReturnType<typeof held>): Promise<boolean> {
  for (let tries = 0; tries < 60; tries++) {
    const now = held();
    if (now.blocks <= limit.blocks && now.files <= limit.files) return true;
    // Storage that was given to JavaScript comes back when that is collected.
    if (tries % 10 === 5) globalThis.gc?.();
    await sleep(tries < 40 ? 1 : 50);
  }
  return false;
}

/** Runs without failures until what is held, caches for example, no longer grows. */
async function warmUp(prepared: Prepared): Promise<ReturnType<typeof held>> {
  let limit = { blocks: 0, files: 0 };
  for (let unchanged = 0, runs = 0; unchanged < 4 && runs < 40; runs++) {
    problems.push(...(await runOnce(prepared, true)));
    globalThis.gc?.();
    await sleep(20);
    const now = held();
    unchanged = now.blocks <= limit.blocks && now.files <= limit.files ? unchanged + 1 : 0;
    limit = {
      blocks: Math.max(now.blocks, limit.blocks),
      files: Math.max(now.files, limit.files),
    };
  }
  return limit;
}

/**
 * More is held than before. That may be a cache, such as that of TLS sessions, whose size varies
 * within bounds; what leaks grows with every run. Returns what is held.
 */
async function judgeGrowth(prepared: Prepared, arm: () => void): Promise<ReturnType<typeof held>> {
  const repeats = 30;
  const before = held();
  for (let i = 0; i < repeats; i++) {
    arm();
    await runOnce(prepared, false);
    await settles(before);
    faults.disarm();
  }
  await runOnce(prepared, true);
  await settles(before);
  const after = held();
  const grew = ({ blocks, files }: typeof after): boolean =>
    blocks - before.blocks >= repeats || files - before.files >= repeats;
  // Memory of large messages is kept for two or three seconds, and the messages of a read whose timer
  // could not be stopped until it fires.
  if (grew(after)) {
    await sleep((readPatience + 1) * 1000);
    await settles(before);
  }
  if (grew(held())) {
    problems.push(`${current}: leaks, ${JSON.stringify(before)} became ${JSON.stringify(after)}`);
  }
  return { blocks: Math.max(before.blocks, after.blocks), files: after.files };
}

/** Runs the scenario with the n-th, the next … use failing; gives how many there are. */
async function runAll(prepared: Prepared, name: string, plan: Plan): Promise<number> {
  let limit = await warmUp(prepared);
  for (let n = plan.from; ; n += plan.step) {
    const arm = (): void => faults.arm(plan.kind, plan.symbol, n);
    current = `${name}, ${plan.kind} ${n}`;
    arm();
    const found = await runOnce(prepared, false);
    // What fails last may do so while things are closed.
    await settles(limit);
    const failed = faults.disarm();
    if (failed !== undefined) current += ` (${failed})`;
    problems.push(...found.map((problem) => `${current}: ${problem}`));
    // Another run shows that nothing is left behind: neither trouble nor memory.
    await runCleanly(prepared);
    if (!(await settles(limit))) limit = await judgeGrowth(prepared, arm);
    if (failed === undefined || problems.length > 20) return Math.ceil((n - plan.from) / plan.step);
  }
}

/** Runs the scenario in a process in which nothing was used before; 0 when nothing failed. */
async function runFirst(prepared: Prepared, name: string, plan: Plan): Promise<number> {
  current = `${name}, first use, ${plan.kind} ${plan.from}`;
  faults.arm(plan.kind, plan.symbol, plan.from);
  const found = await runOnce(prepared, false);
  const failed = faults.disarm();
  problems.push(...found.map((problem) => `${current} (${String(failed)}): ${problem}`));
  await runCleanly(prepared);
  return failed === undefined ? 0 : 1;
}

async function runCleanly(prepared: Prepared): Promise<void> {
  for (const problem of await runOnce(prepared, true)) {
    problems.push(`after ${current}: ${problem}`);
  }
}

interface Plan {
  kind: Kind;
  symbol: string;
  from: number;
  step: number;
}

async function main(): Promise<void> {
  const [name = '', some = '', from = '1', step = '1', symbol = ''] = process.argv.slice(2);
  const scenario = scenarios.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario '${name}'`);
  const prepared = await scenario.prepare();
  for (const kind of some.split(',') as Kind[]) {
    const plan = { kind, symbol, from: Number(from), step: Number(step) };
    const run = step === 'first' ? runFirst : runAll;
    say(kind, await run(prepared, name, plan));
  }
  process.exit(problems.length === 0 ? 0 : 1);
}

void main();
