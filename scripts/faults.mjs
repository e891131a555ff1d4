// Makes each of the addon's uses of memory, libuv, zlib, OpenSSL and Node-API fail in turn while
// scenarios run: docs/RELIABILITY.md. For Linux with GCC.
// Usage: node scripts/faults.mjs [option ...]
//
// --kind K        alloc, uv, zlib, openssl or napi alone; may be repeated
// --scenario S    scenarios whose name contains S alone; may be repeated
// --from N        begins with the N-th use
// --step N        every N-th use alone
// --short         every seventh use, without the slowest scenarios
// --sanitized     under AddressSanitizer, its leak detector and UndefinedBehaviorSanitizer
// --built FOLDER  with the addon of a build beside this one (scripts/build-beside.mjs)
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildBeside } from './build-beside.mjs';
import { sanitizerEnvironment } from './sanitizer.mjs';
import { setup } from './setup.mjs';
import { fail, root, run, say } from './tools.mjs';

const { values: options } = parseArgs({
  options: {
    kind: { type: 'string', multiple: true },
    scenario: { type: 'string', multiple: true },
    from: { type: 'string', default: '1' },
    step: { type: 'string' },
    short: { type: 'boolean', default: false },
    sanitized: { type: 'boolean', default: false },
    built: { type: 'string', default: root },
  },
});
if (process.platform !== 'linux') fail('the linker of Linux is needed');

await setup({ testing: true, tools: true, faults: true });

/** Makes a folder in which the package finds the addon of `base` instead of its own. */
function placeAddon(name, base) {
  const folder = join(root, '.cache', name);
  const addon = join(folder, 'build', 'Release', 'wsfd.node');
  mkdirSync(dirname(addon), { recursive: true });
  rmSync(addon, { force: true });
  symlinkSync(join(base, 'build', 'Release', 'wsfd_faults.node'), addon);
  return folder;
}

process.env.WSFD_PREBUILD = placeAddon('faults', options.built);

/** Added to the environment of the runs. */
const env = {};
if (options.sanitized) {
  const built = await buildBeside('sanitized-build', ['sanitize=1', 'faults=1']);
  Object.assign(env, await sanitizerEnvironment(placeAddon('faults-sanitized', built)));
}

const load = createRequire(import.meta.url);
const { kinds: allKinds } = load('../out/test/faults/control.js');
const { scenarios } = load('../out/test/faults/scenarios.js');

const kinds = options.kind ?? allKinds;
const unknown = kinds.find((kind) => !allKinds.includes(kind));
if (unknown !== undefined) fail(`there is no kind '${unknown}': ${allKinds.join(', ')}`);
const names = scenarios
  .map(({ name }) => name)
  .filter((name) => options.scenario?.some((part) => name.includes(part)) ?? true);
if (names.length === 0) fail(`no scenario's name contains ${options.scenario.join(' or ')}`);

/** The scenarios for uses that occur once in a process. */
const firstUses = ['tls 1.2, client certificate, lists', 'calls that wait'];
/** These take long: a short run leaves them out. */
const slow = ['large', 'tls large', 'tls in tls', 'observed'];

let passed = 0;
const problems = [];

/** Starts a run of test/faults/run.ts; resolves with the points of each kind. */
async function start(name, some, from, step) {
  const program = ['--expose-gc', 'out/test/faults/run.js'];
  const parameters = [name, some.join(), String(from), String(step)];
  const { code, output } = await run(process.execPath, [...program, ...parameters], {
    capture: true,
    env,
  });
  const lines = output.split('\n').filter((line) => line.startsWith('{"kind"'));
  const results = lines.map((line) => JSON.parse(line));
  const found = results.at(-1)?.problems ?? [];
  if (code !== 0 && found.length === 0) {
    found.push(
      `${name}, ${some.join()} from ${String(from)}: exit code ${String(code)}: ${output}`,
    );
  }
  // (told at once: a run may be cut off before its end)
  for (const problem of found) console.error(`✖ ${problem}`);
  problems.push(...found);
  for (const { points } of results) passed += points;
  return results;
}

async function runScenario(name) {
  const step = options.step ?? (options.short ? 7 : 1);
  const results = await start(name, kinds, options.from, step);
  const points = results.map(({ kind, points: count }) => `${kind} ${String(count)}`);
  say(`${name}: ${points.join(', ')}`);
}

async function runFirstUse(name) {
  const step = Number(options.step ?? (options.short ? 40 : 1));
  const points = [];
  for (const kind of kinds.filter((one) => one !== 'napi')) {
    let count = 0;
    for (let n = Number(options.from); ; n += step) {
      const [result] = await start(name, [kind], n, 'first');
      if (result === undefined || result.points === 0) break;
      count++;
    }
    points.push(`${kind} ${String(count)}`);
  }
  say(`first use of ${name}: ${points.join(', ')}`);
}

const tasks = names
  .filter((name) => !options.short || !slow.includes(name))
  .map((name) => () => runScenario(name));
if (options.scenario === undefined) {
  tasks.unshift(...firstUses.map((name) => () => runFirstUse(name)));
}

async function work() {
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) await task();
}
await Promise.all([work(), work()]);

console.log(`${String(passed)} passed, ${String(problems.length)} failed`);
process.exitCode = problems.length === 0 ? 0 : 1;
