// Makes prebuilt binaries, prebuilds/<platform>-<arch>/wsfd.node, each in its own folder: build/
// stays as it is. Usage: node scripts/prebuild.mjs [--target NAME | --target all]
//
// NAME  this machine's own platform and architecture (the default); on Linux on x64 also
//       linux-arm64 and win32-x64, for which apt-get installs missing packages
//
// WSFD_PREBUILDS_READY=1 keeps prebuilds/ as it is: its binaries are from elsewhere.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { installDependencies } from './setup.mjs';
import { buildTarget } from './targets/build.mjs';
import { canBuild, ownTarget, targets } from './targets/table.mjs';
import { fail, isMain, listFiles, root, say } from './tools.mjs';

/** The binary of a target. */
export const binaryOf = (target) => join(root, 'prebuilds', target, 'wsfd.node');

/** True when the binary exists and is newer than its sources. */
function isFresh(target) {
  if (!existsSync(binaryOf(target))) return false;
  const sources = ['binding.gyp', ...listFiles('native', () => true)];
  const newest = Math.max(...sources.map((path) => statSync(join(root, path)).mtimeMs));
  return statSync(binaryOf(target)).mtimeMs > newest;
}

/** This machine's target, and those with a binary that this machine can build again. */
function targetsAtHand() {
  const folder = join(root, 'prebuilds');
  const there = existsSync(folder) ? readdirSync(folder).filter(canBuild) : [];
  return [...new Set([ownTarget, ...there])];
}

/** Makes the binaries of these targets, except those that are up to date. */
export async function prebuild(names = targetsAtHand()) {
  if (process.env.WSFD_PREBUILDS_READY === '1' && existsSync(join(root, 'prebuilds'))) return;
  for (const target of names) {
    if (isFresh(target)) continue;
    say(`making the prebuilt binary for ${target}`);
    rmSync(join(root, 'prebuilds', target), { recursive: true, force: true });
    await buildTarget(target, binaryOf(target));
  }
}

function chosenTargets([option, name, ...rest]) {
  if (option === undefined) return [ownTarget];
  if (option === '--target' && rest.length === 0) {
    if (name === 'all') return Object.keys(targets).filter(canBuild);
    if (name !== undefined && canBuild(name)) return [name];
  }
  return fail(`usage: npm run prebuildify -- [--target ${Object.keys(targets).join(' | ')} | all]`);
}

if (isMain(import.meta.url)) {
  const chosen = chosenTargets(process.argv.slice(2));
  await installDependencies();
  await prebuild(chosen);
}
