// Draws the state picture of docs/ARCHITECTURE.md from the table in native/connection/state.h.
// Usage: node scripts/generate-states.mjs [--check]
import { enumeratorsOf, readSource, replacePart, runGenerator, updateFiles } from './lists.mjs';
import { isMain } from './tools.mjs';

const origin = 'native/connection/state.h';
const document = 'docs/ARCHITECTURE.md';

const lowerFirst = (name) => name[0].toLowerCase() + name.slice(1);
/** "closeReceived" as a person says it. */
const inWords = (name) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const enumerators = (source, name) =>
  enumeratorsOf(source, name).members.map(({ symbol, comment }) => ({
    name: lowerFirst(symbol.slice(1)),
    comment,
  }));

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
export function generateStates({ check } = {}) {
  const page = replacePart(readSource(document), 'states', drawStates(readSource(origin)));
  return updateFiles({ [document]: page }, { check });
}

if (isMain(import.meta.url)) await runGenerator(generateStates, origin);
