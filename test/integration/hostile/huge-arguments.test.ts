// Arguments of a size that nobody means: the time that they take grows as they do, and what is said
// of them is short.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webSocketOpen } from 'wsfd';
import type { OpenOptions } from 'wsfd';
import { WebSocket } from 'wsfd/websocket';
import { failure, fails } from '../../support/calls';

// Nobody listens there: options that are accepted end in WSFD_CONNECT_FAILED.
const nowhere = 'wss://127.0.0.1:1/';

const many = 100_000;
const names = Array.from({ length: many }, (_, i) => `name-${i}`);

/**
 * What looks through all that came before for each one takes 20 s of processor time, what does not
 * 0.1 s, and how busy the machine is with something else does not count.
 */
const mostMs = 8000;

const lists: [string, OpenOptions][] = [
  ['protocols', { protocols: names }],
  ['protocols as a header', { headers: { 'Sec-WebSocket-Protocol': names.join(', ') } }],
  ['headers', { headers: Object.fromEntries(names.map((name) => [name, 'x'])) }],
  ['ignoreSslErrors', { ignoreSslErrors: names.map(() => 'CertificateExpired') }],
  ['pinnedPublicKeys', { pinnedPublicKeys: names.map((_, i) => `${i}`.padStart(64, '0')) }],
  ['cipherSuites', { cipherSuites: names.map(() => 'ECDHE-RSA-AES128-GCM-SHA256').join(':') }],
];

for (const [name, options] of lists) {
  test(`${many} of ${name}`, async () => {
    const before = process.cpuUsage();
    await fails(() => webSocketOpen(nowhere, options), 'WSFD_CONNECT_FAILED');
    const { user } = process.cpuUsage(before);
    assert.ok(user / 1000 < mostMs, `${user / 1000} ms`);
  });
}

const long = 'x'.repeat(5_000_000);

const texts: [string, unknown, unknown][] = [
  ['a host', `ws://${long}`, undefined],
  ['a path', `ws+unix:/${long}`, undefined],
  ['a scheme', `${long}:`, undefined],
  ['no URL', long, undefined],
  ['credentials', `ws://${long}%@127.0.0.1:1`, undefined],
  ['the name of an option', nowhere, { [long]: 1 }],
  ['the name of an inner option', nowhere, { sslConfig: { [long]: 1 } }],
  ['a keyword', nowhere, { ignoreSslErrors: [long] }],
  ['a subprotocol', nowhere, { protocols: [`${long} `] }],
  ['a subprotocol that comes twice', nowhere, { protocols: [long, long] }],
  ['the name of a header', nowhere, { headers: { [`${long} `]: '' } }],
  ['the value of a header', nowhere, { headers: { a: `${long}\n` } }],
  ['serverName', nowhere, { serverName: long }],
  ['cipherSuites', nowhere, { cipherSuites: long }],
  ['a pin', nowhere, { pinnedPublicKeys: long }],
  ['proxy', nowhere, { proxy: long }],
  ['localAddress', nowhere, { localAddress: long }],
  ['minTlsVersion', nowhere, { minTlsVersion: long }],
];

for (const [name, url, options] of texts) {
  test(`five million letters as ${name}: the error is short`, async () => {
    const { message } = await failure(() => webSocketOpen(url as string, options as OpenOptions));
    assert.ok(message.length < 5000, `${message.length} letters`);
  });
}

test('the errors that the class throws are short', () => {
  for (const [url, protocols] of [
    [long, []],
    [`${long}:`, []],
    [nowhere, [`${long} `]],
    [nowhere, [long, long]],
  ] as const) {
    assert.throws(
      () => new WebSocket(url, protocols),
      ({ message }: Error) => message.length < 1000,
    );
  }
});
