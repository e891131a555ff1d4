// Arguments and results that look right and are not: whatever a caller's own getters, subclasses
// and thenables do, a call gives a code, nothing is thrown, and no message is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  getLastError,
  webSocketOpen,
  webSocketRead,
  webSocketReadMany,
  webSocketSubscribe,
  webSocketWrite,
  webSocketWriteMany,
} from 'wsfd';
import type { Message, OpenOptions } from 'wsfd';
import { close, fails, ok, open, read } from '../../support/calls';
import { startTcpServer, startWsServer } from '../../support/servers';

async function echoSocket(t: TestContext): Promise<number> {
  const server = await startWsServer();
  t.after(() => server.close());
  return open(server.url);
}

const unpushable: [string, () => Message[]][] = [
  [
    'an array of a fixed length',
    () => Object.defineProperty<Message[]>([], 'length', { writable: false }),
  ],
  [
    'an array whose push throws',
    () =>
      Object.assign<Message[], object>([], {
        push: () => {
          throw new Error('full');
        },
      }),
  ],
  [
    'a proxy of an array that takes nothing',
    () => new Proxy<Message[]>([], { set: () => false, defineProperty: () => false }),
  ],
];

for (const [name, make] of unpushable) {
  test(`webSocketReadMany into ${name}: -1, and the messages stay`, async (t) => {
    const socket = await echoSocket(t);
    const waiting = webSocketReadMany(socket, make());
    await ok(webSocketWriteMany(socket, ['a', 'b']));
    assert.equal(await waiting, -1);
    assert.equal(getLastError()[0]?.code, 'WSFD_INVALID_ARGUMENT');
    const error = await fails(() => webSocketReadMany(socket, make(), 60), 'WSFD_INVALID_ARGUMENT');
    assert.match(error.message, /into/);
    assert.deepEqual([await read(socket), await read(socket)], ['a', 'b']);
    await close(socket);
  });
}

test('webSocketReadMany into an array that is full after one: the others stay', async (t) => {
  const socket = await echoSocket(t);
  await ok(webSocketWriteMany(socket, ['a', 'b', 'c']));
  class Short extends Array<Message> {
    override push(message: Message): number {
      if (this.length === 1) throw new Error('full');
      return super.push(message);
    }
  }
  const into = new Short();
  const rest: Message[] = [];
  // (they may come in several reads of the system)
  while (into.length === 0) await webSocketReadMany(socket, into, 60);
  while (rest.length < 2) await ok(webSocketReadMany(socket, rest, 60));
  assert.deepEqual([[...into], rest], [['a'], ['b', 'c']]);
  await close(socket);
});

test('a Uint8Array whose `length` is its own is sent as it is', async (t) => {
  const socket = await echoSocket(t);
  for (const get of [
    () => 0,
    () => 100,
    () => {
      throw new Error('no length');
    },
  ]) {
    const bytes = Object.defineProperty(new Uint8Array([1, 2, 3]), 'length', { get });
    await ok(webSocketWrite(socket, bytes));
    assert.deepEqual(await read(socket), Buffer.from([1, 2, 3]));
    await ok(webSocketWriteMany(socket, [bytes]));
    assert.deepEqual(await read(socket), Buffer.from([1, 2, 3]));
  }
  await close(socket);
});

test('what only looks like an AbortSignal is an argument error', async () => {
  const { signal } = new AbortController();
  const values: object[] = [
    Object.create(AbortSignal.prototype, { aborted: { value: false } }) as object,
    Object.create(AbortSignal.prototype, { aborted: { value: true } }) as object,
    // (an object that inherits from a signal, but is no event target)
    Object.create(signal, { constructor: { value: undefined } }) as object,
  ];
  for (const value of values) {
    const options = { signal: value } as unknown as OpenOptions;
    await fails(() => webSocketOpen('ws://127.0.0.1:1/', options), 'WSFD_INVALID_OPTION');
  }
});

test('an AbortSignal whose own properties throw aborts all the same', async (t) => {
  const server = await startTcpServer();
  t.after(() => server.close());
  const controller = new AbortController();
  const get = (): never => {
    throw new Error('mine');
  };
  Object.defineProperties(controller.signal, { aborted: { get }, reason: { get } });
  const opening = webSocketOpen(server.url, { signal: controller.signal });
  await server.connections.next();
  controller.abort('enough');
  assert.equal(await opening, -1);
  const [error] = getLastError();
  assert.deepEqual([error?.code, error?.cause], ['WSFD_ABORTED', 'enough']);
});

test('a number too long to be written as text is an argument error at once', async () => {
  const error = await fails(
    () => webSocketRead((2n ** 100_000_000n) as never, {}),
    'WSFD_INVALID_SOCKET',
  );
  assert.match(error.message, /a long bigint/);
});

interface Thenable {
  then(resolve: () => void, reject: (reason: unknown) => void): void;
}

const results: [string, () => unknown][] = [
  ['null', () => null],
  ['a number', () => 5],
  ['an object without then', () => ({})],
  ['a thenable that calls back at once', (): Thenable => ({ then: (resolve) => resolve() })],
  [
    'a thenable that calls back twice',
    (): Thenable => ({
      then: (resolve) => {
        resolve();
        resolve();
      },
    }),
  ],
  [
    'a thenable that is none when it is asked again',
    () => {
      let asked = 0;
      return {
        get then() {
          return asked++ === 0 ? () => undefined : undefined;
        },
      };
    },
  ],
];

for (const [name, make] of results) {
  test(`a subscriber that returns ${name} gets the next batch`, async (t) => {
    const socket = await echoSocket(t);
    const got: Message[] = [];
    let wake: () => void = () => undefined;
    const subscriber = (batch: readonly Message[]): void => {
      got.push(...batch);
      wake();
      return make() as undefined;
    };
    await ok(webSocketSubscribe(socket, subscriber));
    for (const message of ['a', 'b', 'c']) {
      const arrived = new Promise<void>((resolve) => (wake = resolve));
      await ok(webSocketWrite(socket, message));
      await arrived;
    }
    assert.deepEqual(got, ['a', 'b', 'c']);
    await close(socket);
  });
}

const long = 'a'.repeat(100_000);
const longArguments: [string, string, OpenOptions][] = [
  ['a scheme', `x${long}:`, {}],
  ['a URL', `ws://127.0.0.1:1/${long}`, { timeout: 60 }],
  [
    'a header given twice',
    'ws://127.0.0.1:1/',
    { headers: { [long]: 'x', [`A${long.slice(1)}`]: '' } },
  ],
  ['a subprotocol given twice', 'ws://127.0.0.1:1/', { protocols: [long, long] }],
  ['the scheme of a proxy', 'ws://127.0.0.1:1/', { proxy: `p${long}://x` }],
  ['a keyword', 'wss://127.0.0.1:1/', { ignoreSslErrors: [long] } as unknown as OpenOptions],
];

for (const [name, url, options] of longArguments) {
  test(`${name} of 100,000 letters makes no such error`, async () => {
    assert.equal(await webSocketOpen(url, options), -1);
    for (const { message } of getLastError()) assert.ok(message.length < 5000, name);
  });
}

test('no control character of a URL gets into an error', async () => {
  for (const url of ['ws+unix:/tmp/a\u2028b\u0085c.sock', 'ws+unix:/tmp/\u009b31m.sock:/x']) {
    assert.equal(await webSocketOpen(url), -1);
    const [error] = getLastError();
    assert.match(error?.message ?? '', /\\u(2028|009b)/);
    assert.doesNotMatch(error?.message ?? '', /[\0-\x1f\x7f-\x9f\u2028\u2029]/);
  }
});
