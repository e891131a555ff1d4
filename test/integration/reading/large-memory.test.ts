// What large messages take: the bytes of one are there once, whichever way it goes, and what a server
// has announced but not sent takes nothing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { makeSelfSigned } from '../../support/certificates';
import { runInChild } from '../../support/child';
import type { Inside } from '../../support/child';
import { encodeFrame, opcodes } from '../../support/frames';
import { measurable, mebibyte, memoryModule } from '../../support/memory';
import type * as Memory from '../../support/memory';
import { startRawServer, switching } from '../../support/raw-server';
import type { RawServer } from '../../support/raw-server';
import { startWsServer } from '../../support/servers';

const size = 64 * mebibyte;
/** Buffers of the system's, of TLS, of libuv's, and what else a process does meanwhile. */
const margin = 8 * mebibyte;
const flags = [false, true];

async function start(t: TestContext, secure: boolean): Promise<RawServer> {
  const server = await startRawServer(secure ? { tls: makeSelfSigned() } : {});
  t.after(() => server.close());
  return server;
}

const inMebibytes = (bytes: number): string => `grew by ${(bytes / mebibyte).toFixed(1)} MiB`;

/** Sends a message of `size` bytes; by how much the process grew meanwhile. */
async function sent(server: RawServer): Promise<number> {
  const child = runInChild(
    async ({ wsfd, load }, { url, bytes, memory }) => {
      const { watchMemory } = load(memory) as typeof Memory;
      const message = new Uint8Array(bytes).fill(1);
      const socket = await wsfd.webSocketOpen(url, { ignoreSslErrors: true });
      const growth = watchMemory();
      const results = [wsfd.webSocketWrite(socket, message), await wsfd.webSocketFlush(socket)];
      const most = growth();
      await wsfd.webSocketClose(socket);
      return { results, most };
    },
    { url: server.url, bytes: size, memory: memoryModule },
  );
  const connection = await server.connections.next();
  const { payload } = await connection.next(opcodes.binary);
  assert.ok(payload.equals(Buffer.alloc(size, 1)));
  const { value, stderr } = await child;
  assert.deepEqual(value?.results, [0, 0], stderr);
  return value.most;
}

/** Receives a message of `size` bytes in so many frames; by how much the process grew meanwhile. */
async function received(server: RawServer, text: boolean, frames: number): Promise<number> {
  const child = runInChild(
    async ({ wsfd, load }, { url, bytes, memory }) => {
      const { watchMemory } = load(memory) as typeof Memory;
      const options = { ignoreSslErrors: true, maxMessageBytes: bytes } as const;
      const socket = await wsfd.webSocketOpen(url, options);
      const data: { value?: string | Buffer } = {};
      const growth = watchMemory();
      wsfd.webSocketWrite(socket, 'begin');
      const result = await wsfd.webSocketRead(socket, data);
      const most = growth();
      wsfd.webSocketTerminate(socket);
      return { result, length: data.value?.length, most };
    },
    { url: server.url, bytes: size, memory: memoryModule },
  );
  const { socket, frames: came } = await server.connections.next();
  await came.next();
  const piece = Buffer.alloc(size / frames, 'x');
  for (let i = 0; i < frames; i++) {
    const first = text ? opcodes.text : opcodes.binary;
    const fin = i === frames - 1;
    socket.write(encodeFrame(i === 0 ? first : opcodes.continuation, piece, { fin }));
  }
  const { value, stderr } = await child;
  assert.deepEqual([value?.result, value?.length], [0, size], stderr);
  return value?.most ?? NaN;
}

const count = 100;
const came = 64 * 1024;
/** The most that maxMessageBytes can be. */
const announced = 536870888;

/** In the child: opens connections and waits until what is sent on them is there. */
async function holdUnfinished(
  { wsfd, load }: Inside,
  task: { urls: [string, string]; count: number; maxMessageBytes: number; memory: string },
): Promise<{ most: number; messages: number }> {
  const { watchMemory } = load(task.memory) as typeof Memory;
  const control = await wsfd.webSocketOpen(task.urls[1]);
  const growth = watchMemory();
  const { maxMessageBytes } = task;
  const opening = Array.from({ length: task.count }, () =>
    wsfd.webSocketOpen(task.urls[0], { maxMessageBytes }),
  );
  const sockets = await Promise.all(opening);
  // The word that all was sent, then as many round trips as fifty.
  await wsfd.webSocketRead(control, {});
  for (let i = 0; i < 50; i++) {
    wsfd.webSocketWrite(control, 'x');
    await wsfd.webSocketRead(control, {});
  }
  const most = growth();
  const infos = sockets.flatMap((socket) => wsfd.webSocketInfo(socket) ?? []);
  const messages = infos.reduce((sum, info) => sum + info.messagesIn, 0);
  for (const socket of [...sockets, control]) wsfd.webSocketTerminate(socket);
  return { most, messages };
}

/** In the child: counts messages, and keeps none of them. */
async function letGo(
  { wsfd, load }: Inside,
  task: { url: string; count: number; memory: string },
): Promise<{ most: number; bytes: number }> {
  const { watchMemory } = load(task.memory) as typeof Memory;
  const socket = await wsfd.webSocketOpen(task.url, { perMessageDeflate: true });
  const growth = watchMemory();
  let bytes = 0;
  await new Promise<void>((resolve) => {
    let left = task.count;
    wsfd.webSocketSubscribe(socket, (batch) => {
      for (const message of batch) bytes += message.length;
      left -= batch.length;
      if (left === 0) resolve();
    });
    wsfd.webSocketWrite(socket, 'begin');
  });
  const most = growth();
  wsfd.webSocketTerminate(socket);
  return { most, bytes };
}

describe(
  'resident memory',
  { skip: !measurable && 'needs /proc of Linux, without AddressSanitizer' },
  () => {
    test('messages of 16 MiB that come compressed in one read do not lie there at once', async (t) => {
      const server = await startRawServer({
        answer: (request) => switching(request, ['Sec-WebSocket-Extensions: permessage-deflate']),
      });
      t.after(() => server.close());
      const messages = 40;
      const child = runInChild(letGo, { url: server.url, count: messages, memory: memoryModule });
      const { socket, frames } = await server.connections.next();
      await frames.next();
      const whole = Buffer.alloc(16 * mebibyte);
      const payload = deflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH });
      const frame = encodeFrame(opcodes.binary, payload.subarray(0, -4), { rsv: 4 });
      socket.write(Buffer.concat(new Array<Buffer>(messages).fill(frame)));
      const { value, stderr } = await child;
      assert.equal(value?.bytes, messages * whole.length, stderr);
      // V8 lets some 100 MiB lie there until it collects what nobody holds.
      assert.ok(value.most < (messages * whole.length) / 3, inMebibytes(value.most));
    });

    for (const secure of flags) {
      const over = secure ? 'wss' : 'ws';
      test(`sending 64 MiB over ${over} takes the send buffer alone`, async (t) => {
        const growth = await sent(await start(t, secure));
        assert.ok(growth < size + margin, inMebibytes(growth));
      });

      for (const [kind, text, frames, copies] of [
        ['64 MiB of binary', false, 1, 1],
        ['64 MiB of binary in 64 frames', false, 64, 1.5],
        // V8 makes the string from what was gathered.
        ['64 MiB of text', true, 1, 2],
      ] as const) {
        test(`receiving ${kind} over ${over} takes ${copies} times that`, async (t) => {
          const growth = await received(await start(t, secure), text, frames);
          assert.ok(growth < copies * size + margin, inMebibytes(growth));
        });
      }
    }

    test('what was announced takes nothing: of a hundred messages of 512 MiB 64 KiB each', async (t) => {
      const server = await start(t, false);
      const control = await startWsServer();
      t.after(() => control.close());
      const child = runInChild(holdUnfinished, {
        urls: [server.url, control.url],
        count,
        maxMessageBytes: announced,
        memory: memoryModule,
      });
      for (let i = 0; i < count; i++) {
        const { socket } = await server.connections.next();
        const header = { declaredLength: BigInt(announced) };
        const bytes = encodeFrame(opcodes.binary, Buffer.alloc(came), header);
        await new Promise((resolve) => socket.write(bytes, resolve));
      }
      (await control.connections.next()).socket.send('sent');
      const { value, stderr } = await child;
      assert.ok(value !== undefined, stderr);
      assert.ok(value.most < 2 * count * came + margin, inMebibytes(value.most));
      // They are there, and no message is complete.
      assert.ok(value.most > (count * came) / 2, inMebibytes(value.most));
      assert.equal(value.messages, 0);
    });
  },
);
