// examples/ingest and one thing at a time that happens to it, with a real nats-server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { jetstreamManager } from '@nats-io/jetstream';
import { measurable, mebibyte } from '../../support/memory';
import { freePort } from '../../support/programs';
import { ownHost, startBroker, withoutBroker } from './broker';
import type { Broker } from './broker';
import { Ledger } from './ledger';
import { startPlant } from './plant';
import type { Plant, PlantSettings } from './plant';
import { holdingsWhere, messagesOf, startIngest } from './stand';
import type { Holdings, Ingest } from './stand';
import { residentBytesOf } from './usage';

/** One feed, `feed`, and the broker that it is to go to. */
async function startFeed(t: TestContext, settings: Partial<PlantSettings> = {}) {
  const broker = await startBroker(t);
  const port = await freePort(ownHost);
  const plant = await startPlant({
    host: ownHost,
    port,
    epoch: Date.now(),
    rate: 200,
    ...settings,
  });
  t.after(() => plant.kill());
  const url = `ws://${ownHost}:${port}/feed`;
  await broker.kv.put('feed.feed', JSON.stringify({ url }));
  const start = (name: string, ...args: string[]): Ingest =>
    startIngest(t, name, ['--nats', broker.url, ...args]);
  return { broker, plant, url, start };
}

/** Resolves once the feed's messages come of a lease that fulfils the condition. */
async function flowing(
  broker: Broker,
  condition: (lease: { process: string; term: number }) => boolean = () => true,
): Promise<{ process: string; term: number }> {
  const isFlowing = ({ leases }: Holdings): boolean => {
    const lease = leases.get('feed');
    return lease !== undefined && condition(lease);
  };
  const holdings = await holdingsWhere(broker, isFlowing);
  await messagesOf(broker, holdings);
  return holdings.leases.get('feed') ?? { process: '', term: 0 };
}

/** Ends the processes in order; what the stream has. */
async function finish(broker: Broker, ...processes: Ingest[]): Promise<Ledger> {
  for (const { child } of processes) child.kill('SIGTERM');
  for (const { ended, log } of processes) assert.equal(await ended, 0, log());
  const ledger = new Ledger();
  await broker.read((name, text, place) => ledger.add(name, text, place));
  assert.deepEqual(ledger.faults, []);
  return ledger;
}

/** Resolves once the stream has a message of this number of its connection, or a later one. */
async function reaches(broker: Broker, number: number): Promise<void> {
  while (!(Number((await broker.lastNameOf('feed')).split('.')[3]) >= number));
}

/** Resolves once a process has said so. */
async function says({ child, log }: Ingest, pattern: RegExp): Promise<void> {
  while (!pattern.test(log())) await once(child.stderr ?? child, 'data');
}

/** Resolves once a process that was sent SIGSTOP has stopped. */
function waitUntilStopped(pid: number | undefined): void {
  while (!/^\d+ \(.*\) T/.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
}

const openings = ({ events }: Plant): number =>
  events.filter(({ event }) => event === 'open').length;

// (it is for Linux alone that a process can be seen to have stopped)
const options = { skip: withoutBroker, timeout: 300_000 };

describe('examples/ingest', options, () => {
  test('a slow broker holds the feed back at its server, and nothing is lost', async (t) => {
    const rate = 2000;
    const { broker, plant, start } = await startFeed(t, { rate, bytes: 8192 });
    const ingest = start('a', '--window', '64');
    await flowing(broker);
    const before = residentBytesOf(ingest.child) ?? 0;
    broker.child().kill('SIGSTOP');
    // Past what all buffers between take: the server cannot send any more.
    await plant.until((event) => event.event === 'heldBack' && event.messages > 4 * rate);
    const grown = (residentBytesOf(ingest.child) ?? 0) - before;
    assert.ok(!measurable || grown < 96 * mebibyte, `${grown} bytes`);
    broker.child().kill('SIGCONT');
    await reaches(broker, 5 * rate);
    const ledger = await finish(broker, ingest);
    assert.equal(ledger.runsOf('feed').length, 1);
    assert.equal(openings(plant), 1);
  });

  test('what was on its way as the broker was killed is sent again, and counts once', async (t) => {
    const rate = 5000;
    const { broker, plant, start } = await startFeed(t, { rate });
    const ingest = start('a', '--window', '500');
    await flowing(broker);
    broker.child().kill('SIGSTOP');
    // The server has sent more than the window: so much is on its way, and lost with the broker.
    const { length } = plant.events;
    await plant.until((event) => event === plant.events[length + 1]);
    await broker.restart('SIGKILL');
    const number = Number((await broker.lastNameOf('feed')).split('.')[3]);
    await reaches(broker, number + rate);
    const ledger = await finish(broker, ingest);
    assert.equal(ledger.runsOf('feed').length, 1);
    assert.equal(openings(plant), 1);
    assert.match(ingest.log(), /\d+ messages were sent again/);
  });

  test('what the stream refuses is sent again until it is taken', async (t) => {
    const { broker, start } = await startFeed(t);
    const { streams } = await jetstreamManager(broker.connection);
    const { config } = await streams.info('feeds');
    // (a policy cannot be changed while there are no limits)
    await streams.delete('feeds');
    await streams.add({ ...config, discard: 'new', max_msgs: 10 });
    const ingest = start('a');
    await reaches(broker, 10);
    await says(ingest, /refused messages.*maximum messages exceeded/);
    await streams.update('feeds', { max_msgs: -1 });
    await reaches(broker, 100);
    ingest.child.kill('SIGTERM');
    assert.equal(await ingest.ended, 0, ingest.log());
    // All are there once. Their order is another one if the limit went while they were on their way.
    const numbers: number[] = [];
    await broker.read((name) => numbers.push(Number(name.split('.')[3])));
    numbers.sort((one, other) => one - other);
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
    );
  });

  test('a holder that was stopped past its lease publishes nothing that it reads then', async (t) => {
    const epoch = Date.now();
    const rate = 2000;
    const { broker, plant, start } = await startFeed(t, { epoch, rate });
    const a = start('a');
    const held = await flowing(broker);
    const b = start('b');
    await holdingsWhere(broker, ({ processes }) => processes.size === 2);
    a.child.kill('SIGSTOP');
    waitUntilStopped(a.child.pid);
    const lastRead = ((Date.now() - epoch) / 1000) * rate;
    await flowing(broker, ({ process }) => process === 'b');
    a.child.kill('SIGCONT');
    // Its connection, which has had messages in the system's buffers all the time, is closed.
    await plant.until(({ event }) => event === 'close');
    const number = Number((await broker.lastNameOf('feed')).split('.')[3]);
    await reaches(broker, number + rate);
    const ledger = await finish(broker, a, b);
    const [stopped, successor] = ledger.runsOf('feed');
    assert.equal(stopped?.term, held.term);
    assert.ok(stopped.last <= lastRead, `${stopped.last} was read after ${lastRead}`);
    assert.ok((successor?.first ?? 0) > lastRead);
    assert.match(a.log(), /session a-\w+ is lost, and 1 feeds with it/);
  });

  test('a session that was written by another hand is kept; one that was deleted is lost', async (t) => {
    const { broker, plant, start } = await startFeed(t);
    const ingest = start('a', '--ttl', '4');
    const { term } = await flowing(broker);
    const keys = await broker.kv.keys('session.*');
    let key = '';
    for await (const each of keys) key = each;
    // As after a renewal whose answer was lost: the revision is another one.
    const value = (await broker.kv.get(key))?.string() ?? '';
    const revision = await broker.kv.put(key, value);
    while (((await broker.kv.get(key))?.revision ?? 0) <= revision);
    assert.equal((await flowing(broker)).term, term);
    await broker.kv.delete(key);
    const next = await flowing(broker, (lease) => lease.term > term);
    assert.equal(next.process, 'a');
    const ledger = await finish(broker, ingest);
    assert.equal(ledger.runsOf('feed').length, 2);
    assert.equal(openings(plant), 2);
  });

  test('a watch of KV that stands still is begun anew; one that counts too many is used', async (t) => {
    const { broker } = await startFeed(t);
    const args = ['--nats', broker.url, '--ttl', '4'];
    const ingest = startIngest(t, 'a', args, ['--require', join(__dirname, 'odd-watch.js')]);
    await flowing(broker);
    await finish(broker, ingest);
  });

  test('KV keeps nothing of sessions that have ended', async (t) => {
    const { broker, start } = await startFeed(t);
    for (const name of ['a', 'b', 'c']) {
      const ingest = start(name);
      await flowing(broker, ({ process }) => process === name);
      await finish(broker, ingest);
    }
    const keys: string[] = [];
    for await (const { key } of await broker.kv.history({ key: 'session.*' })) keys.push(key);
    assert.deepEqual(
      keys.map((key) => key.slice(0, -8)),
      ['session.c-'],
    );
  });

  test('a feed is followed by new settings, and not while they are wrong or gone', async (t) => {
    const { broker, plant, url, start } = await startFeed(t);
    const ingest = start('a');
    const first = await flowing(broker);
    await broker.kv.put('feed.feed', JSON.stringify({ url, options: { pingInterval: 1 } }));
    const second = await flowing(broker, ({ term }) => term > first.term);
    await broker.kv.put('feed.feed', JSON.stringify({ uri: url }));
    await holdingsWhere(broker, ({ leases }) => leases.size === 0);
    assert.match(ingest.log(), /feed\.feed is passed over: Error: feed "feed": expected \{ "url"/);
    await broker.kv.put('feed.feed', JSON.stringify({ url }));
    await flowing(broker, ({ term }) => term > second.term);
    await broker.kv.delete('feed.feed');
    await holdingsWhere(broker, ({ leases }) => leases.size === 0);
    const ledger = await finish(broker, ingest);
    assert.equal(ledger.runsOf('feed').length, 3);
    assert.equal(openings(plant), 3);
  });
});
