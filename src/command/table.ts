/** Rows in columns, for a terminal. */

/** A cell that is longer is cut. */
const WIDEST = 48;

const cut = (text: string): string =>
  text.length <= WIDEST ? text : `${text.slice(0, WIDEST - 1)}…`;

/** The lines of a table; an empty heading names nothing. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const cells = [headings, ...rows].map((row) => row.map(cut));
  const widths = headings.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  return cells.map((row) => {
    const padded = row.map((text, i) => text.padEnd(widths[i] ?? 0));
    return `   ${padded.join('  ').trimEnd()}`;
  });
}
