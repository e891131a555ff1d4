// What a server can do instead of accepting the opening handshake: each ends in -1 with a code of
// its own, and with the connection closed.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { webSocketOpen, webSocketOpenSync } from 'wsfd';
import type { OpenOptions, WebSocketError } from 'wsfd';
import { fails, open } from '../../support/calls';
import { acceptOf, response, startRawServer, switching } from '../../support/raw-server';
import type { RawConnection, RawRequest } from '../../support/raw-server';

type Answer = (request: RawRequest, connection: RawConnection) => string | undefined;

interface Row {
  name: string;
  answer: Answer;
  code: string;
  category?: WebSocketError['category'];
  options?: OpenOptions;
}

/** A 101 whose lines are these, and nothing besides. */
const only =
  (linesOf: (accept: string) => string[]): Answer =>
  (request) =>
    response('101 Switching Protocols', linesOf(acceptOf(request)));

const upgrade = 'Upgrade: websocket';
const connectionLine = 'Connection: Upgrade';

const withLines =
  (...lines: string[]): Answer =>
  (request) =>
    switching(request, lines);

const thenEnd =
  (bytesOf: (request: RawRequest) => string): Answer =>
  (request, connection) => {
    connection.socket.end(bytesOf(request));
    return undefined;
  };

/** Header lines for as long as the client takes them. */
const endless: Answer = (_request, { socket }) => {
  const lines = Buffer.alloc(64 * 1024, 'X-More: 0123456\r\n');
  const pump = (): void => {
    while (socket.writable && socket.write(lines));
  };
  socket.write('HTTP/1.1 101 Switching Protocols\r\n');
  socket.on('drain', pump);
  pump();
  return undefined;
};

const repeat = (count: number, lineOf: (i: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => lineOf(i));

const rows: Row[] = [
  {
    name: 'an Accept for another key',
    answer: only(() => [
      upgrade,
      connectionLine,
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    ]),
    code: 'WSFD_HANDSHAKE_ACCEPT_INVALID',
  },
  {
    name: 'an Accept in capital letters',
    answer: only((accept) => [
      upgrade,
      connectionLine,
      `Sec-WebSocket-Accept: ${accept.toUpperCase()}`,
    ]),
    code: 'WSFD_HANDSHAKE_ACCEPT_INVALID',
  },
  {
    name: 'half an Accept',
    answer: only((accept) => [
      upgrade,
      connectionLine,
      `Sec-WebSocket-Accept: ${accept.slice(0, 14)}`,
    ]),
    code: 'WSFD_HANDSHAKE_ACCEPT_INVALID',
  },
  {
    name: 'an empty Accept',
    answer: only(() => [upgrade, connectionLine, 'Sec-WebSocket-Accept:']),
    code: 'WSFD_HANDSHAKE_ACCEPT_INVALID',
  },
  {
    name: 'no Accept',
    answer: only(() => [upgrade, connectionLine]),
    code: 'WSFD_HANDSHAKE_ACCEPT_INVALID',
  },
  {
    name: 'no Upgrade',
    answer: only((accept) => [connectionLine, `Sec-WebSocket-Accept: ${accept}`]),
    code: 'WSFD_HANDSHAKE_UPGRADE_INVALID',
  },
  {
    name: 'an Upgrade to something else',
    answer: only((accept) => ['Upgrade: h2c', connectionLine, `Sec-WebSocket-Accept: ${accept}`]),
    code: 'WSFD_HANDSHAKE_UPGRADE_INVALID',
  },
  {
    name: 'no Connection',
    answer: only((accept) => [upgrade, `Sec-WebSocket-Accept: ${accept}`]),
    code: 'WSFD_HANDSHAKE_UPGRADE_INVALID',
  },
  {
    name: 'a Connection without the token Upgrade',
    answer: only((accept) => [upgrade, 'Connection: upgraded', `Sec-WebSocket-Accept: ${accept}`]),
    code: 'WSFD_HANDSHAKE_UPGRADE_INVALID',
  },
  {
    name: 'a subprotocol where none was offered',
    answer: withLines('Sec-WebSocket-Protocol: mqtt'),
    code: 'WSFD_HANDSHAKE_SUBPROTOCOL_INVALID',
  },
  {
    name: 'a subprotocol that was not offered',
    answer: withLines('Sec-WebSocket-Protocol: mqtt'),
    options: { protocols: ['opcua', 'amqp'] },
    code: 'WSFD_HANDSHAKE_SUBPROTOCOL_INVALID',
  },
  {
    name: 'two of the subprotocols that were offered',
    answer: withLines('Sec-WebSocket-Protocol: opcua, amqp'),
    options: { protocols: ['opcua', 'amqp'] },
    code: 'WSFD_HANDSHAKE_SUBPROTOCOL_INVALID',
  },
  {
    name: 'an extension that was not offered',
    answer: withLines('Sec-WebSocket-Extensions: x-webkit-deflate-frame'),
    code: 'WSFD_HANDSHAKE_EXTENSION_INVALID',
  },
  {
    name: 'an extension that was not offered, in a second line',
    answer: withLines('Sec-WebSocket-Extensions: ', 'Sec-WebSocket-Extensions: bbf-usp-protocol'),
    code: 'WSFD_HANDSHAKE_EXTENSION_INVALID',
  },
  { name: 'an endless head', answer: endless, code: 'WSFD_HANDSHAKE_HEAD_TOO_LARGE' },
  {
    name: 'a header line of a mebibyte',
    answer: withLines(`X-Long: ${'x'.repeat(1024 * 1024)}`),
    code: 'WSFD_HANDSHAKE_HEAD_TOO_LARGE',
  },
  {
    name: 'ten thousand header lines',
    answer: withLines(...repeat(10_000, (i) => `X-${i}: y`)),
    code: 'WSFD_HANDSHAKE_HEAD_TOO_LARGE',
  },
  {
    name: 'something that is not HTTP',
    answer: () => 'SSH-2.0-OpenSSH_9.6\r\n\r\n',
    code: 'WSFD_HANDSHAKE_MALFORMED',
  },
  {
    name: 'a status that is no number',
    answer: () => 'HTTP/1.1 abc Switching\r\n\r\n',
    code: 'WSFD_HANDSHAKE_MALFORMED',
  },
  {
    name: 'a header line without a colon',
    answer: withLines('no colon here'),
    code: 'WSFD_HANDSHAKE_MALFORMED',
  },
  {
    name: 'the end of the connection',
    answer: thenEnd(() => ''),
    code: 'WSFD_HANDSHAKE_ENDED',
  },
  {
    name: 'the end of the connection in mid head',
    answer: thenEnd((request) => switching(request).slice(0, 60)),
    code: 'WSFD_HANDSHAKE_ENDED',
  },
  {
    name: 'a reset connection',
    answer: (_request, connection) => {
      connection.reset();
      return undefined;
    },
    code: 'WSFD_CONNECTION_LOST',
    category: 'network',
  },
];

for (const { name, answer, code, category = 'handshake', options = {} } of rows) {
  test(`-1 for ${name}`, async (t) => {
    const server = await startRawServer({ answer });
    t.after(() => server.close());
    const error = await fails(() => webSocketOpen(server.url, options), code);
    assert.equal(error.category, category);
    await (
      await server.connections.next()
    ).closed;
  });
}

test('-1 for the end of the connection at every byte of the 101', async (t) => {
  let cut = 0;
  let length = Infinity;
  const server = await startRawServer({
    answer: (request, { socket }) => {
      const head = switching(request);
      length = head.length;
      socket.end(head.slice(0, cut));
      return undefined;
    },
  });
  t.after(() => server.close());
  for (; cut < length; cut++) {
    await fails(() => webSocketOpen(server.url), 'WSFD_HANDSHAKE_ENDED');
  }
  assert.ok(cut > 100);
});

const accepted: [string, Answer, OpenOptions?][] = [
  [
    'tokens in other cases',
    only((accept) => [
      'UPGRADE: WebSocket',
      'connection: keep-alive, UPGRADE',
      `sec-websocket-accept:${accept}`,
    ]),
  ],
  [
    'white space around values',
    only((accept) => [
      `${upgrade}\t `,
      'Connection:   Upgrade ',
      `Sec-WebSocket-Accept: \t${accept} `,
    ]),
  ],
  [
    'Connection in two lines',
    only((accept) => [
      upgrade,
      'Connection: keep-alive',
      connectionLine,
      `Sec-WebSocket-Accept: ${accept}`,
    ]),
  ],
  [
    'one of the subprotocols',
    withLines('Sec-WebSocket-Protocol: amqp'),
    { protocols: ['opcua', 'amqp'] },
  ],
  ['no subprotocol although some were offered', withLines(), { protocols: ['opcua', 'amqp'] }],
  ['header lines it does not know', withLines('X-A: b', 'Set-Cookie: c=d', 'X-Empty:')],
  [
    'another reason phrase',
    (request) => switching(request).replace('Switching Protocols', 'Web Socket Protocol Handshake'),
  ],
  ['no reason phrase', (request) => switching(request).replace('Switching Protocols', '')],
];

for (const [name, answer, options = {}] of accepted) {
  test(`accepts a 101 with ${name}`, async (t) => {
    const server = await startRawServer({ answer });
    t.after(() => server.close());
    await open(server.url, options);
  });
}

test('-1 where nobody listens', async () => {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  const url = `ws://127.0.0.1:${port}/`;
  const error = await fails(() => webSocketOpen(url), 'WSFD_CONNECT_FAILED');
  assert.deepEqual(
    [error.category, error.syscall, error.address, error.port],
    ['network', 'connect', '127.0.0.1', port],
  );
  assert.equal(typeof error.errno, 'number');
  assert.match(error.message, /ECONNREFUSED|refused/);
});

const unknownNames = [
  'no-such-host.invalid',
  `${'a'.repeat(64)}.invalid`,
  // Longer than any name: no lookup begins.
  `${'a.'.repeat(200)}invalid`,
];

for (const name of unknownNames) {
  test(`-1 for the unknown name ${name.slice(0, 30)}`, async () => {
    const error = await fails(() => webSocketOpen(`ws://${name}/`), 'WSFD_NAME_NOT_RESOLVED');
    assert.equal(error.category, 'resolve');
    assert.ok(error.message.includes(`${name}: `), error.message);
  });
}

for (const url of ['ws://127.0.0.1:0/', 'wss://localhost:0/x', 'ws://[::1]:00/']) {
  test(`port 0 cannot be connected to: ${url}`, async () => {
    const error = await fails(() => webSocketOpen(url), 'WSFD_INVALID_URL');
    assert.deepEqual([error.category, error.retryable], ['usage', false]);
    assert.match(error.message, /port 0 cannot be connected to/);
    const given = { proxy: 'http://127.0.0.1:9' };
    await fails(() => webSocketOpen(url, given), 'WSFD_INVALID_URL');
    await fails(() => webSocketOpenSync(url), 'WSFD_INVALID_URL');
  });
}

test('port 0 of a proxy', async () => {
  for (const proxy of ['http://127.0.0.1:0', 'https://proxy.example:0', 'socks5://127.0.0.1:0']) {
    const call = () => webSocketOpen('ws://127.0.0.1:9/', { proxy });
    const error = await fails(call, 'WSFD_INVALID_OPTION');
    assert.match(error.message, /proxy.*port 0 cannot be connected to/);
  }
});

test('port 0 of a redirect', async (t) => {
  const server = await startRawServer({
    answer: () => response('302 Found', ['Location: ws://127.0.0.1:0/', 'Content-Length: 0']),
  });
  t.after(() => server.close());
  const call = () => webSocketOpen(server.url, { followRedirects: 1 });
  const error = await fails(call, 'WSFD_HANDSHAKE_REFUSED');
  assert.match(error.message, /no place for a WebSocket/);
});
