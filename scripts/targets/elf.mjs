// Reads what a Linux program or library of any architecture imports and exports, by readelf.
import { fail, run } from '../tools.mjs';

async function dynamicSymbols(file) {
  const { code, output } = await run('readelf', ['-W', '--dyn-syms', file], { capture: true });
  if (code !== 0) fail(`readelf of ${file} failed: ${output}`);
  const lines = output.split('\n').map((line) => line.trim().split(/\s+/));
  return lines
    .filter((fields) => /^\d+:$/.test(fields[0] ?? '') && fields.length > 7)
    .map(([, , , , binding, , section, symbol]) => {
      // A definition has @@ where it is the one that is linked with.
      const [name, version] = symbol.split(/@+/);
      return { name, version, binding, undefined: section === 'UND' };
    });
}

/** What `file` asks of others, { name, version (undefined: of the program itself) } each. */
export const importsOfElf = async (file) =>
  (await dynamicSymbols(file)).filter((symbol) => symbol.undefined && symbol.binding === 'GLOBAL');

/** The names that `file` exports. */
export const exportsOfElf = async (file) =>
  (await dynamicSymbols(file)).filter((symbol) => !symbol.undefined).map(({ name }) => name);
