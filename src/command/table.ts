/** Rows in columns, for a terminal. */

/** A longer cell is cut, even where there is room. */
const WIDEST = 48;
/** A cell is not cut to less than this, even if the table gets wider than the terminal. */
const NARROWEST = 8;
const INDENT = '   ';
const GAP = '  ';

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1)}…`;

/** The columns' widths: the widest shrink until the table fits `width` characters. */
function columnWidths(cells: readonly (readonly string[])[], width: number): number[] {
  const columns = cells[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.min(WIDEST, Math.max(...cells.map((row) => row[i]?.length ?? 0))),
  );
  const around = INDENT.length + GAP.length * (columns - 1);
  let excess = widths.reduce((sum, own) => sum + own, around) - width;
  for (; excess > 0; excess--) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
  }
  return widths;
}

/** The lines of a table that fits `width` characters. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width = Infinity,
): string[] {
  const cells = [headings, ...rows];
  const widths = columnWidths(cells, width);
  return cells.map((row) => {
    const padded = row.map((text, i) => cut(text, widths[i] ?? 0).padEnd(widths[i] ?? 0));
    return `${INDENT}${padded.join(GAP).trimEnd()}`;
  });
}
