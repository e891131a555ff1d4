import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionCore } from '../support/connection-core';
import type { EventName, StateName } from '../support/connection-core';

const events: readonly EventName[] = ['accepted', 'closeSent', 'closeReceived', 'failed'];

const table: readonly (readonly [state: StateName, next: readonly StateName[]])[] = [
  ['opening', ['open', 'opening', 'opening', 'closed']],
  ['open', ['open', 'localClosing', 'remoteClosing', 'closed']],
  ['localClosing', ['localClosing', 'localClosing', 'closed', 'closed']],
  ['remoteClosing', ['remoteClosing', 'closed', 'remoteClosing', 'closed']],
  ['closed', ['closed', 'closed', 'closed', 'closed']],
];

for (const [state, expected] of table) {
  test(`where ${state} leads (RFC 6455 sections 4.1 and 7.1)`, () => {
    assert.deepEqual(
      events.map((event) => connectionCore.nextState(state, event)),
      expected,
    );
  });
}
