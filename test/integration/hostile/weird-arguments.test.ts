// Whatever a function is given: it neither throws nor rejects, and its result is one of its codes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import * as wsfd from 'wsfd';
import type { Message, OpenOptions, Ref } from 'wsfd';
import { close, failure, ok, open, read } from '../../support/calls';
import { startWsServer } from '../../support/servers';
import { throwing, Trap, trap, weird } from '../../support/weird-values';

type Call = (value: never) => unknown;

/** The functions with a weird value at each place; a `socket` is open where one is needed. */
const placesOf = (socket: number): Record<string, Call> => ({
  'webSocketOpen(value)': (value) => wsfd.webSocketOpen(value),
  'webSocketOpen(url, value)': (value) => wsfd.webSocketOpen('ws://127.0.0.1:1/', value),
  'webSocketRead(value)': (value) => wsfd.webSocketRead(value, {}, 0),
  'webSocketRead(, value)': (value) => wsfd.webSocketRead(socket, value, 0),
  'webSocketReadMany(value)': (value) => wsfd.webSocketReadMany(value, [], 0),
  'webSocketReadMany(, value)': (value) => wsfd.webSocketReadMany(socket, value, 0),
  'webSocketWrite(value)': (value) => wsfd.webSocketWrite(value, 'x'),
  'webSocketWrite(, value)': (value) => wsfd.webSocketWrite(socket, value),
  'webSocketWriteMany(value)': (value) => wsfd.webSocketWriteMany(value, ['x']),
  'webSocketWriteMany(, value)': (value) => wsfd.webSocketWriteMany(socket, value),
  'webSocketWriteMany(, [value])': (value) => wsfd.webSocketWriteMany(socket, ['x', value]),
  'webSocketWritePacked(value)': (value) =>
    wsfd.webSocketWritePacked(value, new Uint8Array(1), Uint32Array.of(1)),
  'webSocketWritePacked(, value)': (value) =>
    wsfd.webSocketWritePacked(socket, value, Uint32Array.of(1)),
  'webSocketWritePacked(, , value)': (value) =>
    wsfd.webSocketWritePacked(socket, new Uint8Array(1), value),
  'webSocketWritePacked(, , , value)': (value) =>
    wsfd.webSocketWritePacked(socket, new Uint8Array(1), Uint32Array.of(1), value),
  'webSocketWritePacked(, , , , value)': (value) =>
    wsfd.webSocketWritePacked(socket, new Uint8Array(1), Uint32Array.of(1), 1, value),
  'webSocketSubscribePacked(value)': (value) =>
    wsfd.webSocketSubscribePacked(value, () => undefined),
  'webSocketSubscribe(value)': (value) => wsfd.webSocketSubscribe(value, () => undefined),
  'webSocketFlush(value)': (value) => wsfd.webSocketFlush(value),
  'webSocketPing(value)': (value) => wsfd.webSocketPing(value),
  'webSocketTerminate(value)': (value) => wsfd.webSocketTerminate(value),
  'webSocketClose(value)': (value) => wsfd.webSocketClose(value),
});

async function echoSocket(t: TestContext): Promise<number> {
  const server = await startWsServer();
  t.after(() => server.close());
  return open(server.url);
}

for (const place of Object.keys(placesOf(-1))) {
  test(`${place} takes anything`, async (t) => {
    const socket = await echoSocket(t);
    const call = placesOf(socket)[place];
    assert.ok(call !== undefined);
    for (const [name, value] of weird) {
      let result: unknown;
      try {
        result = await call(value as never);
      } catch (error) {
        assert.fail(`${name}: ${error instanceof Trap ? 'the trap' : String(error)} came out`);
      }
      assert.ok([0, -1, -2].includes(result as number), `${name}: ${String(result)}`);
      const failed = result !== 0;
      assert.equal(wsfd.getLastError().length > 0, failed, name);
    }
    await close(socket);
  });
}

// undefined is an absent number of seconds, and 1e308 a long wait.
const noTimes = weird.filter(([, value]) => value !== undefined && typeof value !== 'number');

test('maxTimeout of any other type is an argument error', async (t) => {
  const socket = await echoSocket(t);
  const times: [string, unknown][] = [
    ...noTimes,
    ['NaN', NaN],
    ['-1', -1],
    ['-Infinity', -Infinity],
  ];
  for (const [name, value] of times) {
    for (const call of [
      () => wsfd.webSocketRead(socket, {}, value as number),
      () => wsfd.webSocketReadMany(socket, [], value as number),
    ]) {
      const error = await failure(call);
      assert.equal(error.code, 'WSFD_INVALID_ARGUMENT', name);
      assert.match(error.message, /maxTimeout/, name);
    }
  }
});

test('webSocketSubscribe takes functions alone', async (t) => {
  const socket = await echoSocket(t);
  for (const [name, value] of weird.filter(([, it]) => typeof it !== 'function')) {
    const error = await failure(() => wsfd.webSocketSubscribe(socket, value as () => void));
    assert.equal(error.code, 'WSFD_INVALID_ARGUMENT', name);
  }
  await ok(wsfd.webSocketWrite(socket, 'still readable'));
  assert.equal(await read(socket), 'still readable');
});

const optionNames = [
  ...['headers', 'timeout', 'ignoreSslErrors', 'sslConfig', 'protocols'],
  ...['pingInterval', 'signal'],
];

test('any option takes anything', async () => {
  for (const name of optionNames) {
    for (const [what, value] of weird) {
      const options = { [name]: value } as OpenOptions;
      const result = await wsfd.webSocketOpen('ws://127.0.0.1:1/', options);
      assert.equal(result, -1, `${name}: ${what}`);
      assert.ok(wsfd.getLastError().length > 0);
    }
  }
});

test('a getter that throws is an argument error that says so', async () => {
  const getters: [string, object][] = [
    [
      'headers',
      {
        get headers(): never {
          return trap();
        },
      },
    ],
    [
      'timeout',
      {
        get timeout(): never {
          return trap();
        },
      },
    ],
    [
      'header',
      {
        headers: {
          get 'X-A'(): never {
            return trap();
          },
        },
      },
    ],
    [
      'sslConfig',
      {
        sslConfig: {
          get privateKey(): never {
            return trap();
          },
        },
      },
    ],
  ];
  for (const [name, options] of getters) {
    const error = await failure(() => wsfd.webSocketOpen('ws://127.0.0.1:1/', options));
    assert.equal(error.category, 'usage', name);
  }
});

const badRefs: [name: string, ref: () => unknown][] = [
  ['nothing', () => undefined],
  ['null', () => null],
  ['a number', () => 5],
  ['a string', () => 'x'],
  ['a frozen object', () => Object.freeze({})],
  ['a frozen object with a value', () => Object.freeze({ value: 'x' })],
  ['a sealed object', () => Object.seal({})],
  ['an object whose value is read-only', () => Object.defineProperty({}, 'value', { value: 'x' })],
  [
    'an object whose value has a getter alone',
    () => ({
      get value() {
        return 'x';
      },
    }),
  ],
  [
    'an object whose value cannot be set',
    () => ({
      set value(_: unknown) {
        trap();
      },
    }),
  ],
  ['a proxy that throws', () => new Proxy({}, throwing)],
];

for (const [name, ref] of badRefs) {
  test(`reading into ${name} is an argument error and loses no message`, async (t) => {
    const socket = await echoSocket(t);
    await ok(wsfd.webSocketWrite(socket, 'kept'));
    const error = await failure(() => wsfd.webSocketRead(socket, ref() as Ref<Message>));
    assert.equal(error.code, 'WSFD_INVALID_ARGUMENT');
    assert.match(error.message, /data/);
    assert.equal(await read(socket), 'kept');
  });
}
