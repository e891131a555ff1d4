// scripts/generate-states.mjs: the picture that it draws is the machine that runs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectionCore } from '../support/connection-core';
import type { EventName, StateName } from '../support/connection-core';
import { importScript } from '../support/scripts';

interface Module {
  transitionsOf(source: string): { from: StateName; event: EventName; to: StateName }[];
  generateStates(options: { check: boolean }): Promise<string[]>;
}

const load = () => importScript<Module>('generate-states.mjs');
const source = readFileSync(join(__dirname, '../../../native/connection/state.h'), 'utf8');

const states: StateName[] = ['opening', 'open', 'localClosing', 'remoteClosing', 'closed'];
const events: EventName[] = ['accepted', 'closeSent', 'closeReceived', 'failed'];

test('what is drawn is what the machine does, and nothing is left out', async () => {
  const { transitionsOf } = await load();
  const moves = states.flatMap((from) =>
    events.map((event) => ({ from, event, to: connectionCore.nextState(from, event) })),
  );
  assert.deepEqual(
    transitionsOf(source),
    moves.filter(({ from, to }) => from !== to),
  );
});

test('a table that is not whole is refused', async () => {
  const { transitionsOf } = await load();
  assert.throws(() => transitionsOf(source.replace('{State::kOpen, ', '{')), /one row a state/);
});

test('the picture in docs/ARCHITECTURE.md is up to date', async () => {
  const { generateStates } = await load();
  assert.deepEqual(await generateStates({ check: true }), []);
});
