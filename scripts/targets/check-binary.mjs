// Checks what a binary needs of the systems and Nodes that load it.
import { existsSync } from 'node:fs';
import { fail, run } from '../tools.mjs';
import { exportsOfElf, importsOfElf } from './elf.mjs';
import { importsOfPe } from './pe.mjs';
import { newestVersions } from './table.mjs';

/** musl's C library. Its functions are the same on every architecture. */
const muslLibrary = '/lib/ld-musl-x86_64.so.1';

/** The libraries that every Windows has. */
const windowsLibraries = ['kernel32.dll', 'msvcrt.dll', 'ws2_32.dll'];

function isNewer(version, most) {
  const [left, right] = [version, most].map((text) => text.split('.').map(Number));
  const i = left.findIndex((part, at) => part !== (right[at] ?? 0));
  return i >= 0 && left[i] > (right[i] ?? 0);
}

/** Imports of a library's versions that are too new, or of a library not in newestVersions. */
function versionFaults(imports) {
  return imports
    .filter(({ version }) => version !== undefined)
    .filter(({ version }) => {
      const [, library, number] = /^([A-Z]+)_([\d.]+)$/.exec(version) ?? [];
      return !(library in newestVersions) || isNewer(number, newestVersions[library]);
    })
    .map(({ name, version }) => `${name} of ${version} is too new for the oldest systems`);
}

async function muslFaults(imports) {
  if (!existsSync(muslLibrary)) return [];
  const known = new Set(await exportsOfElf(muslLibrary));
  return imports
    .filter(({ name, version }) => version?.startsWith('GLIBC_') && !known.has(name))
    .map(({ name }) => `${name} is not in musl`);
}

/** A line for each Node that does not export all of `names`. */
function* nodeFaults(names, exports) {
  for (const [version, exported] of exports) {
    const missing = names.filter((name) => !exported.has(name));
    if (missing.length > 0) yield `Node ${version} does not export ${missing.join(', ')}`;
  }
}

async function linuxFaults(file, exports) {
  const imports = await importsOfElf(file);
  const ofNode = imports.filter(({ version }) => version === undefined).map(({ name }) => name);
  return [
    ...(ofNode.length === 0 ? ['it asks nothing of Node'] : []),
    ...versionFaults(imports),
    ...(await muslFaults(imports)),
    ...nodeFaults(ofNode, exports),
  ];
}

/**
 * The delayed imports of a binary that MinGW linked. They are in no table of the file, only in the
 * symbols, `__imp_NAME`, which are there until it is stripped.
 */
async function lateImports(file, exports) {
  const { code, output } = await run('x86_64-w64-mingw32-nm', [file], { capture: true });
  if (code !== 0) fail(`the symbols of ${file} could not be read: ${output}`);
  const names = [...output.matchAll(/ __imp_(\w+)$/gm)].map(([, name]) => name);
  // The others are the linker's, for functions that are linked in.
  return names.filter((name) => [...exports.values()].some((exported) => exported.has(name)));
}

async function windowsFaults(file, exports) {
  const imports = importsOfPe(file);
  const ofNode = imports.get('node.exe') ?? (await lateImports(file, exports));
  const others = [...imports.keys()].filter((name) => name !== 'node.exe');
  return [
    ...(ofNode.length === 0 ? ['it asks nothing of Node'] : []),
    ...others
      .filter((name) => !windowsLibraries.includes(name))
      .map((name) => `it needs ${name}, which not every Windows has`),
    ...nodeFaults(ofNode, exports),
  ];
}

/**
 * The faults of a target's binary, which still has its symbols, a line each. `exports` is the
 * result of nodeExports.
 */
export const binaryFaults = async (target, file, exports) =>
  target.startsWith('win32') ? windowsFaults(file, exports) : linuxFaults(file, exports);
