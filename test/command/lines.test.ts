// src/command/lines.ts: where a line of a pipe ends.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { loadModule } from '../support/modules';

const { linesOf } = loadModule('command/lines') as {
  linesOf(input: AsyncIterable<Buffer>): AsyncIterable<string>;
};

async function linesIn(pieces: readonly Buffer[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(Readable.from(pieces))) lines.push(line);
  return lines;
}

const cases: [what: string, input: string, lines: string[]][] = [
  ['nothing', '', []],
  ['LF and CRLF end a line', 'a\nb\r\nc\n', ['a', 'b', 'c']],
  ['the end of the input does, too', 'a\nb', ['a', 'b']],
  ['empty lines', '\n\r\n\na\n', ['', '', '', 'a']],
  ['one CR belongs to the end', 'a\r\r\n', ['a\r']],
  ['CR alone ends none', 'a\rb\n\rc\nd\r', ['a\rb', '\rc', 'd\r']],
  [
    'U+2028, U+2029 and U+0085 end none',
    '{"a":"x\u2028y\u2029z\u0085"}\n',
    ['{"a":"x\u2028y\u2029z\u0085"}'],
  ],
  ['characters of several bytes', 'µ日😀\n😀', ['µ日😀', '😀']],
];

for (const [what, input, lines] of cases) {
  test(`${what}: whole, and in pieces of one to four bytes`, async () => {
    const bytes = Buffer.from(input);
    assert.deepEqual(await linesIn([bytes]), lines);
    for (let size = 1; size <= 4; size++) {
      const pieces: Buffer[] = [];
      for (let i = 0; i < bytes.length; i += size) pieces.push(bytes.subarray(i, i + size));
      assert.deepEqual(await linesIn(pieces), lines);
    }
  });
}

test('a character that the input ends within is U+FFFD', async () => {
  assert.deepEqual(await linesIn([Buffer.from('a\nb😀').subarray(0, -1)]), ['a', 'b\ufffd']);
});

test('a line of more than 64 MiB is passed on before it ends', async () => {
  const piece = Buffer.alloc(2 ** 20, 'x');
  const lengthsOf = async (...more: Buffer[]): Promise<number[]> => {
    const pieces = [...Array.from({ length: 64 }, () => piece), ...more];
    return (await linesIn(pieces)).map(({ length }) => length);
  };
  assert.deepEqual(await lengthsOf(Buffer.from('\ny')), [64 * 2 ** 20, 1]);
  assert.deepEqual(await lengthsOf(Buffer.from('x'), Buffer.from('y')), [64 * 2 ** 20 + 1, 1]);
});
