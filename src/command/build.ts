/**
 * `wsfd build`: builds the addon from source where no prebuilt binary fits. It runs where the addon
 * cannot be loaded, so it imports nothing that loads it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

import { adviceFor, findMissing } from './build-needs.js';
import type { BuildResult } from './build-needs.js';
import { EXIT_DONE, EXIT_FAILED } from './exit-codes.js';
import { findNodeGyp } from './node-gyp.js';
import { note, print } from './output.js';
import { UsageError } from './usage-error.js';

const HELP = `Usage: wsfd build

Builds the native part from source, for a system that no prebuilt binary of
the package fits. It takes a minute or two, a C++17 compiler, make and Python 3;
what is missing is named, with the command that gets it. node-gyp, which npm
brings along, fetches Node's headers; npm_config_nodedir=FOLDER names a folder
that has them in include/node.

What it builds is used from then on, before any prebuilt binary, until wsfd is
installed anew.
`;

/** The package's folder: this file runs as dist/command/build.js. */
const root = path.join(__dirname, '..', '..');
/** Below the package, so that the headers of node-addon-api are found. */
const stage = path.join(root, 'build', 'source');
const binary = path.join('build', 'Release', 'wsfd.node');

/** Loads the package in a child process; gives '' or the error. */
function tryLoading(): string {
  const code = `try { require(${JSON.stringify(root)}) } catch (error) { console.log(error.message) }`;
  const { status, stdout, error } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  return error?.message ?? `loading it ended with status ${String(status)}`;
}

/** Copies the addon's sources, so that a failed build does not change the package. */
function prepare(): void {
  rmSync(stage, { recursive: true, force: true });
  for (const name of ['native', path.join('scripts', 'list-sources.mjs')]) {
    cpSync(path.join(root, name), path.join(stage, name), { recursive: true });
  }
  // A binding.gyp at the package's root would make npm and pnpm build at each installation.
  cpSync(path.join(__dirname, 'binding.gyp'), path.join(stage, 'binding.gyp'));
}

/** Runs node-gyp and forwards its output to stderr. */
function compile(): Promise<BuildResult> {
  const file = findNodeGyp(process.env, process.cwd());
  const [program, ...args] = file === undefined ? ['node-gyp'] : [process.execPath, file];
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, [...args, 'rebuild', '--jobs', 'max'], {
      cwd: stage,
      stdio: ['ignore', 'pipe', 'pipe'],
      // node-gyp.cmd is a batch file, which only a shell can start.
      shell: process.platform === 'win32' && file === undefined,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        process.stderr.write(text);
      });
    }
    child.once('error', () => resolve({ code: 127, output: '' }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Puts the binary where node-gyp-build finds it first. */
function install(): void {
  mkdirSync(path.dirname(path.join(root, binary)), { recursive: true });
  renameSync(path.join(stage, binary), path.join(root, binary));
}

const works = (command: string): boolean =>
  spawnSync(command, { shell: true, stdio: 'ignore' }).status === 0;

/** Resolves with the exit code; throws a UsageError. */
export async function build(args: readonly string[]): Promise<number> {
  if (args.length === 1 && ['--help', '-h'].includes(args[0] ?? '')) {
    await print(HELP);
    return EXIT_DONE;
  }
  if (args[0] !== undefined)
    throw new UsageError(`wsfd build takes no arguments, got "${args[0]}"`);
  const before = tryLoading();
  if (before.includes('cannot run here')) {
    note(before);
    return EXIT_FAILED;
  }
  note(
    `wsfd: ${before === '' ? 'a binary that loads is there already; building another one' : before}`,
  );
  try {
    prepare();
    const result = await compile();
    if (result.code !== 0) {
      const { platform, env } = process;
      note(adviceFor(platform, findMissing(result, platform, env, works)));
      return EXIT_FAILED;
    }
    install();
  } catch (error) {
    const { message } = error as Error;
    note(`wsfd: the package's folder could not be written to, or its binary is in use: ${message}`);
    return EXIT_FAILED;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  const failure = tryLoading();
  note(`wsfd: it was built${failure === '' ? ', and loads' : `, and does not load: ${failure}`}`);
  return failure === '' ? EXIT_DONE : EXIT_FAILED;
}
