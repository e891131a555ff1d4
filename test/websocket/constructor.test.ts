// The arguments of the constructor.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocketError } from 'wsfd';
import type { OpenOptions } from 'wsfd';
import { WebSocket as WsfdWebSocket } from 'wsfd/websocket';
import { startRawServer, switching } from '../support/raw-server';
import { startWsServer } from '../support/servers';
import { WebSocket, isPlatform, next, throwsDom } from '../support/websocket';

/** The url of a socket that is not to be opened. */
function urlOf(url: string | URL): string {
  const socket = new WebSocket(url);
  socket.close();
  return socket.url;
}

test('schemes of the web become those of WebSockets', () => {
  assert.equal(urlOf('http://127.0.0.1:1/a'), 'ws://127.0.0.1:1/a');
  assert.equal(urlOf('https://127.0.0.1:1/a?b'), 'wss://127.0.0.1:1/a?b');
  assert.equal(urlOf(new URL('http://127.0.0.1:1')), 'ws://127.0.0.1:1/');
  assert.equal(urlOf('HTTPS://127.0.0.1:443'), 'wss://127.0.0.1/');
  assert.equal(urlOf('http://127.0.0.1:80'), 'ws://127.0.0.1/');
});

test('the url is the serialised one', () => {
  assert.equal(urlOf('  WS://127.0.0.1:1/ä b/../c\n '), 'ws://127.0.0.1:1/c');
  assert.equal(urlOf('ws://127.0.0.1:1/?\udc00'), 'ws://127.0.0.1:1/?%EF%BF%BD');
  assert.equal(urlOf('wss://127.0.0.1:443'), 'wss://127.0.0.1/');
  assert.equal(urlOf({ toString: () => 'ws://127.0.0.1:1/x' } as string), 'ws://127.0.0.1:1/x');
});

const badUrls = [
  '',
  '/path',
  '#test',
  '//host/',
  'ws:',
  'ws://',
  'ws://foo bar.com/',
  'wss://[::1',
];
const badSchemes = ['ftp://host/', 'mailto:a@b.c', 'about:blank', 'file:///x', 'ws+unix:/x:/'];
const fragments = ['ws://host/#', 'ws://host/#test', 'https://host/?a#'];

for (const url of [...badUrls, ...badSchemes, ...fragments]) {
  test(`the URL ${JSON.stringify(url)} is a SyntaxError`, () => {
    throwsDom(() => new WebSocket(url), 'SyntaxError');
  });
}

test('no URL, or one that is no string, is a TypeError', () => {
  assert.throws(() => Reflect.construct(WebSocket, []) as unknown, TypeError);
  assert.throws(() => new WebSocket(Symbol('url') as unknown as string), TypeError);
});

const separators = '()<>@,;:\\"/[]?={} \t';
const badProtocols: unknown[] = [
  '',
  'a b',
  'a\u0080b',
  'ä',
  'a\u0000',
  'a\u007f',
  ...Array.from(separators, (separator) => `a${separator}b`).map((name) => [name]),
  ['echo', ''],
  ['echo', 'echo'],
  ['echo', 'ECHO'],
  ['echo', 'chat', 'echo'],
  'echo, chat',
];

for (const protocols of badProtocols) {
  test(`the subprotocols ${JSON.stringify(protocols)} are a SyntaxError`, () => {
    throwsDom(() => new WebSocket('ws://127.0.0.1:1/', protocols as string), 'SyntaxError');
  });
}

test('subprotocols that cannot be converted are a TypeError', () => {
  for (const protocols of [Symbol('x'), [Symbol('x')], { [Symbol.iterator]: 5 }]) {
    assert.throws(
      () => new WebSocket('ws://127.0.0.1:1/', protocols as unknown as string),
      TypeError,
    );
  }
});

const goodProtocols: [given: unknown, offered: string | undefined][] = [
  [undefined, undefined],
  [[], undefined],
  ['echo', 'echo'],
  [['a', 'b'], 'a, b'],
  [new Set(['a', 'b']), 'a, b'],
  [null, 'null'],
  [5, '5'],
];

for (const [given, offered] of goodProtocols) {
  test(`subprotocols are offered: ${String(offered)}`, async (t) => {
    const server = await startRawServer({
      answer: (request) =>
        switching(
          request,
          offered === undefined ? [] : [`Sec-WebSocket-Protocol: ${offered.split(',')[0] ?? ''}`],
        ),
    });
    t.after(() => server.close());
    const socket = new WebSocket(server.url, given as string);
    await next(socket, 'open');
    const { request } = await server.connections.next();
    assert.equal(request.headers['sec-websocket-protocol'], offered);
    assert.equal(socket.protocol, offered?.split(',')[0] ?? '');
    socket.close();
    await next(socket, 'close');
    // It stays what it was.
    assert.equal(socket.protocol, offered?.split(',')[0] ?? '');
  });
}

test('a compressed connection says so', { skip: isPlatform }, async (t) => {
  const server = await startWsServer({ settings: { perMessageDeflate: true } });
  t.after(() => server.close());
  const socket = new WebSocket(server.url, undefined, { perMessageDeflate: true });
  await next(socket, 'open');
  assert.match(socket.extensions, /^permessage-deflate/);
  socket.close();
  await next(socket, 'close');
  assert.match(socket.extensions, /^permessage-deflate/);
});

test('the third argument has the options of webSocketOpen', { skip: isPlatform }, async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = new WebSocket(server.url, [], { headers: { 'X-Plant': '7', Origin: 'http://a' } });
  await next(socket, 'open');
  const { request } = await server.connections.next();
  assert.deepEqual([request.headers['x-plant'], request.headers.origin], ['7', 'http://a']);
  socket.close();
});

test('further arguments that are no objects are ignored', () => {
  for (const more of [['Stray argument'], [null], [5], [undefined, {}], [{}, 'more']]) {
    const socket = Reflect.construct(WebSocket, ['ws://127.0.0.1:1/', [], ...more]) as WebSocket;
    socket.close();
    assert.ok(socket instanceof WebSocket);
  }
});

test('options may take the place of the subprotocols', { skip: isPlatform }, async (t) => {
  const server = await startWsServer({ settings: { handleProtocols: () => 'b' } });
  t.after(() => server.close());
  const options = { protocols: ['a', 'b'], headers: { 'X-Plant': '7' } };
  const socket = new WebSocket(server.url, options);
  await next(socket, 'open');
  const { request } = await server.connections.next();
  assert.deepEqual(
    [request.headers['x-plant'], request.headers['sec-websocket-protocol']],
    ['7', 'a, b'],
  );
  assert.equal(socket.protocol, 'b');
  socket.close();
  assert.throws(
    () => new WebSocket(server.url, { timeOut: 5 } as OpenOptions),
    (thrown: unknown) => thrown instanceof WebSocketError && thrown.code === 'WSFD_UNKNOWN_OPTION',
  );
  // What the standard makes the name of a subprotocol remains one.
  const named = new WebSocket(server.url, { toString: () => 'b' } as unknown as string);
  await next(named, 'open');
  assert.equal(named.protocol, 'b');
  named.close();
});

test('all arguments are converted before the first is looked at', () => {
  const order: string[] = [];
  const url = { toString: () => (order.push('url'), 'no URL') } as string;
  const protocols = function* (): Generator<string> {
    order.push('protocols');
    yield 'not a token';
  };
  throwsDom(() => Reflect.construct(WebSocket, [url, protocols()]) as unknown, 'SyntaxError');
  assert.deepEqual(order, ['url', 'protocols']);
  assert.throws(() => Reflect.construct(WebSocket, ['no URL', Symbol('x')]) as unknown, TypeError);
});

test('what is wrong with the options is thrown', { skip: isPlatform }, () => {
  const wrong: [options: unknown, code: string][] = [
    [{ protocols: ['a'] }, 'WSFD_INVALID_OPTION'],
    [{ timeOut: 5 }, 'WSFD_UNKNOWN_OPTION'],
    [{ timeout: -1 }, 'WSFD_INVALID_OPTION'],
    [{ signal: {} }, 'WSFD_INVALID_OPTION'],
    [[], 'WSFD_INVALID_ARGUMENT'],
    [new Map([['timeout', 5]]), 'WSFD_INVALID_ARGUMENT'],
  ];
  for (const [options, code] of wrong) {
    assert.throws(
      () => new WsfdWebSocket('ws://127.0.0.1:1/', [], options as OpenOptions),
      (thrown: unknown) => thrown instanceof WebSocketError && thrown.code === code,
      code,
    );
  }
});
