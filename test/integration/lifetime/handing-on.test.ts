// A message's memory can be handed on in every way that there is, and no other message suffers: not
// those that came with it, nor one that is still on another thread when this one's has ended.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type * as WorkerThreads from 'node:worker_threads';
import { webSocketBatches, webSocketMessages, webSocketReadMany, webSocketSubscribe } from 'wsfd';
import type { Message } from 'wsfd';
import { WebSocket } from 'wsfd/websocket';
import { open, readAll } from '../../support/calls';
import { runInChild, runInThread } from '../../support/child';
import type { Inside } from '../../support/child';
import { binary } from '../../support/frames';
import { spoiltBy, ways } from '../../support/handing-on';
import type * as HandingOn from '../../support/handing-on';
import { startRawServer, switching } from '../../support/raw-server';
import type { RawServer } from '../../support/raw-server';

/** Beside the sizes at which a message's memory comes from elsewhere. */
const sizes = [
  ...[1, 63, 64, 65, 500, 4095, 4096, 16_383, 16_384, 20_000, 32_767, 32_768, 100_000],
  2 ** 21 + 1,
];
/** 20,000 bytes stand for a feed whose messages share blocks. */
const countOf = (size: number): number => (size >= 100_000 ? 3 : size === 20_000 ? 60 : 10);
/** Which of them is handed on: one in the midst. */
const handedOn = (size: number): number => countOf(size) >> 1;
const messagesOf = (size: number): Buffer[] =>
  Array.from({ length: countOf(size) }, (_, i) => Buffer.alloc(size, i + 1));

type Receive = (url: string, count: number) => Promise<readonly Uint8Array[]>;

const collected = (
  count: number,
): [all: Message[], take: (batch: readonly Message[]) => boolean] => {
  const all: Message[] = [];
  return [all, (batch) => all.push(...batch) >= count];
};

const paths: Record<string, Receive> = {
  webSocketRead: async (url, count) => (await readAll(await open(url), count)) as Buffer[],
  webSocketReadMany: async (url, count) => {
    const socket = await open(url);
    const all: Message[] = [];
    while (all.length < count) await webSocketReadMany(socket, all);
    return all as Buffer[];
  },
  webSocketSubscribe: async (url, count) => {
    const socket = await open(url);
    const [all, take] = collected(count);
    await new Promise<void>((resolve) => {
      webSocketSubscribe(socket, (batch) => {
        if (take(batch)) resolve();
      });
    });
    return all as Buffer[];
  },
  webSocketMessages: async (url, count) => {
    const [all, take] = collected(count);
    for await (const message of webSocketMessages(await open(url))) if (take([message])) break;
    return all as Buffer[];
  },
  webSocketBatches: async (url, count) => {
    const [all, take] = collected(count);
    for await (const batch of webSocketBatches(await open(url))) if (take(batch)) break;
    return all as Buffer[];
  },
  'class WebSocket': async (url, count) => {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    const all: Uint8Array[] = [];
    while (all.length < count) {
      const [{ data }] = (await once(socket, 'message')) as [{ data: ArrayBuffer }];
      all.push(new Uint8Array(data));
    }
    return all;
  },
};

async function serve(t: TestContext, size: number): Promise<RawServer> {
  const messages = Buffer.concat(messagesOf(size).map((message) => binary(message)));
  const server = await startRawServer({
    answer: (request) => Buffer.concat([Buffer.from(switching(request)), messages]),
  });
  t.after(() => server.close());
  return server;
}

for (const size of sizes) {
  for (const [path, receive] of Object.entries(paths)) {
    test(`${path}: one of several messages of ${size} bytes is handed on`, async (t) => {
      const { url } = await serve(t, size);
      for (const way of Object.keys(ways)) {
        const messages = await receive(url, countOf(size));
        assert.deepEqual(
          messages.map((message) => Buffer.from(message)),
          messagesOf(size),
        );
        assert.deepEqual(await spoiltBy(way, handedOn(size), messages), [], way);
      }
    });
  }

  test(`calls that wait: one of several messages of ${size} bytes is handed on`, async (t) => {
    const { url } = await serve(t, size);
    const spoilt = await runInThread(
      async ({ wsfd, load }, { at, count, module }) => {
        const { spoiltBy: spoilt, ways: all } = load(module) as typeof HandingOn;
        const result: unknown[] = [];
        for (const way of Object.keys(all)) {
          const socket = wsfd.webSocketOpenSync(at);
          const first: { value?: Message } = {};
          wsfd.webSocketReadSync(socket, first);
          const messages = [first.value ?? ''];
          while (messages.length < count) wsfd.webSocketReadManySync(socket, messages);
          result.push([way, ...(await spoilt(way, 1, messages as Buffer[]))]);
          wsfd.webSocketTerminate(socket);
        }
        return result;
      },
      { at: url, count: countOf(size), module: require.resolve('../../support/handing-on') },
    );
    assert.deepEqual(
      spoilt,
      Object.keys(ways).map((way) => [way]),
    );
  });
}

/** Whether a transfer list takes it, and leaves nothing behind. */
function isTransferred(message: Uint8Array): boolean {
  const transfer = [message.buffer as ArrayBuffer];
  const bytes = Buffer.from(message);
  const copy = structuredClone(message, { transfer });
  assert.ok(bytes.equals(copy));
  return message.length === 0;
}

test('a message that has its memory alone can be transferred', async (t) => {
  const isSlabbed = Number.parseInt(process.versions.node) >= 24;
  for (const size of isSlabbed ? [1, 64] : [1, 64, 65, 4096, 16_383]) {
    const { url } = await serve(t, size);
    const [message] = (await paths['webSocketRead']?.(url, countOf(size))) ?? [];
    assert.ok(message !== undefined && isTransferred(message), `${size} bytes`);
  }
});

test('messages that share blocks are kept to the end of the process, and it ends', async (t) => {
  const size = 20_000;
  const { url } = await serve(t, size);
  const { value, exitCode, stderr } = await runInChild(
    async ({ wsfd }, { at, count }) => {
      const socket = await wsfd.webSocketOpen(at);
      const kept: (string | Buffer)[] = [];
      while (kept.length < count) await wsfd.webSocketReadMany(socket, kept);
      wsfd.webSocketTerminate(socket);
      Object.assign(globalThis, { kept });
      return kept.length;
    },
    { at: url, count: countOf(size) },
  );
  assert.deepEqual([value, exitCode, stderr], [countOf(size), 0, '']);
});

test('an ArrayBuffer of the class can be transferred', async (t) => {
  for (const size of sizes) {
    const { url } = await serve(t, size);
    const messages = (await paths['class WebSocket']?.(url, countOf(size))) ?? [];
    assert.ok(messages.every(isTransferred), `${size} bytes`);
  }
});

test('a large message that has gone to another thread outlives its own', async (t) => {
  const size = 2 ** 22;
  const { url } = await serve(t, size);
  const program = require.resolve('wsfd');
  const body = async ({ load }: Inside, given: { at: string; path: string }): Promise<number> => {
    const { Worker } = load('node:worker_threads') as typeof WorkerThreads;
    const code = `(async () => {
      const { parentPort, workerData: { at, path } } = require('node:worker_threads');
      const { webSocketOpen, webSocketRead } = require(path);
      const { value } = await (async (data) => {
        await webSocketRead(await webSocketOpen(at), data);
        return data;
      })({});
      const stream = new ReadableStream({
        type: 'bytes',
        start: (controller) => controller.enqueue(value),
      });
      const { value: { buffer } } = await stream.getReader().read();
      parentPort.postMessage(buffer, [buffer]);
      process.exit();
    })()`;
    const worker = new Worker(code, { eval: true, workerData: given });
    let bytes = new Uint8Array(0);
    worker.once('message', (buffer: ArrayBuffer) => (bytes = new Uint8Array(buffer)));
    await new Promise((resolve) => worker.once('exit', resolve));
    return bytes.reduce((sum, byte) => sum + byte, 0);
  };
  const { value, stderr } = await runInChild(body, { at: url, path: program });
  assert.equal(value, size, stderr);
});
