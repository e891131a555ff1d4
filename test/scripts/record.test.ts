// scripts/record.mjs: tables that scripts write into documents.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { importScript } from '../support/scripts';

interface Record {
  keep(path: string, name: string, result: unknown, names: string[]): unknown[];
  markdownTable(names: string[], rows: unknown[][], align?: string[]): string;
  record(path: string, name: string, text: string): Promise<void>;
}

const root = join(__dirname, '..', '..', '..');
const marked = 'Before.\n\n<!-- a: begin -->\n\nOld.\n\n<!-- a: end -->\n\nBehind.\n';

test('a table stands between its marks, and nothing else changes', async (t) => {
  const { markdownTable, record } = await importScript<Record>('record.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-record-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'page.md');
  writeFileSync(path, marked);
  await record(path, 'a', markdownTable(['x', 'y'], [['1|2', 3]], ['---', '---:']));
  const table = '| x    |   y |\n| ---- | --: |\n| 1\\|2 |   3 |';
  assert.equal(readFileSync(path, 'utf8'), marked.replace('Old.', table));
  await assert.rejects(record(path, 'b', ''), /no marks <!-- b: begin -->/);
  assert.equal(readFileSync(path, 'utf8'), marked.replace('Old.', table));
});

test('the last result of each name is kept, in their order', async (t) => {
  const { keep } = await importScript<Record>('record.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-record-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'kept.json');
  assert.deepEqual(keep(path, 'b', [1], ['a', 'b']), [[1]]);
  assert.deepEqual(keep(path, 'a', [2], ['a', 'b']), [[2], [1]]);
  assert.deepEqual(keep(path, 'b', [3], ['a', 'b']), [[2], [3]]);
  assert.equal(readFileSync(path, 'utf8'), '{\n"a": [2],\n"b": [3]\n}\n');
  assert.deepEqual(keep(path, 'c', [4], ['b', 'c']), [[3], [4]]);
});

test('the documents have the marks of the scripts that write into them', () => {
  for (const [name, page] of [
    ['check:release', 'RELIABILITY.md'],
    ['test:targets', 'INSTALLING.md'],
  ] as const) {
    const text = readFileSync(join(root, 'docs', page), 'utf8');
    const [begin, end] = ['begin', 'end'].map((place) =>
      text.indexOf(`<!-- ${name}: ${place} -->`),
    );
    assert.ok(begin !== undefined && end !== undefined && begin >= 0 && begin < end, page);
  }
});
