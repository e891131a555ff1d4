// The exports of Node's own binaries for addons, version by version.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchNode } from '../node-versions.mjs';
import { npm } from '../setup.mjs';
import { fail, root, say } from '../tools.mjs';
import { exportsOfElf } from './elf.mjs';
import { exportsOfPe } from './pe.mjs';
import { carrierOf, supportedMajors } from './table.mjs';

const folder = join(root, '.cache', 'node-exports');

/** True where version a is older than version b. */
function isOlder(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const i = left.findIndex((part, at) => part !== right[at]);
  return i >= 0 && left[i] < right[i];
}

/** The oldest and the newest version of each major version that there is for a target. */
async function versionsOf(target) {
  const carrier = carrierOf(target);
  const { code, output } = await npm(['view', carrier, 'versions', '--json'], { capture: true });
  if (code !== 0) fail(`npm view ${carrier} failed: ${output}`);
  const all = JSON.parse(output);
  return supportedMajors.flatMap((major) => {
    const own = all
      .filter((version) => version.startsWith(`${major}.`))
      .sort((a, b) => (isOlder(a, b) ? -1 : 1));
    return [...new Set([own[0], own.at(-1)])].filter((version) => version !== undefined);
  });
}

/** The names that one Node exports; the binary, 60 to 130 MB, is not kept. */
async function exportsOf(version, target) {
  const list = join(folder, `${target}-${version}.json`);
  try {
    return JSON.parse(readFileSync(list, 'utf8'));
  } catch {
    const place = join(folder, `${target}-${version}`);
    const binary = await fetchNode(version, target, place);
    const names = target.startsWith('win32') ? exportsOfPe(binary) : await exportsOfElf(binary);
    // Addons use only the C functions; C++'s names are mangled.
    const functions = names.filter((name) => /^[A-Za-z_]\w*$/.test(name) && !name.startsWith('_Z'));
    writeFileSync(list, JSON.stringify(functions));
    rmSync(place, { recursive: true });
    return functions;
  }
}

/** The exports of all supported Nodes for a target: a map from version to a set of names. */
export async function nodeExports(target) {
  mkdirSync(folder, { recursive: true });
  const found = new Map();
  const versions = await versionsOf(target);
  say(`${target}: exports of Node ${versions.join(', ')}`);
  for (const version of versions) found.set(version, new Set(await exportsOf(version, target)));
  return found;
}
