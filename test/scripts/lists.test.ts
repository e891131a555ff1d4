// scripts/lists.mjs: how the lists that C++ and TypeScript share are read, and what is made of them
// written.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { importScript } from '../support/scripts';

interface Row {
  macro: string;
  args: string[];
  where: string;
}

interface Module {
  readRows(source: string, origin: string): Row[];
  textOf(argument: string): string | undefined;
  enumeratorsOf(
    source: string,
    name: string,
  ): { comment: string; members: { symbol: string; value: number; comment: string }[] };
  constantOf(source: string, name: string): number;
  replacePart(page: string, part: string, text: string): string;
  updateFiles(
    pages: Record<string, string>,
    options: { folder: string; check?: boolean },
  ): Promise<string[]>;
}

const load = () => importScript<Module>('lists.mjs');

test('a row has its macro, its arguments and its line, over however many lines', async () => {
  const { readRows } = await load();
  const source = `// ROW(a, b) in a comment is none.
#define ROW(a, b)
ROW(one, "a, (b) \\" c")

TLS_FIELD(Flag,
          f(1, 2), {3, 4},
          "d")
`;
  assert.deepEqual(readRows(source, 'x.inc'), [
    { macro: 'ROW', args: ['one', '"a, (b) \\" c"'], where: 'x.inc:3' },
    { macro: 'TLS_FIELD', args: ['Flag', 'f(1, 2)', '{3, 4}', '"d"'], where: 'x.inc:5' },
  ]);
});

test('a row without an end is refused', async () => {
  const { readRows } = await load();
  assert.throws(() => readRows('\nROW(a, (b)', 'x.inc'), {
    message: 'x.inc:2: the row has no end',
  });
});

test('a literal is its text, in one piece or several; nothing else is one', async () => {
  const { textOf } = await load();
  assert.equal(textOf('"a \\"b\\""'), 'a "b"');
  assert.equal(textOf('"a "\n    "b"'), 'a b');
  assert.equal(textOf('""'), '');
  for (const other of ['a', '', '"a" b', '"a', '12']) assert.equal(textOf(other), undefined, other);
});

const header = `// Other.

// What became of it,
// at last.
enum class Status : uint8_t { kFirst, kSecond, kThird };

enum Topic : uint8_t {
  kTopicA = 1,  // one
  kTopicB = 16,
  kTopicC,
};
static constexpr size_t kSize = 64;
inline constexpr int kCount = Count();
`;

test('an enum has its comment, and its members with number and comment', async () => {
  const { enumeratorsOf } = await load();
  assert.deepEqual(enumeratorsOf(header, 'Status'), {
    comment: 'What became of it, at last.',
    members: ['kFirst', 'kSecond', 'kThird'].map((symbol, value) => ({
      symbol,
      value,
      comment: '',
    })),
  });
  assert.deepEqual(enumeratorsOf(header, 'Topic'), {
    comment: '',
    members: [
      { symbol: 'kTopicA', value: 1, comment: 'one' },
      { symbol: 'kTopicB', value: 16, comment: '' },
      { symbol: 'kTopicC', value: 17, comment: '' },
    ],
  });
});

test('an enum that is not there, or whose number is none, is refused', async () => {
  const { enumeratorsOf } = await load();
  assert.throws(() => enumeratorsOf(header, 'Stat'), { message: 'there is no enum Stat' });
  assert.throws(() => enumeratorsOf(header.replace('16', 'kOther'), 'Topic'), {
    message: 'Topic: kTopicB is kOther, not a number',
  });
});

test('a constant is its number; one that is computed is refused', async () => {
  const { constantOf } = await load();
  assert.equal(constantOf(header, 'kSize'), 64);
  for (const name of ['kCount', 'kSiz']) {
    assert.throws(() => constantOf(header, name), { message: new RegExp(`no constant ${name} `) });
  }
});

test('a part of a page is replaced, and a page without it refused', async () => {
  const { replacePart } = await load();
  const page = 'a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb';
  const replaced = 'a\n<!-- x: begin -->\n\n$& new\n\n<!-- x: end -->\nb';
  assert.equal(replacePart(page, 'x', '$& new'), replaced);
  assert.equal(replacePart(replaced, 'x', '$& new'), replaced);
  assert.throws(() => replacePart(page, 'y', ''), { message: /no <!-- y: begin -->/ });
});

test('files are written as Prettier has them; with check they are only compared', async (t) => {
  const { updateFiles } = await load();
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-lists-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const pages = { 'a.ts': 'export const a = "b"' };
  assert.deepEqual(await updateFiles(pages, { folder, check: true }), ['a.ts']);
  assert.deepEqual(await updateFiles(pages, { folder }), ['a.ts']);
  assert.equal(readFileSync(join(folder, 'a.ts'), 'utf8'), "export const a = 'b';\n");
  assert.deepEqual(await updateFiles(pages, { folder, check: true }), []);
});
