// What ignoreSslErrors must not be: each a mistake that would otherwise switch verification off.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenOptions } from 'wsfd';
import { makeSelfSigned } from '../../support/certificates';
import { startTcpServer, startWsServer, urlOf } from '../../support/servers';
import { openRefused, openRefusedFor } from '../../support/tls-client';

/** Whatever a script in plain JavaScript may give. */
const ignoring = (value: unknown): OpenOptions => ({ ignoreSslErrors: value }) as OpenOptions;

const mistakes: readonly [title: string, value: unknown, advice: RegExp][] = [
  ['false', false, /leave|omit|absent|undefined/i],
  ['0', 0, /true|list|array/i],
  ['1', 1, /true|list|array/i],
  ['null', null, /leave|omit|absent|undefined/i],
  ['an object', {}, /true|list|array/i],
  ['a keyword that is not in a list', 'CertificateExpired', /\[\s*['"]CertificateExpired['"]\s*\]/],
  ['any other string', 'true', /true|list|array/i],
  ['a keyword with a letter missing', ['CertificateExpird'], /CertificateExpired/],
  ['a keyword in lower case', ['certificateexpired'], /CertificateExpired/],
  ['a keyword with a space', ['HostNameMismatch '], /HostNameMismatch/],
  ['an unknown keyword after a known one', ['CertificateExpired', 'SelfSigned'], /SelfSigned\w+/],
  ['a list with a number', ['CertificateExpired', 10], /10|number/],
  ['a list with a list', [['CertificateExpired']], /string|keyword/],
  ['a list with nothing in it at one place', [undefined], /string|keyword/],
  ['a list with an empty string', [''], /string|keyword/],
];

for (const [title, value, advice] of mistakes) {
  test(`ignoreSslErrors must not be ${title}`, async (t) => {
    const server = await startTcpServer((socket) => void socket.destroy());
    t.after(() => server.close());
    const error = await openRefused(urlOf(server.port, true), ignoring(value));
    assert.equal(error.category, 'usage');
    assert.equal(error.code, 'WSFD_INVALID_OPTION');
    assert.match(error.message, /ignoreSslErrors/);
    assert.match(error.message, advice);
    assert.equal(server.connections.all.length, 0);
  });
}

for (const options of [{}, ignoring(undefined)]) {
  test(`nothing is ignored with ${'ignoreSslErrors' in options ? 'undefined' : 'no'} value`, async (t) => {
    const server = await startWsServer({ tls: makeSelfSigned() });
    t.after(() => server.close());
    await openRefusedFor(['SelfSignedCertificate'], server.url, options);
  });
}
