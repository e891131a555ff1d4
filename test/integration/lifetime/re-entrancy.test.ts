// Calls from inside of what calls the application: its setters and getters, and the listeners that
// hear how a connection ends. (Those from inside of a subscriber: lifetime, diagnostics-subscribers.)
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  webSocketClose,
  webSocketRead,
  webSocketReadMany,
  webSocketTerminate,
  webSocketWrite,
  webSocketWriteMany,
} from 'wsfd';
import type { Message } from 'wsfd';
import { close, fails, ok, open, read, readAll } from '../../support/calls';
import { runInChild } from '../../support/child';
import { opcodes } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import { startUwsServer, startWsServer } from '../../support/servers';
import type { WsServer } from '../../support/servers';

async function start(t: TestContext): Promise<WsServer> {
  const server = await startWsServer();
  t.after(() => server.close());
  return server;
}

interface AnyEvent {
  socket: number | undefined;
  type?: string;
}

for (const channel of ['wsfd:close', 'wsfd:control'] as const) {
  test(`webSocketClose in ${channel}, at the server's close frame: it is still answered`, async (t) => {
    const server = await start(t);
    let socket = -1;
    let closed: Promise<number> | undefined;
    const listener = (event: unknown): void => {
      const { socket: its, type = 'close' } = event as AnyEvent;
      if (its === socket && type === 'close') closed ??= webSocketClose(socket);
    };
    subscribe(channel, listener);
    t.after(() => unsubscribe(channel, listener));
    socket = await open(server.url);
    const ended = webSocketRead(socket, {});
    (await server.connections.next()).socket.close(4001, 'bye');
    assert.equal(await ended, 1);
    assert.ok(closed !== undefined);
    await ok(closed);
    // The code of the answer, which RFC 6455 section 5.5.1 has be the one that came.
    assert.equal((await server.closes.next()).code, 4001);
  });
}

/** Has the server send these, and waits until they are queued. */
async function queue(socket: number, messages: readonly string[]): Promise<void> {
  await ok(webSocketWriteMany(socket, [...messages, 'last']));
  const received: Message[] = [];
  while (received.at(-1) !== 'last') received.push(await read(socket));
  await ok(webSocketWriteMany(socket, messages));
}

test('a setter of `value` that reads: each message comes once, in order', async (t) => {
  const socket = await open((await start(t)).url);
  await queue(socket, []);
  await ok(webSocketWriteMany(socket, ['a', 'b', 'c']));
  const seen: unknown[] = [];
  const inner: { value?: string | Buffer } = {};
  const data = {
    set value(message: string | Buffer) {
      seen.push(message);
      if (seen.length === 1) void webSocketRead(socket, inner);
    },
  };
  await ok(webSocketRead(socket, data, 60));
  while (inner.value === undefined) await new Promise((resolve) => setImmediate(resolve));
  await ok(webSocketRead(socket, data, 60));
  assert.deepEqual([seen, inner.value], [['a', 'c'], 'b']);
  await close(socket);
});

test('a setter of `value` that reads and then throws: no message is lost', async (t) => {
  const socket = await open((await start(t)).url);
  await ok(webSocketWriteMany(socket, ['a', 'b', 'c']));
  const inner: { value?: string | Buffer } = {};
  const data = {
    set value(_: string | Buffer) {
      void webSocketRead(socket, inner);
      throw new Error('no');
    },
  };
  await fails(() => webSocketRead(socket, data, 60), 'WSFD_INVALID_ARGUMENT');
  while (inner.value === undefined) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([inner.value, ...(await readAll(socket, 2))].sort(), ['a', 'b', 'c']);
  await close(socket);
});

test('a setter of `value` that terminates the socket and throws', async (t) => {
  const socket = await open((await start(t)).url);
  await ok(webSocketWrite(socket, 'a'));
  const data = {
    set value(_: string | Buffer) {
      assert.equal(webSocketTerminate(socket), 0);
      throw new Error('no');
    },
  };
  await fails(() => webSocketRead(socket, data, 60), 'WSFD_INVALID_ARGUMENT');
  await fails(() => webSocketRead(socket, {}), 'WSFD_INVALID_SOCKET');
});

test('an array whose push reads: each message comes once', async (t) => {
  const socket = await open((await start(t)).url);
  await ok(webSocketWriteMany(socket, ['a', 'b', 'c', 'd']));
  const inner: Message[] = [];
  class Reading extends Array<Message> {
    override push(message: Message): number {
      if (this.length === 0) void webSocketReadMany(socket, inner);
      return super.push(message);
    }
  }
  const into = new Reading();
  while (into.length + inner.length < 4) await ok(webSocketReadMany(socket, into, 60));
  assert.deepEqual([...into, ...inner].sort(), ['a', 'b', 'c', 'd']);
  await close(socket);
});

test('a getter of webSocketWriteMany that terminates the socket: -1', async (t) => {
  const server = await start(t);
  const socket = await open(server.url);
  const messages = ['a', 'b'];
  Object.defineProperty(messages, 1, {
    get: () => (webSocketTerminate(socket), 'b'),
  });
  await fails(() => webSocketWriteMany(socket, messages), 'WSFD_SOCKET_CLOSED');
});

test('what a getter opens in place of the socket that it closes gets none of its messages', async (t) => {
  // In a process of its own, as webSocketOpenSync waits for it.
  const good = await startUwsServer();
  t.after(() => good.close());
  const bad = await startRawServer();
  t.after(() => bad.close());
  const child = runInChild(
    async ({ wsfd }, { ending, echo }) => {
      const socket = await wsfd.webSocketOpen(ending);
      // Cut, it holds no descriptor any more: to close it frees its place at once.
      const end = await wsfd.webSocketRead(socket, {});
      let other = -1;
      const messages = ['first', 'second'];
      Object.defineProperty(messages, 1, {
        get: () => {
          void wsfd.webSocketClose(socket);
          other = wsfd.webSocketOpenSync(echo);
          return 'second';
        },
      });
      const written = wsfd.webSocketWriteMany(socket, messages);
      const codes = wsfd.getLastError().map(({ code }) => code);
      wsfd.webSocketWrite(other, 'its own');
      const data: { value?: string | Buffer } = {};
      wsfd.webSocketReadSync(other, data, 60);
      return { end, written, codes, got: data.value };
    },
    { ending: bad.url, echo: good.url },
  );
  const connection = await bad.connections.next();
  connection.socket.destroy();
  const { value, stderr } = await child;
  const expected = { end: -1, written: -1, codes: ['WSFD_SOCKET_CLOSED'], got: 'its own' };
  assert.deepEqual(value, expected, stderr);
});

test('webSocketClose in wsfd:close of a connection that broke the protocol: the close frame goes out', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  let socket = -1;
  let closed: Promise<number> | undefined;
  const listener = (event: unknown): void => {
    if ((event as AnyEvent).socket === socket) closed ??= webSocketClose(socket);
  };
  subscribe('wsfd:close', listener);
  t.after(() => unsubscribe('wsfd:close', listener));
  socket = await open(server.url);
  const connection = await server.connections.next();
  connection.socket.write(Buffer.from([0x83, 0]));
  assert.equal((await connection.next(opcodes.close)).payload.readUInt16BE(), 1002);
  assert.ok(closed !== undefined);
  connection.socket.end();
  await ok(closed);
});
