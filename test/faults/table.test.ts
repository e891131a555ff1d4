// test/native/faults/table.inc has a row for everything that the addon imports, so that nothing is
// forgotten when things are made to fail.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

// This file runs as out/test/faults/table.test.js.
const root = join(__dirname, '..', '..', '..');

interface Row {
  symbol: string;
  /** Absent: it cannot fail, for this reason. */
  kind?: string;
  reason?: string;
}

const source = readFileSync(join(root, 'test', 'native', 'faults', 'table.inc'), 'utf8');
const rows: Row[] = [
  ...[...source.matchAll(/^(?:FAULT|QUIET|BY_HAND)\((\w+), (\w+)[,)]/gm)].map(
    ([, kind = '', symbol = '']) => ({ symbol, kind }),
  ),
  ...[...source.matchAll(/^SURE\((\w+), "(.+)"\)$/gm)].map(([, symbol = '', reason = '']) => ({
    symbol,
    reason,
  })),
];

/** What the addon imports, without the C++ library, which is linked into the addon that fails. */
function imports(): string[] {
  const file = join(root, 'build', 'Release', 'wsfd.node');
  const lines = execFileSync('nm', ['-D', '--undefined-only', file], { encoding: 'utf8' });
  const symbols = lines.split('\n').map((line) => line.replace(/^\s*\w /, '').replace(/@.*/, ''));
  const ofTheLibrary = /^(_ZN?K?S|_ZT|__cxa_|__gxx_|__once_proxy|__libc_single|_Unwind_)/;
  const ofTheLinker = /^(__gmon_start__|_ITM_\w+|)$/;
  return symbols.filter((symbol) => !ofTheLibrary.test(symbol) && !ofTheLinker.test(symbol));
}

test('every line of the table is a row', () => {
  const lines = source.split('\n').filter((line) => line !== '' && !line.startsWith('//'));
  assert.equal(rows.length, lines.length);
});

test('a symbol has one row', () => {
  const symbols = rows.map(({ symbol }) => symbol);
  assert.deepEqual(
    symbols.filter((symbol, i) => symbols.indexOf(symbol) !== i),
    [],
  );
});

test('every import has a row, and every row is an import or a callback', (t) => {
  if (process.platform !== 'linux') {
    t.skip('its rows are what the addon imports on Linux, with the linker that can wrap them');
    return;
  }
  const imported = new Set(imports());
  const known = new Set(rows.map(({ symbol }) => symbol));
  assert.deepEqual(
    [...imported].filter((symbol) => !known.has(symbol)),
    [],
  );
  // What a compiler makes of the standard headers differs from one to the next.
  const optional =
    /^(_Z\w+|mem\w+|str\w+|pthread_\w+|__tls_get_addr|snprintf|napi_module_register)$/;
  const stale = rows.filter(
    ({ symbol }) => !imported.has(symbol) && !symbol.endsWith('_cb') && !optional.test(symbol),
  );
  assert.deepEqual(stale, []);
});
