// Draws the state picture of docs/ARCHITECTURE.md from the table in native/connection/state.h.
// Usage: node scripts/generate-states.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, root } from './tools.mjs';

const origin = 'native/connection/state.h';
const document = 'docs/ARCHITECTURE.md';
const [begin, end] = ['<!-- states: begin -->', '<!-- states: end -->'];

const lowerFirst = (name) => name[0].toLowerCase() + name.slice(1);
/** "closeReceived" as a person says it. */
const inWords = (name) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** The enumerators of `enum class Name`, each with the comment behind it. */
function enumerators(source, name) {
  const body = new RegExp(`enum class ${name} : uint8_t \\{([^}]*)\\}`).exec(source)?.[1] ?? '';
  return Array.from(body.matchAll(/k(\w+),\s*\/\/ (.*)/g), ([, symbol, comment]) => ({
    name: lowerFirst(symbol),
    comment,
  }));
}

/** What leads from where to where: { from, event, to }, without what changes nothing. */
export function transitionsOf(source) {
  const states = enumerators(source, 'State').map(({ name }) => name);
  const events = enumerators(source, 'Event').map(({ name }) => name);
  const table =
    /kNextState\[kStateCount\]\[kEventCount\] = \{([\s\S]*?)\};/.exec(source)?.[1] ?? '';
  const cells = Array.from(table.matchAll(/State::k(\w+)/g), ([, symbol]) => lowerFirst(symbol));
  if (states.length === 0 || cells.length !== states.length * events.length) {
    throw new Error(`${origin}: the table is not one row a state and one column an event`);
  }
  return cells
    .map((to, i) => ({
      from: states[Math.floor(i / events.length)],
      event: events[i % events.length],
      to,
    }))
    .filter(({ from, to }) => from !== to);
}

/** The picture as a Mermaid diagram, and what its words mean. */
export function drawStates(source) {
  const described = (name) =>
    enumerators(source, name).map((entry) => `| \`${entry.name}\` | ${entry.comment} |`);
  const arrows = transitionsOf(source).map(
    ({ from, event, to }) => `  ${from} --> ${to} : ${inWords(event)}`,
  );
  const [first = ''] = enumerators(source, 'State').map(({ name }) => name);
  return [
    ['```mermaid', 'stateDiagram-v2', `  [*] --> ${first}`, ...arrows, '```'].join('\n'),
    ['| state | |', '| --- | --- |', ...described('State')].join('\n'),
    ['| event | |', '| --- | --- |', ...described('Event')].join('\n'),
  ].join('\n\n');
}

/** Writes the picture, or with `check` only looks: the names of files that are not up to date. */
export function generateStates({ check = false } = {}) {
  const page = readFileSync(join(root, document), 'utf8');
  const [before, , after] = page.split(new RegExp(`(?<=${begin})([\\s\\S]*)(?=${end})`));
  if (after === undefined) throw new Error(`${document} has no ${begin} and ${end}`);
  const picture = drawStates(readFileSync(join(root, origin), 'utf8'));
  const drawn = `${before}\n\n${picture}\n\n${after}`;
  // Prettier aligns the tables; nothing else may differ.
  const bare = (text) => text.replace(/-{3,}/g, '---').replace(/[^\S\n]+/g, ' ');
  if (bare(page) === bare(drawn)) return [];
  if (!check) writeFileSync(join(root, document), drawn);
  return [document];
}

if (isMain(import.meta.url)) {
  const stale = generateStates({ check: process.argv.includes('--check') });
  if (stale.length > 0 && process.argv.includes('--check')) {
    console.error(`${stale.join(', ')} is not what ${origin} makes of it`);
    process.exitCode = 1;
  }
}
