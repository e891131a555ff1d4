// What scripts write into documents: the text between a pair of marks, which has their name.
import { readFileSync, writeFileSync } from 'node:fs';
import { root, run, runModule } from './tools.mjs';

/** A table in Markdown; `align` has the marks of its columns, such as '---:'. */
export function markdownTable(names, rows, align = names.map(() => '---')) {
  const line = (cells) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(names), line(align), ...rows.map(line)].join('\n');
}

/** The text of a document with `text` between the marks of `name`. */
function withSection(document, name, text) {
  const [begin, end] = ['begin', 'end'].map((place) => `<!-- ${name}: ${place} -->`);
  const [before, rest] = document.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`the document has no marks ${begin} and ${end}`);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}

/** Writes `text` between the marks of `name` in the document at `path`. */
export async function record(path, name, text) {
  writeFileSync(path, withSection(readFileSync(path, 'utf8'), name, text));
  await runModule('prettier/bin/prettier.cjs', ['--write', '--log-level=warn', path]);
}

/** Today's date, and the commit that is checked out. */
export async function dayAndCommit() {
  const args = ['-C', root, 'rev-parse', '--short', 'HEAD'];
  const { output } = await run('git', args, { capture: true });
  return { day: new Date().toISOString().slice(0, 10), commit: output.trim() };
}
