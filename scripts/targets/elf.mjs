// Reads the imports and exports of a Linux program or library of any architecture, by readelf.
import { fail, run } from '../tools.mjs';

async function dynamicSymbols(file) {
  const { code, output } = await run('readelf', ['-W', '--dyn-syms', file], { capture: true });
  if (code !== 0) fail(`readelf of ${file} failed: ${output}`);
  const lines = output.split('\n').map((line) => line.trim().split(/\s+/));
  return lines
    .filter((fields) => /^\d+:$/.test(fields[0] ?? '') && fields.length > 7)
    .map(([, , , , binding, , section, symbol]) => {
      // @@ marks the definition that the linker takes.
      const [name, version] = symbol.split(/@+/);
      return { name, version, binding, undefined: section === 'UND' };
    });
}

/** The imports of `file`, { name, version (undefined: of the program itself) } each. */
export const importsOfElf = async (file) =>
  (await dynamicSymbols(file)).filter((symbol) => symbol.undefined && symbol.binding === 'GLOBAL');

/** The names that `file` exports. */
export const exportsOfElf = async (file) =>
  (await dynamicSymbols(file)).filter((symbol) => !symbol.undefined).map(({ name }) => name);
