// Every bad certificate, served for real: what is found, what is let pass, and what a server gets to
// see of a client that has refused it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { SecureVersion } from 'node:tls';
import type { OpenOptions, SslErrorKeyword } from 'wsfd';
import { certificateCases } from '../../support/certificate-cases';
import type { CertificateCase } from '../../support/certificate-cases';
import { makeCertificate } from '../../support/certificates';
import { startWsServer } from '../../support/servers';
import type { WsServer } from '../../support/servers';
import { ignoredKeywords, openAndEcho, openRefusedFor } from '../../support/tls-client';
import { assertOnlyAlert, startTap } from '../../support/tls-tap';
import type { Tap } from '../../support/tls-tap';

type IgnoreSslErrors = NonNullable<OpenOptions['ignoreSslErrors']>;

const client = makeCertificate({ subject: 'Test Client' });

/** A server of one bad certificate, a tap before it, and the case that it is. */
interface Bench {
  readonly server: WsServer;
  readonly tap: Tap;
  readonly row: CertificateCase;
}

async function serve(t: TestContext, row: CertificateCase, version: SecureVersion): Promise<Bench> {
  const server = await startWsServer({
    tls: {
      cert: row.chain,
      key: row.key,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: version,
      maxVersion: version,
    },
  });
  const tap = await startTap(server.port);
  t.after(async () => {
    await tap.close();
    await server.close();
  });
  return { server, tap, row };
}

const urlOf = ({ row, tap }: Bench): string => `wss://${row.host}:${tap.port}/`;

function optionsFor(row: CertificateCase, ignoreSslErrors?: IgnoreSslErrors): OpenOptions {
  const { caCertificates } = row;
  return {
    sslConfig: {
      localCertificate: client.cert,
      privateKey: { key: client.key, algorithm: 'EC' },
    },
    ...(caCertificates === undefined ? {} : { caCertificates }),
    ...(ignoreSslErrors === undefined ? {} : { ignoreSslErrors }),
  };
}

/** -1 with all that is wrong, and the server is told why and nothing else. */
async function assertRefused(bench: Bench, ignored?: readonly SslErrorKeyword[]): Promise<void> {
  const { server, tap, row } = bench;
  const error = await openRefusedFor(row.keywords, urlOf(bench), optionsFor(row, ignored));
  const found = error.certificateErrors ?? [];
  assert.deepEqual([...new Set(found.map(({ keyword }) => keyword))].sort(), [...row.keywords]);
  for (const { keyword, ignored: passed } of found) {
    assert.equal(passed, ignored?.includes(keyword) ?? false, keyword);
    if (!passed) assert.match(error.message, new RegExp(keyword));
  }

  await assertOnlyAlert(await tap.connections.next());
  assert.match((await server.tls.failures.next()).code, row.alert);
  assert.equal(server.tls.handshakes.all.length, 0);
  assert.equal(server.connections.all.length, 0);
}

/** A connection that works, with the client certificate shown and the errors still to be seen. */
async function assertAccepted(bench: Bench, ignored: IgnoreSslErrors): Promise<void> {
  const { server, row } = bench;
  const info = await openAndEcho(urlOf(bench), optionsFor(row, ignored));
  assert.deepEqual(ignoredKeywords(info), row.keywords);
  const { clientCertificate } = await server.tls.handshakes.next();
  assert.equal(clientCertificate?.subject.CN, 'Test Client');
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  for (const row of certificateCases) {
    const name = `${version}, ${row.name}:`;

    test(`${name} refused by default`, async (t) => {
      await assertRefused(await serve(t, row, version));
    });

    test(`${name} accepted when all its errors are listed`, async (t) => {
      await assertAccepted(await serve(t, row, version), row.keywords);
    });

    for (const missing of row.keywords) {
      test(`${name} refused when ${missing} is not listed`, async (t) => {
        // An error that does not occur, since an empty list would let everything pass.
        const others = row.keywords.filter((keyword) => keyword !== missing);
        await assertRefused(await serve(t, row, version), [...others, 'CertificateRevoked']);
      });
    }

    for (const everything of [true, '', []] as const) {
      test(`${name} accepted with ${JSON.stringify(everything)}`, async (t) => {
        await assertAccepted(await serve(t, row, version), everything);
      });
    }
  }
}

test('an error says which certificate it is in', async (t) => {
  const row = certificateCases.find(({ name }) => name === 'expired root and expired leaf');
  assert.ok(row !== undefined);
  const bench = await serve(t, row, 'TLSv1.3');
  const error = await openRefusedFor(row.keywords, urlOf(bench), optionsFor(row));
  const found = [...(error.certificateErrors ?? [])].sort((a, b) => a.depth - b.depth);
  const expired = { keyword: 'CertificateExpired', code: 10, ignored: false };
  assert.deepEqual(
    found.map(({ text, ...rest }) => ({ ...rest, text: text.length > 0 })),
    [
      { ...expired, depth: 0, subject: 'CN=localhost', text: true },
      { ...expired, depth: 1, subject: 'CN=Test Expired Root', text: true },
    ],
  );
  for (const text of Object.values(error.sslErrors ?? {})) assert.match(text, /expired/i);
});
