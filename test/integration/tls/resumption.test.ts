// A session is offered to the server that gave it, but not again and again to one that refuses it.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { webSocketOpen } from 'wsfd';
import { fails } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { startTcpServer, startWsServer } from '../../support/servers';
import { openAndEcho } from '../../support/tls-client';

/** The first session_ticket extension (RFC 5077 section 3.2) of a record with a ClientHello. */
function ticketIn(record: Buffer): Buffer {
  // Behind the headers of record and message, the version and the random bytes.
  let at = 5 + 4 + 2 + 32;
  at += 1 + record.readUInt8(at); // the session id
  at += 2 + record.readUInt16BE(at); // the cipher suites
  at += 1 + record.readUInt8(at); // the compression methods
  const end = (at += 2) + record.readUInt16BE(at - 2);
  while (at < end) {
    const [type, length] = [record.readUInt16BE(at), record.readUInt16BE(at + 2)];
    if (type === 35) return record.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return Buffer.alloc(0);
}

const devices: [
  reaction: string,
  react: (client: Socket) => void,
  code: string,
  returned: number,
][] = [
  ['ends the connection', (client) => client.end(), 'WSFD_CONNECTION_LOST', -1],
  ['resets the connection', (client) => client.resetAndDestroy(), 'WSFD_CONNECTION_LOST', -1],
  ['says nothing', () => undefined, 'WSFD_OPEN_TIMEOUT', -2],
];

for (const [reaction, react, code, returned] of devices) {
  test(`a device that ${reaction} where a session is offered is offered one now and then`, async (t) => {
    const { cert, key } = makeSelfSigned();
    const server = await startWsServer({ tls: { cert, key, maxVersion: 'TLSv1.2' } });
    t.after(() => server.close());
    const device = await startTcpServer((client) => {
      client.once('data', (hello) => {
        if (ticketIn(hello).length > 0) {
          react(client);
          return;
        }
        const inner = connect(server.port, '127.0.0.1');
        inner.on('error', () => client.destroy());
        inner.write(hello);
        client.pipe(inner).pipe(client);
      });
    });
    t.after(() => device.close());
    const url = device.url.replace('ws://127.0.0.1', 'wss://localhost');
    const isResumed = async (): Promise<boolean | undefined> =>
      (await openAndEcho(url, { caCertificates: cert, timeout: 30 })).tls?.resumed;
    const isRefused = (): Promise<unknown> =>
      fails(() => webSocketOpen(url, { caCertificates: cert, timeout: 1 }), code, returned);
    assert.equal(await isResumed(), false);
    for (let refusals = 0; refusals < 3; refusals++) {
      await isRefused();
      assert.equal(await isResumed(), false);
    }
    // It is offered one now and then, as a server is that refuses them.
    for (let passed = 1; passed < 15; passed++) assert.equal(await isResumed(), false);
    await isRefused();
  });
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${version}: a server that refuses sessions is offered one now and then`, async (t) => {
    const { cert, key } = makeSelfSigned();
    const tls = { cert, key, minVersion: version, maxVersion: version };
    const server = await startWsServer({ tls });
    t.after(() => server.close());
    const isResumed = async (): Promise<boolean | undefined> => {
      const { tls: info } = await openAndEcho(server.url, { caCertificates: cert });
      return info?.resumed;
    };
    assert.equal(await isResumed(), false);
    // With new keys for its tickets the server cannot read the old ones.
    for (let refusals = 0; refusals < 3; refusals++) {
      server.renew(tls);
      assert.equal(await isResumed(), false);
    }
    // From here on it would resume.
    for (let passed = 1; passed < 16; passed++) assert.equal(await isResumed(), false);
    assert.equal(await isResumed(), true);
    assert.equal(await isResumed(), true, 'and goes on');
  });
}
