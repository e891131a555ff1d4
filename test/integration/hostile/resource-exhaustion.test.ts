// Much of everything that peers and callers can make much of: it is bounded, or costs no more than
// its share. (Descriptors: no-free-sockets. Memory: large-memory, backpressure-memory. Limits of the
// protocol: test/connection.)
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { webSocketOpen, webSocketRead, webSocketTerminate, webSocketWrite } from 'wsfd';
import type { Ref } from 'wsfd';
import { close, fails, ok, open } from '../../support/calls';
import { makeCertificate } from '../../support/certificates';
import { runInChild } from '../../support/child';
import { listen } from '../../support/fixture';
import { extent } from '../../support/long';
import { startTcpServer, startWsServer } from '../../support/servers';
import { switching } from '../../support/raw-server';
import { tls13 } from '../../support/tls-core';
import { TlsServer } from '../../support/tls-server-core';

const { cert, key } = makeCertificate({ san: ['DNS:localhost'] });

/** Writes key updates that are to be answered, and reads none of the answers. */
function flood(tls: TlsServer, socket: Socket): void {
  const inOneWrite = 500;
  let left = 1_000_000;
  const more = (): void => {
    if (socket.destroyed) return;
    if ((left -= inOneWrite) < 0) {
      socket.destroy();
      return;
    }
    for (let i = 0; i < inOneWrite; i++) tls.keyUpdate(true);
    socket.write(tls.take(), more);
  };
  more();
}

test('a proxy that wants answers of TLS and does not read them is given up', async (t) => {
  const proxy = createServer((socket) => {
    const tls = new TlsServer({ cert, key, minVersion: tls13, maxVersion: tls13 });
    const onData = (bytes: Buffer): void => {
      tls.give(bytes);
      const done = tls.handshake() === 'ok';
      socket.write(tls.take());
      if (!done) return;
      socket.off('data', onData).pause();
      flood(tls, socket);
    };
    socket.on('data', onData);
  });
  const { port, close: end } = await listen(proxy);
  t.after(end);
  const options = { proxy: `https://localhost:${port}`, caCertificates: cert };
  const error = await fails(() => webSocketOpen('ws://127.0.0.1:1/', options), 'WSFD_TLS_FAILED');
  assert.match(error.message, /wants answers and does not take them/);
});

const many = extent(20_000, 1_000_000);

test(`${many} reads that wait are served in order`, async (t) => {
  const server = await startWsServer({ echo: false, keepsNothing: true });
  t.after(() => server.close());
  const socket = await open(server.url);
  const { socket: peer } = await server.connections.next();
  const order: number[] = [];
  const reads = Array.from({ length: many }, (_, i) => {
    const data: Ref<string | Buffer> = {};
    return webSocketRead(socket, data).then(() => order.push(Number(data.value) - i));
  });
  for (let i = 0; i < many; i++) peer.send(String(i));
  await Promise.all(reads);
  assert.ok(order.every((difference) => difference === 0));
  await close(socket);
});

test(`${many} reads that wait run out of time, and one between them does not`, async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const before = Array.from({ length: many / 2 }, () => webSocketRead(socket, {}, 1e-9));
  const data: Ref<string | Buffer> = {};
  const patient = webSocketRead(socket, data);
  const after = Array.from({ length: many / 2 }, () => webSocketRead(socket, {}, 1e-9));
  const codes = await Promise.all([...before, ...after]);
  assert.ok(codes.every((code) => code === -2));
  await ok(webSocketWrite(socket, 'here'));
  await ok(patient);
  assert.equal(data.value, 'here');
  await close(socket);
});

test(`${many} reads that wait when the socket is terminated`, async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const reads = Array.from({ length: many }, () => webSocketRead(socket, {}, 1e9));
  assert.equal(webSocketTerminate(socket), 0);
  assert.ok((await Promise.all(reads)).every((code) => code === 1));
});

// In full 5 GiB: more than 32 bits count.
const messageBytes = extent(8, 1024) * 1024 * 1024;

test(`5 messages of ${messageBytes} bytes that wait to be sent all go out`, async (t) => {
  const headerBytes = 14;
  const expected = 5 * (messageBytes + headerBytes);
  let received = 0;
  const server = await startTcpServer((socket) => {
    socket.once('data', (head: Buffer) => {
      const [, key = ''] = /^sec-websocket-key: *(\S+)/im.exec(head.toString('latin1')) ?? [];
      socket.write(switching({ head: '', requestLine: '', headers: { 'sec-websocket-key': key } }));
      socket.on('data', (bytes: Buffer) => (received += bytes.length));
    });
    socket.on('error', () => undefined);
  });
  t.after(() => server.close());
  const child = runInChild(
    async ({ wsfd }, { url, size }) => {
      const socket = await wsfd.webSocketOpen(url, { maxBufferedBytes: Number.MAX_SAFE_INTEGER });
      const message = new Uint8Array(size);
      // In one tick: the first is more than the system takes, and the others wait behind it.
      const results = Array.from({ length: 5 }, () => wsfd.webSocketWrite(socket, message));
      results.push(await wsfd.webSocketFlush(socket));
      wsfd.webSocketTerminate(socket);
      return results;
    },
    { url: server.url, size: messageBytes },
  );
  const socket = await server.connections.next();
  const ended = once(socket, 'close');
  const { value, stderr } = await child;
  await ended;
  assert.deepEqual([value, received], [[0, 0, 0, 0, 0, 0], expected], stderr);
});
