// A message may have any number of fragments (RFC 6455 section 5.4): one takes no memory, and the
// event loop has its turns while they come.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { runInChild } from '../../support/child';
import { open, read } from '../../support/calls';
import { continuation, text } from '../../support/frames';
import { measurable, mebibyte, memoryModule } from '../../support/memory';
import type * as Memory from '../../support/memory';
import { startRawServer } from '../../support/raw-server';
import type { RawServer } from '../../support/raw-server';

const million = 1_000_000;
const notFinal = { fin: false };

async function start(t: TestContext): Promise<RawServer> {
  const server = await startRawServer();
  t.after(() => server.close());
  return server;
}

/** "a", a million frames of `part`, and a last one that is empty. */
function streamed(part: string): Buffer {
  const frame = continuation(part, notFinal);
  const middle = Buffer.alloc(million * frame.length, frame);
  return Buffer.concat([text('a', notFinal), middle, continuation()]);
}

for (const part of ['', 'x']) {
  const name = `a message of a million frames of ${part.length} bytes`;

  test(`${name}, and the loop has its turns meanwhile`, async (t) => {
    const server = await start(t);
    const socket = await open(server.url);
    const connection = await server.connections.next();
    const bytes = streamed(part);
    let turns = 0;
    let counting = true;
    const count = (): void => {
      turns++;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
    connection.send(bytes);
    assert.equal(await read(socket), `a${part.repeat(million)}`);
    counting = false;
    // A wake-up takes two full receive buffers at the most. On Windows libuv has two in a turn.
    const most = (process.platform === 'win32' ? 2 : 1) * 512 * 1024;
    assert.ok(turns >= Math.floor(bytes.length / most), `${turns} turns`);
  });

  test(
    `${name} takes the memory of its bytes`,
    { skip: measurable ? false : 'needs /proc without AddressSanitizer' },
    async (t) => {
      const server = await start(t);
      const child = runInChild(
        async ({ wsfd, load }, { url, memory }) => {
          const { watchMemory } = load(memory) as typeof Memory;
          const socket = await wsfd.webSocketOpen(url);
          const growth = watchMemory();
          const data: { value?: string | Buffer } = {};
          const code = await wsfd.webSocketRead(socket, data);
          const most = growth();
          wsfd.webSocketTerminate(socket);
          return { code, length: data.value?.length, most };
        },
        { url: server.url, memory: memoryModule },
      );
      const connection = await server.connections.next();
      connection.send(streamed(part));
      const { value, stderr } = await child;
      const length = 1 + part.length * million;
      assert.deepEqual([value?.code, value?.length], [0, length], stderr);
      // 16 bytes for each of them would be twice that.
      assert.ok((value?.most ?? Infinity) < 8 * mebibyte, `grew by ${value?.most}`);
    },
  );
}
