// Several addresses for one name (RFC 8305): one that never answers costs 250 ms, not the connection.
// Where no name can be given addresses nothing is tested here.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { WebSocketServer } from 'ws';
import { runInChild } from '../../support/child';
import { startFullBacklog } from '../../support/full-backlog';
import { hostName, hostsPossible, startPlace } from '../../support/hosts';
import type { Place } from '../../support/hosts';

/** Starts a WebSocket server at that address and port (0: any); its port. */
async function serve(t: TestContext, host: string, port: number): Promise<number> {
  const webSockets = new WebSocketServer({ host, port });
  await once(webSockets, 'listening');
  t.after(() => {
    for (const client of webSockets.clients) client.terminate();
    webSockets.close();
  });
  return (webSockets.address() as AddressInfo).port;
}

interface Outcome {
  result: number;
  /** The least of several attempts: the others tell how busy the machine is. */
  milliseconds: number;
  reached?: string;
  codes: string[];
  tried: (string | undefined)[];
}

async function openThere({ launcher }: Place, port: number, times = 1): Promise<Outcome> {
  const { value, stderr } = await runInChild(
    async ({ wsfd }, { url, attempts }) => {
      const outcome: Outcome = { result: -1, milliseconds: Infinity, codes: [], tried: [] };
      for (let i = 0; i < attempts; i++) {
        const start = process.hrtime.bigint();
        outcome.result = await wsfd.webSocketOpen(url, { timeout: 30 });
        const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
        outcome.milliseconds = Math.min(outcome.milliseconds, milliseconds);
        outcome.codes = wsfd.getLastError().map(({ code }) => code);
        outcome.tried = wsfd.getLastError().map(({ address }) => address);
        const reached = wsfd.webSocketInfo(outcome.result)?.remoteAddress;
        if (reached !== undefined) outcome.reached = reached;
        if (outcome.result >= 0) wsfd.webSocketTerminate(outcome.result);
      }
      return outcome;
    },
    { url: `ws://${hostName}:${port}/`, attempts: times },
    { launcher },
  );
  assert.ok(value !== undefined, stderr);
  return value;
}

describe(
  'in a namespace with names of its own',
  { skip: !hostsPossible && 'needs namespaces of Linux' },
  () => {
    const two = ['127.0.0.21', '127.0.0.22'];

    test('the first address never answers: the second has it within 400 ms', async (t) => {
      const place = await startPlace(t, two);
      const [first = '', second = ''] = place.order;
      const port = await startFullBacklog(t, first);
      await serve(t, second, port);
      const outcome = await openThere(place, port, 3);
      assert.deepEqual([outcome.result >= 0, outcome.reached], [true, second]);
      // RFC 8305 section 5: "Connection Attempt Delay [...] recommended value for a default delay is
      // 250 milliseconds".
      assert.ok(outcome.milliseconds >= 250, `${outcome.milliseconds} ms`);
      // The least of three, with room for a busy machine; alone, the first address takes 30 s.
      assert.ok(outcome.milliseconds < 400, `${outcome.milliseconds} ms`);
    });

    test('the first address refuses: the second is tried at once', async (t) => {
      const place = await startPlace(t, two);
      const [, second = ''] = place.order;
      const port = await serve(t, second, 0);
      const outcome = await openThere(place, port, 3);
      assert.deepEqual([outcome.result >= 0, outcome.reached], [true, second]);
      // The least of three: below the delay that the other test finds.
      assert.ok(outcome.milliseconds < 240, `${outcome.milliseconds} ms`);
    });

    test('the first address answers: the second hears of nothing', async (t) => {
      const place = await startPlace(t, two);
      const [first = '', second = ''] = place.order;
      const port = await serve(t, first, 0);
      const other = createServer().listen(port, second);
      await once(other, 'listening');
      let connections = 0;
      other.on('connection', () => (connections += 1));
      const outcome = await openThere(place, port);
      other.close();
      await once(other, 'close');
      assert.deepEqual([outcome.reached, connections], [first, 0]);
    });

    test('every address refuses: each has its error', async (t) => {
      const place = await startPlace(t, two);
      const port = await serve(t, '127.0.0.23', 0);
      const outcome = await openThere(place, port);
      assert.equal(outcome.result, -1);
      assert.deepEqual(outcome.tried, place.order);
      assert.deepEqual(outcome.codes, ['WSFD_CONNECT_FAILED', 'WSFD_CONNECT_FAILED']);
    });

    test('one refuses and one never answers: -2 says why the one failed', async (t) => {
      const { launcher, order } = await startPlace(t, two);
      const [first = '', second = ''] = order;
      const port = await startFullBacklog(t, second);
      const { value, stderr } = await runInChild(
        async ({ wsfd }, url) => [
          await wsfd.webSocketOpen(url, { timeout: 0.5 }),
          wsfd.getLastError()[0]?.message,
        ],
        `ws://${hostName}:${port}/`,
        { launcher },
      );
      const [result, message] = value ?? [];
      assert.equal(result, -2, stderr);
      const expected = `no TCP connection was made yet; ${first}: connection refused`;
      assert.ok(String(message).includes(expected), String(message));
    });

    test('of many addresses 32 are tried', async (t) => {
      const many = Array.from({ length: 40 }, (_, i) => `127.0.1.${i + 1}`);
      const place = await startPlace(t, many);
      const port = await serve(t, '127.0.0.23', 0);
      const { tried } = await openThere(place, port);
      assert.deepEqual(tried, place.order.slice(0, 32));
    });

    test('RFC 8305 section 4: the families take turns', async (t) => {
      const place = await startPlace(t, ['127.0.0.21', '127.0.0.22', '::1']);
      const port = await serve(t, '127.0.0.23', 0);
      const { tried } = await openThere(place, port);
      const families = tried.map((address) => (address?.includes(':') === true ? 6 : 4));
      const sorted = place.order.map((address) => (address.includes(':') ? 6 : 4));
      const expected = sorted[0] === 6 ? [6, 4, 4] : [4, 6, 4];
      assert.deepEqual(families, expected);
    });
  },
);
