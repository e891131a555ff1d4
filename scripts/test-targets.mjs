// Runs the prebuilt binaries on the Node of their own targets: Windows under wine, arm64 under qemu,
// Debian 11's libraries, musl. Usage: node scripts/test-targets.mjs [--short] [system ...] [--only PART]
//
// --short      no test files: loading, the CTRL example both ways, TLS and echo, all of the tarball
// system       linux, windows, arm64, debian-11, musl; a Node version may follow, as in windows-22
// --only PART  only test files whose path contains PART
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { uwsEnvironment } from './node-versions.mjs';
import { prebuild } from './prebuild.mjs';
import { setup } from './setup.mjs';
import { startServer } from './start-server.mjs';
import { buildTesting } from './targets/build.mjs';
import { installPackage, trySystem, versionOn } from './targets/consumer.mjs';
import { reasonFor } from './targets/left-out.mjs';
import { ensurePrograms } from './targets/programs.mjs';
import { runOn } from './targets/run-on.mjs';
import { systems } from './targets/systems.mjs';
import { ownTarget } from './targets/table.mjs';
import { testFiles } from './test-files.mjs';
import { fail, root, say } from './tools.mjs';

const require = createRequire(import.meta.url);

/** The systems that were asked for: { name, major, …systems' row } each. */
function chooseRuns(names) {
  const all = Object.entries(systems).flatMap(([name, system]) =>
    system.majors.map((major) => ({ name, major, ...system })),
  );
  const isMeant = (run, name) => name === run.name || name === `${run.name}-${run.major}`;
  const unknown = names.find((name) => !all.some((run) => isMeant(run, name)));
  if (unknown !== undefined) fail(`${unknown} is none of ${Object.keys(systems).join(', ')}`);
  return all.filter((run) => names.length === 0 || names.some((name) => isMeant(run, name)));
}

/** A number of the test runner's closing lines. */
const count = (output, name) =>
  Number(new RegExp(`^\\S+ ${name} (\\d+)$`, 'm').exec(output)?.[1] ?? 0);

/** Runs one test file; the numbers of its tests, and what is wrong with it as text. */
async function runFile(started, file, environment) {
  const args = ['--test-reporter=spec', file];
  const { code, output } = await runOn(started, args, { further: environment, seconds: 300 });
  const [tests, pass, skipped] = ['tests', 'pass', 'skipped'].map((name) => count(output, name));
  // A file that ends without its closing lines has not run to its end; all of it may be skipped.
  const good = code === 0 && /^\S+ tests \d+$/m.test(output);
  const how = code === undefined ? 'it did not end' : `it ended with ${String(code)}`;
  return { tests, pass, skipped, fault: good ? '' : `${file}: ${how}\n${output.slice(-4000)}` };
}

/** Runs all files, so many at a time as there are processors. */
async function runFiles(started, files, environment) {
  const results = [];
  const waiting = [...files];
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const result = await runFile(started, file, environment);
      if (result.fault !== '') console.error(result.fault);
      results.push(result);
    }
  };
  await Promise.all(cpus().map(work));
  return results;
}

const sum = (results, name) => results.reduce((total, result) => total + result[name], 0);

/**
 * What the tests on a system find in their environment: the binary that was made, and for their
 * uWebSockets.js servers a Node of this machine. (A process of Windows cannot talk to one.)
 */
async function environmentFor({ target }) {
  const ofHost = { WSFD_UWS_NODE: process.execPath, ...process.env, ...(await uwsEnvironment()) };
  const { WSFD_UWS_NODE } = ofHost;
  const uws = target.startsWith('win32') ? {} : { WSFD_UWS_NODE };
  return { ...uws, WSFD_PREBUILD: await buildTesting(target), PREBUILDS_ONLY: '1' };
}

async function runSystem(run, server, { short, part }) {
  const title = `${run.name}, Node ${run.major}`;
  say(title);
  const started = await run.prepare(run.major);
  const steps = await trySystem(started, server);
  for (const { name, fault } of steps.filter(({ fault: text }) => text !== '')) {
    console.error(`${title}: ${name}: ${fault}`);
  }
  const chosen = short ? [] : testFiles(part === undefined ? [] : [part]);
  const source = (file) => file.replace(/^out\//, '').replace(/js$/, 'ts');
  const files = chosen.filter((file) => reasonFor(run.name, source(file)) === undefined);
  const results =
    files.length === 0 ? [] : await runFiles(started, files, await environmentFor(run));
  const version = await versionOn(started);
  await started.end?.();
  const failed = [...steps, ...results].filter(({ fault }) => fault !== '').length;
  return {
    row: {
      system: run.name,
      Node: version,
      steps: `${String(steps.filter(({ fault }) => fault === '').length)} of ${String(steps.length)}`,
      files: files.length,
      tests: sum(results, 'tests'),
      passed: sum(results, 'pass'),
      skipped: sum(results, 'skipped'),
      'files left out': chosen.length - files.length,
      result: failed === 0 ? 'passed' : 'FAILED',
    },
    leftOut: chosen.filter((file) => !files.includes(file)).map((file) => [run.name, source(file)]),
  };
}

/** The files that were left out, by reason. */
function sayLeftOut(pairs) {
  const byReason = new Map();
  for (const [system, file] of pairs) {
    const key = `${system}: ${reasonFor(system, file)}`;
    byReason.set(key, new Set([...(byReason.get(key) ?? []), file]));
  }
  for (const [key, files] of byReason) {
    say(`left out on ${key}: ${String(files.size)} files`);
    if (files.size < 12) for (const file of files) console.log(`  ${file}`);
  }
}

const options = process.argv.slice(2);
const only = options.indexOf('--only');
const [, part] = only < 0 ? [] : options.splice(only, 2);
const short = options.includes('--short');
const runs = chooseRuns(options.filter((option) => option !== '--short'));
if (ownTarget !== 'linux-x64')
  fail('it needs Linux on x64, where all targets can be built and run');

await setup({ testing: true, tools: true });
await ensurePrograms(runs.flatMap(({ programs }) => programs));
await prebuild([...new Set(runs.map(({ target }) => target))]);
await installPackage();
const certificates = require(join(root, 'out/test/support/certificates.js')).makeSelfSigned();
const server = await startServer(certificates);
const outcomes = [];
for (const run of runs) {
  outcomes.push(await runSystem(run, { ...server, cert: certificates.cert }, { short, part }));
}
await server.close();
sayLeftOut(outcomes.flatMap(({ leftOut }) => leftOut));
console.table(outcomes.map(({ row }) => row));
const passed = outcomes.filter(({ row }) => row.result === 'passed').length;
const total = sum(
  outcomes.map(({ row }) => row),
  'passed',
);
say(`${String(passed)} of ${String(outcomes.length)} runs passed, ${String(total)} tests`);
if (outcomes.some(({ row }) => row.result !== 'passed')) process.exitCode = 1;
