// Other versions of Node, from npm packages that carry nothing but its binary.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './setup.mjs';
import { fail, root, run, say } from './tools.mjs';

const platform = process.platform === 'win32' ? 'win' : process.platform;
const carrier = `node-${platform}-${process.arch}`;

/** The binary of the newest Node of this major version, fetched when it is not there yet. */
export async function nodeOf(major) {
  const folder = join(root, '.cache', 'node-versions', major);
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  const binary = join(folder, 'node_modules', carrier, 'bin', program);
  if (existsSync(binary)) return binary;
  say(`fetching Node ${major}`);
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund'];
  const { code } = await npm([...args, '--ignore-scripts', `${carrier}@${major}`]);
  if (code !== 0 || !existsSync(binary)) fail(`Node ${major} could not be fetched`);
  return binary;
}

/** True on a Linux whose C library is not glibc: neither the carriers nor uWebSockets.js suit it. */
export const isMusl =
  process.platform === 'linux' &&
  process.report.getReport().header.glibcVersionRuntime === undefined;

/**
 * True when this Node can load uWebSockets.js, which has no binary for the newest Node, and for
 * some others one that asks for a newer C library than many systems have.
 */
export async function loadsUws(node) {
  const { code } = await run(node, ['-e', "require('uWebSockets.js')"], { capture: true });
  return code === 0;
}

/** The environment in which the tests on `node` find a Node for their uWebSockets.js server. */
export async function uwsEnvironment(node = process.execPath) {
  if (process.env.WSFD_UWS_NODE !== undefined || (await loadsUws(node))) return {};
  return { WSFD_UWS_NODE: await nodeOf('20') };
}
