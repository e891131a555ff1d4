// Diagnostics channels: the life of a connection from its opening to its end, and calls that fail.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  webSocketClose,
  webSocketFlush,
  webSocketInfo,
  webSocketMessages,
  webSocketOpen,
  webSocketPing,
  webSocketRead,
  webSocketReadMany,
  webSocketSubscribe,
  webSocketTerminate,
  webSocketWrite,
  webSocketWriteMany,
} from 'wsfd';
import { close, ok, open, read, readAll } from '../../support/calls';
import { listen, record } from '../../support/diagnostics';
import { binary, close as closeFrame, ping, pong, text } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import { startWsServer } from '../../support/servers';
import { resetIsAnEnd } from '../../support/wine';

test('a life, step by step, with one id', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const events = record(t);
  const socket = await open(server.url);
  await ok(webSocketWrite(socket, 'hällo'));
  await read(socket);
  await ok(webSocketPing(socket));
  await close(socket);
  assert.deepEqual(events.steps, [
    'attempt connecting',
    'attempt connected',
    'handshake request',
    'handshake response',
    'open',
    'messages',
    'control out ping',
    'control in pong',
    'control out close',
    'control in close',
    'close',
  ]);
  const ids = new Set([...events.text().matchAll(/"id":(\d+)/g)].map(([, id]) => id));
  assert.equal(ids.size, 1);
  const all = (['attempt', 'handshake', 'open', 'messages', 'control', 'close'] as const).flatMap(
    (name) => [...events.of(`wsfd:${name}`)],
  );
  for (const event of all) {
    assert.equal(event.url, server.url);
    assert.ok(event.elapsedMs >= 0);
  }
  const numbers = all.map((event) => event.socket);
  assert.deepEqual(numbers, [
    ...Array<undefined>(4).fill(undefined),
    ...Array<number>(7).fill(socket),
  ]);
});

test('another opening has another id', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const events = record(t, ['wsfd:open']);
  const sockets = [await open(server.url), await open(server.url)];
  const opened = events.of('wsfd:open');
  assert.deepEqual(
    opened.map((event) => event.socket),
    sockets,
  );
  assert.notEqual(opened[0]?.id, opened[1]?.id);
  for (const socket of sockets) await close(socket);
});

test('open: who the peer is and what was agreed upon', async (t) => {
  const server = await startWsServer({ settings: { perMessageDeflate: true } });
  t.after(() => server.close());
  const events = record(t, ['wsfd:open']);
  const socket = await open(server.url, { protocols: ['a', 'b'], perMessageDeflate: true });
  const { remoteAddress, remotePort, subprotocol, extensions } = events.one('wsfd:open');
  assert.deepEqual([remoteAddress, remotePort, subprotocol], ['127.0.0.1', server.port, 'a']);
  assert.equal(extensions, webSocketInfo(socket)?.extensions);
  assert.match(extensions, /^permessage-deflate/);
  await close(socket);
});

test('messages: each batch as it came, and nothing that is done with it later changes it', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const events = record(t, ['wsfd:messages']);
  const socket = await open(server.url);
  const connection = await server.connections.next();
  connection.send(text('one'), binary('two'), text(''));
  assert.deepEqual(await readAll(socket, 3), ['one', Buffer.from('two'), '']);
  connection.send(text('four'));
  await read(socket);
  const { id } = events.of('wsfd:messages')[0] ?? {};
  assert.deepEqual(
    events.of('wsfd:messages').map(({ elapsedMs: _, ...event }) => event),
    [['one', Buffer.from('two'), ''], ['four']].map((messages) => ({
      id,
      socket,
      url: server.url,
      messages,
    })),
  );
  await close(socket);
});

test('messages reach a subscriber as well as the channel', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const events = record(t, ['wsfd:messages']);
  const socket = await open(server.url);
  const came = new Promise((resolve) => {
    assert.equal(webSocketSubscribe(socket, resolve), 0);
  });
  await ok(webSocketWrite(socket, 'x'));
  assert.deepEqual(await came, ['x']);
  assert.deepEqual(events.one('wsfd:messages').messages, ['x']);
  await close(socket);
});

test('control frames both ways', async (t) => {
  const server = await startRawServer({ leavesCloseToTest: true });
  t.after(() => server.close());
  const events = record(t, ['wsfd:control']);
  const socket = await open(server.url);
  const connection = await server.connections.next();
  connection.send(ping('abc'), pong(''), ping(''), text('x'));
  await read(socket);
  await ok(webSocketFlush(socket));
  connection.send(closeFrame(3001, 'Wartung für ✓'));
  assert.equal(await webSocketRead(socket, {}), 1);
  const frames = events
    .of('wsfd:control')
    .map(({ direction, type, bytes, code, reason }) => [direction, type, bytes, code, reason]);
  assert.deepEqual(frames, [
    ['in', 'ping', 3, undefined, undefined],
    ['out', 'pong', 3, undefined, undefined],
    ['in', 'pong', 0, undefined, undefined],
    ['in', 'ping', 0, undefined, undefined],
    ['out', 'pong', 0, undefined, undefined],
    ['in', 'close', 2 + Buffer.byteLength('Wartung für ✓'), 3001, 'Wartung für ✓'],
    ['out', 'close', 2, 3001, ''],
  ]);
  await close(socket);
});

for (const [name, frame] of [
  ['pongs', pong()],
  ['pongs as long as ours', pong('12345678')],
  ['pings', ping()],
] as const) {
  test(`a flood of ${name}: other work of the thread has its turn between their events`, async (t) => {
    const server = await startRawServer();
    t.after(() => server.close());
    let events = 0;
    let most = 0;
    let since = 0;
    listen(t, 'wsfd:control', () => {
      events += 1;
      since += 1;
      most = Math.max(most, since);
    });
    const socket = await open(server.url);
    const connection = await server.connections.next();
    let ended = false;
    const count = (): void => {
      since = 0;
      if (!ended) setImmediate(count);
    };
    setImmediate(count);
    const flood = 20_000;
    connection.send(...Array.from({ length: flood }, () => frame), text('behind'));
    assert.equal(await read(socket), 'behind');
    ended = true;
    assert.ok(events >= flood, `${events}`);
    // A turn has about 500, and an iteration of the loop two turns at most.
    assert.ok(most <= 1100, `${most} events in one iteration`);
    await close(socket);
  });
}

test('a close frame without a code', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const events = record(t, ['wsfd:control', 'wsfd:close']);
  const socket = await open(server.url);
  (await server.connections.next()).send(closeFrame());
  assert.equal(await webSocketRead(socket, {}), 1);
  const [frame] = events.of('wsfd:control');
  assert.deepEqual([frame?.bytes, frame?.code, frame?.reason], [0, undefined, undefined]);
  assert.equal(events.one('wsfd:close').code, 1005);
  await close(socket);
});

describe('close: who began, once for each connection', () => {
  test('the server', async (t) => {
    const server = await startRawServer();
    t.after(() => server.close());
    const events = record(t, ['wsfd:close']);
    const socket = await open(server.url);
    (await server.connections.next()).send(text('abc'), closeFrame(4000, 'enough'));
    assert.equal(await read(socket), 'abc');
    assert.equal(await webSocketRead(socket, {}), 1);
    await close(socket);
    const event = events.one('wsfd:close');
    assert.deepEqual(
      [event.closedBy, event.code, event.reason, event.error, event.socket],
      ['server', 4000, 'enough', undefined, socket],
    );
    const { messagesIn, bytesIn, framesIn, messagesOut } = event.counters;
    assert.deepEqual([messagesIn, bytesIn, framesIn, messagesOut], [1, 3, 2, 0]);
  });

  test('this side', async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    const events = record(t, ['wsfd:close']);
    const socket = await open(server.url);
    await ok(webSocketWrite(socket, 'ab'));
    await ok(webSocketClose(socket, 3000, 'bye'));
    const event = events.one('wsfd:close');
    assert.deepEqual(
      [event.closedBy, event.code, event.reason, event.error],
      ['client', 3000, 'bye', undefined],
    );
    assert.deepEqual([event.counters.messagesOut, event.counters.bytesOut], [1, 2]);
  });

  test('this side, and the server does not answer', async (t) => {
    const server = await startRawServer({ leavesCloseToTest: true });
    t.after(() => server.close());
    const events = record(t, ['wsfd:close', 'wsfd:error']);
    const socket = await open(server.url, { closeTimeout: 0.01 });
    assert.equal(await webSocketClose(socket), -1);
    const event = events.one('wsfd:close');
    assert.deepEqual([event.closedBy, event.code], ['client', 1006]);
    assert.equal(event.error?.code, 'WSFD_CLOSE_TIMEOUT');
    assert.equal(events.one('wsfd:error').call, 'webSocketClose');
  });

  test('this side, at once', async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    const events = record(t, ['wsfd:close']);
    const socket = await open(server.url);
    assert.equal(webSocketTerminate(socket), 0);
    const event = events.one('wsfd:close');
    assert.deepEqual([event.closedBy, event.code], ['client', 1006]);
  });

  test('nobody: the connection is lost', { skip: resetIsAnEnd }, async (t) => {
    const server = await startRawServer();
    t.after(() => server.close());
    const events = record(t, ['wsfd:close']);
    const socket = await open(server.url);
    (await server.connections.next()).socket.resetAndDestroy();
    assert.equal(await webSocketRead(socket, {}), -1);
    assert.equal(webSocketTerminate(socket), 0);
    const event = events.one('wsfd:close');
    assert.deepEqual([event.closedBy, event.code], ['failure', 1006]);
    assert.equal(event.error?.category, 'network');
  });

  test('nobody: the server breaks the protocol', async (t) => {
    const server = await startRawServer();
    t.after(() => server.close());
    const events = record(t, ['wsfd:close', 'wsfd:control']);
    const socket = await open(server.url);
    (await server.connections.next()).send(text('x', { rsv: 2 }));
    assert.equal(await webSocketRead(socket, {}), -1);
    await close(socket);
    const event = events.one('wsfd:close');
    assert.deepEqual([event.closedBy, event.error?.code], ['failure', 'WSFD_RESERVED_BITS']);
    assert.deepEqual(events.steps, ['control out close', 'close']);
    assert.equal(events.one('wsfd:control').code, 1002);
  });
});

test('error: what call, with what result, about what', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const events = record(t, ['wsfd:error']);
  const anything = 5 as never;
  const calls: readonly [string, () => unknown][] = [
    ['webSocketRead', () => webSocketRead(socket, anything)],
    ['webSocketRead', () => webSocketRead(socket, {}, 0)],
    ['webSocketRead', () => webSocketRead(socket, {}, 0.001)],
    ['webSocketReadMany', () => webSocketReadMany(socket, anything)],
    ['webSocketReadMany', () => webSocketReadMany(socket, [], -1)],
    ['webSocketWrite', () => webSocketWrite(socket, anything)],
    ['webSocketWriteMany', () => webSocketWriteMany(socket, anything)],
    ['webSocketSubscribe', () => webSocketSubscribe(socket, anything)],
    ['webSocketClose', () => webSocketClose(socket, 1)],
  ];
  for (const [call, run] of calls) {
    const seen = events.of('wsfd:error').length;
    const result = await run();
    const [event, ...more] = events.of('wsfd:error').slice(seen);
    assert.deepEqual(more, []);
    assert.deepEqual([event?.call, event?.result, event?.socket], [call, result, socket]);
    assert.equal(event?.url, server.url);
    assert.equal(event.error, event.errors[0]);
  }
  const results = events.of('wsfd:error').map(({ result }) => result);
  assert.deepEqual(results, [-1, -2, -2, -1, -1, -1, -1, -1, -1]);
  await close(socket);
});

test('error: a number that is no socket', async (t) => {
  const events = record(t, ['wsfd:error']);
  const calls: Record<string, () => unknown> = {
    webSocketRead: () => webSocketRead(-5, {}),
    webSocketReadMany: () => webSocketReadMany(-5, []),
    webSocketWrite: () => webSocketWrite(-5, ''),
    webSocketWriteMany: () => webSocketWriteMany(-5, []),
    webSocketFlush: () => webSocketFlush(-5),
    webSocketPing: () => webSocketPing(-5),
    webSocketSubscribe: () => webSocketSubscribe(-5, () => undefined),
    webSocketClose: () => webSocketClose(-5),
    webSocketTerminate: () => webSocketTerminate(-5),
    webSocketInfo: () => webSocketInfo(-5),
  };
  for (const run of Object.values(calls)) await run();
  assert.deepEqual(
    events.of('wsfd:error').map(({ call }) => call),
    Object.keys(calls),
  );
  for (const event of events.of('wsfd:error')) {
    assert.deepEqual([event.id, event.socket, event.url], [undefined, undefined, undefined]);
    assert.equal(event.error?.code, 'WSFD_INVALID_SOCKET');
  }
});

test('error: whoever waits when the connection is lost', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const connection = await server.connections.next();
  const events = record(t, ['wsfd:error', 'wsfd:close']);
  const waiting = [webSocketRead(socket, {}), webSocketPing(socket)];
  await connection.next(0x9);
  connection.socket.resetAndDestroy();
  assert.deepEqual(await Promise.all(waiting), [-1, -1]);
  assert.deepEqual(events.steps, ['close', 'error webSocketRead', 'error webSocketPing']);
  await assert.rejects(async () => {
    for await (const message of webSocketMessages(socket)) assert.fail(String(message));
  });
  assert.equal(events.of('wsfd:error').at(-1)?.call, 'webSocketMessages');
  await close(socket);
});

test('error: an opening that was given up', async (t) => {
  const server = await startRawServer({ answer: () => undefined });
  t.after(() => server.close());
  const events = record(t, ['wsfd:attempt', 'wsfd:error']);
  const controller = new AbortController();
  const opening = webSocketOpen(server.url, { signal: controller.signal });
  await server.connections.next();
  controller.abort();
  assert.equal(await opening, -1);
  const event = events.one('wsfd:error');
  assert.deepEqual([event.call, event.error?.code], ['webSocketOpen', 'WSFD_ABORTED']);
  assert.equal(event.id, events.of('wsfd:attempt')[0]?.id);
});
