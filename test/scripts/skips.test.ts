// A test that cannot run here says so: no file leaves tests out without a word.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importScript } from '../support/scripts';

// This file runs as out/test/scripts/skips.test.js.
const root = join(__dirname, '../../..');

/** The conditions at the top level of a file under which alone it defines tests. */
function conditions(source: string): string[] {
  const blocks = source.matchAll(/^if (\(.*\)) \{\n((?: .*|)\n)*?^\}/gm);
  return [...blocks].flatMap(([block, condition = '']) =>
    /^\s+(?:test|describe)\(/m.test(block) ? [condition] : [],
  );
}

test('tests under a condition are seen', () => {
  const source = "if (possible) {\n  const a = 1;\n\n  test('x', () => undefined);\n}\n";
  assert.deepEqual(conditions(source), ['(possible)']);
  assert.deepEqual(conditions('if (possible) {\n  start();\n}\n'), []);
});

test('no file defines tests under a condition: they skip with a reason', async () => {
  const { listFiles } = await importScript<{
    listFiles: (folder: string, wanted: (name: string) => boolean) => string[];
  }>('tools.mjs');
  const files = listFiles('test', (name) => name.endsWith('.test.ts'));
  assert.ok(files.length > 100);
  const found = files.flatMap((name) =>
    conditions(readFileSync(join(root, name), 'utf8')).map((condition) => `${name}: ${condition}`),
  );
  assert.deepEqual(found, []);
});
