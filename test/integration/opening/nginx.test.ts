// nginx speaking TLS before uWebSockets.js, as plants have it: messages there and back, what a reload
// does to a connection, and what nginx says when the server behind it is gone or silent.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  webSocketInfo,
  webSocketOpen,
  webSocketRead,
  webSocketReadMany,
  webSocketWrite,
  webSocketWriteMany,
} from 'wsfd';
import type { Message, OpenOptions } from 'wsfd';
import { close, fails, ok, open, read } from '../../support/calls';
import { makeCertificate } from '../../support/certificates';
import { startNginx } from '../../support/nginx';
import type { Nginx, NginxOptions } from '../../support/nginx';
import { without } from '../../support/programs';
import { randomMessages } from '../../support/random-messages';
import { startUwsServer } from '../../support/servers';
import type { UwsServer } from '../../support/servers';

const root = makeCertificate({ subject: 'nginx Tests', ca: true });
const tls = makeCertificate({ issuer: root, san: ['DNS:localhost'] });
const trust: OpenOptions = { caCertificates: root.cert };

async function start(
  t: TestContext,
  options: Omit<NginxOptions, 'tls' | 'backend'> = {},
): Promise<{ nginx: Nginx; server: UwsServer }> {
  const server = await startUwsServer({ quiet: true });
  t.after(() => server.close());
  const nginx = await startNginx({ tls, backend: server.port, ...options });
  t.after(() => nginx.close());
  return { nginx, server };
}

async function echo(socket: number, message: string): Promise<void> {
  await ok(webSocketWrite(socket, message));
  assert.equal(await read(socket), message);
}

/** What is left of a connection that nginx has ended: a clear error, and no close code. */
async function endedByNginx(socket: number, code = 'WSFD_CLOSED_ABNORMALLY'): Promise<void> {
  await fails(() => webSocketRead(socket, {}), code);
  const { state, closeCode, closedByPeer } = webSocketInfo(socket) ?? assert.fail();
  assert.deepEqual([state, closeCode, closedByPeer], ['closed', 1006, false]);
  await fails(() => webSocketWrite(socket, 'x'), 'WSFD_SOCKET_CLOSED');
  await close(socket);
}

describe('behind nginx', { skip: without('nginx') }, () => {
  test('100,000 messages each way, and nginx is reloaded in the middle', async (t) => {
    const { nginx } = await start(t);
    const socket = await open(nginx.url, trust);
    const messages = randomMessages(10_000, 3);
    const inFlight = 500;
    const echoes: Message[] = [];
    for (let sent = 0; sent < 100_000; sent += inFlight) {
      const part = messages.slice(sent % messages.length, (sent % messages.length) + inFlight);
      await ok(webSocketWriteMany(socket, part));
      // Old workers keep the connections that were upgraded.
      if (sent === 50_000) await nginx.reload();
      echoes.length = 0;
      while (echoes.length < part.length) await ok(webSocketReadMany(socket, echoes, 60));
      assert.deepEqual(echoes, part);
    }
    const { messagesIn, messagesOut, tls: session } = webSocketInfo(socket) ?? assert.fail();
    assert.deepEqual([messagesIn, messagesOut], [100_000, 100_000]);
    assert.ok(session !== undefined);
    // The new workers serve as well.
    const another = await open(nginx.url, trust);
    await echo(another, 'new');
    await close(another);
    await close(socket);
  });

  test('a reload with a worker_shutdown_timeout ends the connection, and it says so', async (t) => {
    const { nginx } = await start(t, { shutdownTimeout: '200ms' });
    const socket = await open(nginx.url, trust);
    await echo(socket, 'before');
    await nginx.reload();
    // It ends the TCP connection alone, without TLS's close_notify.
    await endedByNginx(socket, 'WSFD_TLS_TRUNCATED');
    const another = await open(nginx.url, trust);
    await echo(another, 'new');
    await close(another);
  });

  test('ws: to its TLS port: 400, and what to do', async (t) => {
    const { nginx } = await start(t);
    const url = nginx.url.replace('wss:', 'ws:');
    const error = await fails(() => webSocketOpen(url), 'WSFD_HANDSHAKE_REFUSED');
    assert.equal(error.httpStatus, 400);
    assert.match(error.message, /the server seems to speak TLS here: use wss/);
  });

  test('a server that is gone: 502', async (t) => {
    const { nginx, server } = await start(t);
    await server.close();
    const error = await fails(() => webSocketOpen(nginx.url, trust), 'WSFD_HANDSHAKE_REFUSED');
    const { category, httpStatus, retryable } = error;
    assert.deepEqual([category, httpStatus, retryable], ['handshake', 502, true]);
    assert.match(error.httpBody ?? '', /502 Bad Gateway/);
    assert.match(error.message, /502/);
    const { server: name } = error.httpHeaders ?? {};
    assert.match(String(name), /^nginx/);
  });

  test('a server that goes away ends the connection, and it says so', async (t) => {
    const { nginx, server } = await start(t);
    const socket = await open(nginx.url, trust);
    await echo(socket, 'before');
    await server.close();
    await endedByNginx(socket);
  });

  test('proxy_read_timeout ends a silent connection, and it says so', async (t) => {
    const { nginx } = await start(t, { readTimeout: '300ms' });
    const socket = await open(nginx.url, trust);
    await echo(socket, 'before');
    await endedByNginx(socket);
  });

  test('with pingInterval it does not', async (t) => {
    const { nginx } = await start(t, { readTimeout: '1s' });
    const silent = await open(nginx.url, trust);
    const pinged = await open(nginx.url, { ...trust, pingInterval: 0.1 });
    // Twice the time that ends a silent one.
    await endedByNginx(silent);
    await endedByNginx(await open(nginx.url, trust));
    await echo(pinged, 'after');
    await close(pinged);
  });
});
