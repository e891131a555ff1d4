// Connections that end without a close frame: what came before is delivered, then -1.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  WebSocketError,
  webSocketInfo,
  webSocketPing,
  webSocketRead,
  webSocketReadMany,
  webSocketWrite,
  webSocketWriteMany,
} from 'wsfd';
import { close, failure, fails, open, read, readAll } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { close as closeFrame, fragments, opcodes, text } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';
import { resetIsAnEnd } from '../../support/wine';

interface Ending {
  name: string;
  secure?: true;
  skip?: string | false;
  code: string;
  category: WebSocketError['category'];
  end: (connection: RawConnection) => void;
}

const endings: Ending[] = [
  {
    name: 'FIN',
    code: 'WSFD_CLOSED_ABNORMALLY',
    category: 'closed',
    end: (connection) => connection.end(),
  },
  {
    name: 'RST',
    skip: resetIsAnEnd,
    code: 'WSFD_CONNECTION_LOST',
    category: 'network',
    end: (connection) => connection.reset(),
  },
  {
    name: 'close_notify',
    secure: true,
    code: 'WSFD_CLOSED_ABNORMALLY',
    category: 'closed',
    end: (connection) => connection.end(),
  },
  {
    name: 'RST over TLS',
    skip: resetIsAnEnd,
    secure: true,
    code: 'WSFD_CONNECTION_LOST',
    category: 'network',
    end: (connection) => connection.reset(),
  },
  {
    name: 'FIN without close_notify',
    secure: true,
    code: 'WSFD_TLS_TRUNCATED',
    category: 'closed',
    end: (connection) => connection.socket.destroy(),
  },
];

async function connect(
  t: TestContext,
  { secure }: Partial<Ending> = {},
): Promise<{ socket: number; connection: RawConnection }> {
  const server = await startRawServer(secure === true ? { tls: makeSelfSigned() } : {});
  t.after(() => server.close());
  const socket = await open(server.url, secure === true ? { ignoreSslErrors: true } : {});
  return { socket, connection: await server.connections.next() };
}

for (const ending of endings) {
  const { name, code, category, end, skip = false } = ending;

  test(`${name}: messages, then -1 again and again`, { skip }, async (t) => {
    const { socket, connection } = await connect(t, ending);
    await connection.sendAndWait(text('a'), text('b'));
    const peer = ['127.0.0.1', connection.socket.localPort];
    end(connection);
    assert.deepEqual(await readAll(socket, 2), ['a', 'b']);
    for (let i = 0; i < 3; i++) {
      const error = await fails(() => webSocketRead(socket, {}), code);
      assert.deepEqual([error.category, error.retryable], [category, true]);
      assert.equal(error.closeCode ?? 1006, 1006);
      assert.deepEqual([error.address, error.port], peer);
      await fails(() => webSocketRead(socket, {}, 0), code);
      await fails(() => webSocketReadMany(socket, []), code);
    }
    const info = webSocketInfo(socket);
    assert.equal(info?.closeCode, 1006);
    assert.deepEqual([info.remoteAddress, info.remotePort], peer);
    await close(socket);
    await fails(() => webSocketRead(socket, {}), 'WSFD_INVALID_SOCKET');
  });

  test(`${name}: every read and ping that waits gets -1`, { skip }, async (t) => {
    const { socket, connection } = await connect(t, ending);
    const waiting = [
      ...Array.from({ length: 3 }, () => failure(() => webSocketRead(socket, {}))),
      failure(() => webSocketRead(socket, {}, 3600)),
      failure(() => webSocketReadMany(socket, [])),
      failure(() => webSocketPing(socket)),
    ];
    await connection.next(opcodes.ping);
    end(connection);
    const errors = await Promise.all(waiting);
    assert.deepEqual(
      errors.map((error) => error.code),
      Array<string>(waiting.length).fill(code),
    );
  });

  test(`${name} inside a message: what there is of it is not delivered`, { skip }, async (t) => {
    const { socket, connection } = await connect(t, ending);
    const [first = Buffer.alloc(0)] = fragments(opcodes.text, ['frag', 'ments']);
    await connection.sendAndWait(text('whole'), first);
    end(connection);
    assert.equal(await read(socket), 'whole');
    await fails(() => webSocketRead(socket, {}), code);
  });

  test(`${name}: writing fails afterwards`, { skip }, async (t) => {
    const { socket, connection } = await connect(t, ending);
    end(connection);
    const why = await fails(() => webSocketRead(socket, {}), code);
    for (const call of [
      () => webSocketWrite(socket, 'x'),
      () => webSocketWriteMany(socket, ['x']),
      () => webSocketPing(socket),
    ]) {
      const error = await fails(call, 'WSFD_SOCKET_CLOSED');
      assert.equal(error.cause, why);
      assert.equal(error.retryable, false);
    }
  });
}

test('FIN inside a frame: what there is of it is not delivered', async (t) => {
  const { socket, connection } = await connect(t);
  connection.send(text('whole'), text('half').subarray(0, 4));
  connection.end();
  assert.equal(await read(socket), 'whole');
  await fails(() => webSocketRead(socket, {}), 'WSFD_CLOSED_ABNORMALLY');
});

const skip = resetIsAnEnd;

test('a lost connection says what the system said', { skip }, async (t) => {
  const { socket, connection } = await connect(t);
  connection.reset();
  const error = await fails(() => webSocketRead(socket, {}), 'WSFD_CONNECTION_LOST');
  assert.equal(typeof error.errno, 'number');
  assert.match(error.message, /ECONNRESET|reset/);
});

test('writing to a connection that was reset ends in -1, not in a signal', { skip }, async (t) => {
  const { socket, connection } = await connect(t);
  connection.reset();
  let result = 0;
  // The first writes may be accepted before the reset is seen.
  while (result === 0) {
    result = webSocketWrite(socket, Buffer.alloc(100_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(result, -1);
  await fails(() => webSocketRead(socket, {}), 'WSFD_CONNECTION_LOST');
});

test('writing after the close frame of the server says that it came', async (t) => {
  const { socket, connection } = await connect(t);
  connection.send(closeFrame(1001, 'going "away"'));
  assert.equal(await webSocketRead(socket, {}), 1);
  for (const call of [
    () => webSocketWrite(socket, 'x'),
    () => webSocketWriteMany(socket, ['x']),
    () => webSocketPing(socket),
  ]) {
    const { cause } = await fails(call, 'WSFD_SOCKET_CLOSED');
    assert.ok(cause instanceof WebSocketError);
    assert.match(cause.message, /the server closed it with 1001 "going .*away/);
  }
});
