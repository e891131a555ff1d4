// What scripts write into documents: the text between a pair of marks, which has their name. What it
// is made from is kept beside the document, so that runs of hours may be made in parts.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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

/**
 * Keeps `result` as the last of `name` in the file at `path`, which has a line a name. Returns all that
 * it has by now, in the order of `names`; what has another name is dropped.
 */
export function keep(path, name, result, names) {
  const kept = {
    ...(existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}),
    [name]: result,
  };
  const inOrder = names.filter((each) => each in kept);
  const lines = inOrder.map((each) => `${JSON.stringify(each)}: ${JSON.stringify(kept[each])}`);
  writeFileSync(path, `{\n${lines.join(',\n')}\n}\n`);
  return inOrder.map((each) => kept[each]);
}

/** Today's date, and the commit that is checked out. */
export async function dayAndCommit() {
  const args = ['-C', root, 'rev-parse', '--short', 'HEAD'];
  const { output } = await run('git', args, { capture: true });
  return { day: new Date().toISOString().slice(0, 10), commit: output.trim() };
}
