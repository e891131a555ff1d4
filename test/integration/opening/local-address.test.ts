// The option localAddress.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { webSocketOpen } from 'wsfd';
import { fails } from '../../support/calls';
import { startProxy, tunnel } from '../../support/proxies';
import { startWsServer } from '../../support/servers';
import { openAndEcho } from '../../support/tls-client';

// Only Linux has all of 127.0.0.0/8 without being told.
const address = process.platform === 'linux' ? '127.0.0.9' : '127.0.0.1';

test('is where the connection comes from', async (t) => {
  const from: (string | undefined)[] = [];
  const onConnection = (_socket: unknown, { socket }: IncomingMessage): void => {
    from.push(socket.remoteAddress);
  };
  const server = await startWsServer({ onConnection });
  t.after(() => server.close());
  for (const host of ['127.0.0.1', 'localhost']) {
    await openAndEcho(`ws://${host}:${server.port}/`, { localAddress: address });
  }
  assert.deepEqual(from, [address, address]);
});

test('is where a connection to a proxy comes from', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  let from: string | undefined;
  const proxy = await startProxy({
    answer: (socket, head) => {
      from = socket.remoteAddress;
      tunnel(socket, head);
    },
  });
  t.after(() => proxy.close());
  await openAndEcho(server.url, { proxy: proxy.url, localAddress: address });
  assert.equal(from, address);
});

test('that this machine does not have', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  // RFC 5737: 192.0.2.0/24 is for documentation alone.
  const call = (): Promise<number> => webSocketOpen(server.url, { localAddress: '192.0.2.1' });
  const error = await fails(call, 'WSFD_CONNECT_FAILED');
  assert.equal(error.syscall, 'bind');
  assert.match(error.message, /for localAddress 192\.0\.2\.1/);
});

test('of the other family', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const call = (): Promise<number> => webSocketOpen(server.url, { localAddress: '::1' });
  const error = await fails(call, 'WSFD_CONNECT_FAILED');
  assert.deepEqual([error.syscall, error.address], ['bind', '127.0.0.1']);
  assert.match(error.message, /address family not supported for localAddress ::1/);
});

test('of a family that the name has no address of', async () => {
  // RFC 6761: names below .invalid do not exist.
  for (const [localAddress, family] of [
    ['127.0.0.1', 'IPv4'],
    ['::1', 'IPv6'],
  ] as const) {
    const call = (): Promise<number> => webSocketOpen('ws://plant.invalid/', { localAddress });
    const error = await fails(call, 'WSFD_NAME_NOT_RESOLVED');
    assert.match(
      error.message,
      new RegExp(`as localAddress is one, only ${family} addresses count`),
    );
  }
});

for (const value of ['', 'localhost', '127.0.0.1:80', '[::1]', '1.2.3', 5, null, {}]) {
  test(`${JSON.stringify(value)} is none`, async () => {
    const given = { localAddress: value as string };
    const error = await fails(
      () => webSocketOpen('ws://127.0.0.1:1/', given),
      'WSFD_INVALID_OPTION',
    );
    assert.match(error.message, /localAddress: expected an IP address of this machine/);
  });
}
