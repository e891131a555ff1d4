// A socket is for calls that wait or for calls that are awaited, as it was opened; and whatever a
// call that waits is given, it does not throw.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as wsfd from 'wsfd';
import type { Message, OpenOptions, Ref } from 'wsfd';
import { close, fails, failure, ok, open, read } from '../../support/calls';
import { startUwsServer } from '../../support/servers';
import type { UwsServer } from '../../support/servers';
import { Trap, throwing, weird } from '../../support/weird-values';

let server: UwsServer;
before(async () => {
  // In a process of its own: this one is blocked while a call waits.
  server = await startUwsServer();
});
after(() => server.close());

function openSync(options?: OpenOptions): number {
  const socket = wsfd.webSocketOpenSync(server.url, options);
  assert.ok(socket >= 0, wsfd.getLastError()[0]?.message);
  return socket;
}

test('the asynchronous functions refuse a socket of webSocketOpenSync', async () => {
  const socket = openSync();
  const calls: [name: string, advice: RegExp, call: () => number | Promise<number>][] = [
    ['read', /call webSocketReadSync/, () => wsfd.webSocketRead(socket, {})],
    ['readMany', /call webSocketReadManySync/, () => wsfd.webSocketReadMany(socket, [])],
    ['flush', /call webSocketFlushSync/, () => wsfd.webSocketFlush(socket)],
    ['close', /call webSocketCloseSync/, () => wsfd.webSocketClose(socket)],
    ['ping', /webSocketOpen/, () => wsfd.webSocketPing(socket)],
    ['subscribe', /webSocketReadSync/, () => wsfd.webSocketSubscribe(socket, () => undefined)],
  ];
  for (const [name, advice, call] of calls) {
    const error = await fails(call, 'WSFD_WRONG_MODE');
    assert.equal(error.category, 'usage', name);
    assert.match(error.message, advice, name);
    assert.match(error.message, new RegExp(`socket ${socket} is of webSocketOpenSync:`), name);
  }
  for (const iterate of [wsfd.webSocketMessages, wsfd.webSocketBatches]) {
    await assert.rejects(iterate(socket).next(), { code: 'WSFD_WRONG_MODE' });
  }
  await ok(wsfd.webSocketWrite(socket, 'still works'));
  const data: Ref<Message> = {};
  await ok(wsfd.webSocketReadSync(socket, data, 60));
  assert.equal(data.value, 'still works');
  await ok(wsfd.webSocketCloseSync(socket));
});

test('the functions that wait refuse a socket of webSocketOpen', async () => {
  const socket = await open(server.url);
  const calls: [advice: RegExp, call: () => number][] = [
    [/call webSocketRead$/, () => wsfd.webSocketReadSync(socket, {})],
    [/call webSocketReadMany$/, () => wsfd.webSocketReadManySync(socket, [])],
    [/call webSocketFlush$/, () => wsfd.webSocketFlushSync(socket)],
    [/call webSocketClose$/, () => wsfd.webSocketCloseSync(socket)],
  ];
  for (const [advice, call] of calls) {
    const error = await fails(call, 'WSFD_WRONG_MODE');
    assert.match(error.message, advice);
    assert.match(error.message, new RegExp(`socket ${socket} is of webSocketOpen:`));
  }
  await ok(wsfd.webSocketWrite(socket, 'still works'));
  assert.equal(await read(socket), 'still works');
  await close(socket);
});

test('sockets of both kinds beside each other', async () => {
  const awaited = await open(server.url);
  const data: Ref<Message> = {};
  const pending = read(awaited);
  const socket = openSync();
  assert.notEqual(socket, awaited);
  await ok(wsfd.webSocketWrite(awaited, 'awaited'));
  await ok(wsfd.webSocketWrite(socket, 'waited for'));
  await ok(wsfd.webSocketReadSync(socket, data, 60));
  assert.equal(data.value, 'waited for');
  assert.equal(await pending, 'awaited');
  await ok(wsfd.webSocketCloseSync(socket));
  await close(awaited);
});

test('calls that wait in the callback of a subscriber', async () => {
  const awaited = await open(server.url);
  const socket = openSync();
  const echoed = new Promise<Message[]>((resolve) => {
    wsfd.webSocketSubscribe(awaited, (batch) => {
      const seen: Message[] = [];
      for (const message of batch) {
        const data: Ref<Message> = {};
        wsfd.webSocketWrite(socket, `${String(message)} again`);
        wsfd.webSocketReadSync(socket, data, 60);
        seen.push(message, data.value ?? '');
      }
      resolve(seen);
    });
  });
  await ok(wsfd.webSocketWrite(awaited, Buffer.from('once')));
  assert.deepEqual(await echoed, [Buffer.from('once'), 'once again']);
  await ok(wsfd.webSocketCloseSync(socket));
  await close(awaited);
});

describe('weird arguments', () => {
  type Call = (value: never) => unknown;
  const placesOf = (socket: number): Record<string, Call> => ({
    'webSocketOpenSync(value)': (value) => wsfd.webSocketOpenSync(value),
    'webSocketOpenSync(url, value)': (value) => wsfd.webSocketOpenSync('ws://127.0.0.1:1/', value),
    'webSocketReadSync(value)': (value) => wsfd.webSocketReadSync(value, {}, 0),
    'webSocketReadSync(, value)': (value) => wsfd.webSocketReadSync(socket, value, 0),
    'webSocketReadManySync(value)': (value) => wsfd.webSocketReadManySync(value, [], 0),
    'webSocketReadManySync(, value)': (value) => wsfd.webSocketReadManySync(socket, value, 0),
    'webSocketFlushSync(value)': (value) => wsfd.webSocketFlushSync(value),
    'webSocketCloseSync(value)': (value) => wsfd.webSocketCloseSync(value),
    'webSocketWrite(, value)': (value) => wsfd.webSocketWrite(socket, value),
    'webSocketWriteMany(, value)': (value) => wsfd.webSocketWriteMany(socket, value),
    'webSocketTerminate(value)': (value) => wsfd.webSocketTerminate(value),
  });

  for (const place of Object.keys(placesOf(-1))) {
    test(`${place} takes anything`, () => {
      const socket = openSync();
      const call = placesOf(socket)[place];
      assert.ok(call !== undefined);
      for (const [name, value] of weird) {
        let result: unknown;
        try {
          result = call(value as never);
        } catch (error) {
          assert.fail(`${name}: ${error instanceof Trap ? 'the trap' : String(error)} came out`);
        }
        assert.ok([0, -1, -2].includes(result as number), `${name}: ${String(result)}`);
        assert.equal(wsfd.getLastError().length > 0, result !== 0, name);
      }
      assert.equal(wsfd.webSocketCloseSync(socket), 0);
    });
  }

  test('maxTimeout of any other type', async () => {
    const socket = openSync();
    const times = weird.filter(([, it]) => it !== undefined && typeof it !== 'number');
    for (const [name, value] of [...times, ['NaN', NaN], ['-1', -1]] as [string, unknown][]) {
      for (const call of [
        () => wsfd.webSocketReadSync(socket, {}, value as number),
        () => wsfd.webSocketReadManySync(socket, [], value as number),
      ]) {
        const error = await failure(call);
        assert.equal(error.code, 'WSFD_INVALID_ARGUMENT', name);
        assert.match(error.message, /maxTimeout/, name);
      }
    }
    await ok(wsfd.webSocketCloseSync(socket));
  });

  test('a code and a reason of any other type', async () => {
    const socket = openSync();
    for (const [name, value] of weird.filter(([, it]) => it !== undefined)) {
      const error = await failure(() => wsfd.webSocketCloseSync(socket, value as number));
      assert.equal(error.code, 'WSFD_INVALID_ARGUMENT', name);
    }
    await ok(wsfd.webSocketCloseSync(socket));
  });

  test('any option', () => {
    for (const name of ['headers', 'timeout', 'ignoreSslErrors', 'sslConfig', 'signal', 'proxy']) {
      for (const [what, value] of weird) {
        const options = { [name]: value } as OpenOptions;
        const result = wsfd.webSocketOpenSync('ws://127.0.0.1:1/', options);
        assert.equal(result, -1, `${name}: ${what}`);
        assert.ok(wsfd.getLastError().length > 0);
      }
    }
  });

  test('a reference whose setter closes the socket, or throws', async () => {
    const socket = openSync();
    await ok(wsfd.webSocketWriteMany(socket, ['a', 'b']));
    const trap = new Proxy({}, throwing) as Ref<Message>;
    await fails(() => wsfd.webSocketReadSync(socket, trap, 60), 'WSFD_INVALID_ARGUMENT');
    const results: number[] = [];
    const closing = {
      set value(_: Message) {
        results.push(wsfd.webSocketCloseSync(socket));
      },
    };
    results.push(wsfd.webSocketReadSync(socket, closing, 60));
    assert.deepEqual(results, [0, 0]);
    await fails(() => wsfd.webSocketReadSync(socket, {}), 'WSFD_INVALID_SOCKET');
  });
});
