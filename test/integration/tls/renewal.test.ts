// Certificates are renewed while connections are open: what the caller reads again from its files
// counts for the next connection, and those that are open live on.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { OpenOptions } from 'wsfd';
import { webSocketWrite } from 'wsfd';
import { close, ok, open, read } from '../../support/calls';
import { makeCertificate } from '../../support/certificates';
import type { Certificate } from '../../support/certificates';
import { startWsServer } from '../../support/servers';
import { openAndEcho, openRefusedFor } from '../../support/tls-client';

const unknownIssuer = [
  'UnableToGetLocalIssuerCertificate',
  'UnableToVerifyFirstCertificate',
] as const;

/** A server of Node's that knows a root sends it with its certificate. */
const unknownRoot = ['SelfSignedCertificateInChain'] as const;

/** A plant's whole PKI: a root, the server's certificate, a client's. */
interface Generation {
  root: Certificate;
  server: Certificate;
  client: Certificate;
}

function makeGeneration(name: string): Generation {
  const root = makeCertificate({ subject: `${name} Root`, ca: true });
  return {
    root,
    server: makeCertificate({ issuer: root, san: ['DNS:localhost'] }),
    client: makeCertificate({ subject: `${name} Client`, issuer: root }),
  };
}

test('renewal without restart', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const pathOf = (name: string): string => join(folder, name);
  const install = ({ root, client }: Generation): void => {
    writeFileSync(pathOf('ca.pem'), root.cert);
    writeFileSync(pathOf('client.pem'), client.cert);
    writeFileSync(pathOf('client.key'), client.key);
  };
  const fromFiles = (): OpenOptions => {
    const [ca, cert, key] = ['ca.pem', 'client.pem', 'client.key'].map((name) =>
      readFileSync(pathOf(name), 'utf8'),
    ) as [string, string, string];
    return {
      caCertificates: ca,
      sslConfig: { localCertificate: cert, privateKey: { key, algorithm: 'EC' } },
    };
  };
  const serving = ({ root, server }: Generation) => ({
    cert: server.cert,
    key: server.key,
    ca: root.cert,
    requestCert: true,
    rejectUnauthorized: true,
  });

  const [old, renewed] = [makeGeneration('Old'), makeGeneration('New')];
  install(old);
  const server = await startWsServer({ tls: serving(old) });
  t.after(() => server.close());
  const oldOptions = fromFiles();
  const first = await open(server.url, oldOptions);
  assert.equal((await server.tls.handshakes.next()).clientCertificate?.subject.CN, 'Old Client');

  server.renew(serving(renewed));
  await openRefusedFor(unknownRoot, server.url, fromFiles());
  install(renewed);
  const info = await openAndEcho(server.url, fromFiles());
  assert.equal(info.tls?.peerCertificate?.issuer, 'CN=New Root');
  assert.equal(info.tls.resumed, false);
  assert.equal((await server.tls.handshakes.next()).clientCertificate?.subject.CN, 'New Client');
  await openRefusedFor(unknownRoot, server.url, oldOptions);

  await ok(webSocketWrite(first, 'still here'));
  assert.equal(await read(first), 'still here');
  await close(first);
});

test('an option object that is changed between two calls counts as it is', async (t) => {
  const [one, two] = [makeGeneration('One'), makeGeneration('Two')];
  const server = await startWsServer({ tls: { cert: one.server.cert, key: one.server.key } });
  t.after(() => server.close());
  const list = [one.root.cert];
  const options: OpenOptions = { caCertificates: list };
  await openAndEcho(server.url, options);
  list[0] = two.root.cert;
  await openRefusedFor(unknownIssuer, server.url, options);
  list.push(one.root.cert);
  await openAndEcho(server.url, options);
  options.caCertificates = two.root.cert;
  await openRefusedFor(unknownIssuer, server.url, options);
});
