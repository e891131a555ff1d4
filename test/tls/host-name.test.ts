// X509_check_host() is the measure for names: for those without an underscore as it is, for those with
// one as if it were a letter.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { makeCertificate, makeKeys } from '../support/certificates';
import { MemoryServer, createClient, ignoringAll, shakeHands, tls } from '../support/tls-core';

const labels = ['a', 'B_', '_', 'b_c', '-b_', 'b--_', 'xn--_a', 'b c_', ''];
const parents = ['a', 'a.test', 'A_b.test', '-a_.test', 'a_-.test', 'a_.b.test'];
const stars = ['*', 'w*', '*w_', '**', 'a.*', 'xn--*'];

const patterns = [
  ...parents.flatMap((parent) => stars.map((star) => `${star}.${parent}`)),
  ...labels.slice(0, 4).map((label) => `${label}.a.test`),
];
const hosts = [
  ...parents.flatMap((parent) => labels.map((label) => `${label}.${parent}`)),
  ...['a_.b.a.test', 'a_', '*.a_b.test', 'a_.a.test.', 'a_.test'],
];

const keys = makeKeys('EC');

/** Whether OpenSSL finds `host` in a certificate with that name alone. */
function reference(pattern: string, host: string): boolean {
  const { cert } = makeCertificate({ keys, subject: 'x y', san: [`DNS:${pattern}`] });
  const checked = new X509Certificate(cert);
  const options = { partialWildcards: false, subject: 'never' } as const;
  return checked.checkHost(host.replace(/\.$/, ''), options) !== undefined;
}

/** Those of `hosts` that the client takes a certificate with that name for. */
async function taken(pattern: string): Promise<string[]> {
  const { cert, key } = makeCertificate({ keys, subject: 'x y', san: [`DNS:${pattern}`] });
  const good: string[] = [];
  for (const host of hosts) {
    const server = new MemoryServer({ cert, key });
    const client = createClient({ ignoreBits: ignoringAll() }, { host, port: 1 });
    assert.equal(await shakeHands(client, server), 'ok');
    const errors = tls.tlsCertificateErrors(client).map(({ keyword }) => keyword);
    if (!errors.includes('HostNameMismatch')) good.push(host);
    server.destroy();
    tls.tlsDestroy(client);
  }
  return good;
}

/** A letter that is in none of the names stands for the underscore. */
const withLetter = (name: string): string => name.replaceAll('_', 'q');

for (const pattern of patterns) {
  test(`a certificate for ${pattern}`, async () => {
    const expected = hosts.filter(
      (host) => !host.startsWith('.') && reference(withLetter(pattern), withLetter(host)),
    );
    assert.deepEqual(await taken(pattern), expected);
  });
}
