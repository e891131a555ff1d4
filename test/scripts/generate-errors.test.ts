// scripts/generate-errors.mjs: what it makes of rows, and which rows it refuses.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { importScript } from '../support/scripts';

interface Row {
  code: string;
  category: string;
  retryable: boolean | 'depends';
  closeCode: number;
  text: string;
}

interface Module {
  parseRows(source: string): Row[];
  generateErrors(options?: { folder?: string; check?: boolean }): Promise<string[]>;
}

const load = () => importScript<Module>('generate-errors.mjs');

test('a row becomes code, category, retryable, close code and text, in order', async () => {
  const { parseRows } = await load();
  const source = `// ROW(symbol, category, retryable, close code, text).
ROW(TextNotUtf8, protocol, no, 1007, "a text message is not UTF-8")

ROW(InvalidUrl, usage, yes, 0, "the URL's scheme is \\"x\\"")
ROW(Refused, network, depends, 0,
    "it did "
    "not")
`;
  assert.deepEqual(parseRows(source), [
    {
      code: 'WSFD_TEXT_NOT_UTF8',
      category: 'protocol',
      retryable: false,
      closeCode: 1007,
      text: 'a text message is not UTF-8',
    },
    {
      code: 'WSFD_INVALID_URL',
      category: 'usage',
      retryable: true,
      closeCode: 0,
      text: 'the URL\'s scheme is "x"',
    },
    {
      code: 'WSFD_REFUSED',
      category: 'network',
      retryable: 'depends',
      closeCode: 0,
      text: 'it did not',
    },
  ]);
});

const refused: [why: string, source: string, message: RegExp][] = [
  ['no close code', 'ROW(A, usage, no, "text")', /errors\.inc:1: not ROW/],
  ['no retryable', 'ROW(A, usage, 0, "text")', /errors\.inc:1: not ROW/],
  ['a text without quotes', 'ROW(A, usage, no, 0, text)', /errors\.inc:1: not ROW/],
  ['a row without an end', '\nROW(A, usage, no, 0, "text"', /errors\.inc:2: the row has no end/],
  ['an unknown category', '\nROW(A, weather, no, 0, "text")', /errors\.inc:2: .*category weather/],
  ['another retryable', 'ROW(A, usage, maybe, 0, "b")', /errors\.inc:1: .* not yes, no or depends/],
  [
    'a symbol twice',
    'ROW(A, usage, no, 0, "b")\nROW(A, tls, no, 0, "c")',
    /errors\.inc:2: A comes twice/,
  ],
];

for (const [why, source, message] of refused) {
  test(`refused: ${why}`, async () => {
    const { parseRows } = await load();
    assert.throws(() => parseRows(source), { message });
  });
}

test('--check tells which files differ, and writes none', async (t) => {
  const { generateErrors } = await load();
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-errors-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  for (const name of ['native/base', 'src/errors', 'docs'])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(
    join(folder, 'native/base/errors.inc'),
    'ROW(NotGood, tls, no, 0, "it is not good")\n',
  );
  const both = ['src/errors/table.ts', 'docs/ERRORS.md'];
  assert.deepEqual(await generateErrors({ folder, check: true }), both);
  assert.deepEqual(await generateErrors({ folder, check: true }), both);
  assert.deepEqual(await generateErrors({ folder }), both);
  assert.deepEqual(await generateErrors({ folder, check: true }), []);
  assert.match(
    readFileSync(join(folder, 'docs/ERRORS.md'), 'utf8'),
    /WSFD_NOT_GOOD` \|\s+\|\s+\| It is not good\./,
  );
  writeFileSync(join(folder, 'src/errors/table.ts'), '// changed by hand\n');
  assert.deepEqual(await generateErrors({ folder, check: true }), ['src/errors/table.ts']);
});
