// SOCKS5 proxies: a real one where it is installed, and ones that misbehave.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { webSocketOpen } from 'wsfd';
import { fails } from '../../support/calls';
import { makeCertificate } from '../../support/certificates';
import { without } from '../../support/programs';
import { joinSockets, startMicrosocks } from '../../support/proxies';
import { response } from '../../support/raw-server';
import { startTcpServer, startWsServer } from '../../support/servers';
import { openAndEcho } from '../../support/tls-client';

const root = makeCertificate({ subject: 'Proxy Tests', ca: true });
const { cert, key } = makeCertificate({ issuer: root, san: ['DNS:localhost'] });
const trust = { caCertificates: root.cert };

const noAuthentication = Buffer.from([5, 0]);
const connected = Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);

/** A proxy that sends these bytes as answers, one for each message that comes; a function acts. */
async function startScripted(
  t: TestContext,
  ...script: (Uint8Array | ((socket: Socket, message: Buffer) => void))[]
): Promise<string> {
  const server = await startTcpServer((socket) => {
    const steps = [...script];
    socket.on('data', (message: Buffer) => {
      const step = steps.shift();
      if (typeof step === 'function') step(socket, message);
      else if (step !== undefined) socket.write(step);
    });
  });
  t.after(() => server.close());
  return `socks5://127.0.0.1:${server.port}`;
}

test('the target is named to the proxy, and messages pass drop by drop', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  let asked: Uint8Array = Buffer.alloc(0);
  const proxy = await startScripted(t, noAuthentication, (socket, message) => {
    asked = message;
    socket.removeAllListeners('data');
    socket.setNoDelay(true);
    for (const byte of connected) socket.write(Buffer.from([byte]));
    const upstream = connect(server.port, '127.0.0.1');
    joinSockets(socket, upstream);
  });
  const info = await openAndEcho(`ws://plant.invalid:${server.port}/`, { proxy });
  assert.equal(info.url, `ws://plant.invalid:${server.port}/`);
  const port = Buffer.from([server.port >> 8, server.port & 255]);
  const expected = [Buffer.from([5, 1, 0, 3, 13]), Buffer.from('plant.invalid'), port];
  assert.deepEqual(Buffer.from(asked), Buffer.concat(expected));
});

test('bytes behind the reply belong to the tunnel', async (t) => {
  const early = Buffer.from(response('503 Busy', ['Content-Length: 0']));
  const proxy = await startScripted(t, noAuthentication, Buffer.concat([connected, early]));
  const call = (): Promise<number> => webSocketOpen('ws://127.0.0.1:1/', { proxy });
  const error = await fails(call, 'WSFD_HANDSHAKE_REFUSED');
  assert.equal(error.httpStatus, 503);
});

test('a refusal says why', async (t) => {
  const proxy = await startScripted(
    t,
    noAuthentication,
    Buffer.from([5, 2, 0, 1, 0, 0, 0, 0, 0, 0]),
  );
  const call = (): Promise<number> => webSocketOpen('ws://127.0.0.1:1/', { proxy });
  const error = await fails(call, 'WSFD_PROXY_REFUSED');
  assert.match(error.message, /SOCKS reply 2, connection not allowed by ruleset/);
  assert.ok(error.message.includes(`the proxy ${proxy}`), error.message);
  assert.equal(error.httpStatus, undefined);
});

test('a proxy that ends in the middle', async (t) => {
  const proxy = await startScripted(t, noAuthentication, (socket) => socket.end(Buffer.from([5])));
  const call = (): Promise<number> => webSocketOpen('ws://127.0.0.1:1/', { proxy });
  const error = await fails(call, 'WSFD_PROXY_REFUSED');
  assert.match(error.message, /it ended the connection during the request to connect/);
});

test('a proxy that never answers: -2 says so', async (t) => {
  const proxy = await startScripted(t, noAuthentication);
  const call = (): Promise<number> => webSocketOpen('ws://127.0.0.1:1/', { proxy, timeout: 0.2 });
  const error = await fails(call, 'WSFD_OPEN_TIMEOUT', -2);
  assert.ok(error.message.includes(`the proxy ${proxy} had not answered`), error.message);
});

test('an HTTP proxy that is taken for SOCKS5', async (t) => {
  const proxy = await startScripted(t, Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const call = (): Promise<number> => webSocketOpen('ws://127.0.0.1:1/', { proxy });
  const error = await fails(call, 'WSFD_PROXY_REFUSED');
  assert.match(error.message, /it does not speak SOCKS5/);
});

describe('microsocks', { skip: without('microsocks') }, () => {
  for (const secure of [false, true]) {
    test(`microsocks: ${secure ? 'wss' : 'ws'} by address and by name`, async (t) => {
      const server = await startWsServer(secure ? { tls: { cert, key } } : {});
      t.after(() => server.close());
      const { url, close } = await startMicrosocks();
      t.after(close);
      await openAndEcho(server.url, { proxy: `socks5://${url}`, ...trust });
      await openAndEcho(server.url.replace('127.0.0.1', 'localhost'), {
        proxy: `socks5h://${url}`,
        ...trust,
      });
    });
  }

  test('microsocks with credentials: right, wrong, none', async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    const { url, close } = await startMicrosocks(['karl', 'ge:heim']);
    t.after(close);
    await openAndEcho(server.url, { proxy: `socks5://karl:ge%3Aheim@${url}` });
    for (const [user, message] of [
      ['karl:falsch@', /refused the user name or password/],
      ['', /wants authentication/],
    ] as const) {
      const given = { proxy: `socks5://${user}${url}` };
      const error = await fails(() => webSocketOpen(server.url, given), 'WSFD_PROXY_REFUSED');
      assert.match(error.message, message);
      assert.doesNotMatch(JSON.stringify([error.message, error]), /karl|falsch/);
    }
  });

  test('microsocks that cannot reach the target', async (t) => {
    const server = await startWsServer();
    await server.close();
    const { url, close } = await startMicrosocks();
    t.after(close);
    const given = { proxy: `socks5://${url}` };
    const error = await fails(() => webSocketOpen(server.url, given), 'WSFD_PROXY_REFUSED');
    assert.match(error.message, /SOCKS reply 5, connection refused/);
  });
});
