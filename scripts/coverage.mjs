// Counts the lines of native/ and src/ that the tests and the faults run, by file: gcov through
// gcovr for C++, V8's counts through c8 for TypeScript. Exits with 1 if a file is below the bound,
// or if tests or faults failed.
// Usage: node scripts/coverage.mjs [--report]
//
// --report  of the last run's counts, without running the tests again
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buildBeside } from './build-beside.mjs';
import { uwsEnvironment } from './node-versions.mjs';
import { setup } from './setup.mjs';
import { ensurePrograms } from './targets/programs.mjs';
import { runnerArguments, testFiles } from './test-files.mjs';
import { fail, listFiles, root, run, runModule, say } from './tools.mjs';

/** Percent of a file's lines. */
const bound = 95;

/** How many lines of a file the tests and faults here do not run, and who does. */
const runElsewhere = {
  'native/binding/lender.cc': [4, 'a runtime without external buffers, such as Electron'],
  'native/binding/older_libraries.cc': [2, 'programs with older libraries (npm run test:targets)'],
  'native/driver/heap.cc': [2, 'feeds of large messages (npm run test:long -- steady-memory)'],
  'native/driver/private_loop.h': [3, 'nobody: a private loop has no tasks and no pool of memory'],
  'src/command/build.ts': [59, 'the installed package (npm run check:package)'],
};

const place = join(root, '.cache', 'coverage');
const v8Counts = join(place, 'v8');
const reports = join(place, 'reports');
const modules = join(root, 'modules');

/** Failures beside the counts. */
let failures = 0;

/** Tells a failure; what was run is counted all the same. */
function note(what) {
  failures++;
  say(`${what} FAILED; what they ran is counted all the same`);
}

/** Runs the tests with the counting addons and a dist/ with source maps. */
async function count() {
  await setup({ testing: true, tools: true });
  const folder = await buildBeside('coverage', ['count_lines=1', 'faults=1']);
  for (const name of listFiles('build', (path) => path.endsWith('.gcda'), folder)) {
    rmSync(join(folder, name));
  }
  say('making every use fail in turn');
  for (const options of [
    ['--short', '--step', '1'],
    ['--scenario', 'worker', '--scenario', 'tls in tls', '--step', '3', '--from', '2'],
    ['--kind', 'alloc', '--kind', 'napi', '--scenario', 'large', '--step', '5'],
  ]) {
    const faults = ['scripts/faults.mjs', ...options, '--built', folder];
    const { code: failed } = await run(process.execPath, faults);
    if (failed !== 0) note('faults');
  }
  rmSync(v8Counts, { recursive: true, force: true });
  // One file for each of src/, with its source map, in the place of the bundle.
  await runModule('typescript/bin/tsc', [
    ...['-p', 'tsconfig.json', '--sourceMap', '--outDir', 'dist'],
  ]);
  // Tests of a single module load it from dist/ too: c8 does not add the counts of two files of one
  // source.
  rmSync(modules, { recursive: true, force: true });
  symlinkSync('dist', modules);
  // What src/ does where a call into native code throws.
  for (const scenario of ['plain', 'calls that wait']) {
    const args = ['--expose-gc', 'out/test/faults/run.js', scenario, 'napi'];
    // (the folder is that of scripts/faults.mjs)
    const env = { WSFD_PREBUILD: join(root, '.cache', 'faults'), NODE_V8_COVERAGE: v8Counts };
    const { code: failed } = await run(process.execPath, args, { env });
    if (failed !== 0) note(`faults of ${scenario}`);
  }
  const files = testFiles();
  say(`running ${String(files.length)} test files`);
  const env = { ...(await uwsEnvironment()), WSFD_PREBUILD: folder, NODE_V8_COVERAGE: v8Counts };
  const args = [...runnerArguments('dot'), ...files];
  const { code } = await run(process.execPath, args, { env });
  if (code !== 0) note('tests');
}

async function reportNative() {
  mkdirSync(reports, { recursive: true });
  const { code } = await run('gcovr', [
    ...[
      '--root',
      root,
      '--filter',
      '(?!test/|bench/)(.*/)?native/',
      '--object-directory',
      join(place, 'build'),
    ],
    '--exclude-unreachable-branches',
    ...['--json-summary', join(reports, 'native.json'), '--txt', join(reports, 'native.txt')],
    join(place, 'build'),
  ]);
  if (code !== 0) fail('gcovr failed; see above');
  const { files } = JSON.parse(readFileSync(join(reports, 'native.json'), 'utf8'));
  return files
    .filter(({ line_total: total }) => total > 0)
    .map(({ filename, line_covered: covered, line_total: total }) => ({
      // (the build's folder has a link to native/)
      file: filename.slice(filename.indexOf('native/')),
      lines: total,
      percent: (100 * covered) / total,
    }));
}

async function reportSource() {
  const { code } = await runModule('c8/bin/c8.js', [
    ...['report', '--temp-directory', v8Counts, '--reports-dir', reports],
    ...['--reporter', 'json-summary', '--reporter', 'text', '--exclude-after-remap'],
    ...['--include', 'src/**', '--extension', '.ts', '--extension', '.mts', '--src', 'src'],
  ]);
  if (code !== 0) fail('c8 failed; see above');
  const summary = JSON.parse(readFileSync(join(reports, 'coverage-summary.json'), 'utf8'));
  return Object.entries(summary)
    .filter(([file]) => file !== 'total')
    .map(([file, { lines }]) => ({
      file: file.slice(root.length + 1),
      lines: lines.total,
      percent: lines.pct,
    }));
}

await ensurePrograms(['gcovr']);
if (!process.argv.includes('--report')) await count();
else if (!existsSync(v8Counts)) fail('nothing has been counted yet');
const rows = [...(await reportNative()), ...(await reportSource())];
console.table(rows.map(({ percent, ...row }) => ({ ...row, '%': Number(percent.toFixed(1)) })));
const isLow = ({ file, lines, percent }) => {
  const [elsewhere] = runElsewhere[file] ?? [0];
  return percent + (100 * elsewhere) / lines < bound;
};
const low = rows.filter(isLow);
for (const { file, percent } of low) say(`${file}: ${percent.toFixed(1)} % of its lines`);
for (const [file, [lines, by]] of Object.entries(runElsewhere)) {
  say(`${file}: ${String(lines)} lines are run by ${by}`);
}
if (low.length > 0 || failures > 0) process.exitCode = 1;
// dist/ and modules/ are now for counting alone.
for (const name of [join(root, 'dist'), modules]) rmSync(name, { recursive: true, force: true });
await setup({ testing: true, tools: true });
