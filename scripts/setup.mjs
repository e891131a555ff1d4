// Brings a fresh or changed clone up to date: the dependencies, the addon, the compiled TypeScript.
import { existsSync, lstatSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundle } from './bundle.mjs';
import { fail, listFiles, nativeFolders, root, run, runModule, say } from './tools.mjs';

const readJson = (name) => {
  try {
    return JSON.parse(readFileSync(join(root, name), 'utf8'));
  } catch {
    return undefined;
  }
};

/** True when node_modules holds exactly the packages of package-lock.json. */
function dependenciesMatch() {
  const wanted = readJson('package-lock.json')?.packages ?? {};
  // npm writes this file last: an interrupted installation has none.
  const present = readJson('node_modules/.package-lock.json')?.packages;
  if (present === undefined) return false;
  const same = ([path, entry]) => {
    const there = present[path];
    // An optional package is left out where it does not suit the platform.
    if (there === undefined) return entry.optional === true;
    return there.version === entry.version && there.integrity === entry.integrity;
  };
  const expected = Object.entries(wanted).filter(([path]) => path !== '');
  return expected.every(same) && Object.keys(present).every((path) => path in wanted);
}

/**
 * Runs npm. Within `npm start` the environment holds that npm's settings: the user's own (cache,
 * registry, certificates) are kept, those of the running command are removed.
 */
export function npm(args, options = {}) {
  const ofCommand = /^npm_(package|lifecycle|command|config_(global|prefix|local_prefix|omit)$)/;
  const names = Object.keys(process.env).filter((name) => ofCommand.test(name));
  const env = Object.fromEntries(names.map((name) => [name, undefined]));
  const cli = process.env.npm_execpath ?? '';
  if (cli.endsWith('npm-cli.js')) return run(process.execPath, [cli, ...args], { env, ...options });
  // npm.cmd is a batch file, which only a shell can start.
  return run('npm', args, { env, shell: process.platform === 'win32', ...options });
}

/** Installs the packages of package-lock.json, unless they are there. */
export async function installDependencies() {
  process.chdir(root);
  if (dependenciesMatch()) return;
  say('installing the dependencies (about 150 MB to fetch the first time)');
  const started = Date.now();
  const progress = setInterval(() => {
    say(`still installing after ${String(Math.round((Date.now() - started) / 1000))} s`);
  }, 20_000);
  // Install scripts are not needed: every dependency brings its binaries, and the addon is built
  // below. NODE_ENV=production must not leave out the development dependencies.
  const args = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'];
  const { code } = await npm([...args, '--loglevel=error']);
  clearInterval(progress);
  if (code !== 0) fail(`npm ci failed (exit code ${String(code)}); its message stands above`);
}

const headersIn = (prefix) => existsSync(join(prefix, 'include', 'node', 'node_api.h'));

/** A folder with Node's headers on this machine, so that none are fetched; else undefined. */
export async function findNodedir() {
  const own = dirname(dirname(process.execPath));
  if (headersIn(own)) return own;
  const configured = process.env.npm_config_nodedir ?? (await npmNodedir());
  if (configured !== '' && headersIn(configured)) return configured;
  return headersIn('/usr') ? '/usr' : undefined;
}

async function npmNodedir() {
  const { code, output } = await npm(['config', 'get', 'nodedir', '--loglevel=silent'], {
    capture: true,
  });
  const value = output.trim();
  return code === 0 && value !== 'undefined' && value !== 'null' ? value : '';
}

async function nodeGyp(args) {
  const options = { capture: true };
  const { code, output } = await runModule('node-gyp/bin/node-gyp.js', args, options);
  if (code === 0) return;
  const needs = {
    configure: "Python 3.8 or later and Node's headers, which it fetches where it finds none",
    build: 'a C++17 compiler and make (on Windows: Visual Studio with its C++ workload)',
  };
  console.error(output);
  fail(`the addon could not be built: node-gyp ${args[0]} failed. It needs ${needs[args[0]]}.`);
}

/** The configuration of the build folder, its headers, and the time of its last build. */
const stampFile = 'build/wsfd-built.json';
const writeStamp = (stamp) => writeFileSync(join(root, stampFile), JSON.stringify(stamp));

async function configure(wanted) {
  const nodedir = await findNodedir();
  const place = nodedir === undefined ? [] : [`--nodedir=${nodedir}`];
  const variables = ['testing', 'faults'].filter((name) => wanted[name]);
  await nodeGyp(['configure', ...place, '--', ...variables.map((name) => `-D${name}=1`)]);
  return { wanted, nodedir };
}

/**
 * Builds build/Release/wsfd.node, with `testing` the addons of tests and benchmarks, with `faults`
 * the addon of test/native/faults.
 */
async function buildAddon(testing, faults) {
  const sources = [
    'binding.gyp',
    ...nativeFolders.flatMap((folder) => listFiles(folder, () => true)),
  ];
  let stamp = readJson(stampFile);
  const wanted = {
    // A folder configured for further addons stays so.
    testing: testing || stamp?.wanted.testing === true,
    faults: faults || stamp?.wanted.faults === true,
    gyp: readFileSync(join(root, 'binding.gyp'), 'utf8'),
    sources: sources.filter((name) => name.endsWith('.cc')),
    faultTable: readFileSync(join(root, 'test/native/faults/table.inc'), 'utf8'),
  };
  const headersGone = stamp?.nodedir !== undefined && !headersIn(stamp.nodedir);
  const configured = JSON.stringify(stamp?.wanted) === JSON.stringify(wanted) && !headersGone;
  const newest = Math.max(...sources.map((name) => statSync(join(root, name)).mtimeMs));
  const there = existsSync(join(root, 'build', 'Release', 'wsfd.node'));
  if (configured && there && stamp.builtAt > newest) return;

  say(`building the addon${wanted.testing ? ', and those of the tests and benchmarks' : ''}`);
  const builtAt = Date.now();
  if (!configured) {
    stamp = await configure(wanted);
    writeStamp(stamp);
  }
  await nodeGyp(['build', '-j', '2']);
  writeStamp({ ...stamp, builtAt });
  say(`built it in ${String(Math.round((Date.now() - builtAt) / 1000))} s`);
}

/** Makes dist/, with `tools` also the tests, examples and benchmarks in out/. */
export async function compile({ tools = false } = {}) {
  const project = tools ? 'tsconfig.tools.json' : 'tsconfig.json';
  // An interrupted scripts/coverage.mjs leaves a link, through which tsc would write.
  const modules = lstatSync(join(root, 'modules'), { throwIfNoEntry: false });
  if (modules?.isSymbolicLink()) rmSync(join(root, 'modules'));
  // tsc trusts its record of written files and does not check that they exist.
  const there = ['dist/index.d.ts', 'modules/index.js'].every((name) =>
    existsSync(join(root, name)),
  );
  const args = ['-b', project, ...(there ? [] : ['--force'])];
  const { code } = await runModule('typescript/bin/tsc', args);
  if (code !== 0) fail(`the type check of ${project} failed; see above`);
  await bundle();
}

/**
 * Installs and builds all: with `testing` the testing addon too, with `tools` also the tests,
 * examples and benchmarks in out/, with `faults` the addon of test/native/faults. Ends the process
 * with a message when something fails.
 */
export async function setup({ testing = false, tools = false, faults = false } = {}) {
  await installDependencies();
  await buildAddon(testing, faults);
  await compile({ tools });
}
