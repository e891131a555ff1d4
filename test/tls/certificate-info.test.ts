// What is told of a certificate: names of every kind, and bytes in them that could be taken for
// something else.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { makeCertificate, nameOf } from '../support/certificates';
import * as der from '../support/der';
import { connect, ignoringAll, tls } from '../support/tls-core';

/** What a session tells of the subject alternative names of a server's certificate, and Node. */
async function namesOf(...san: readonly (string | Uint8Array)[]): Promise<[string, string]> {
  const { cert, key } = makeCertificate({ san });
  const target = { host: 'localhost', port: 1 };
  const config = { ignoreBits: ignoringAll() };
  const { client, server } = await connect(config, target, { cert, key });
  const [own] = tls.tlsInfo(client).chain;
  server.destroy();
  return [own?.subjectAltNames ?? '', new X509Certificate(cert).subjectAltName ?? ''];
}

/** The value of a name, as GeneralName's [tag]. */
const general = (tag: number, ...bytes: number[]): Buffer => der.implicit(tag, Buffer.from(bytes));

const asNode: readonly (readonly [title: string, name: string | Uint8Array, text: string])[] = [
  ['a DNS name', 'DNS:a.test', 'DNS:a.test'],
  ['an e-mail address', 'email:a@a.test', 'email:a@a.test'],
  ['a URI', 'URI:urn:a', 'URI:urn:a'],
  ['an IPv4 address', 'IP:192.0.2.1', 'IP Address:192.0.2.1'],
  ['an IPv6 address', 'IP:2001:db8::ab', 'IP Address:2001:DB8:0:0:0:0:0:AB'],
  ['a comma', 'DNS:a, DNS:b', String.raw`DNS:"a\u002c DNS:b"`],
  ['quotation marks and a backslash', 'DNS:a"\\\'', String.raw`DNS:"a\"\\'"`],
  ['control characters', 'DNS:a\0\n\x7f', String.raw`DNS:"a\u0000\u000a\u007f"`],
  ['bytes beyond ASCII', general(2, 0x61, 0xe4, 0xff), String.raw`DNS:"a\u00e4\u00ff"`],
  ['a directory name', der.explicit(4, nameOf('a')), 'DirName:CN=a'],
  [
    'a directory name with a comma',
    der.explicit(4, nameOf('a,b')),
    String.raw`DirName:"CN=a\\\u002cb"`,
  ],
];

for (const [title, name, text] of asNode) {
  test(`a subject alternative name: ${title}`, async () => {
    const [own, ofNode] = await namesOf(name);
    assert.equal(own.toLowerCase(), text.toLowerCase());
    assert.equal(own.toLowerCase(), ofNode.toLowerCase());
  });
}

test('addresses of no length that there is, and names of other kinds', async () => {
  const [own] = await namesOf(general(7, 1, 2, 3), general(8, 42, 3), 'DNS:a');
  assert.equal(own, 'IP Address:<invalid>, othername:<unsupported>, DNS:a');
});
