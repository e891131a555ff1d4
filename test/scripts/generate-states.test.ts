// scripts/generate-states.mjs: the picture that it draws is the machine that runs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectionCore } from '../support/connection-core';
import type { EventName, StateName } from '../support/connection-core';
import { importScript } from '../support/scripts';

interface Machine {
  readonly origin: string;
}

interface Module {
  machines: readonly [connection: Machine, socket: Machine];
  transitionsOf(machine: Machine, source: string): { from: string; event: string; to: string }[];
  generateStates(options: { check: boolean }): Promise<string[]>;
}

const load = () => importScript<Module>('generate-states.mjs');
const sourceOf = ({ origin }: Machine): string =>
  readFileSync(join(__dirname, '../../..', origin), 'utf8');

const states: StateName[] = ['opening', 'open', 'localClosing', 'remoteClosing', 'closed'];
const events: EventName[] = ['accepted', 'closeSent', 'closeReceived', 'failed'];

test('what is drawn is what the machine does, and nothing is left out', async () => {
  const { machines, transitionsOf } = await load();
  const [connection] = machines;
  const moves = states.flatMap((from) =>
    events.map((event) => ({ from, event, to: connectionCore.nextState(from, event) })),
  );
  assert.deepEqual(
    transitionsOf(connection, sourceOf(connection)),
    moves.filter(({ from, to }) => from !== to),
  );
});

test('a table that is not whole is refused', async () => {
  const { machines, transitionsOf } = await load();
  for (const machine of machines) {
    const source = sourceOf(machine).replace(/\{(State|Phase)::k\w+, /, '{');
    assert.throws(() => transitionsOf(machine, source), /one row a state/, machine.origin);
  }
});

test('the pictures in docs/ARCHITECTURE.md are up to date', async () => {
  const { generateStates } = await load();
  assert.deepEqual(await generateStates({ check: true }), []);
});
