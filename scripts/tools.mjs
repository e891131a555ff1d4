// Shared by the scripts: the repository's folder, its files, and how to run another program.
import { spawn } from 'node:child_process';
import { readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = realpathSync(fileURLToPath(new URL('..', import.meta.url)));

/** Where C++ is: the product's, the tests', the benchmarks'. */
export const nativeFolders = ['native', 'test/native', 'bench/native'];

/** True when the module of this URL is the program that Node was started with. */
export function isMain(url) {
  const [, program] = process.argv;
  return program !== undefined && realpathSync(program) === realpathSync(fileURLToPath(url));
}

/** Prints a line of progress. */
export const say = (line) => console.log(`wsfd: ${line}`);

/** Ends the process with a message, without a stack trace. */
export function fail(message) {
  console.error(`wsfd: ${message}`);
  process.exit(1);
}

/** The paths below `folder` of `base` that `accept`, relative to base, with '/', in order. */
export function listFiles(folder, accept, base = root) {
  const found = [];
  const visit = (path) => {
    for (const entry of readdirSync(join(base, path), { withFileTypes: true })) {
      const name = `${path}/${entry.name}`;
      if (entry.isDirectory()) visit(name);
      else if (accept(name)) found.push(name);
    }
  };
  visit(folder);
  return found.sort();
}

/**
 * Runs a program in the repository's folder; the promise has its exit code (1 when a signal ended
 * it) and, with `capture`, its output, both streams in one. This Node is the first in its PATH: the
 * program starts the same one as `node`.
 */
export function run(program, args, { capture = false, env = {}, ...options } = {}) {
  return new Promise((resolve) => {
    const output = [];
    const child = spawn(program, args, {
      cwd: root,
      stdio: capture ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, PATH: nodeFirst(), ...env },
      ...options,
    });
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    child.once('error', (error) => resolve({ code: 127, output: String(error.message) }));
    child.once('close', (code) => {
      resolve({ code: code ?? 1, output: Buffer.concat(output).toString() });
    });
  });
}

/** Runs a module of node_modules, such as 'typescript/bin/tsc', with this Node. */
export const runModule = (module, args, options) =>
  run(process.execPath, [join(root, 'node_modules', module), ...args], options);

const nodeFirst = () => dirname(process.execPath) + delimiter + (process.env.PATH ?? '');
