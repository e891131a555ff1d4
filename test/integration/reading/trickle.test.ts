// One message every turn of the loop for as long as it takes to get a low-water mark with
// `receiveDelayUs` (which a slow machine may not reach): the socket is read less often then, and
// whatever comes, less than the mark too, arrives. Without the option there is no mark.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { webSocketInfo, webSocketReadMany, webSocketSubscribe, webSocketWrite } from 'wsfd';
import type { Message, OpenOptions } from 'wsfd';
import { Arrivals } from '../../support/arrivals';
import { close, ok, open } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { opcodes, text } from '../../support/frames';
import { patience } from '../../support/patience';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';

/** Turns of the loop; several windows of ReceiveDelay's where it turns every 20 to 40 µs. */
const turns = 6000;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Messages `from`, `from` + 1, … one a turn. */
async function trickle(connection: RawConnection, from: number): Promise<number> {
  for (let i = from; i < from + turns; i++) {
    connection.send(text(`${i}`));
    await nextTurn();
  }
  return from + turns;
}

interface Subscribed {
  readonly socket: number;
  readonly connection: RawConnection;
  /** Checks that the next messages are these numbers. */
  readonly take: (from: number, end: number) => Promise<void>;
}

for (const secure of [false, true]) {
  async function connect(t: TestContext): Promise<Subscribed> {
    const tls = makeSelfSigned();
    const server = await startRawServer(secure ? { tls } : {});
    t.after(() => server.close());
    const socket = await open(server.url, {
      receiveDelayUs: 50,
      ...(secure ? { caCertificates: tls.cert } : {}),
    });
    const messages = new Arrivals<Message>('message');
    webSocketSubscribe(socket, (batch) => {
      for (const message of batch) messages.push(message);
    });
    const take = async (from: number, end: number): Promise<void> => {
      for (let i = from; i < end; i++) assert.equal(await messages.next(), `${i}`);
    };
    return { socket, connection: await server.connections.next(), take };
  }

  describe(`a trickle over ${secure ? 'wss' : 'ws'}`, () => {
    test('pauses, and the last message does not wait for the next', async (t) => {
      const { socket, connection, take } = await connect(t);
      let end = 0;
      for (let i = 0; i < 3; i++) {
        const from = end;
        end = await trickle(connection, from);
        await take(from, end);
        // Nothing comes behind this one.
        connection.send(text(`${end}`));
        await take(end, (end += 1));
      }
      t.diagnostic(`${webSocketInfo(socket)?.reads} reads of ${end} messages`);
      await close(socket);
    });

    test('is followed by an answer to what was sent in it', async (t) => {
      const { socket, connection, take } = await connect(t);
      const end = await trickle(connection, 0);
      assert.equal(webSocketWrite(socket, 'question'), 0);
      await connection.next(opcodes.text);
      connection.send(text(`${end}`));
      await take(0, end + 1);
      await close(socket);
    });

    test('ends in the midst of it, by either side', async (t) => {
      const { socket, connection, take } = await connect(t);
      const end = await trickle(connection, 0);
      connection.send(text(`${end}`));
      connection.end();
      await take(0, end + 1);
      const other = await connect(t);
      await trickle(other.connection, 0);
      await close(other.socket);
      await close(socket);
    });
  });
}

/** Part of a trickle: how often the loop turned in so many milliseconds, and the socket was read. */
interface Slot {
  turns: number;
  reads: number;
  ms: number;
}

/** Slots in a row, of 4 ms and more, in which a mark has to come: it takes 2 windows of 16 ms. */
const enough = 12;

interface Watched {
  readonly socket: number;
  readonly connection: RawConnection;
  /** Turns of a millisecond that get a mark for certain. */
  readonly fast: number;
}

/** Sends a message a turn, and watches until the loop has been fast for long, or for so many turns. */
async function watch({ socket, connection, fast }: Watched): Promise<Slot[] | undefined> {
  let run: Slot[] = [];
  let began = performance.now();
  let reads = webSocketInfo(socket)?.reads ?? 0;
  for (let i = 0, counted = 0; i < 20 * turns; i++) {
    connection.send(text(`${i}`));
    await nextTurn();
    const ms = performance.now() - began;
    if (ms < 4) continue;
    const now = webSocketInfo(socket)?.reads ?? 0;
    const slot = { turns: i - counted, reads: now - reads, ms };
    run = slot.turns >= fast * ms && ms < 5 ? [...run, slot] : [];
    if (run.length === enough) return run;
    [counted, reads, began] = [i, now, performance.now()];
  }
  return undefined;
}

/** How often a message of a trickle at full speed is read, slot by slot; none where it is too slow. */
async function readsOf(t: TestContext, options: OpenOptions, fast: number): Promise<number[]> {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url, options);
  webSocketSubscribe(socket, () => undefined);
  const run = await watch({ socket, connection: await server.connections.next(), fast });
  await close(socket);
  if (run === undefined) {
    t.skip(`the loop does not turn ${fast} times a millisecond here for long enough`);
    return [];
  }
  t.diagnostic(JSON.stringify(run.at(-1)));
  return run.map((slot) => slot.reads / slot.turns);
}

const options = process.platform === 'win32' ? { skip: 'Windows has no low-water mark' } : {};

describe('a trickle at full speed', options, () => {
  // A quarter above what gets a mark.
  for (const [receiveDelayUs, fast, most] of [
    [50, 25, 0.9],
    [1000, 5, 0.5],
  ] as const) {
    test(`is read less often than it comes with receiveDelayUs: ${receiveDelayUs}`, async (t) => {
      const reads = await readsOf(t, { receiveDelayUs }, fast);
      // (a slot in which nothing came for a millisecond is without its mark)
      if (reads.length > 0) assert.ok(Math.min(...reads) < most, `${reads.join()} reads a message`);
    });
  }

  for (const given of [{}, { receiveDelayUs: 0 }]) {
    test(`is read as it comes with ${JSON.stringify(given)}`, async (t) => {
      const reads = await readsOf(t, given, 25);
      if (reads.length > 0) assert.ok(Math.max(...reads) > 0.95, `${reads.join()} reads a message`);
    });
  }
});

test('two trickles at a time, the one subscribed to, the other read', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const given = { receiveDelayUs: 50 };
  const [subscribed, read] = [await open(server.url, given), await open(server.url, given)];
  const connections = [await server.connections.next(), await server.connections.next()];
  const messages = new Arrivals<Message>('message');
  webSocketSubscribe(subscribed, (batch) => batch.forEach((message) => messages.push(message)));
  const sending = Promise.all(connections.map((connection) => trickle(connection, 0)));
  const wanted = Array.from({ length: turns }, (_, i) => `${i}`);
  const got: Message[] = [];
  while (got.length < turns) {
    const some: Message[] = [];
    await ok(webSocketReadMany(read, some, patience));
    got.push(...some);
  }
  assert.deepEqual(got, wanted);
  for (const message of wanted) assert.equal(await messages.next(), message);
  await sending;
  await close(subscribed);
  await close(read);
});
