// A server that sends its close frame, or breaks the protocol, right behind messages: what the
// application answers to those still goes out, then the client's close frame.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  webSocketBatches,
  webSocketClose,
  webSocketFlush,
  webSocketInfo,
  webSocketList,
  webSocketMessages,
  webSocketRead,
  webSocketSubscribe,
  webSocketWrite,
  webSocketWriteMany,
} from 'wsfd';
import type { OpenOptions } from 'wsfd';
import { WebSocket } from 'wsfd/websocket';
import { close, fails, ok, open, read } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { runInThread } from '../../support/child';
import { close as closeFrame, closeCodeOf, encodeFrame, opcodes, text } from '../../support/frames';
import type { ClientFrame } from '../../support/frames';
import { startRawServer, switching } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';

const options: OpenOptions = { ignoreSslErrors: true };

/** Each echoes until the connection has ended, in a way of its own. */
const echoes: Record<string, (url: string) => Promise<void>> = {
  webSocketRead: async (url) => {
    const socket = await open(url, options);
    const data: { value?: string | Buffer } = {};
    while ((await webSocketRead(socket, data)) === 0) webSocketWrite(socket, data.value ?? '');
    await close(socket);
  },
  webSocketSubscribe: async (url) => {
    const socket = await open(url, options);
    const ended = new Promise((resolve) => {
      const answer = (batch: readonly (string | Buffer)[]): void => {
        webSocketWriteMany(socket, batch);
      };
      webSocketSubscribe(socket, answer, resolve);
    });
    await ended;
    await close(socket);
  },
  webSocketMessages: async (url) => {
    const socket = await open(url, options);
    try {
      for await (const message of webSocketMessages(socket)) webSocketWrite(socket, message);
    } catch {
      // The end of a connection that failed; what it was is not the matter here.
    }
    await close(socket);
  },
  'webSocketBatches, answered with setImmediate': async (url) => {
    const socket = await open(url, options);
    try {
      for await (const batch of webSocketBatches(socket)) {
        setImmediate(() => webSocketWriteMany(socket, batch));
      }
    } catch {
      // As above.
    }
    await close(socket);
  },
  'class WebSocket': (url) =>
    new Promise((resolve) => {
      const socket = new WebSocket(url, [], options);
      socket.onmessage = ({ data }) => socket.send(data);
      socket.onclose = () => resolve();
    }),
  webSocketReadSync: (url) =>
    runInThread(
      ({ wsfd }, [at, given]) => {
        const socket = wsfd.webSocketOpenSync(at, given);
        const data: { value?: string | Buffer } = {};
        while (wsfd.webSocketReadSync(socket, data) === 0) {
          wsfd.webSocketWrite(socket, data.value ?? '');
        }
        wsfd.webSocketCloseSync(socket);
      },
      [url, options] as const,
    ),
};

const ends: [name: string, frame: Buffer, code: number][] = [
  ['a close frame', closeFrame(4001, 'theirs'), 4001],
  ['a frame with a reserved bit', text('x', { rsv: 2 }), 1002],
  ['text that is not UTF-8', text(Buffer.of(0xff)), 1007],
];

/** What the client sends until its close frame. */
async function framesOf(connection: RawConnection): Promise<string[]> {
  const seen: string[] = [];
  for (let frame: ClientFrame; ;) {
    frame = await connection.frames.next();
    if (frame.opcode === opcodes.close) return [...seen, `close ${closeCodeOf(frame)}`];
    seen.push(frame.payload.toString());
  }
}

for (const secure of [false, true]) {
  const over = secure ? 'wss' : 'ws';
  for (const [how, echo] of Object.entries(echoes)) {
    for (const [what, frame, code] of ends) {
      test(`${over}, ${how}: messages, then ${what}`, async (t) => {
        const server = await startRawServer({
          leavesCloseToTest: true,
          ...(secure ? { tls: makeSelfSigned() } : {}),
        });
        t.after(() => server.close());
        const done = echo(server.url);
        const connection = await server.connections.next();
        // More than one batch, and the end of TCP right behind. A loop of its own may turn between
        // two calls, so that there is time for one answer alone.
        const count = how.endsWith('Sync') ? 1 : 700;
        const messages = Array.from({ length: count }, (_, i) => `message ${i}`);
        connection.send(...messages.map((message) => text(message)), frame, text('behind'));
        connection.end();
        assert.deepEqual(await framesOf(connection), [...messages, `close ${code}`]);
        await done;
      });
    }
  }
}

for (const how of ['webSocketRead', 'class WebSocket'] as const) {
  test(`${how}: a message and a close frame in the same segment as the 101`, async (t) => {
    const server = await startRawServer({
      leavesCloseToTest: true,
      answer: (request) =>
        Buffer.concat([Buffer.from(switching(request)), text('at once'), closeFrame(1012)]),
    });
    t.after(() => server.close());
    const done = echoes[how]?.(server.url);
    const connection = await server.connections.next();
    assert.deepEqual(await framesOf(connection), ['at once', 'close 1012']);
    connection.end();
    await done;
  });
}

/** Each sends 'first' when it is open, and gives what webSocketFlush said. */
const speakers: Record<string, (url: string) => Promise<number>> = {
  webSocketOpen: async (url) => {
    const socket = await open(url);
    await ok(webSocketWrite(socket, 'first'));
    const flushed = await webSocketFlush(socket);
    assert.equal(await webSocketRead(socket, {}), 1);
    await close(socket);
    return flushed;
  },
  'class WebSocket': (url) =>
    new Promise((resolve) => {
      const socket = new WebSocket(url);
      let flushed: Promise<number>;
      socket.onopen = () => {
        socket.send('first');
        flushed = webSocketFlush(webSocketList().at(-1)?.socket ?? -1);
      };
      socket.onclose = () => resolve(flushed);
    }),
};

for (const [how, speak] of Object.entries(speakers)) {
  test(`${how}: a close frame alone in the same segment as the 101`, async (t) => {
    const server = await startRawServer({
      leavesCloseToTest: true,
      answer: (request) => Buffer.concat([Buffer.from(switching(request)), closeFrame(1012)]),
    });
    t.after(() => server.close());
    const flushed = speak(server.url);
    const connection = await server.connections.next();
    assert.deepEqual(await framesOf(connection), ['first', 'close 1012']);
    connection.end();
    assert.equal(await flushed, 0);
  });
}

test('webSocketFlush gives 0 where the connection ends before what it waits for has gone out', async (t) => {
  const server = await startRawServer({ leavesCloseToTest: true });
  t.after(() => server.close());
  const socket = await open(server.url);
  const connection = await server.connections.next();
  const flushed = new Promise<number>((resolve) => {
    webSocketSubscribe(socket, () => {
      webSocketWrite(socket, 'answer');
      resolve(webSocketFlush(socket));
    });
  });
  // A full batch is delivered, then a payload that breaks a rule before it is complete ends the
  // connection in the same turn.
  const batch = Array<Buffer>(512).fill(text('a'));
  connection.send(...batch, text(Buffer.of(0xff), { declaredLength: 1000n }));
  assert.deepEqual(await framesOf(connection), ['answer', 'close 1007']);
  assert.equal(await flushed, 0);
  connection.end();
  await close(socket);
});

async function afterMessages(
  t: { after: (end: () => Promise<void>) => void },
  ...frames: Buffer[]
): Promise<[socket: number, connection: RawConnection]> {
  const server = await startRawServer({ leavesCloseToTest: true });
  t.after(() => server.close());
  const socket = await open(server.url);
  const connection = await server.connections.next();
  const reading = read(socket);
  connection.send(text('a'), ...frames);
  assert.equal(await reading, 'a');
  return [socket, connection];
}

test('where nobody answers, the close frame does not wait for more', async (t) => {
  const [socket, connection] = await afterMessages(t, text('b'), closeFrame(1001));
  // 'b' stays unread.
  assert.equal(await connection.nextCloseCode(), 1001);
  await fails(() => webSocketWrite(socket, 'late'), 'WSFD_SOCKET_CLOSED');
  assert.equal(await read(socket), 'b');
  assert.equal(await webSocketRead(socket, {}), 1);
  const { closeCode, closedByPeer, state } = webSocketInfo(socket) ?? {};
  assert.deepEqual([closeCode, closedByPeer, state], [1001, true, 'closed']);
  connection.end();
  await close(socket);
});

for (const secure of [false, true]) {
  test(`${secure ? 'wss' : 'ws'}: the end of TCP does not overtake it, where reading was paused`, async (t) => {
    const server = await startRawServer({
      leavesCloseToTest: true,
      ...(secure ? { tls: makeSelfSigned() } : {}),
    });
    t.after(() => server.close());
    const socket = await open(server.url, { ...options, receiveHighWaterMark: 1 });
    const connection = await server.connections.next();
    connection.send(text('a'), text('b'), text('c'), closeFrame(1001));
    connection.end();
    for (const expected of ['a', 'b', 'c']) {
      assert.equal(await read(socket), expected);
      await ok(webSocketWrite(socket, expected));
    }
    assert.equal(await webSocketRead(socket, {}), 1);
    await close(socket);
    assert.deepEqual(await framesOf(connection), ['a', 'b', 'c', 'close 1001']);
  });
}

test('closing in that turn: the closes have crossed', async (t) => {
  const [socket, connection] = await afterMessages(t, closeFrame(1001));
  await ok(webSocketWrite(socket, 'answer'));
  const closing = webSocketClose(socket, 4000);
  assert.deepEqual(await framesOf(connection), ['answer', 'close 4000']);
  connection.end();
  assert.equal(await closing, 0);
});

test('a reserved opcode behind a ping and no message is answered as it comes', async (t) => {
  const server = await startRawServer({ leavesCloseToTest: true });
  t.after(() => server.close());
  const socket = await open(server.url);
  const connection = await server.connections.next();
  connection.send(encodeFrame(opcodes.ping, 'p'), encodeFrame(3));
  assert.deepEqual(await framesOf(connection), ['p', 'close 1002']);
  await fails(() => webSocketRead(socket, {}), 'WSFD_RESERVED_OPCODE');
  await close(socket);
});
