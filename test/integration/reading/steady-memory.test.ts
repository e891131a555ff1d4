// What a feed of large messages takes: no more however long it goes on, and nothing once it is over.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makeSelfSigned } from '../../support/certificates';
import { runInChild } from '../../support/child';
import type { Inside } from '../../support/child';
import { binary, text } from '../../support/frames';
import { extent } from '../../support/long';
import { measurable, mebibyte, memoryModule } from '../../support/memory';
import type * as Memory from '../../support/memory';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';

const size = 1_000_000;
const connections = extent(20, 100);
/** Messages on each connection in each half of the feed. */
const messages = extent(15, 300);
/** What V8 lets lie there, and as much again that is being collected; a message of each connection. */
const most = 140 * mebibyte + connections * size;
const left = 16 * mebibyte;

interface Task {
  url: string;
  connections: number;
  messages: number;
  left: number;
  memory: string;
}

/** In the child: asks for each message when the one before it has come, and keeps none of them. */
async function receive(
  { wsfd, load }: Inside,
  task: Task,
): Promise<{ bytes: number; halves: number[]; rest: number }> {
  const { watchMemory, residentBytes } = load(task.memory) as typeof Memory;
  const opening = Array.from({ length: task.connections }, () =>
    wsfd.webSocketOpen(task.url, { ignoreSslErrors: true }),
  );
  const sockets = await Promise.all(opening);
  const before = residentBytes();
  const growth = watchMemory();
  let bytes = 0;
  const halves: number[] = [];
  for (let half = 0; half < 2; half++) {
    await Promise.all(
      sockets.map(async (socket) => {
        const data: { value?: string | Buffer } = {};
        for (let i = 0; i < task.messages; i++) {
          wsfd.webSocketWrite(socket, 'next');
          await wsfd.webSocketRead(socket, data);
          bytes += data.value?.length ?? 0;
          delete data.value;
        }
      }),
    );
    halves.push(growth());
  }
  // A pause of a feed, not its end: all is open. Within a minute what it took is given back.
  const rest = (): number => residentBytes() - before;
  for (let i = 0; i < 600 && rest() > task.left; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const result = { bytes, halves, rest: rest() };
  for (const socket of sockets) wsfd.webSocketTerminate(socket);
  return result;
}

/** Answers each message with `frame`. */
async function serve({ socket, frames }: RawConnection, frame: Buffer): Promise<void> {
  for (let i = 0; i < 2 * messages; i++) {
    await frames.next();
    socket.write(frame);
  }
}

describe(
  'resident memory',
  { skip: !measurable && 'needs /proc of Linux, without AddressSanitizer' },
  () => {
    for (const [kind, frame] of [
      ['binary', binary(Buffer.alloc(size, 1))],
      ['text', text(Buffer.alloc(size, 'a'))],
    ] as const) {
      for (const secure of [false, true]) {
        const over = secure ? 'wss' : 'ws';
        test(`of a feed of ${kind} messages of 1 MB over ${over} stays, and is given back`, async (t) => {
          const server = await startRawServer(secure ? { tls: makeSelfSigned() } : {});
          t.after(() => server.close());
          const child = runInChild(receive, {
            url: server.url,
            ...{ connections, messages, left },
            memory: memoryModule,
          });
          const served: Promise<void>[] = [];
          for (let i = 0; i < connections; i++) {
            served.push(serve(await server.connections.next(), frame));
          }
          await Promise.all(served);
          const { value, stderr } = await child;
          assert.ok(value !== undefined, stderr);
          assert.equal(value.bytes, 2 * connections * messages * size);
          const [first = NaN, second = NaN] = value.halves;
          assert.ok(second < most, `grew by ${second} bytes`);
          assert.ok(second < first + 32 * mebibyte, `grew by ${first}, then ${second} bytes`);
          assert.ok(value.rest <= left, `${value.rest} bytes are left`);
        });
      }
    }
  },
);

/**
 * In the child: waits, after a feed, until V8 is made to count more external memory than it allows
 * without marking its heap; false: a minute was over.
 */
async function awaitPressure(
  { wsfd }: Inside,
  { url, count, more }: { url: string; count: number; more: number },
): Promise<boolean> {
  const socket = await wsfd.webSocketOpen(url);
  const data: { value?: string | Buffer } = {};
  for (let i = 0; i < count; i++) {
    await wsfd.webSocketRead(socket, data);
    delete data.value;
  }
  const enough = process.memoryUsage().external + more;
  let counts = false;
  for (let i = 0; i < 600 && !counts; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    counts = process.memoryUsage().external >= enough;
  }
  wsfd.webSocketTerminate(socket);
  return counts;
}

test('some seconds after a feed of 64 MiB an idle program is made to mark its heap', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const count = 68;
  const child = runInChild(awaitPressure, { url: server.url, count, more: 100 * mebibyte });
  const { socket } = await server.connections.next();
  // (text, as Buffers that are still lent make V8 collect before that)
  const frame = text(Buffer.alloc(size, 'a'));
  for (let i = 0; i < count; i++) socket.write(frame);
  const { value, stderr } = await child;
  assert.equal(value, true, stderr);
});
