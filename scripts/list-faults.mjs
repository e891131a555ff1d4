// Prints what binding.gyp needs for the addon wsfd_faults, one a line. Usage:
//
// node scripts/list-faults.mjs wraps    a linker option for each row of the table that fails
// node scripts/list-faults.mjs objects  the object files of wsfd.node's own sources, without those
//                                       that the addon replaces
import { readFileSync, readdirSync } from 'node:fs';

/** The rows of test/native/faults/table.inc: { symbol, kind (undefined: it cannot fail) }. */
function faultRows() {
  const table = readFileSync(new URL('../test/native/faults/table.inc', import.meta.url), 'utf8');
  const rows = table.matchAll(/^(?:(?:FAULT|QUIET|BY_HAND)\((\w+), |SURE\()(\w+)[,)]/gm);
  return [...rows].map(([, kind, symbol]) => ({ symbol, kind }));
}

/** Replaced by the addon's own entry, and by the libstdc++ that is linked in. */
const replaced = ['native/binding/addon.cc', 'native/binding/older_libraries.cc'];

const [, , what] = process.argv;

if (what === 'wraps') {
  for (const { symbol, kind } of faultRows()) {
    const frees = /^(free|_Zd[la]Pvm?)$/.test(symbol);
    // A callback's type is no symbol.
    if ((kind !== undefined || frees) && !symbol.endsWith('_cb'))
      console.log(`-Wl,--wrap=${symbol}`);
  }
} else if (what === 'objects') {
  for (const name of ['driver', 'binding']) {
    for (const file of readdirSync(`native/${name}`).sort()) {
      const source = `native/${name}/${file}`;
      if (!file.endsWith('.cc') || replaced.includes(source)) continue;
      console.log(`$(builddir)/obj.target/wsfd/${source.replace(/cc$/, 'o')}`);
    }
  }
}
