// webSocketReadSync and webSocketReadManySync: codes, order, and what arrives while nobody waits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { runInThread } from '../../support/child';
import {
  binary,
  close as closeFrame,
  continuation,
  encodeFrame,
  fragments,
  opcodes,
  text,
} from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';
import { startWsServer } from '../../support/servers';

const goesOn = { fin: false };

/** The URL of a server that sends these bytes as soon as the connection is open. */
async function serverThatSends(
  t: TestContext,
  act: (connection: RawConnection) => void,
): Promise<string> {
  const server = await startRawServer();
  t.after(() => server.close());
  void server.connections.next().then(act);
  return server.url;
}

test('0 and the message; text is a string, binary a Buffer', async (t) => {
  const url = await serverThatSends(t, (connection) => {
    connection.send(text('täxt'), binary(Buffer.from([0, 255])), binary(''));
  });
  const results = await runInThread(({ wsfd, outcome }, at) => {
    const socket = wsfd.webSocketOpenSync(at);
    const data: { value?: string | Buffer } = { value: 'old' };
    return Array.from({ length: 3 }, () => [
      outcome(wsfd.webSocketReadSync(socket, data)),
      typeof data.value === 'string' ? data.value : Buffer.isBuffer(data.value) && [...data.value],
    ]);
  }, url);
  assert.deepEqual(results, [
    [[0], 'täxt'],
    [[0], [0, 255]],
    [[0], []],
  ]);
});

test('a maxTimeout of 0 looks, another waits that long: -2, and data is left alone', async (t) => {
  const url = await serverThatSends(t, () => undefined);
  const results = await runInThread(({ wsfd, outcome }, at) => {
    const socket = wsfd.webSocketOpenSync(at);
    const data = { value: 'old' };
    const looked = outcome(wsfd.webSocketReadSync(socket, data, 0));
    const start = process.hrtime.bigint();
    const waited = outcome(wsfd.webSocketReadSync(socket, data, 0.15));
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const many = outcome(wsfd.webSocketReadManySync(socket, [], 0.001));
    return { looked, waited, seconds, many, data };
  }, url);
  const late = [-2, 'WSFD_READ_TIMEOUT'];
  assert.deepEqual([results.looked, results.waited, results.many], [late, late, late]);
  assert.deepEqual(results.data, { value: 'old' });
  assert.ok(results.seconds >= 0.15 && results.seconds < 100, `${results.seconds} s`);
});

test('a maxTimeout of 0 only looks while a server sends faster than is read', async (t) => {
  const flooded = new Int32Array(new SharedArrayBuffer(4));
  // Frames of no message that ever ends. A call may read 32 MiB, and the system keeps some more.
  const frames = Buffer.concat(Array.from({ length: 1 << 16 }, () => continuation('', goesOn)));
  const most = 256 << 20;
  let sent = 0;
  const url = await serverThatSends(t, ({ socket }) => {
    const flood = (): void => {
      for (let goes = true; goes && sent < most; sent += frames.length) goes = socket.write(frames);
    };
    socket.on('drain', flood);
    socket.write(encodeFrame(opcodes.text, '', goesOn));
    flood();
    Atomics.store(flooded, 0, 1);
    Atomics.notify(flooded, 0);
  });
  const result = await runInThread(
    ({ wsfd, outcome }, { at, flag }) => {
      const socket = wsfd.webSocketOpenSync(at);
      Atomics.wait(flag, 0, 0);
      return outcome(wsfd.webSocketReadSync(socket, {}, 0));
    },
    { at: url, flag: flooded },
  );
  assert.deepEqual(result, [-2, 'WSFD_READ_TIMEOUT']);
  assert.ok(sent < most, 'it returned only when the server had sent all');
});

for (const maxTimeout of [0, 0.001]) {
  test(`what has come is found by a read of ${maxTimeout} s, however it is cut`, async (t) => {
    const sent = new Int32Array(new SharedArrayBuffer(4));
    const url = await serverThatSends(t, (connection) => {
      // (a system keeps so much for a connection that nobody reads)
      const parts = fragments(opcodes.text, Array<string>(5).fill('l'.repeat(20_000)));
      connection.socket.write(Buffer.concat([...parts, text('after it')]), () => {
        Atomics.store(sent, 0, 1);
        Atomics.notify(sent, 0);
      });
    });
    const results = await runInThread(
      ({ wsfd, outcome }, { at, seconds, flag }) => {
        const socket = wsfd.webSocketOpenSync(at);
        Atomics.wait(flag, 0, 0);
        const data: { value?: string | Buffer } = {};
        return [1, 2, 3].map(() => {
          const result = outcome(wsfd.webSocketReadSync(socket, data, seconds));
          return [...result, data.value?.length];
        });
      },
      { at: url, seconds: maxTimeout, flag: sent },
    );
    assert.deepEqual(results, [
      [0, 100_000],
      [0, 8],
      [-2, 'WSFD_READ_TIMEOUT', 8],
    ]);
  });
}

test('messages before a close are all delivered, then 1 again and again', async (t) => {
  const url = await serverThatSends(t, (connection) => {
    connection.send(text('a'), text('b'), closeFrame(1000, 'done'));
  });
  const results = await runInThread(({ wsfd, outcome }, at) => {
    const socket = wsfd.webSocketOpenSync(at);
    const data: { value?: string | Buffer } = {};
    const read = (): unknown[] => [...outcome(wsfd.webSocketReadSync(socket, data)), data.value];
    const all = [read(), read(), read(), read()];
    const info = wsfd.webSocketInfo(socket);
    const look = outcome(wsfd.webSocketReadSync(socket, {}, 0));
    const many = outcome(wsfd.webSocketReadManySync(socket, []));
    const write = outcome(wsfd.webSocketWrite(socket, 'x'));
    const closed = outcome(wsfd.webSocketCloseSync(socket));
    const stale = outcome(wsfd.webSocketReadSync(socket, {}));
    return {
      all,
      code: info?.closeCode,
      reason: info?.closeReason,
      look,
      many,
      write,
      closed,
      stale,
    };
  }, url);
  assert.deepEqual(results, {
    all: [
      [0, 'a'],
      [0, 'b'],
      [1, 'b'],
      [1, 'b'],
    ],
    code: 1000,
    reason: 'done',
    look: [1],
    many: [1],
    write: [-1, 'WSFD_SOCKET_CLOSED'],
    closed: [0],
    stale: [-1, 'WSFD_INVALID_SOCKET'],
  });
});

test('an abnormal end: what came before it, then -1 with its error', async (t) => {
  const endings: [string, (connection: RawConnection) => void][] = [
    ['WSFD_CLOSED_ABNORMALLY', (connection) => connection.end()],
    ['WSFD_CONTINUATION_UNEXPECTED', (connection) => connection.send(continuation('x'))],
  ];
  for (const [code, end] of endings) {
    const url = await serverThatSends(t, (connection) => {
      connection.send(text('before'));
      end(connection);
    });
    const results = await runInThread(({ wsfd, outcome }, at) => {
      const socket = wsfd.webSocketOpenSync(at);
      const into: (string | Buffer)[] = [];
      const first = outcome(wsfd.webSocketReadManySync(socket, into));
      const then = [1, 2].map(() => outcome(wsfd.webSocketReadSync(socket, {})));
      return { into, first, then, closed: outcome(wsfd.webSocketCloseSync(socket)) };
    }, url);
    const failed = [-1, code];
    assert.deepEqual(results, {
      into: ['before'],
      first: [0],
      then: [failed, failed],
      closed: [0],
    });
  }
});

test('a large backlog is read in its order, past the high-water mark', async (t) => {
  const count = 100_000;
  const url = await serverThatSends(t, (connection) => {
    const frames = Array.from({ length: count }, (_, i) => text(String(i)));
    connection.send(...frames, closeFrame(1000));
  });
  const results = await runInThread(({ wsfd }, at) => {
    const socket = wsfd.webSocketOpenSync(at, { receiveHighWaterMark: 100_000 });
    const data: { value?: string | Buffer } = {};
    let next = 0;
    let code: number;
    while ((code = wsfd.webSocketReadSync(socket, data)) === 0 && data.value === `${next}`) {
      next++;
      const many: (string | Buffer)[] = [];
      if (next % 1000 === 0) wsfd.webSocketReadManySync(socket, many, 0);
      for (const message of many) if (message === `${next}`) next++;
    }
    return { next, code };
  }, url);
  assert.deepEqual(results, { next: count, code: 1 });
});

test('large messages both ways, text and binary', async (t) => {
  const server = await startWsServer({ settings: { maxPayload: 2 ** 26 } });
  t.after(() => server.close());
  const results = await runInThread(({ wsfd }, at) => {
    const socket = wsfd.webSocketOpenSync(at, { maxMessageBytes: 2 ** 26 });
    const bytes = Buffer.alloc(20_000_000, 'abcdefg');
    const data: { value?: string | Buffer } = {};
    const same = [bytes, bytes.toString('latin1')].map((message) => {
      const written = wsfd.webSocketWrite(socket, message);
      const read = wsfd.webSocketReadSync(socket, data);
      const { value = '' } = data;
      return [written, read, typeof value, Buffer.compare(Buffer.from(value), bytes)];
    });
    return [...same, wsfd.webSocketCloseSync(socket)];
  }, server.url);
  assert.deepEqual(results, [[0, 0, 'object', 0], [0, 0, 'string', 0], 0]);
});

test('compressed messages', async (t) => {
  const server = await startWsServer({ settings: { perMessageDeflate: { threshold: 0 } } });
  t.after(() => server.close());
  const results = await runInThread(({ wsfd }, at) => {
    const socket = wsfd.webSocketOpenSync(at, { perMessageDeflate: { threshold: 0 } });
    const data: { value?: string | Buffer } = {};
    const messages = ['a'.repeat(10_000), 'b', 'a'.repeat(10_000)];
    const read = messages.map((message) => {
      wsfd.webSocketWrite(socket, message);
      return [wsfd.webSocketReadSync(socket, data), data.value === message];
    });
    return { read, extensions: wsfd.webSocketInfo(socket)?.extensions };
  }, server.url);
  assert.match(results.extensions ?? '', /^permessage-deflate/);
  assert.deepEqual(results.read, Array(3).fill([0, true]));
});

test('a message that cannot be put into data is still there', async (t) => {
  const url = await serverThatSends(t, (connection) => connection.send(text('kept')));
  const results = await runInThread(({ wsfd, outcome }, at) => {
    const socket = wsfd.webSocketOpenSync(at);
    const data: { value?: string | Buffer } = {};
    const frozen = outcome(wsfd.webSocketReadSync(socket, Object.freeze({})));
    return [frozen, outcome(wsfd.webSocketReadSync(socket, data)), data.value];
  }, url);
  assert.deepEqual(results, [[-1, 'WSFD_INVALID_ARGUMENT'], [0], 'kept']);
});

test('promises and timers do not run in a call that waits', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const log = await runInThread(async ({ wsfd }, at) => {
    const seen: string[] = [];
    const socket = wsfd.webSocketOpenSync(at);
    void Promise.resolve().then(() => seen.push('promise'));
    process.nextTick(() => seen.push('tick'));
    const timer = new Promise<void>((resolve) => {
      setTimeout(() => resolve(void seen.push('timer')), 1);
    });
    setImmediate(() => seen.push('immediate'));
    for (let i = 0; i < 10; i++) {
      wsfd.webSocketWrite(socket, 'x');
      wsfd.webSocketReadSync(socket, {});
    }
    wsfd.webSocketReadSync(socket, {}, 0.01);
    wsfd.webSocketFlushSync(socket);
    wsfd.webSocketCloseSync(socket);
    seen.push('closed');
    await timer;
    return seen;
  }, server.url);
  assert.equal(log[0], 'closed');
  assert.deepEqual(log.slice(1).sort(), ['immediate', 'promise', 'tick', 'timer']);
});
