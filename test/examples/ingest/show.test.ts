// Feeds that stay up beyond one machine: processes of examples/ingest come, go and are killed, the
// broker and a feed's server are started anew, and the stream has every message but those of the gaps
// that docs/SCALING.md names. In full: 30 feeds of 2,000 messages a second for five minutes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { extent } from '../../support/long';
import { freePort } from '../../support/programs';
import { ownHost, startBroker, withoutBroker } from './broker';
import type { Broker } from './broker';
import { Ledger } from './ledger';
import { startPlant } from './plant';
import type { Plant, PlantEvent } from './plant';
import { cpuUsOf, residentBytesOf } from './usage';
import { holdingsWhere, messagesOf, shares, startIngest } from './stand';
import type { Holdings, Ingest } from './stand';

const feeds = extent(6, 30);
const rate = extent(200, 2000);
const ttlSeconds = 10;
/** How long each state is looked at, beyond what it takes to come about. */
const stateMs = extent(0, 40_000);

const isFull = extent(false, true);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const nameOf = (index: number): string => `feed-${index}`;

/** Resident bytes of the processes, every five seconds; in the full form. */
function watchMemory(t: TestContext, processes: readonly Ingest[]): Map<string, number[]> {
  const samples = new Map<string, number[]>();
  if (!isFull) return samples;
  const timer = setInterval(() => {
    for (const { name, child } of processes) {
      const bytes = residentBytesOf(child);
      if (bytes !== undefined) samples.set(name, [...(samples.get(name) ?? []), bytes]);
    }
  }, 5000);
  t.after(() => clearInterval(timer));
  return samples;
}

interface Connection {
  readonly openedAt: number;
  closedAt: number;
}

/** The connections of each feed as its server saw them, in their order. */
function connectionsOf(events: readonly PlantEvent[]): Map<string, Connection[]> {
  const all = new Map<string, Connection[]>();
  for (const event of events) {
    if (event.event !== 'open' && event.event !== 'close') continue;
    const { feed, at } = event;
    const connections = all.get(feed) ?? [];
    if (event.event === 'open') {
      all.set(feed, [...connections, { openedAt: at, closedAt: Infinity }]);
    } else {
      // (of two, the one that was opened first is the one that goes)
      const first = connections.find(({ closedAt }) => closedAt === Infinity);
      if (first !== undefined) first.closedAt = at;
    }
  }
  return all;
}

const startPlantAt = async (epoch: number): Promise<Plant> =>
  startPlant({ host: ownHost, port: await freePort(ownHost), epoch, rate });

/** A stand: a plant of one feed, a plant of all others, and processes that are started by name. */
class Stand {
  readonly processes: Ingest[] = [];
  /** Who held what when it was last asked. */
  holdings: Holdings = { leases: new Map(), processes: new Set() };
  /** The terms of the leases that were a killed process's. */
  replaced: ReadonlySet<number> = new Set();

  private constructor(
    private readonly t: TestContext,
    readonly broker: Broker,
    readonly epoch: number,
    public single: Plant,
    readonly others: Plant,
  ) {}

  static async start(t: TestContext): Promise<Stand> {
    const broker = await startBroker(t);
    const epoch = Date.now();
    const [single, others] = [await startPlantAt(epoch), await startPlantAt(epoch)];
    const stand = new Stand(t, broker, epoch, single, others);
    t.after(() => Promise.all([stand.single.kill(), stand.others.kill()]));
    for (let index = 0; index < feeds; index++) {
      const { port } = (index === 0 ? stand.single : stand.others).settings;
      const url = `ws://${ownHost}:${port}/${nameOf(index)}`;
      await broker.kv.put(`feed.${nameOf(index)}`, JSON.stringify({ url }));
    }
    return stand;
  }

  /** Starts a process, and waits until all feeds flow in the shares that are expected then. */
  async join(name: string, expected: readonly number[]): Promise<Ingest> {
    const args = ['--nats', this.broker.url, '--ttl', String(ttlSeconds)];
    const ingest = startIngest(this.t, name, args);
    this.processes.push(ingest);
    await this.reach(expected);
    return ingest;
  }

  async reach(expected: readonly number[]): Promise<void> {
    const isReached = (all: Holdings): boolean =>
      all.leases.size === feeds && String(shares(all)) === String(expected);
    const holdings = await holdingsWhere(this.broker, isReached);
    await messagesOf(this.broker, holdings);
    this.holdings = holdings;
    if (isFull) await this.measure();
  }

  /** Looks at this state for a while, and says what it carries and what that costs. */
  private async measure(): Promise<void> {
    const { broker, processes } = this;
    const usage = async () => ({
      at: performance.now(),
      messages: await broker.messages(),
      ingest: processes.map(({ child }) => cpuUsOf(child)),
      broker: cpuUsOf(broker.child()),
    });
    const before = await usage();
    await pause(stateMs);
    const after = await usage();
    const messages = after.messages - before.messages;
    const rate = Math.round((messages / (after.at - before.at)) * 1000);
    const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
    const ingestUs = (sum(after.ingest) - sum(before.ingest)) / messages;
    const brokerUs = (after.broker - before.broker) / messages;
    const { size } = this.holdings.processes;
    this.t.diagnostic(
      `${size} processes: ${rate} messages/s; CPU for each: ` +
        `ingest ${ingestUs.toFixed(2)} µs, nats-server ${brokerUs.toFixed(2)} µs`,
    );
  }

  /** The single feed's server breaks, and is there again at once. */
  async restartPlant(): Promise<Plant> {
    const before = this.single;
    await before.kill();
    // Nobody is left there to say so.
    before.events.push({ event: 'close', feed: nameOf(0), at: Date.now(), next: 0 });
    this.single = await startPlant(before.settings);
    // Wait for a message of the second connection.
    while (!/\.2\.\d+$/.test(await this.broker.lastNameOf(nameOf(0))));
    return before;
  }
}

/** What each process that lived for a minute had resident in the middle of its life and at its end. */
function reportMemory(samples: ReadonlyMap<string, readonly number[]>): string[] {
  const mebibytes = (list: readonly number[]): number =>
    Math.round(list.reduce((sum, bytes) => sum + bytes, 0) / list.length / (1 << 20));
  return [...samples]
    .filter(([, list]) => list.length >= 12)
    .map(([name, list]) => {
      const third = Math.floor(list.length / 3);
      const middle = mebibytes(list.slice(third, -third));
      const last = mebibytes(list.slice(-third));
      assert.ok(last <= middle * 1.25 + 16, `${name} grows: ${middle} MiB, then ${last} MiB`);
      return `memory of ${name}: ${middle} MiB, then ${last} MiB`;
    });
}

/** The terms in which a process's feeds are held after it. */
function termsThatReplace(before: Holdings, { name }: Ingest, after: Holdings): Set<number> {
  const lost = [...before.leases].filter(([, { process }]) => process === name);
  return new Set(lost.map(([feed]) => after.leases.get(feed)?.term ?? 0));
}

/** Seconds between two holders of a feed, and what was missing then. */
interface Change {
  /** From the end of the one connection to the beginning of the next, as the server saw it. */
  readonly without: number;
  /** How long ago the last message that the stream has was sent when the connection ended. */
  readonly lag: number;
  /** The messages that the stream does not have, at their rate. */
  readonly missing: number;
}

/** What is to be told of a stand's end, and in the full form how long it may be. */
function report(t: TestContext, ledger: Ledger, stand: Stand, events: readonly PlantEvent[]): void {
  const connections = connectionsOf(events);
  const changes: Record<string, Change[]> = { killed: [], handedOver: [], brokenServer: [] };
  for (const { feed, missing, before, after } of ledger.gaps()) {
    const runs = ledger.runsOf(feed);
    const ofFeed = connections.get(feed) ?? [];
    assert.equal(runs.length, ofFeed.length, `connections of ${feed}`);
    const index = runs.indexOf(after);
    const [last, next] = [ofFeed[index - 1], ofFeed[index]];
    assert.ok(last !== undefined && next !== undefined);
    const ofTerm = stand.replaced.has(after.term) ? 'killed' : 'handedOver';
    const atEnd = ((last.closedAt - stand.epoch) / 1000) * rate;
    changes[after.connection > 1 ? 'brokenServer' : ofTerm]?.push({
      without: (next.openedAt - last.closedAt) / 1000,
      lag: (atEnd - before.last) / rate,
      missing: missing / rate,
    });
  }
  for (const [kind, list] of Object.entries(changes)) {
    const [without, lag, missing] = (['without', 'lag', 'missing'] as const).map((each) =>
      Math.max(...list.map((change) => change[each])).toFixed(3),
    );
    t.diagnostic(
      `${kind}, ${list.length} times; at most ${without} s without a connection, ` +
        `messages of ${missing} s missing; the process lagged by ${lag} s`,
    );
  }
  const shortest = Math.min(
    ...Object.values(changes).flatMap((list) => list.map((one) => one.without)),
  );
  t.diagnostic(`at least ${shortest.toFixed(3)} s between two connections of a feed`);
  if (!isFull) return;
  for (const { without, lag, missing } of Object.values(changes).flat()) {
    assert.ok(without >= -ttlSeconds / 4, `held twice for ${-without} s`);
    assert.ok(without <= 2 * ttlSeconds, `${without} s without a connection`);
    // (what a machine cannot carry waits in buffers, and is lost with the connection)
    assert.ok(missing <= 2 * ttlSeconds || lag > 1, `messages of ${missing} s missing`);
  }
}

const title = 'processes come and go, are killed, and broker and server start anew';
test(title, { skip: withoutBroker, timeout: extent(300_000, 3_600_000) }, async (t) => {
  const stand = await Stand.start(t);
  const memory = watchMemory(t, stand.processes);
  const third = feeds / 3;
  const half = feeds / 2;
  const a = await stand.join('a', [feeds]);
  const b = await stand.join('b', [half, half]);
  const c = await stand.join('c', [third, third, third]);

  // A process that is killed is replaced.
  b.child.kill('SIGKILL');
  assert.equal(await b.ended, 'SIGKILL');
  const before = stand.holdings;
  await stand.reach([half, half]);
  stand.replaced = termsThatReplace(before, b, stand.holdings);
  await stand.join('d', [third, third, third]);

  // One that is told to end hands over.
  a.child.kill('SIGTERM');
  assert.equal(await a.ended, 0, a.log());
  await stand.reach([half, half]);

  // The broker is started anew, and the feeds go on.
  await stand.broker.restart('SIGTERM');
  await stand.reach([half, half]);

  // So is the server of one feed.
  const brokenPlant = await stand.restartPlant();
  await stand.reach([half, half]);

  for (const ingest of stand.processes.slice(-2)) ingest.child.kill('SIGTERM');
  assert.deepEqual(
    await Promise.all([c, ...stand.processes.slice(-1)].map((each) => each.ended)),
    [0, 0],
  );

  const ledger = new Ledger();
  await stand.broker.read((name, text, place) => ledger.add(name, text, place));
  const logs = stand.processes.map(({ name, log }) => `${name}:\n${log()}`).join('\n');
  assert.deepEqual([ledger.faults, ledger.late], [[], []], logs);
  // Each feed changes hands as often as it has to: twice as processes join, b is killed, d joins and
  // a ends. One feed's server breaks.
  const changes = half + third + third + third + third + 1;
  const gaps = ledger.gaps();
  assert.equal(gaps.length, changes, logs);
  assert.ok(gaps.every(({ missing }) => missing >= 0));
  t.diagnostic(`${ledger.messages} messages`);
  report(t, ledger, stand, [...stand.others.events, ...brokenPlant.events, ...stand.single.events]);
  for (const line of reportMemory(memory)) t.diagnostic(line);
});
