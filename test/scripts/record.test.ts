// scripts/record.mjs: tables that scripts write into documents.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { importScript } from '../support/scripts';

interface Record {
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
