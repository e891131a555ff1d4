// Builds the addons another way, beside build/: for sanitizers, for coverage.
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findNodedir } from './setup.mjs';
import { fail, root, runModule, say } from './tools.mjs';

/**
 * Builds the product's and the testing addon in .cache/<name> with variables of binding.gyp, such as
 * 'sanitize=1'. Resolves with the folder, which the environment variable WSFD_PREBUILD takes for
 * whatever loads the addons.
 */
export async function buildBeside(name, variables) {
  const folder = join(root, '.cache', name);
  mkdirSync(folder, { recursive: true });
  for (const part of [
    'binding.gyp',
    'native',
    'test',
    'bench',
    'scripts',
    'package.json',
    'node_modules',
  ]) {
    if (!existsSync(join(folder, part))) symlinkSync(join(root, part), join(folder, part));
  }
  const nodedir = await findNodedir();
  const headers = nodedir === undefined ? [] : [`--nodedir=${nodedir}`];
  const defines = ['testing=1', ...variables].map((variable) => `-D${variable}`);
  say(`building the addons in .cache/${name}`);
  for (const args of [
    ['configure', ...headers, '--', ...defines],
    ['build', '-j', '2'],
  ]) {
    const options = { capture: true, cwd: folder };
    const { code, output } = await runModule('node-gyp/bin/node-gyp.js', args, options);
    if (code !== 0) fail(`${output}\nnode-gyp ${args[0]} failed`);
  }
  return folder;
}
