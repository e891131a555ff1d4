// Reads the lists that C++ and TypeScript share, and writes the files made from them. A list has
// rows, MACRO(argument, …), which C++ includes as they are.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './tools.mjs';

/** The offsets of a row's own commas and of its end; `start` is behind its opening parenthesis. */
function boundsOf(source, start) {
  const commas = [];
  let depth = 1;
  for (let i = start; i < source.length; i++) {
    const letter = source[i];
    if (letter === '"') i += /^"(?:[^"\\]|\\.)*/.exec(source.slice(i))[0].length;
    else if ('({['.includes(letter)) depth++;
    else if (')}]'.includes(letter) && --depth === 0) return { commas, end: i };
    else if (letter === ',' && depth === 1) commas.push(i);
  }
  return undefined;
}

/**
 * The rows of a list in its order: the macro's name, its arguments as they are written, and
 * `where`, the file and the line. A row begins at the start of a line; other text is ignored.
 */
export function readRows(source, origin) {
  const rows = [];
  for (const { 0: head, 1: macro, index } of source.matchAll(/^([A-Z][A-Z_]*)\(/gm)) {
    const where = `${origin}:${String(source.slice(0, index).split('\n').length)}`;
    const start = index + head.length;
    const bounds = boundsOf(source, start);
    if (bounds === undefined) throw new Error(`${where}: the row has no end`);
    const cuts = [start - 1, ...bounds.commas, bounds.end];
    const args = cuts.slice(1).map((cut, i) => source.slice(cuts[i] + 1, cut).trim());
    rows.push({ macro, args, where });
  }
  return rows;
}

/** The text of a C string literal, also of several pieces; undefined for another argument. */
export function textOf(argument) {
  if (!/^"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*$/.test(argument)) return undefined;
  const pieces = argument.match(/"(?:[^"\\]|\\.)*"/g);
  return pieces.map((piece) => JSON.parse(piece)).join('');
}

/** The comment that stands right above `offset`, as one line. */
function commentAbove(source, offset) {
  const lines = source.slice(0, offset).split('\n').slice(0, -1);
  const first = lines.findLastIndex((line) => !/^\s*\/\//.test(line)) + 1;
  const words = lines.slice(first).map((line) => line.replace(/^\s*\/\/\s*/, ''));
  return words.join(' ');
}

/**
 * The enum of C++ that is declared as `name`: the comment above it, and for each enumerator its
 * symbol, its number and the comment behind it.
 */
export function enumeratorsOf(source, name) {
  const found = new RegExp(`^[ \\t]*enum (?:class )?${name} : \\w+ \\{([^}]*)\\}`, 'm').exec(
    source,
  );
  if (found === null) throw new Error(`there is no enum ${name}`);
  const members = [];
  const pattern = /^[ \t]*(k\w+)(?: = (\w+))?,?[ \t]*(?:\/\/ (.*))?$/gm;
  for (const [, symbol, given, comment = ''] of onLinesOfTheirOwn(found[1]).matchAll(pattern)) {
    const value = given === undefined ? (members.at(-1)?.value ?? -1) + 1 : Number(given);
    if (Number.isNaN(value)) throw new Error(`${name}: ${symbol} is ${given}, not a number`);
    members.push({ symbol, value, comment });
  }
  return { comment: commentAbove(source, found.index), members };
}

const onLinesOfTheirOwn = (body) => body.replace(/, (?=k)/g, ',\n').replace(/^ (?=k)/, '\n');

/** The value of the C++ constant `name`, a number. */
export function constantOf(source, name) {
  const [, value] = new RegExp(`\\bconstexpr \\w+ ${name} = (\\d+);`).exec(source) ?? [];
  if (value === undefined) throw new Error(`there is no constant ${name} that is a number`);
  return Number(value);
}

export const readSource = (path, folder = root) => readFileSync(join(folder, path), 'utf8');

/** `page` with `text` between the two comments that name `part`. */
export function replacePart(page, part, text) {
  const [begin, end] = [`<!-- ${part}: begin -->`, `<!-- ${part}: end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there is no ${begin} with ${end} behind it`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}

/**
 * Writes `pages` (the text of each path below `folder`), formatted by Prettier, or with `check`
 * only compares. Returns the paths of those that differed.
 */
export async function updateFiles(pages, { folder = root, check = false } = {}) {
  const { format } = await import('prettier');
  const style = JSON.parse(readFileSync(join(root, '.prettierrc.json'), 'utf8'));
  const stale = [];
  for (const [name, page] of Object.entries(pages)) {
    const path = join(folder, name);
    const text = await format(page, { ...style, filepath: path });
    if (text === readOrEmpty(path)) continue;
    stale.push(name);
    if (!check) writeFileSync(path, text);
  }
  return stale;
}

function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Runs a generator as a program, with --check or without. */
export async function runGenerator(generate, origin) {
  const check = process.argv.includes('--check');
  const stale = await generate({ check });
  if (!check || stale.length === 0) return;
  console.error(`${stale.join(' and ')} differ from ${origin}: run npm run format`);
  process.exitCode = 1;
}
