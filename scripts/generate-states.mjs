// Draws the state diagrams of docs/ARCHITECTURE.md, each from the transition table in C++.
// Usage: node scripts/generate-states.mjs [--check]
import { enumeratorsOf, readSource, replacePart, runGenerator, updateFiles } from './lists.mjs';
import { isMain } from './tools.mjs';

const document = 'docs/ARCHITECTURE.md';

/** Where each machine's table is, its enums, and the name of its part of the document. */
export const machines = [
  {
    origin: 'native/connection/state.h',
    state: 'State',
    event: 'Event',
    table: 'kNextState',
    part: 'states',
  },
  {
    origin: 'native/driver/phase.h',
    state: 'Phase',
    event: 'PhaseEvent',
    table: 'kNextPhase',
    part: 'phases',
  },
];

const lowerFirst = (name) => name[0].toLowerCase() + name.slice(1);
/** "closeReceived" as "close received". */
const inWords = (name) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const enumerators = (source, name) =>
  enumeratorsOf(source, name).members.map(({ symbol, comment }) => ({
    name: lowerFirst(symbol.slice(1)),
    comment,
  }));

/** The transitions that change the state: { from, event, to }. */
export function transitionsOf(machine, source) {
  const states = enumerators(source, machine.state).map(({ name }) => name);
  const events = enumerators(source, machine.event).map(({ name }) => name);
  const pattern = new RegExp(`${machine.table}\\[\\w+\\]\\[\\w+\\] = \\{([\\s\\S]*?)\\};`);
  const cells = Array.from(
    (pattern.exec(source)?.[1] ?? '').matchAll(new RegExp(`${machine.state}::k(\\w+)`, 'g')),
    ([, symbol]) => lowerFirst(symbol),
  );
  if (states.length === 0 || cells.length !== states.length * events.length) {
    throw new Error(`${machine.origin}: the table is not one row a state and one column an event`);
  }
  return cells
    .map((to, i) => ({
      from: states[Math.floor(i / events.length)],
      event: events[i % events.length],
      to,
    }))
    .filter(({ from, to }) => from !== to);
}

/** The Mermaid diagram, and tables of its states and events. */
function drawStates(machine, source) {
  const described = (name) =>
    enumerators(source, name).map((entry) => `| \`${entry.name}\` | ${entry.comment} |`);
  const arrows = transitionsOf(machine, source).map(
    ({ from, event, to }) => `  ${from} --> ${to} : ${inWords(event)}`,
  );
  const [first = ''] = enumerators(source, machine.state).map(({ name }) => name);
  return [
    ['```mermaid', 'stateDiagram-v2', `  [*] --> ${first}`, ...arrows, '```'].join('\n'),
    [`| ${lowerFirst(machine.state)} | |`, '| --- | --- |', ...described(machine.state)].join('\n'),
    ['| event | |', '| --- | --- |', ...described(machine.event)].join('\n'),
  ].join('\n\n');
}

/** Writes the diagrams, or with `check` only compares them; the names of files that differed. */
export function generateStates({ check } = {}) {
  const drawn = (page, machine) =>
    replacePart(page, machine.part, drawStates(machine, readSource(machine.origin)));
  return updateFiles({ [document]: machines.reduce(drawn, readSource(document)) }, { check });
}

if (isMain(import.meta.url)) {
  await runGenerator(generateStates, machines.map(({ origin }) => origin).join(' and '));
}
