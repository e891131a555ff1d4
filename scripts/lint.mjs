// Checks, or with --fix corrects, everything that can be checked without running the product.
// Usage: node scripts/lint.mjs [--fix]
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkLayers } from './check-layers.mjs';
import { generateApi } from './generate-api.mjs';
import { generateErrors } from './generate-errors.mjs';
import { generateKeywords } from './generate-keywords.mjs';
import { generateManual } from './generate-manual.mjs';
import { generateOptions } from './generate-options.mjs';
import { generateShared } from './generate-shared.mjs';
import { generateStates } from './generate-states.mjs';
import { defines } from './gyp.mjs';
import { compile, findNodedir, setup } from './setup.mjs';
import { isMain, listFiles, nativeFolders, root, run, runModule, say } from './tools.mjs';

/** A check gives its faults as text, '' for none; undefined when it cannot run here. */
const failure = ({ code, output }) => (code === 0 ? '' : `${output}exit code ${String(code)}\n`);

async function generated(fix) {
  const stale = [];
  // generateApi comes last: the others make some of the declarations.
  const generators = [
    generateErrors,
    generateKeywords,
    generateOptions,
    generateShared,
    generateStates,
    generateManual,
    generateApi,
  ];
  for (const generate of generators) {
    // It reads the declarations of dist/.
    if (fix && generate === generateApi && stale.length > 0) await compile();
    stale.push(...(await generate({ check: !fix })));
  }
  return fix ? '' : stale.map((name) => `${name} is not what its source makes of it`).join('\n');
}

async function eslint(fix) {
  const args = ['--max-warnings=0', '--cache', '--cache-location=.cache/eslint', '.'];
  return failure(
    await runModule('eslint/bin/eslint.js', [...args, ...(fix ? ['--fix'] : [])], {
      capture: true,
    }),
  );
}

async function prettier(fix) {
  const patterns = '**/*.{ts,mts,js,mjs,cjs,json,md}';
  const args = [fix ? '--write' : '--check', '--log-level=warn', patterns];
  return failure(await runModule('prettier/bin/prettier.cjs', args, { capture: true }));
}

const nativeFiles = (pattern) =>
  nativeFolders.flatMap((folder) => listFiles(folder, (name) => pattern.test(name)));

async function clangFormat(fix) {
  const args = [...(fix ? ['-i'] : ['--dry-run', '--Werror']), ...nativeFiles(/\.(cc|h)$/)];
  const result = await runModule('clang-format/index.js', args, { capture: true });
  return result.output.includes("doesn't bundle") ? undefined : failure(result);
}

const compilerFlags = (nodedir) => [
  ...['-std=c++17', '-fexceptions', '-fno-rtti', '-Inative', '-I.'],
  ...['-isystem', 'node_modules/node-addon-api', '-isystem', `${nodedir}/include/node`],
  ...defines,
];

/** A hash of the input: clang-tidy takes a minute, and mostly nothing has changed. */
function tidyKey() {
  const hash = createHash('sha256');
  for (const name of ['.clang-tidy', 'binding.gyp', ...nativeFiles(/./)]) {
    hash.update(`${name}\0`).update(readFileSync(join(root, name)));
  }
  return hash.digest('hex');
}

async function clangTidy() {
  if ((await run('clang-tidy', ['--version'], { capture: true })).code !== 0) return undefined;
  const nodedir = await findNodedir();
  if (nodedir === undefined) return undefined;
  const stamp = join(root, '.cache', 'clang-tidy');
  const key = tidyKey();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return '';
  const files = nativeFiles(/\.cc$/);
  const half = Math.ceil(files.length / 2);
  const halves = [files.slice(0, half), files.slice(half)].map((part) => {
    const args = ['--quiet', '--warnings-as-errors=*', ...part, '--', ...compilerFlags(nodedir)];
    return run('clang-tidy', args, { capture: true });
  });
  // The counts of suppressed warnings in foreign headers are dropped.
  const counts = /^\d+ warnings?( and \d+ errors?)? generated\.\n/gm;
  const text = (await Promise.all(halves)).map(failure).join('').replace(counts, '');
  if (text === '') {
    mkdirSync(join(root, '.cache'), { recursive: true });
    writeFileSync(stamp, key);
  }
  return text;
}

/** The allowed imports of src/. */
async function imports() {
  const args = ['--config', '.dependency-cruiser.mjs', '--output-type', 'err', 'src'];
  return failure(
    await runModule('dependency-cruiser/bin/dependency-cruise.mjs', args, { capture: true }),
  );
}

/** Unused files, exports and types. */
async function unused() {
  const args = ['--config', '.knip.mjs', '--include', 'files,exports,types,duplicates'];
  return failure(await runModule('knip/bin/knip.js', args, { capture: true }));
}

/** In this order: checks that correct come before those that only report. */
const checks = {
  'generated files': generated,
  eslint,
  prettier,
  'clang-format': clangFormat,
  layers: () => checkLayers().join('\n'),
  imports,
  'unused exports': unused,
  'clang-tidy': clangTidy,
};

/** Runs every check; `fix` corrects faults where possible. True if no fault is left. */
export async function lint({ fix = false } = {}) {
  let good = true;
  for (const [name, check] of Object.entries(checks)) {
    const faults = await check(fix);
    if (faults === undefined && process.env.WSFD_REQUIRE_PROGRAMS !== undefined) {
      good = false;
      console.error(`wsfd: lint: ${name} is not there, FAILED`);
    } else if (faults === undefined) say(`lint: ${name} is not there, skipped`);
    else if (faults === '') say(`lint: ${name} ok`);
    else {
      good = false;
      console.error(`${faults}\nwsfd: lint: ${name} FAILED`);
    }
  }
  return good;
}

if (isMain(import.meta.url)) {
  // ESLint's rules need types, also those of src/, which the tests see through dist/.
  await setup();
  process.exitCode = (await lint({ fix: process.argv.includes('--fix') })) ? 0 : 1;
}
