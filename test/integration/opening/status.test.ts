// An HTTP response instead of the 101: the status, headers and first 4 KiB of the body are known.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webSocketOpen } from 'wsfd';
import type { WebSocketError } from 'wsfd';
import { fails } from '../../support/calls';
import { response, startRawServer } from '../../support/raw-server';
import { startWsServer } from '../../support/servers';

interface Row {
  name: string;
  /** The response; the connection stays open behind it unless `ends`. */
  bytes: string;
  ends?: boolean;
  status: number;
  body: string;
}

const withLength = (body: string): string[] => [`Content-Length: ${Buffer.byteLength(body)}`];
const long = 'abcdefgh'.repeat(1024);

const rows: Row[] = [
  {
    name: '200',
    bytes: response('200 OK', withLength('hello'), 'hello'),
    status: 200,
    body: 'hello',
  },
  {
    name: '301',
    bytes: response('301 Moved Permanently', ['Location: ws://127.0.0.1:1/', ...withLength('')]),
    status: 301,
    body: '',
  },
  {
    name: '401',
    bytes: response('401 Unauthorized', ['WWW-Authenticate: Basic', ...withLength('no')], 'no'),
    status: 401,
    body: 'no',
  },
  {
    name: '503',
    bytes: response('503 Service Unavailable', ['Retry-After: 5', ...withLength('wait')], 'wait'),
    status: 503,
    body: 'wait',
  },
  {
    name: 'a status without a reason',
    bytes: response('404 ', withLength('gone'), 'gone'),
    status: 404,
    body: 'gone',
  },
  { name: 'HTTP/1.0', bytes: 'HTTP/1.0 500 Bad\r\n\r\nold', ends: true, status: 500, body: 'old' },
  {
    name: 'a body longer than 4 KiB',
    bytes: response('500 Oops', withLength(long), long),
    status: 500,
    body: long.slice(0, 4096),
  },
  {
    name: 'a long body whose end never comes',
    bytes: response('500 Oops', ['Content-Length: 1000000000'], long),
    status: 500,
    body: long.slice(0, 4096),
  },
  {
    name: 'a body of two chunks',
    bytes: response(
      '403 Forbidden',
      ['Transfer-Encoding: chunked'],
      '5\r\nnot f\r\n7;x=y\r\nor you!\r\n0\r\n\r\n',
    ),
    status: 403,
    body: 'not for you!',
  },
  {
    name: 'a body up to the end of the connection',
    bytes: response('400 Bad Request', [], 'that is all'),
    ends: true,
    status: 400,
    body: 'that is all',
  },
  {
    name: 'a body shorter than it says',
    bytes: response('400 Bad Request', ['Content-Length: 100'], 'cut o'),
    ends: true,
    status: 400,
    body: 'cut o',
  },
  { name: '204, which has no body', bytes: response('204 No Content', []), status: 204, body: '' },
];

const portions = { whole: (bytes: Buffer) => [bytes], bytewise: (bytes: Buffer) => [...bytes] };

async function refusal(row: Row, portion: keyof typeof portions): Promise<WebSocketError> {
  const server = await startRawServer({
    answer: (_request, { socket }) => {
      for (const part of portions[portion](Buffer.from(row.bytes))) {
        socket.write(typeof part === 'number' ? Buffer.from([part]) : part);
      }
      if (row.ends === true) socket.end();
      return undefined;
    },
  });
  try {
    const error = await fails(() => webSocketOpen(server.url), 'WSFD_HANDSHAKE_REFUSED');
    await (
      await server.connections.next()
    ).closed;
    return error;
  } finally {
    await server.close();
  }
}

for (const row of rows) {
  for (const portion of ['whole', 'bytewise'] as const) {
    test(`${row.name}, ${portion}`, async () => {
      const error = await refusal(row, portion);
      assert.equal(error.category, 'handshake');
      assert.equal(error.httpStatus, row.status);
      assert.equal(error.httpBody ?? '', row.body);
      assert.ok(error.message.includes(String(row.status)), error.message);
    });
  }
}

test('the headers of a refusal are known: names in lower case, repeated ones as a list', async () => {
  const lines = [
    'Server: plant',
    'Set-Cookie: a=1',
    'SET-COOKIE: b=2',
    'set-cookie: c=3',
    'X-Empty:',
    '__proto__: x',
    'Content-Length: 0',
  ];
  const row = { name: '', bytes: response('401 Unauthorized', lines), status: 401, body: '' };
  const { httpHeaders } = await refusal(row, 'whole');
  assert.deepEqual(Object.entries(httpHeaders ?? {}), [
    ['server', 'plant'],
    ['set-cookie', ['a=1', 'b=2', 'c=3']],
    ['x-empty', ''],
    ['__proto__', 'x'],
    ['content-length', '0'],
  ]);
});

test('a refusal by the ws package', async (t) => {
  const server = await startWsServer({
    settings: { verifyClient: (_info, done) => done(false, 401, 'wrong password') },
  });
  t.after(() => server.close());
  const error = await fails(() => webSocketOpen(server.url), 'WSFD_HANDSHAKE_REFUSED');
  assert.equal(error.httpStatus, 401);
  assert.equal(error.httpBody, 'wrong password');
});
