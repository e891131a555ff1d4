// scripts/generate-shared.mjs: the enums and sizes of C++ as TypeScript has them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importScript } from '../support/scripts';

interface Entry {
  name: string;
  as: string;
  prefix?: string;
  list?: boolean;
  upper?: boolean;
}

interface Module {
  enumDeclaration(source: string, entry: Entry): string;
  generateShared(options: { check: boolean }): Promise<string[]>;
}

const load = () => importScript<Module>('generate-shared.mjs');

const header = `// Where it is.
enum class Place : uint8_t {
  kHere,  // not there
  kOverThere,
};

// What is asked for.
enum Bits : uint8_t {
  kBitOne = 1,
  kBitTwo = 2,
};

enum class Bare : uint8_t { kA };
`;

test('an enum becomes an object of numbers, with its comments', async () => {
  const { enumDeclaration } = await load();
  assert.equal(
    enumDeclaration(header, { name: 'Place', as: 'Place' }),
    '/** Where it is. */\nexport const Place = {\n/** Not there. */\nhere: 0,\noverThere: 1,\n} as const;',
  );
  assert.equal(
    enumDeclaration(header, { name: 'Bits', as: 'Bits', prefix: 'kBit' }),
    '/** What is asked for. */\nexport const Bits = {\none: 1,\ntwo: 2,\n} as const;',
  );
});

test('an enum becomes a list of names, and is refused where its numbers are not in order', async () => {
  const { enumDeclaration } = await load();
  assert.equal(
    enumDeclaration(header, { name: 'Place', as: 'PLACES', list: true, upper: true }),
    '/** Where it is. */\nexport const PLACES = ["HERE","OVERTHERE"] as const;',
  );
  assert.throws(() => enumDeclaration(header, { name: 'Bits', as: 'BITS', list: true }), {
    message: 'Bits: its numbers are not those of a list',
  });
});

test('an enum without a comment is refused', async () => {
  const { enumDeclaration } = await load();
  assert.throws(() => enumDeclaration(header, { name: 'Bare', as: 'Bare' }), {
    message: 'Bare has no comment above it',
  });
});

test('src/native/shared.ts is what the headers have', async () => {
  const { generateShared } = await load();
  assert.deepEqual(await generateShared({ check: true }), []);
});
