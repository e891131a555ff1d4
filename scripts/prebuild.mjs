// Makes the prebuilt binary of this platform, prebuilds/<platform>-<arch>/wsfd.glibc.node (on Linux
// with its C library in the name), in a folder of its own: build/ stays as it is.
// Usage: node scripts/prebuild.mjs
//
// WSFD_PREBUILDS_READY=1 takes what is in prebuilds/ as it is: binaries that came from elsewhere.
import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findNodedir, installDependencies } from './setup.mjs';
import { fail, isMain, listFiles, root, say } from './tools.mjs';

const prebuildify = promisify(createRequire(import.meta.url)('prebuildify'));

/** What the addon of the published package is built from. */
const sources = ['package.json', 'binding.gyp', 'native', 'scripts/list-sources.mjs'];
const stage = join(root, '.cache', 'prebuild');
const folder = join(root, 'prebuilds', `${process.platform}-${process.arch}`);

/** True when a binary is there that is newer than everything it is made from. */
function isFresh() {
  if (!existsSync(folder)) return false;
  if (process.env.WSFD_PREBUILDS_READY === '1') return true;
  const age = (path) => statSync(join(root, path)).mtimeMs;
  const built = readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs);
  const made = ['binding.gyp', ...listFiles('native', () => true)].map(age);
  return built.length > 0 && Math.min(...built) > Math.max(...made);
}

/** Builds it, unless what is there is up to date. */
export async function prebuild() {
  if (isFresh()) return;
  say(`making the prebuilt binary for ${process.platform}-${process.arch}`);
  rmSync(stage, { recursive: true, force: true });
  for (const name of sources) cpSync(join(root, name), join(stage, name), { recursive: true });
  const nodedir = await findNodedir();
  if (nodedir !== undefined) process.env.npm_config_nodedir = nodedir;
  process.env.JOBS ??= 'max';
  try {
    await prebuildify({
      cwd: stage,
      out: root,
      napi: true,
      targets: [{ runtime: 'node', target: process.versions.node }],
      tagLibc: process.platform === 'linux',
      strip: true,
    });
  } catch (error) {
    fail(`the prebuilt binary could not be made: ${error.message}`);
  }
  rmSync(stage, { recursive: true });
}

if (isMain(import.meta.url)) {
  await installDependencies();
  await prebuild();
}
