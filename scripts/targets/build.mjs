// Builds the published addon for a target, from binding.gyp, and checks the binary.
import { copyFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildIn, linkedFolder } from '../build-beside.mjs';
import { fail, run, say } from '../tools.mjs';
import { binaryFaults } from './check-binary.mjs';
import { nodeExports } from './node-exports.mjs';
import { ensurePrograms } from './programs.mjs';
import { ownTarget, targets } from './table.mjs';

/**
 * MinGW's import library of node.exe, for delayed loading: node-gyp's is for MSVC. It has the
 * exports that all supported versions share: the linker reports a function that one of them lacks.
 */
async function makeImportLibrary(folder, exports) {
  const [first, ...others] = [...exports.values()];
  const names = [...first].filter((name) => others.every((each) => each.has(name)));
  const definition = join(folder, 'node.def');
  const library = join(folder, 'libnode.a');
  writeFileSync(definition, `LIBRARY node.exe\nEXPORTS\n${names.join('\n')}\n`);
  const args = ['-d', definition, '-D', 'node.exe', '-m', 'i386:x86-64', '-y', library];
  const { code, output } = await run('x86_64-w64-mingw32-dlltool', args, { capture: true });
  if (code !== 0) fail(`the import library of node.exe could not be made: ${output}`);
  return library;
}

/** gyp's arguments beside binding.gyp. */
async function gypArguments(stage, exports, { gyp }) {
  if (!gyp.includes('make-win')) return gyp;
  return [...gyp, `-Dmingw_node_library=${await makeImportLibrary(stage, exports)}`];
}

async function strip(file, program = 'strip') {
  if (process.platform === 'win32') return;
  const args = process.platform === 'darwin' ? ['-Sx', file] : ['--strip-all', file];
  const { code, output } = await run(program, args, { capture: true });
  if (code !== 0) fail(`${program} failed: ${output}`);
}

/**
 * Configures and builds a target in a folder of its own: wsfd.node, and the addons that variables
 * of binding.gyp such as 'testing=1' add. Resolves with the folder and the target's recipe.
 */
async function build(target, exports, variables = []) {
  // Another machine builds only for itself, with the compiler that node-gyp finds there.
  const recipe = (ownTarget === 'linux-x64' && targets[target]) || { programs: [], gyp: [] };
  await ensurePrograms(recipe.programs);
  const stage = linkedFolder(join('targets', target));
  const [, arch] = target.split('-');
  const further = await gypArguments(stage, exports, recipe);
  const defines = variables.map((variable) => `-D${variable}`);
  await buildIn(stage, [...further, ...defines], {
    options: [`--arch=${arch}`],
    env: recipe.tools,
  });
  return { stage, recipe };
}

/** Builds `binary` for a target. Ends the process with a message where that fails. */
export async function buildTarget(target, binary) {
  const exports = target in targets ? await nodeExports(target) : new Map();
  const { stage, recipe } = await build(target, exports);
  const built = join(stage, 'build', 'Release', 'wsfd.node');
  const faults = target in targets ? await binaryFaults(target, built, exports) : [];
  if (faults.length > 0) fail(`the binary for ${target} is not right:\n  ${faults.join('\n  ')}`);
  mkdirSync(dirname(binary), { recursive: true });
  copyFileSync(built, binary);
  await strip(binary, recipe.tools?.STRIP);
  say(`${target}: ${String(Math.round(statSync(binary).size / 1000))} kB`);
}

/**
 * Builds the testing addon for a target. Resolves with the folder that WSFD_PREBUILD names in its
 * tests: it has that addon in build/Release, and beside it `binary`, which was made for users.
 */
export async function buildTesting(target, binary) {
  const { stage } = await build(target, await nodeExports(target), ['testing=1']);
  const folder = join(stage, 'tested');
  const release = join(folder, 'build', 'Release');
  mkdirSync(release, { recursive: true });
  copyFileSync(binary, join(release, 'wsfd.node'));
  const testing = 'wsfd_testing.node';
  copyFileSync(join(stage, 'build', 'Release', testing), join(release, testing));
  return folder;
}
