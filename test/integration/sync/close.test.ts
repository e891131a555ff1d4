// webSocketCloseSync, and webSocketTerminate on a socket of webSocketOpenSync.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSelfSigned } from '../../support/certificates';
import { runInThread } from '../../support/child';
import { close as closeFrame, closePayload, opcodes, text } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import { startWsServer } from '../../support/servers';

test('code and reason reach the server; the number is stale', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const results = await runInThread(({ wsfd, outcome }, url) => {
    const normal = wsfd.webSocketOpenSync(url);
    const own = wsfd.webSocketOpenSync(url);
    return {
      closed: [
        outcome(wsfd.webSocketCloseSync(normal)),
        outcome(wsfd.webSocketCloseSync(own, 4321, 'täglich')),
      ],
      stale: [
        outcome(wsfd.webSocketCloseSync(own)),
        outcome(wsfd.webSocketReadSync(own, {})),
        outcome(wsfd.webSocketReadManySync(own, [])),
        outcome(wsfd.webSocketFlushSync(own)),
        outcome(wsfd.webSocketWrite(own, 'x')),
        outcome(wsfd.webSocketTerminate(own)),
      ],
      info: wsfd.webSocketInfo(own),
    };
  }, server.url);
  const stale = [-1, 'WSFD_INVALID_SOCKET'];
  assert.deepEqual(results, {
    closed: [[0], [0]],
    stale: Array(6).fill(stale),
    info: undefined,
  });
  assert.deepEqual(await server.closes.next(), { code: 1000, reason: '' });
  assert.deepEqual(await server.closes.next(), { code: 4321, reason: 'täglich' });
});

test('what was written before is sent before', async (t) => {
  const server = await startWsServer({ echo: false });
  t.after(() => server.close());
  const closed = await runInThread(({ wsfd }, url) => {
    const socket = wsfd.webSocketOpenSync(url);
    wsfd.webSocketWrite(socket, Buffer.alloc(8_000_000));
    wsfd.webSocketWrite(socket, 'last');
    return wsfd.webSocketCloseSync(socket);
  }, server.url);
  assert.equal(closed, 0);
  assert.equal((await server.messages.next()).length, 8_000_000);
  assert.equal(await server.messages.next(), 'last');
});

test('a code that cannot be sent: -1, and the socket stays open', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const results = await runInThread(({ wsfd, outcome }, url) => {
    const socket = wsfd.webSocketOpenSync(url);
    return [
      outcome(wsfd.webSocketCloseSync(socket, 1005)),
      outcome(wsfd.webSocketCloseSync(socket, 1000, 'x'.repeat(124))),
      wsfd.webSocketInfo(socket)?.state,
      outcome(wsfd.webSocketCloseSync(socket, 1001, 'x'.repeat(123))),
    ];
  }, server.url);
  const refused = [-1, 'WSFD_INVALID_ARGUMENT'];
  assert.deepEqual(results, [refused, refused, 'open', [0]]);
});

for (const secure of [false, true]) {
  test(`both close at once, ${secure ? 'wss' : 'ws'}: one close frame of ours`, async (t) => {
    const server = await startRawServer({
      leavesCloseToTest: true,
      ...(secure ? { tls: makeSelfSigned() } : {}),
    });
    t.after(() => server.close());
    const crossing = server.connections.next().then(async (connection) => {
      // Theirs is on its way before ours has come.
      await connection.next(opcodes.text);
      connection.send(text('dropped'), closeFrame(4001, 'theirs'));
      const code = await connection.nextCloseCode();
      connection.end();
      await connection.closed;
      const frames = connection.frames.all.filter(({ opcode }) => opcode === opcodes.close);
      return { code, payloads: frames.map(({ payload }) => payload) };
    });
    const result = await runInThread(({ wsfd, outcome }, url) => {
      const socket = wsfd.webSocketOpenSync(url, { ignoreSslErrors: true });
      wsfd.webSocketWrite(socket, 'close, and so do I');
      return outcome(wsfd.webSocketCloseSync(socket, 4000, 'ours'));
    }, server.url);
    assert.deepEqual(result, [0]);
    assert.deepEqual(await crossing, { code: 4000, payloads: [closePayload(4000, 'ours')] });
  });
}

test('the server closed before, and was read or not', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  for (let i = 0; i < 2; i++) {
    void server.connections.next().then((connection) => {
      connection.send(text('bye'), closeFrame(1001));
    });
  }
  const results = await runInThread(({ wsfd, outcome }, url) => {
    const read = wsfd.webSocketOpenSync(url);
    wsfd.webSocketReadSync(read, {});
    wsfd.webSocketReadSync(read, {});
    const unread = wsfd.webSocketOpenSync(url);
    return [outcome(wsfd.webSocketCloseSync(read)), outcome(wsfd.webSocketCloseSync(unread))];
  }, server.url);
  assert.deepEqual(results, [[0], [0]]);
});

test('a server that does not answer: -1 after closeTimeout, and the socket is closed', async (t) => {
  const server = await startRawServer({ leavesCloseToTest: true });
  t.after(() => server.close());
  const results = await runInThread(({ wsfd, outcome }, url) => {
    const socket = wsfd.webSocketOpenSync(url, { closeTimeout: 0.05 });
    const closed = outcome(wsfd.webSocketCloseSync(socket));
    return [closed, outcome(wsfd.webSocketCloseSync(socket))];
  }, server.url);
  assert.deepEqual(results, [
    [-1, 'WSFD_CLOSE_TIMEOUT'],
    [-1, 'WSFD_INVALID_SOCKET'],
  ]);
  await (
    await server.connections.next()
  ).closed;
});

test('webSocketTerminate ends it at once', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const results = await runInThread(({ wsfd, outcome }, url) => {
    const socket = wsfd.webSocketOpenSync(url);
    const ended = outcome(wsfd.webSocketTerminate(socket));
    return [ended, outcome(wsfd.webSocketReadSync(socket, {}))];
  }, server.url);
  assert.deepEqual(results, [[0], [-1, 'WSFD_INVALID_SOCKET']]);
  assert.equal((await server.closes.next()).code, 1006);
});
