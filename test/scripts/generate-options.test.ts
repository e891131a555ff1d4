// scripts/generate-options.mjs: what it makes of rows, and which rows it refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importScript } from '../support/scripts';

type Row = Record<string, unknown>;

interface Module {
  parseOptions(source: string): { options: Row[]; fields: Row[] };
  optionModule(rows: Row[]): string;
  tupleModule(rows: Row[]): string;
  optionTable(rows: Row[], table: string): string;
  generateOptions(options: { check: boolean }): Promise<string[]>;
}

const load = () => importScript<Module>('generate-options.mjs');

const source = `WHOLE(Open, most, "bytes", 1, 9007199254740991, 1048576, "As many. See [Much](#much).")
SECONDS(Open, wait, "0 or more", 5, "So long.")
SECONDS(Open, stay, "more than 0", "for ever", "So long.")
OPTION(Open, word, "string | readonly string[]", "", "none",
       "A word "
       "or two.")
FLAG(Deflate, small, "It is small.")
OPEN_FIELD(Whole, most, "", options->most)
OPEN_FIELD(Compression, compression, "undefined: none.", options->compression)
COMPRESSION_FIELD(Flag, small, "", small)
`;

test('options become declarations with unit, range and default in the docstring', async () => {
  const { parseOptions, optionModule } = await load();
  const page = optionModule(parseOptions(source).options);
  assert.ok(
    page.includes(`export interface OpenOptions extends TlsOptions, RouteOptions {
  /** As many. See "Much" in docs/OPTIONS.md. Bytes, 1 to 2^53-1. Default: 1048576 (1 MiB). */
  most?: number;
  /** So long. Seconds, 0 or more. Default: 5. */
  wait?: number;
  /** So long. Seconds, more than 0. Default: for ever. */
  stay?: number;
  /** A word or two. Default: none. */
  word?: string | readonly string[];
}`),
    page,
  );
  assert.ok(
    page.includes('interface PerMessageDeflateOptions {\n  /** It is small. Default: `false`.'),
  );
});

test('bounds and defaults become constants', async () => {
  const { parseOptions, optionModule } = await load();
  const page = optionModule(parseOptions(source).options);
  const value = (name: string): unknown =>
    JSON.parse(new RegExp(`const ${name} = (.*) as const;`).exec(page)?.[1] ?? 'null');
  assert.deepEqual(value('OPEN_WHOLE'), {
    most: { unit: 'bytes', least: 1, most: Number.MAX_SAFE_INTEGER, default: 1_048_576 },
  });
  assert.deepEqual(value('OPEN_SECONDS'), { wait: 5 });
  assert.deepEqual(value('DEFLATE_FLAGS'), { small: false });
});

test('a table has a line for each option, without columns in which nothing stands', async () => {
  const { parseOptions, optionTable } = await load();
  const { options } = parseOptions(source);
  assert.deepEqual(optionTable(options, 'Open').split('\n'), [
    '| option | type | unit | range | default | meaning |',
    '| --- | --- | --- | --- | --- | --- |',
    '| `most` | number | bytes | 1 to 2<sup>53</sup> - 1 | 1048576 (1 MiB) | As many. See [Much](#much). |',
    '| `wait` | number | seconds | 0 or more | 5 | So long. |',
    '| `stay` | number | seconds | more than 0 | for ever | So long. |',
    '| `word` | string or array of strings |  |  | none | A word or two. |',
  ]);
  assert.deepEqual(optionTable(options, 'Deflate').split('\n'), [
    '| option | type | default | meaning |',
    '| --- | --- | --- | --- |',
    '| `small` | boolean | `false` | It is small. |',
  ]);
});

test('fields become an interface, and an array in their order', async () => {
  const { parseOptions, tupleModule } = await load();
  const page = tupleModule(parseOptions(source).fields);
  assert.ok(
    page.includes(`export interface NativeOpenOptions {
  most: number;
  /** undefined: none. */
  compression: NativeCompressionOptions | undefined;
}`),
  );
  assert.ok(
    page.includes(`[
  options.most,
  options.compression && compressionTuple(options.compression),
] as unknown[] as NativeOpenTuple`),
  );
});

const refused: [why: string, source: string, message: RegExp][] = [
  ['an unknown row', 'NUMBER(Open, a, "b")', /open_options\.inc:1: there are no rows NUMBER/],
  ['an unknown group', '\nFLAG(Shut, a, "b")', /:2: there is no group Shut/],
  ['an unknown type', 'OPTION(Open, a, "date", "", "", "b")', /:1: not what .* says of OPTION/],
  ['a flag without a text', 'FLAG(Open, a, "")', /:1: not what .* says of FLAG/],
  ['a bound that is no number', 'WHOLE(Open, a, "", 0, x, 0, "b")', /says of WHOLE/],
  ['a default out of the range', 'WHOLE(Open, a, "", 1, 2, 3, "b")', /says of WHOLE/],
  ['an option twice', 'FLAG(Open, a, "b")\nFLAG(Open, a, "b")', /:2: Open a comes twice/],
  ['an unknown kind', 'OPEN_FIELD(Date, a, "", b)', /:1: there is no kind Date/],
  ['an unknown array', 'SHUT_FIELD(Text, a, "", b)', /:1: there is no array Shut/],
  ['a field without a member', 'OPEN_FIELD(Text, a, "")', /:1: not what .* says of OPEN_FIELD/],
  ['a field twice', 'TLS_FIELD(Text, a, "", b)\nTLS_FIELD(Text, a, "", b)', /:2: Tls a comes/],
  ['an option without its field', 'FLAG(Deflate, a, "b")', /:1: .* no COMPRESSION_FIELD for a/],
];

for (const [why, text, message] of refused) {
  test(`refused: ${why}`, async () => {
    const { parseOptions } = await load();
    assert.throws(() => parseOptions(text), { message });
  });
}

test('what is made of open_options.inc is up to date', async () => {
  const { generateOptions } = await load();
  assert.deepEqual(await generateOptions({ check: true }), []);
});
