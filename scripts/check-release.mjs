// The stages of stages.mjs, one after the other. Usage:
//
// node scripts/check-release.mjs        all stages, each to its end; the result of each goes to
//                                       docs/RELIABILITY.md as it ends
// node scripts/check-release.mjs arm64  the stages alone whose names contain one of these words, such
//                                       as one that failed; the results of the others stay
// node scripts/check-release.mjs --ci   what has to pass before a change is taken (.ci/run): its first
//                                       stages to their ends, within 30 minutes on two idle cores; the
//                                       others as far as 60 minutes go. It ends within 85 minutes
//                                       however slow the machine is.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { dayAndCommit, keep, markdownTable, record } from './record.mjs';
import { isFailure, stages, systemPrograms } from './stages.mjs';
import { ensurePrograms } from './targets/programs.mjs';
import { fail, root, say } from './tools.mjs';

const logs = join(root, '.cache', 'check-release');

/** Seconds after the start: when a stage that must pass is cut off, and one that may be left out. */
const hardLimit = 85 * 60;
const softLimit = 60 * 60;
/** A stage that has less time than this is not begun. */
const leastSeconds = 60;

const names = stages.map(({ name }) => name);
const seconds = () => performance.now() / 1000;

/** Lines that are shown as they come; all lines are in the log. */
const isShown = (line) => /^wsfd: |^[┌├│└]|^\s*✖ |^ℹ /.test(line);

/** Ends what is left of a process group at once. */
function endGroup(group) {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // All of it ended in the meantime.
  }
}

/** The process of the stage that runs. */
let running;

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    // Its process group is not the terminal's.
    if (running !== undefined) process.kill(-running.pid, 'SIGTERM');
    process.exit(1);
  });
}

/** Runs a stage for at most so many seconds: { code, lines }; code is undefined where time was up. */
function runStage({ name, script, args }, most) {
  const log = join(logs, `${name.replaceAll(/\W+/g, '-')}.log`);
  const file = createWriteStream(log);
  const child = spawn('npm', ['run', '--silent', script, '--', ...args], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Tests that need these are left out elsewhere; here that is a failure.
    env: { ...process.env, WSFD_REQUIRE_PROGRAMS: '1', WSFD_REQUIRE_NAMESPACES: '1' },
  });
  running = child;
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    process.kill(-child.pid, 'SIGTERM');
    setTimeout(() => endGroup(child.pid), 10_000).unref();
  }, most * 1000);
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      lines.push(line);
      file.write(`${line}\n`);
      if (isShown(line)) console.log(line);
    });
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 127, lines: [error.message] }));
    child.once('close', (code) => {
      clearTimeout(limit);
      running = undefined;
      file.end();
      resolve({ code: late ? undefined : (code ?? 1), lines });
    });
  });
}

/** What a stage counted, as its own output says it. */
function countsOf(lines, { counts = [/^ℹ (pass \d+)$/, /^ℹ (skipped \d+)$/, /^ℹ (fail \d+)$/] }) {
  return counts
    .flatMap((pattern) =>
      lines
        .map((line) => pattern.exec(line)?.[1])
        .filter(Boolean)
        .slice(-1),
    )
    .join(', ');
}

/** One stage's row in the closing table. */
async function check(stage, most) {
  const start = seconds();
  say(`stage: ${stage.name}`);
  const { code, lines } = await runStage(stage, most);
  const failed = lines.some(isFailure) ? 'FAILED before it was cut off' : undefined;
  const late = failed ?? (stage.required ? 'FAILED: time is up' : 'cut off');
  const result = { 0: 'passed', undefined: late }[code] ?? 'FAILED';
  if (result.startsWith('FAILED')) {
    console.error(lines.slice(-150).join('\n'));
    say(`stage: ${stage.name} ${result}; all of its output is in .cache/check-release`);
  }
  const minutes = ((seconds() - start) / 60).toFixed(1);
  return { stage: stage.name, result, minutes, counts: countsOf(lines, stage), lines };
}

/** Before a change is taken: what has to pass, then the others as far as the time goes. */
async function checkChange() {
  const rows = [];
  for (const stage of stages.filter(({ ci }) => ci !== undefined)) {
    const chosen = { ...stage, ...stage.ci };
    const left = (chosen.required ? hardLimit : softLimit) - seconds();
    if (left < leastSeconds) {
      const result = chosen.required ? 'FAILED: time is up' : 'left out';
      rows.push({ stage: stage.name, result, minutes: '0.0', counts: '', lines: [] });
    } else {
      rows.push(await check(chosen, left));
    }
  }
  return rows;
}

/** Writes the result of a stage, and the last of each other one, into the document. */
async function recordStage({ stage, result, minutes, counts }, { day, commit }) {
  const cells = [stage, result, minutes, counts, day, commit];
  const kept = keep(join(root, 'docs', 'release.json'), stage, cells, names);
  const table = markdownTable(['stage', 'result', 'minutes', 'counts', 'day', 'commit'], kept, [
    '---',
    '---',
    '---:',
    '---',
    '---',
    '---',
  ]);
  await record(join(root, 'docs', 'RELIABILITY.md'), 'check:release', table);
}

/** Each stage whose name contains one of these words, or all of them, to its end. */
async function checkRelease(words) {
  const isNamed = ({ name }) => words.length === 0 || words.some((word) => name.includes(word));
  const chosen = stages.filter(isNamed);
  if (chosen.length === 0) fail(`no stage has that name, but ${names.join('; ')}`);
  const rows = [];
  for (const stage of chosen) {
    const begun = await dayAndCommit();
    // A timer takes 2^31 ms at most.
    const row = await check({ ...stage, required: true }, 20 * 24 * 3600);
    await recordStage(row, begun);
    rows.push(row);
  }
  return rows;
}

const words = process.argv.slice(2);
mkdirSync(logs, { recursive: true });
await ensurePrograms(systemPrograms);
const rows = words.includes('--ci') ? await checkChange() : await checkRelease(words);
console.log('\nci: the closing lines of npm test:');
const closing = /^ℹ (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;
for (const line of rows[0].lines.filter((each) => closing.test(each))) console.log(line);
console.table(
  rows.map(({ stage, result, minutes, counts }) => ({ stage, result, minutes, counts })),
);
for (const { stage, result } of rows.filter(({ result: each }) => /left out|cut off/.test(each))) {
  say(`${result}: ${stage}; npm run check:release has all of it`);
}
if (rows.some(({ result }) => result.startsWith('FAILED'))) process.exitCode = 1;
