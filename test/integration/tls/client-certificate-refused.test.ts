// A server that asks for a client certificate and does not get what it wants: the error says whether
// one was sent. OpenSSL's server tells why by an alert, which Node's does not.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { OpenOptions } from 'wsfd';
import { makeCertificate } from '../../support/certificates';
import type { Certificate } from '../../support/certificates';
import { without, runProgram } from '../../support/programs';
import { openRefused } from '../../support/tls-client';

const root = makeCertificate({ subject: 'Test Root', ca: true });
const middle = makeCertificate({ subject: 'Test Intermediate', issuer: root, ca: true });
const leaf = makeCertificate({ issuer: root, san: ['IP:127.0.0.1'] });
const known = makeCertificate({ subject: 'Known', issuer: middle });
const stranger = makeCertificate({ subject: 'Stranger' });

const configOf = (localCertificate: string, { key }: Certificate): OpenOptions['sslConfig'] => ({
  localCertificate,
  privateKey: { key, algorithm: 'EC' },
});

const none = /asked for a client certificate and got none: sslConfig carries it/;
const notAccepted =
  /asked for a client certificate and does not accept that of sslConfig: .*intermediates/;

const skip = without('openssl');
for (const version of ['tls1_2', 'tls1_3']) {
  test(`${version}: a server that wants a client certificate`, { skip }, async (t) => {
    const server = await runProgram((port, folder) => {
      const pathOf = (name: string, text: string): string => {
        writeFileSync(join(folder, name), text);
        return join(folder, name);
      };
      return [
        ...['openssl', 's_server', '-accept', String(port), `-${version}`, '-www', '-quiet'],
        ...['-cert', pathOf('cert.pem', leaf.cert), '-key', pathOf('key.pem', leaf.key)],
        ...['-CAfile', pathOf('root.pem', root.cert), '-Verify', '3', '-verify_return_error'],
      ];
    });
    t.after(() => server.close());
    const refused = async (sslConfig?: OpenOptions['sslConfig']) => {
      const options = sslConfig === undefined ? {} : { sslConfig };
      const url = `wss://${server.url}/`;
      return openRefused(url, { caCertificates: root.cert, timeout: 30, ...options });
    };
    for (const [sslConfig, says] of [
      [undefined, none],
      [configOf(stranger.cert, stranger), notAccepted],
      [configOf(known.cert, known), notAccepted],
    ] as const) {
      const error = await refused(sslConfig);
      assert.equal(error.category, 'tls', error.message);
      assert.match(error.message, says);
    }
    // With its chain it gets through to where there is no WebSocket.
    assert.equal((await refused(configOf(known.chain, known))).category, 'handshake');
  });
}
