// A session is resumed for as long as the judgement on its peer would still be the same: up to the
// end of the first certificate of the chain, or to the next update of a revocation list.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { daysFromNow, makeCertificate, makeRevocationList } from '../support/certificates';
import type { Certificate } from '../support/certificates';
import { connect, ignoring, readAll, tls, tls12, tls13 } from '../support/tls-core';
import type { TlsConfig } from '../support/tls-core';

const minutes = (count: number): Date => daysFromNow(count / (24 * 60));
const never = daysFromNow(365);

interface Case {
  readonly name: string;
  readonly leaf?: Date;
  readonly intermediate?: Date;
  readonly root?: Date;
  /** Of the lists of the intermediate and of the root; absent: no lists. */
  readonly lists?: readonly [Date, Date];
  readonly ignored?: readonly string[];
}

const half = minutes(30);
const bounded: readonly Case[] = [
  { name: 'the certificate', leaf: half },
  { name: 'the intermediate', intermediate: half },
  { name: 'the root', root: half },
  { name: "the intermediate's revocation list", lists: [half, never] },
  { name: "the root's revocation list", lists: [never, half] },
  { name: 'the first of all', leaf: minutes(50), intermediate: half, root: minutes(40) },
];
const unbounded: readonly Case[] = [
  { name: 'long lives' },
  { name: 'long lives and lists', lists: [never, never] },
  // What is past was let pass by the caller, and would be again.
  { name: 'an end that is past', intermediate: minutes(-30), ignored: ['CertificateExpired'] },
  { name: 'a list that is past', lists: [minutes(-30), never], ignored: ['UnspecifiedError'] },
];

function pkiOf({ leaf, intermediate, root }: Case): Record<'root' | 'middle' | 'own', Certificate> {
  const top = makeCertificate({ subject: 'Root', ca: true, notAfter: root ?? never });
  const middle = makeCertificate({
    ...{ subject: 'Intermediate', issuer: top, ca: true, notAfter: intermediate ?? never },
  });
  const san = ['DNS:localhost'];
  return {
    root: top,
    middle,
    own: makeCertificate({ issuer: middle, san, notAfter: leaf ?? never }),
  };
}

let port = 1;

for (const version of [tls12, tls13]) {
  const name = version === tls12 ? 'TLSv1.2' : 'TLSv1.3';

  /** Whether a session of the case would be resumed so many minutes later. */
  async function isResumable(one: Case, after: number): Promise<boolean> {
    const { root, middle, own } = pkiOf(one);
    const config: TlsConfig = {
      caCertificates: [root.cert],
      crls:
        one.lists?.map((until, i) => makeRevocationList(i === 0 ? middle : root, [], until)) ?? [],
      ignoreBits: ignoring(...(one.ignored ?? [])),
      ...{ minVersion: version, maxVersion: version },
    };
    const target = { host: 'localhost', port: port++ };
    // The server's tickets live for two hours.
    const secureContext = createSecureContext({
      ...{ cert: own.chain, key: own.key, sessionTimeout: 7200 },
    });
    const { client, server } = await connect(config, target, { secureContext });
    server.socket.write('x');
    await readAll(client, server, 1);
    server.destroy();
    return tls.tlsTakesSession(config, target, minutes(after).getTime());
  }

  for (const one of bounded) {
    test(`${name}: a session ends with ${one.name}`, async () => {
      assert.equal(await isResumable(one, 29), true);
      assert.equal(await isResumable(one, 31), false);
    });
  }

  for (const one of unbounded) {
    test(`${name}: ${one.name}: a session ends with its own time`, async () => {
      assert.equal(await isResumable(one, 31), true);
      assert.equal(await isResumable(one, 119), true);
      assert.equal(await isResumable(one, 121), false);
    });
  }
}
