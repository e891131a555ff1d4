// Writing to a socket of webSocketOpenSync, and webSocketFlushSync.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInThread } from '../../support/child';
import { opcodes, ping, pong } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import { startUwsServer, startWsServer } from '../../support/servers';

test('a write is sent at once, though no call that waits follows', async (t) => {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const server = await startWsServer();
  t.after(() => server.close());
  const arrived = (async () => {
    const messages = [
      await server.messages.next(),
      await server.messages.next(),
      await server.messages.next(),
    ];
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
    return messages;
  })();
  const result = await runInThread(
    ({ wsfd, outcome }, { url, done }) => {
      const socket = wsfd.webSocketOpenSync(url);
      const written = [
        outcome(wsfd.webSocketWrite(socket, 'one')),
        outcome(wsfd.webSocketWriteMany(socket, ['two', Buffer.from('three')])),
      ];
      return [...written, Atomics.wait(done, 0, 0, 60_000)];
    },
    { url: server.url, done: flag },
  );
  assert.deepEqual(result.slice(0, 2), [[0], [0]]);
  assert.notEqual(result[2], 'timed-out');
  assert.deepEqual(await arrived, ['one', 'two', Buffer.from('three')]);
});

test('packed messages are sent at once, whatever comes meanwhile', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const result = await runInThread(
    ({ wsfd, outcome }, { url }) => {
      const socket = wsfd.webSocketOpenSync(url);
      const bytes = Buffer.from('onetwothree');
      const ends = Uint32Array.of(3, 6, 11);
      const failed = [];
      for (let i = 0; i < 500; i++) {
        const [code, ...errors] = outcome(wsfd.webSocketWritePacked(socket, bytes, ends));
        if (code !== 0) failed.push([i, code, ...errors]);
      }
      const messages: (string | Buffer)[] = [];
      while (messages.length < 1500) {
        if (wsfd.webSocketReadManySync(socket, messages, 60) !== 0) break;
      }
      const wrong = messages.filter((text, i) => String(text) !== ['one', 'two', 'three'][i % 3]);
      return [failed, messages.length, wrong.length, wsfd.webSocketCloseSync(socket)];
    },
    { url: server.url },
  );
  assert.deepEqual(result, [[], 1500, 0, 0]);
});

test('a flush waits for a server that reads slowly', async (t) => {
  const bytes = 32 * 1024 * 1024;
  let received = 0;
  const server = await startRawServer({ leavesCloseToTest: true });
  t.after(() => server.close());
  void server.connections.next().then(({ socket }) => {
    // What came is taken in small bits, with a turn of the event loop for each.
    socket.removeAllListeners('data');
    socket.pause();
    const step = (): void => {
      const part = socket.read(256 * 1024) as Buffer | null;
      received += (part ?? (socket.read() as Buffer | null))?.length ?? 0;
      if (received < bytes && !socket.destroyed) setImmediate(step);
    };
    step();
  });
  const results = await runInThread(
    ({ wsfd, outcome }, { url, size }) => {
      const socket = wsfd.webSocketOpenSync(url);
      const written = outcome(wsfd.webSocketWrite(socket, Buffer.alloc(size)));
      const before = wsfd.webSocketInfo(socket)?.bufferedBytes ?? 0;
      const flushed = outcome(wsfd.webSocketFlushSync(socket));
      const after = wsfd.webSocketInfo(socket)?.bufferedBytes;
      const again = outcome(wsfd.webSocketFlushSync(socket));
      return { written, waited: before > 0, flushed, after, again };
    },
    { url: server.url, size: bytes },
  );
  assert.deepEqual(results, {
    written: [0],
    waited: true,
    flushed: [0],
    after: 0,
    again: [0],
  });
});

test('a program that only writes goes on sending, and answers pings', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const rounds = server.connections.next().then(async (connection) => {
    connection.send(ping('are you there'));
    const pong = await connection.next(opcodes.pong);
    return { pong: pong.payload.toString() };
  });
  // Half a megabyte each, of which a server that is not blocked takes what it can.
  const results = await runInThread(({ wsfd }, url) => {
    const socket = wsfd.webSocketOpenSync(url, { maxBufferedBytes: 1_000_000 });
    const data = Buffer.alloc(500_000);
    let accepted = 0;
    while (accepted < 100) if (wsfd.webSocketWrite(socket, data) === 0) accepted++;
    return [wsfd.webSocketFlushSync(socket), wsfd.webSocketInfo(socket)?.bytesOut];
  }, server.url);
  assert.deepEqual(results, [0, 50_000_000]);
  assert.deepEqual(await rounds, { pong: 'are you there' });
});

test('past maxBufferedBytes: -1, and those before it are sent', async (t) => {
  // A server that never reads, and so never closes either.
  const server = await startRawServer({ leavesCloseToTest: true });
  t.after(() => server.close());
  void server.connections.next().then(({ socket }) => socket.pause());
  const results = await runInThread(({ wsfd, outcome }, url) => {
    const options = { maxBufferedBytes: 100_000, closeTimeout: 0.05 };
    const socket = wsfd.webSocketOpenSync(url, options);
    const data = Buffer.alloc(50_000);
    const codes: unknown[] = [];
    for (let i = 0; i < 1000 && codes.length === 0; i++) {
      const [code, ...errors] = outcome(wsfd.webSocketWrite(socket, data));
      if (code !== 0) codes.push(code, ...errors);
    }
    const many = outcome(wsfd.webSocketWriteMany(socket, [data, data, data, data]));
    return { codes, many, closed: outcome(wsfd.webSocketCloseSync(socket)) };
  }, server.url);
  assert.deepEqual(results, {
    codes: [-1, 'WSFD_SEND_BUFFER_FULL'],
    many: [-1, 'WSFD_SEND_BUFFER_FULL'],
    closed: [-1, 'WSFD_CLOSE_TIMEOUT'],
  });
});

test('a flush where the connection ends: -1 with its error', async (t) => {
  const server = await startRawServer({ leavesCloseToTest: true });
  t.after(() => server.close());
  void server.connections.next().then((connection) => {
    connection.socket.once('data', () => connection.reset());
  });
  const result = await runInThread(({ wsfd, outcome }, url) => {
    const socket = wsfd.webSocketOpenSync(url);
    wsfd.webSocketWrite(socket, Buffer.alloc(32 * 1024 * 1024));
    return outcome(wsfd.webSocketFlushSync(socket));
  }, server.url);
  assert.deepEqual(result, [-1, 'WSFD_CONNECTION_LOST']);
});

test('messages that come during a flush are kept', async (t) => {
  const server = await startUwsServer();
  t.after(() => server.close());
  const results = await runInThread(({ wsfd }, url) => {
    const socket = wsfd.webSocketOpenSync(url);
    const data: { value?: string | Buffer } = {};
    let same = 0;
    for (let i = 0; i < 50; i++) wsfd.webSocketWrite(socket, `${i}`.padEnd(40_000));
    const flushed = wsfd.webSocketFlushSync(socket);
    for (let i = 0; i < 50; i++) {
      wsfd.webSocketReadSync(socket, data);
      if (data.value === `${i}`.padEnd(40_000)) same++;
    }
    return { flushed, same, closed: wsfd.webSocketCloseSync(socket) };
  }, server.url);
  assert.deepEqual(results, { flushed: 0, same: 50, closed: 0 });
});

test('keepalive goes on while a call waits', async (t) => {
  const server = await startRawServer({ leavesCloseToTest: true });
  t.after(() => server.close());
  const pinged = server.connections.next().then((connection) => connection.next(opcodes.ping));
  const options = { pingInterval: 0.02, pongTimeout: 0.1 };
  const results = await runInThread(
    ({ wsfd, outcome }, { url, keepalive }) => {
      const socket = wsfd.webSocketOpenSync(url, keepalive);
      return [outcome(wsfd.webSocketReadSync(socket, {})), wsfd.webSocketCloseSync(socket)];
    },
    { url: server.url, keepalive: options },
  );
  assert.deepEqual(results, [[-1, 'WSFD_PONG_TIMEOUT'], 0]);
  await pinged;
});

test('a program that is busy between its calls does not lose a server that answers', async (t) => {
  const flag = new Int32Array(new SharedArrayBuffer(8));
  const server = await startRawServer();
  t.after(() => server.close());
  void server.connections.next().then(async (connection) => {
    const { payload } = await connection.next(opcodes.ping);
    await connection.next(opcodes.text);
    connection.socket.write(pong(payload), () => {
      Atomics.store(flag, 0, 1);
      Atomics.notify(flag, 0);
    });
  });
  const result = await runInThread(
    ({ wsfd, outcome }, { url, answered }) => {
      const socket = wsfd.webSocketOpenSync(url, { pingInterval: 0.01, pongTimeout: 0.5 });
      while (wsfd.webSocketInfo(socket)?.framesOut === 0) wsfd.webSocketReadSync(socket, {}, 0.005);
      wsfd.webSocketWrite(socket, 'now');
      Atomics.wait(answered, 0, 0);
      // Longer than pongTimeout, with the answer there.
      Atomics.wait(answered, 1, 0, 700);
      return outcome(wsfd.webSocketReadSync(socket, {}, 0));
    },
    { url: server.url, answered: flag },
  );
  assert.deepEqual(result, [-2, 'WSFD_READ_TIMEOUT']);
});

test('a flush before anything was written: 0', async (t) => {
  const server = await startWsServer({ echo: false });
  t.after(() => server.close());
  const result = await runInThread(({ wsfd, outcome }, url) => {
    const socket = wsfd.webSocketOpenSync(url);
    return outcome(wsfd.webSocketFlushSync(socket));
  }, server.url);
  assert.deepEqual(result, [0]);
});
