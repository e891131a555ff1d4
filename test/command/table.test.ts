// The tables that the command prints.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';

// This file runs as out/test/command/table.test.js.
const { table } = createRequire(__filename)(
  join(__dirname, '..', '..', '..', 'modules', 'command', 'table.js'),
) as { table(headings: string[], rows: string[][], width?: number): string[] };

const headings = ['', 'subject', 'until'];
const long = 'a'.repeat(30);

test('columns are as wide as their widest cell', () => {
  assert.deepEqual(table(headings, [['0', 'CN=a', '2026-01-01']]), [
    '      subject  until',
    '   0  CN=a     2026-01-01',
  ]);
});

test('without an end of the line a cell is cut at 48 characters', () => {
  const [, row] = table(headings, [['0', 'x'.repeat(60), 'y']]);
  assert.equal(row, `   0  ${'x'.repeat(47)}…  y`);
});

test('the widest columns give where there is not room enough', () => {
  for (let width = 30; width <= 60; width++) {
    const lines = table(headings, [['0', long, '2026-01-01']], width);
    for (const line of lines) assert.ok(line.length <= width, `${String(width)}: ${line}`);
    assert.match(lines[1] ?? '', / 2026-01-01$/);
  }
});

test('no cell is cut to less than 8 characters', () => {
  assert.equal(table(headings, [['0', long, long]], 1)[1], '   0  aaaaaaa…  aaaaaaa…');
});
