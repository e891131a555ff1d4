// scripts/targets: what a prebuilt binary may ask for, and which test files are left out where.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { importScript } from '../support/scripts';

interface CheckBinary {
  binaryFaults(
    target: string,
    file: string,
    exports: ReadonlyMap<string, ReadonlySet<string>>,
  ): Promise<string[]>;
}
interface Elf {
  exportsOfElf(file: string): Promise<string[]>;
}
interface LeftOut {
  rows: readonly { systems: readonly string[]; files: RegExp; reason: string }[];
}
interface Systems {
  systems: Readonly<Record<string, unknown>>;
}
interface TestFiles {
  testFiles(): string[];
}

const addon = join(__dirname, '..', '..', '..', 'build', 'Release', 'wsfd.node');

/** Node's own exports, under the name of its version, without these. */
async function nodeWithout(...missing: string[]): Promise<Map<string, Set<string>>> {
  const { exportsOfElf } = await importScript<Elf>('targets/elf.mjs');
  const names = new Set(await exportsOfElf(process.execPath));
  for (const name of missing) assert.ok(names.delete(name), `${name} is exported`);
  return new Map([['20.0.0', names]]);
}

const skip = process.platform !== 'linux' && 'it is for binaries of Linux';

describe('a binary for Linux', { skip }, () => {
  test('may ask for what Node exports and old systems have', async () => {
    const { binaryFaults } = await importScript<CheckBinary>('targets/check-binary.mjs');
    assert.deepEqual(await binaryFaults('linux-x64', addon, await nodeWithout()), []);
  });

  test('may not ask for what one version of Node lacks', async () => {
    const { binaryFaults } = await importScript<CheckBinary>('targets/check-binary.mjs');
    const faults = await binaryFaults('linux-x64', addon, await nodeWithout('uv_tcp_init'));
    assert.deepEqual(faults, ['Node 20.0.0 does not export uv_tcp_init']);
  });
});

describe('the table of files that are left out', () => {
  test('names systems that there are, and files that there are', async () => {
    const { rows } = await importScript<LeftOut>('targets/left-out.mjs');
    const { systems } = await importScript<Systems>('targets/systems.mjs');
    const { testFiles } = await importScript<TestFiles>('test-files.mjs');
    const files = testFiles().map((name) => name.replace(/^out\/(.*)js$/, '$1ts'));
    for (const row of rows) {
      const unknown = row.systems.filter((name) => !(name in systems));
      assert.deepEqual(unknown, [], row.reason);
      assert.ok(
        files.some((file) => row.files.test(file)),
        `${String(row.files)} is no file`,
      );
    }
  });
});
