// Builds variants of the addons in their own folders: for sanitizers, coverage or another system.
// build/ stays as it is.
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findNodedir } from './setup.mjs';
import { fail, root, runModule, say } from './tools.mjs';

/** The sources of the addons. */
const sources = 'binding.gyp native test bench scripts package.json node_modules'.split(' ');

/** The folder `name` of .cache, with links to the sources of the addons. */
export function linkedFolder(name) {
  const folder = join(root, '.cache', name);
  mkdirSync(folder, { recursive: true });
  for (const part of sources) {
    if (!existsSync(join(folder, part))) symlinkSync(join(root, part), join(folder, part));
  }
  return folder;
}

/**
 * Configures and builds in such a folder, with gyp's arguments such as '-Dtesting=1', further
 * options of node-gyp, and `env` added to the environment. Ends the process with a message if that
 * fails.
 */
export async function buildIn(folder, gypArguments, { options = [], env } = {}) {
  const nodedir = await findNodedir();
  const headers = nodedir === undefined ? [] : [`--nodedir=${nodedir}`];
  for (const args of [
    ['configure', ...options, ...headers, '--', ...gypArguments],
    ['build', '-j', '2'],
  ]) {
    const how = { capture: true, cwd: folder, env };
    const { code, output } = await runModule('node-gyp/bin/node-gyp.js', args, how);
    if (code !== 0) fail(`${output}\nnode-gyp ${args[0]} failed`);
  }
}

/**
 * Builds the product's and the testing addon in .cache/<name> with variables of binding.gyp, such
 * as 'sanitize=1'. Resolves with the folder: WSFD_PREBUILD names it to programs that load them.
 */
export async function buildBeside(name, variables) {
  const folder = linkedFolder(name);
  say(`building the addons in .cache/${name}`);
  const defines = ['testing=1', ...variables].map((variable) => `-D${variable}`);
  await buildIn(folder, defines);
  return folder;
}
