// The phases of a socket: native/driver/phase.h, read as scripts/generate-states.mjs reads it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { importScript } from '../support/scripts';

interface Transition {
  readonly from: string;
  readonly event: string;
  readonly to: string;
}

interface Machine {
  readonly origin: string;
}

interface Module {
  machines: readonly [connection: Machine, socket: Machine];
  transitionsOf(machine: Machine, source: string): Transition[];
}

/** In the order of a life. */
const phases = [
  'connecting',
  'securing',
  'opening',
  'open',
  'closing',
  'lingering',
  'closed',
  'destroyed',
];

let transitions: readonly Transition[];

before(async () => {
  const { machines, transitionsOf } = await importScript<Module>('generate-states.mjs');
  const [, socket] = machines;
  const source = readFileSync(join(__dirname, '../../..', socket.origin), 'utf8');
  transitions = transitionsOf(socket, source);
});

/** The phases that these events lead through. */
function life(...events: string[]): string[] {
  const passed = [phases[0] ?? assert.fail()];
  for (const event of events) {
    const from = passed.at(-1);
    const next = transitions.find((step) => step.from === from && step.event === event);
    passed.push(next?.to ?? assert.fail(`${event} in ${from} changes nothing`));
  }
  return passed;
}

describe('the life of a socket', () => {
  const opening = ['connected', 'secured', 'accepted'];
  const end = ['ended', 'handlesClosed', 'released'];

  test('that the application closes passes through every phase', () => {
    assert.deepEqual(life(...opening, 'closeCalled', ...end), phases);
  });

  test('that the server closes', () => {
    const passed = phases.filter((phase) => phase !== 'closing');
    assert.deepEqual(life(...opening, ...end), passed);
  });

  test('whose opening fails before and after there is a way to the target', () => {
    assert.deepEqual(life('handlesClosed', 'released'), ['connecting', 'closed', 'destroyed']);
    for (const count of [1, 2]) {
      const passed = [...phases.slice(0, count + 1), 'lingering', 'closed', 'destroyed'];
      assert.deepEqual(life(...opening.slice(0, count), ...end), passed);
    }
  });

  test('never leads back', () => {
    for (const { from, event, to } of transitions) {
      assert.ok(phases.indexOf(to) > phases.indexOf(from), `${from} ${event} ${to}`);
    }
  });

  test('can end at once in any phase, and only what is closed is destroyed', () => {
    const before = phases.slice(0, -2);
    for (const [event, to, froms] of [
      ['handlesClosed', 'closed', before],
      ['released', 'destroyed', ['closed']],
    ] as const) {
      const leading = transitions.filter((step) => step.event === event);
      assert.deepEqual(
        leading,
        froms.map((from) => ({ from, event, to })),
      );
    }
  });

  test('is closed by the application only where it is open', () => {
    const leading = transitions.filter(({ event }) => event === 'closeCalled');
    assert.deepEqual(leading, [{ from: 'open', event: 'closeCalled', to: 'closing' }]);
  });
});
