// busyPollUs: how often the event loop turns while an answer is due that does not come.
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { webSocketSubscribe, webSocketWrite } from 'wsfd';
import type { Message, OpenOptions } from 'wsfd';
import { Arrivals } from '../../support/arrivals';
import { close, open } from '../../support/calls';
import { opcodes, text } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';

/** Of this thread's loop, since the process began; undefined before Node 20.18. */
function turnsOfLoop(): number | undefined {
  const timing: object = performance.nodeTiming;
  if (!('uvMetricsInfo' in timing)) return undefined;
  return (timing.uvMetricsInfo as { loopCount: number }).loopCount;
}

const needsCount =
  turnsOfLoop() === undefined ? { skip: 'this Node does not count the turns of its loop' } : {};

const sends = 50;
/** More than the longest busyPollUs. */
const pauseMs = 3;

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, pauseMs));

interface Opened {
  readonly socket: number;
  readonly connection: RawConnection;
  readonly messages: Arrivals<Message>;
}

async function connect(t: TestContext, options: OpenOptions): Promise<Opened> {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url, options);
  const messages = new Arrivals<Message>('message');
  webSocketSubscribe(socket, (batch) => batch.forEach((message) => messages.push(message)));
  return { socket, connection: await server.connections.next(), messages };
}

/** How often the loop turns for each of some messages, which are answered or not. */
async function turnsOfSends(
  t: TestContext,
  options: OpenOptions,
  answered = false,
): Promise<number[]> {
  const { socket, connection, messages } = await connect(t, options);
  const turns: number[] = [];
  for (let i = 0; i < sends; i++) {
    const before = turnsOfLoop() ?? 0;
    assert.equal(webSocketWrite(socket, `${i}`), 0);
    await connection.next(opcodes.text);
    if (answered) {
      connection.send(text(`${i}`));
      assert.equal(await messages.next(), `${i}`);
    }
    await pause();
    turns.push((turnsOfLoop() ?? 0) - before);
  }
  await close(socket);
  t.diagnostic(`turns of the loop for each send: ${turns.join(' ')}`);
  return turns;
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

/** Turns in which something happens: the write, the server's read, the timer, and their kind. */
const needed = 10;

describe('the event loop, after something was sent', needsCount, () => {
  for (const options of [{}, { busyPollUs: 0 }]) {
    test(`sleeps with ${JSON.stringify(options)}`, async (t) => {
      assert.ok(Math.max(...(await turnsOfSends(t, options))) <= needed);
    });
  }

  test('does not sleep with busyPollUs: 1000', async (t) => {
    const asleep = sumOf(await turnsOfSends(t, {}));
    assert.ok(sumOf(await turnsOfSends(t, { busyPollUs: 1000 })) > 2 * asleep);
  });

  // (a machine that is busy elsewhere brings an answer late now and then)
  test('sleeps again once something has come', async (t) => {
    assert.ok(Math.min(...(await turnsOfSends(t, { busyPollUs: 1000 }, true))) <= needed);
  });
});
