// Diagnostics channels: what a subscriber may do.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import {
  getLastError,
  webSocketOpen,
  webSocketPing,
  webSocketRead,
  webSocketTerminate,
  webSocketWrite,
} from 'wsfd';
import { close, fails, ok, open, read } from '../../support/calls';
import { makeCertificate } from '../../support/certificates';
import { runInChild, startWorker } from '../../support/child';
import { channelNames, listen, record } from '../../support/diagnostics';
import type { ChannelName } from '../../support/diagnostics';
import { startProxy } from '../../support/proxies';
import { startWsServer } from '../../support/servers';

const { cert, key } = makeCertificate({ san: ['DNS:localhost'] });

test('subscribing and unsubscribing while a connection is open', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const seen: unknown[] = [];
  const listener = (event: unknown): void =>
    void seen.push((event as { messages: unknown }).messages);
  const echo = async (text: string): Promise<void> => {
    await ok(webSocketWrite(socket, text));
    assert.equal(await read(socket), text);
  };
  await echo('before');
  subscribe('wsfd:messages', listener);
  await echo('during');
  unsubscribe('wsfd:messages', listener);
  await echo('after');
  assert.deepEqual(seen, [['during']]);
  // Control frames were not asked for when it was opened; its end is told all the same.
  const events = record(t, ['wsfd:control', 'wsfd:close']);
  await close(socket);
  assert.deepEqual(events.steps, ['close']);
  assert.equal(events.one('wsfd:close').socket, socket);
});

test('a subscriber that throws: the connection goes on, the process hears of it', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const { value, stderr } = await runInChild(
    async ({ wsfd, load: require }, { url, names }) => {
      const channels = require('node:diagnostics_channel') as {
        subscribe: (name: string, listener: () => void) => void;
      };
      const uncaught: string[] = [];
      process.on('uncaughtException', (error) => uncaught.push(error.message));
      for (const name of names) {
        channels.subscribe(name, () => {
          throw new Error(name);
        });
      }
      const socket = await wsfd.webSocketOpen(url);
      wsfd.webSocketWrite(socket, 'x');
      const data: { value?: string | Buffer } = {};
      const codes = [await wsfd.webSocketRead(socket, data), await wsfd.webSocketPing(socket)];
      codes.push(wsfd.webSocketWrite(-1, ''), await wsfd.webSocketClose(socket));
      // What was thrown last is reported in a tick of its own.
      await new Promise((resolve) => setImmediate(resolve));
      return { codes, value: data.value, uncaught: [...new Set(uncaught)].sort() };
    },
    { url: server.url, names: channelNames },
  );
  const notPublished = ['wsfd:proxy', 'wsfd:tls'];
  assert.deepEqual(
    value,
    {
      codes: [0, 0, -1, 0],
      value: 'x',
      uncaught: channelNames.filter((name) => !notPublished.includes(name)).sort(),
    },
    stderr,
  );
});

test('what a subscriber calls leaves no errors behind in the calls of others', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  for (const name of channelNames.filter((other) => other !== 'wsfd:error')) {
    listen(t, name, () => {
      assert.equal(webSocketWrite(-7, ''), -1);
    });
  }
  // open, read and close look whether getLastError() is empty where they must succeed.
  const socket = await open(server.url);
  assert.deepEqual(getLastError(), []);
  await ok(webSocketWrite(socket, 'x'));
  assert.equal(await read(socket), 'x');
  assert.deepEqual(getLastError(), []);
  await ok(webSocketPing(socket));
  assert.deepEqual(getLastError(), []);
  await close(socket);
  assert.deepEqual(getLastError(), []);
});

describe('a subscriber that ends the connection at once', () => {
  const during: readonly ChannelName[] = [
    'wsfd:attempt',
    'wsfd:proxy',
    'wsfd:tls',
    'wsfd:handshake',
  ];
  for (const name of during) {
    for (let nth = 1; nth <= 2; nth++) {
      test(`by the signal, in event ${nth} on ${name}`, async (t) => {
        const server = await startWsServer({ tls: { cert, key } });
        t.after(() => server.close());
        const proxy = await startProxy();
        t.after(() => proxy.close());
        const controller = new AbortController();
        let left = nth;
        listen(t, name, () => {
          if (--left === 0) controller.abort();
        });
        const { signal } = controller;
        const call = (): Promise<number> =>
          webSocketOpen(server.url, { signal, proxy: proxy.url, ignoreSslErrors: true });
        // TLS has one event alone. In the last event the connection is about to be open: it is
        // given up all the same.
        if (name === 'wsfd:tls' && nth === 2) {
          const socket = await call();
          assert.ok(socket >= 0);
          await close(socket);
        } else await fails(call, 'WSFD_ABORTED');
      });
    }
  }

  for (const name of ['wsfd:messages', 'wsfd:control'] as const) {
    test(`by webSocketTerminate, on ${name}`, async (t) => {
      const server = await startWsServer();
      t.after(() => server.close());
      listen(t, name, ({ socket }) => {
        webSocketTerminate(socket ?? -1);
      });
      const socket = await open(server.url);
      const waiting = webSocketRead(socket, {});
      // (in this order: the echo comes before the pong)
      await ok(webSocketWrite(socket, 'x'));
      const pinged = webSocketPing(socket);
      assert.equal(await waiting, 1);
      assert.equal(await pinged, -1);
      assert.equal(webSocketWrite(socket, ''), -1);
    });
  }

  for (const how of ['close', 'terminate'] as const) {
    test(`by webSocketTerminate, on wsfd:close, after ${how}`, async (t) => {
      const server = await startWsServer();
      t.after(() => server.close());
      const socket = await open(server.url);
      const results: number[] = [];
      listen(t, 'wsfd:close', (event) => results.push(webSocketTerminate(event.socket ?? -1)));
      if (how === 'close') await close(socket);
      else assert.equal(webSocketTerminate(socket), 0);
      // The number was no socket's any more.
      assert.deepEqual(results, [-1]);
    });
  }
});

test('channels are a thread’s own', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const events = record(t);
  const worker = startWorker(async ({ wsfd, load: require }, url, port) => {
    const channels = require('node:diagnostics_channel') as {
      subscribe: (name: string, listener: (event: unknown) => void) => void;
    };
    let opened = 0;
    channels.subscribe('wsfd:open', () => opened++);
    await wsfd.webSocketClose(await wsfd.webSocketOpen(url));
    port.postMessage(opened);
    port.close();
  }, server.url);
  // The end of the thread may come right behind its message.
  const exited = once(worker, 'exit');
  const [opened] = (await once(worker, 'message')) as [number];
  await exited;
  assert.equal(opened, 1);
  assert.deepEqual(events.steps, []);
});
