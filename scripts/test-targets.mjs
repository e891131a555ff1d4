// Runs the prebuilt binaries on the Node of their targets: Windows under wine, arm64 under qemu,
// Debian 11's libraries, musl.
// Usage: node scripts/test-targets.mjs [--short] [system ...] [--only PART]
//
// --short      no test files, only the steps with the tarball (scripts/targets/consumer.mjs)
// system       linux, windows, arm64, debian-11, musl; a Node version may follow, as in windows-22
// --only PART  only test files whose path contains PART; may be given again
//
// The last results, of runs without --only, are in docs/INSTALLING.md.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { uwsEnvironment } from './node-versions.mjs';
import { binaryOf, prebuild } from './prebuild.mjs';
import { dayAndCommit } from './record.mjs';
import { setup } from './setup.mjs';
import { startServer } from './start-server.mjs';
import { buildTesting } from './targets/build.mjs';
import { installPackage, trySystem, versionOn } from './targets/consumer.mjs';
import { ensurePrograms } from './targets/programs.mjs';
import { keepResult, leftOutRows } from './targets/results.mjs';
import { divideFiles, runFiles } from './targets/run-files.mjs';
import { systems } from './targets/systems.mjs';
import { ownTarget } from './targets/table.mjs';
import { startUwsBroker } from './targets/uws-broker.mjs';
import { testFiles } from './test-files.mjs';
import { fail, root, say } from './tools.mjs';

const require = createRequire(import.meta.url);

/** The chosen systems: { name, major, …systems' row } each. */
function chooseRuns(names) {
  const all = Object.entries(systems).flatMap(([name, system]) =>
    system.majors.map((major) => ({ name, major, ...system })),
  );
  const isMeant = (run, name) => name === run.name || name === `${run.name}-${run.major}`;
  const unknown = names.find((name) => !all.some((run) => isMeant(run, name)));
  if (unknown !== undefined) fail(`${unknown} is none of ${Object.keys(systems).join(', ')}`);
  return all.filter((run) => names.length === 0 || names.some((name) => isMeant(run, name)));
}

const sum = (results, name) => results.reduce((total, result) => total + result[name], 0);

/** Variables of this machine's Node and programs, which a process of Windows cannot use. */
const ofThisMachine = ['WSFD_UWS_NODE', 'WSFD_REQUIRE_PROGRAMS', 'WSFD_REQUIRE_NAMESPACES'];

/**
 * The environment variables of the tests on a system: the binary, and for their uWebSockets.js
 * servers a Node of this machine; on Windows the broker that starts one.
 */
async function environmentFor({ target }, brokerPort) {
  const WSFD_PREBUILD = await buildTesting(target, binaryOf(target));
  if (!target.startsWith('win32')) return { WSFD_PREBUILD, WSFD_UWS_NODE: uwsNode };
  const none = Object.fromEntries(ofThisMachine.map((name) => [name, undefined]));
  return { WSFD_PREBUILD, WSFD_UWS_BROKER: String(brokerPort), ...none };
}

/** Runs everything on one system. Resolves with { row, leftOut, reasons, major } (results.mjs). */
async function runSystem(run, { server, broker }, { short, parts }) {
  const title = `${run.name}, Node ${run.major}`;
  say(title);
  const begin = performance.now();
  const started = await run.prepare(run.major);
  const steps = await trySystem(started, server);
  const faults = steps.filter(({ fault }) => fault !== '');
  for (const { name, fault } of faults) console.error(`${title}: ${name}: ${fault}`);
  const chosen = short ? [] : testFiles(parts);
  const [files, leftOut] = divideFiles(run.name, chosen);
  const settings = { environment: {}, seconds: run.seconds };
  if (files.length > 0) settings.environment = await environmentFor(run, broker.port);
  const reports = await runFiles(started, files, settings);
  const version = await versionOn(started);
  await started.end?.();
  const failed = faults.length + reports.filter(({ fault }) => fault !== '').length;
  const row = {
    system: run.name,
    'Node.js': version,
    steps: `${String(steps.length - faults.length)} of ${String(steps.length)}`,
    files: files.length,
    tests: sum(reports, 'tests'),
    passed: sum(reports, 'passed'),
    skipped: sum(reports, 'skipped'),
    'files left out': short ? 'all' : leftOut.length,
    minutes: ((performance.now() - begin) / 60_000).toFixed(1),
    result: failed === 0 ? 'passed' : 'FAILED',
    ...(await dayAndCommit()),
  };
  const result = {
    short,
    row,
    major: run.major,
    leftOut,
    reasons: reports.flatMap((each) => each.reasons),
  };
  if (parts.length === 0) await keepResult(run, result, chooseRuns([]));
  return result;
}

const options = process.argv.slice(2);
const parts = [];
for (let only = options.indexOf('--only'); only >= 0; only = options.indexOf('--only')) {
  parts.push(options.splice(only, 2)[1] ?? fail('--only takes a part of a path'));
}
const short = options.includes('--short');
const runs = chooseRuns(options.filter((option) => option !== '--short'));
if (ownTarget !== 'linux-x64')
  fail('it needs Linux on x64, where all targets can be built and run');

await setup({ testing: true, tools: true });
/** The Node of this machine that runs uWebSockets.js. */
const { WSFD_UWS_NODE: uwsNode = process.execPath } = {
  ...process.env,
  ...(await uwsEnvironment()),
};
await ensurePrograms(runs.flatMap(({ programs }) => programs));
await prebuild([...new Set(runs.map(({ target }) => target))]);
await installPackage();
const certificates = require(join(root, 'out/test/support/certificates.js')).makeSelfSigned();
const server = await startServer(certificates);
const broker = await startUwsBroker(uwsNode);
const servers = { server: { ...server, cert: certificates.cert }, broker };
const results = [];
for (const run of runs) results.push(await runSystem(run, servers, { short, parts }));
await Promise.all([server.close(), broker.close()]);
console.table(leftOutRows(results));
console.table(results.map(({ row }) => row));
const passed = results.filter(({ row }) => row.result === 'passed').length;
const total = sum(
  results.map(({ row }) => row),
  'passed',
);
say(`${String(passed)} of ${String(results.length)} runs passed, ${String(total)} tests`);
if (passed < results.length) process.exitCode = 1;
