import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, newOutcome } from './model/judge';
import type { Outcome } from './model/judge';
import type { KindName } from './model/kinds';
import { compare, Ledger } from './model/ledger';
import type { ServerReport } from './model/ledger';
import { planOf } from './model/plan';
import type { Plan } from './model/plan';

const id = '1.m-0.0';

const planFor = (kind: KindName): Plan => ({
  ...planOf(id, kind),
  server: 'node',
  proxy: 'none',
  cutAt: 3,
  maxBufferedBytes: 0,
});

const outcomeOf = (changes: Partial<Outcome>): Outcome => ({
  ...newOutcome(id),
  open: 'ok',
  end: '1',
  close: '0',
  sent: 3,
  received: 3,
  finished: true,
  ...changes,
});

const reportOf = (changes: Partial<ServerReport>): ServerReport => ({
  id,
  received: 3,
  sent: 3,
  code: 1000,
  faults: [],
  ...changes,
});

test('what a plan allows is no fault', () => {
  assert.deepEqual(judge(planFor('finish'), outcomeOf({})), []);
  const calls = { 'read -2 WSFD_READ_TIMEOUT': 3 };
  const late = outcomeOf({ end: '-1 WSFD_INVALID_SOCKET', calls });
  assert.deepEqual(judge(planFor('finish'), late), []);
  const timeout = { ...newOutcome(id), open: '-2 WSFD_OPEN_TIMEOUT' };
  assert.deepEqual(judge(planFor('noAnswer'), timeout), []);
});

const faulty: readonly [what: string, changes: Partial<Outcome>, fault: RegExp][] = [
  ['an opening', { open: '-1 WSFD_CONNECT_FAILED' }, /open gave/],
  ['an end', { end: '-1 WSFD_CONNECTION_LOST' }, /reading ended with/],
  ['a close', { close: '-1 WSFD_CLOSE_TIMEOUT' }, /close gave/],
  ['a call', { calls: { 'ping -1 WSFD_CONNECTION_LOST': 1 } }, /is not allowed/],
  ['a missing last message', { finished: false }, /last message never came/],
  ['what the client found', { faults: ['odd'] }, /odd/],
];
for (const [what, changes, fault] of faulty) {
  test(`${what} that the plan does not allow is a fault`, () => {
    assert.match(judge(planFor('finish'), outcomeOf(changes)).join(), fault);
  });
}

test('a send buffer may be full only where it is small', () => {
  const outcome = outcomeOf({ calls: { 'write -1 WSFD_SEND_BUFFER_FULL': 1 } });
  assert.equal(judge(planFor('finish'), outcome).length, 1);
  assert.deepEqual(judge({ ...planFor('finish'), maxBufferedBytes: 4000 }, outcome), []);
});

test('a killed server may end a connection, a living one may not', () => {
  const cut = outcomeOf({ end: '-1 WSFD_CONNECTION_LOST', finished: false });
  assert.deepEqual(judge(planFor('killed'), cut), []);
  assert.equal(judge(planFor('finish'), cut).length, 2);
});

test('all that the server sent before its close frame has to come', () => {
  const plan = planFor('serverCloseEarly');
  assert.deepEqual(judge(plan, outcomeOf({ finished: false })), []);
  const less = outcomeOf({ finished: false, received: 2 });
  assert.match(judge(plan, less).join(), /only 2 messages came of 3/);
  const more = outcomeOf({ finished: false, received: 4 });
  assert.match(judge(plan, more).join(), /4 messages came of 3/);
});

test('both sides have to agree on what was sent', () => {
  const outcome = outcomeOf({});
  const faultsOf = (kind: KindName, changes: Partial<ServerReport>): string[] =>
    compare(planFor(kind), outcome, reportOf(changes));
  assert.deepEqual(faultsOf('finish', {}), []);
  assert.equal(faultsOf('finish', { received: 2 }).length, 1);
  assert.deepEqual(faultsOf('terminate', { received: 2 }), []);
  assert.match(faultsOf('terminate', { received: 4 }).join(), /received 4 messages of 3/);
  assert.match(faultsOf('terminate', { sent: 2 }).join(), /3 messages came of 2/);
  assert.match(faultsOf('finish', { faults: ['x'] }).join(), /server: x/);
});

test('what was written before our close frame arrives, and so does its code', () => {
  const plan = { ...planFor('closeEarly'), closeCode: 4000 };
  assert.deepEqual(compare(plan, outcomeOf({}), reportOf({ code: 4000 })), []);
  assert.equal(compare(plan, outcomeOf({}), reportOf({ code: 1006 })).length, 1);
  assert.equal(compare(plan, outcomeOf({}), reportOf({ code: 4000, received: 2 })).length, 1);
});

test('the ledger takes both reports in either order, and misses the one that never comes', () => {
  const faults: string[] = [];
  const ledger = new Ledger((of, fault) => faults.push(`${of}: ${fault}`));
  const plan = planFor('finish');
  ledger.addOutcome(plan, outcomeOf({}), 0);
  ledger.addReport(reportOf({}), 1);
  ledger.addReport(reportOf({ received: 1 }), 2);
  assert.deepEqual([ledger.size, faults.length], [1, 0]);
  ledger.addOutcome(plan, outcomeOf({}), 3);
  assert.deepEqual([ledger.size, faults.length], [0, 1]);
  ledger.addOutcome(plan, outcomeOf({}), 4);
  ledger.expire(4);
  assert.equal(faults.length, 1);
  ledger.expire(5);
  assert.match(faults[1] ?? '', /never saw the end/);
  // A worker that was ended tells nothing of its sockets, whose ends the server saw.
  ledger.addReport(reportOf({}), 6);
  ledger.expire(7);
  assert.deepEqual([ledger.size, faults.length], [0, 2]);
});
