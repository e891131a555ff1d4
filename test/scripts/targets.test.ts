// scripts/targets: what a prebuilt binary may ask for, and which test files are left out where.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
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
interface Report {
  tests: number;
  passed: number;
  skipped: number;
  reasons: string[];
  fault: string;
}
interface RunFiles {
  readReport(file: string, ended: { code: number | undefined; output: string }): Report;
}
interface Result {
  row: Record<string, unknown>;
  major: string;
  leftOut: [file: string, reason: string][];
  reasons: string[];
}
interface Results {
  tablesOf(results: Result[]): string;
}
interface Table {
  supportedMajors: string[];
}
interface TestFiles {
  testFiles(): string[];
}

const root = join(__dirname, '..', '..', '..');

test('the workflow installs the package on every supported Node', async () => {
  const workflow = readFileSync(join(root, '.github', 'workflows', 'build.yml'), 'utf8');
  const [, majors] = /^ +node: \[(.*)\]$/m.exec(workflow) ?? [];
  const { supportedMajors } = await importScript<Table>('targets/table.mjs');
  assert.equal(majors, supportedMajors.join(', '));
});

const addon = join(root, 'build', 'Release', 'wsfd.node');

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

describe('the report of a test file on another system', () => {
  const output = [
    '✔ a (1.2ms)',
    '▶ b',
    '  ﹣ c # d (0.1ms) # needs /proc',
    '▶ b (1ms)',
    'ℹ tests 2',
    'ℹ pass 1',
    'ℹ skipped 1',
    '',
  ].join('\n');

  test('is counted, with the reasons of what it skipped', async () => {
    const { readReport } = await importScript<RunFiles>('targets/run-files.mjs');
    const expected = { tests: 2, passed: 1, skipped: 1, reasons: ['needs /proc'], fault: '' };
    assert.deepEqual(readReport('out/test/x.test.js', { code: 0, output }), expected);
  });

  test('is a fault where tests failed, time was up, or it ended before its closing lines', async () => {
    const { readReport } = await importScript<RunFiles>('targets/run-files.mjs');
    const faultOf = (code: number | undefined, text: string): string =>
      readReport('out/test/x.test.js', { code, output: text }).fault;
    assert.match(faultOf(1, output), /^test\/x\.test\.ts: it ended with 1\n/);
    assert.match(faultOf(undefined, output), /it did not end/);
    assert.match(faultOf(0, ''), /it ended with 0/);
  });
});

test('the tables of all runs say what was left out, where and why', async () => {
  const { tablesOf } = await importScript<Results>('targets/results.mjs');
  const run = (system: string, major: string): Result => ({
    row: { system, 'Node.js': `${major}.1.0`, result: 'passed' },
    major,
    leftOut: [['test/a.test.ts', 'a tool']],
    reasons: ['no signals', 'no signals'],
  });
  const tables = tablesOf([run('windows', '20'), run('windows', '22'), run('musl', '20')]);
  assert.match(tables, /^\| windows \| 22\.1\.0 \|.*\| passed \|/m);
  assert.match(tables, /^\| `test\/a\.test\.ts` \| windows 20, 22; musl 20 \| a tool \|$/m);
  assert.match(tables, /^\| 6 tests \| windows 20, 22; musl 20 \| no signals \|$/m);
});
