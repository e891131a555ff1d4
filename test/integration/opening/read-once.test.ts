// Options and lists are read once, and copied as they are read: whatever getters and proxies answer
// the next time, what was judged is what counts.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { webSocketOpen, webSocketWriteMany } from 'wsfd';
import type { Message, OpenOptions } from 'wsfd';
import { WebSocket } from 'wsfd/websocket';
import { close, fails, ok, open, read } from '../../support/calls';
import { makeCertificate, makeRevocationList } from '../../support/certificates';
import { startWsServer } from '../../support/servers';
import { openRefusedFor } from '../../support/tls-client';

// Nobody listens there: options that are accepted end in WSFD_CONNECT_FAILED.
const nowhere = 'wss://127.0.0.1:1/';

/** Plain objects and arrays, whose every property counts how often it was asked for. */
function counted<T>(value: T, counts: Map<string, number>, path = ''): T {
  const isList = Array.isArray(value);
  const isPlain = typeof value === 'object' && value !== null && value.constructor === Object;
  if (!isList && !isPlain) return value;
  const members = new Map<PropertyKey, unknown>();
  return new Proxy(value, {
    get: (target, name) => {
      const own: unknown = Reflect.get(target, name);
      if (typeof name === 'symbol' || !Object.hasOwn(target, name)) return own;
      const place = `${path}.${name}`;
      counts.set(place, (counts.get(place) ?? 0) + 1);
      if (!members.has(name)) members.set(name, counted(own, counts, place));
      return members.get(name);
    },
  });
}

/** A list that is `first` until its length was asked for `times` times, and then empty. */
function emptiedBehind<T>(first: readonly T[], times: number): T[] {
  let asked = 0;
  return new Proxy([...first], {
    get: (target, name) => {
      if (name === 'length' && ++asked > times) target.length = 0;
      return Reflect.get(target, name) as unknown;
    },
  });
}

const root = makeCertificate({ subject: 'Test Root', ca: true });
const leaf = makeCertificate({ issuer: root, san: ['DNS:localhost'] });
const pin = createHash('sha256').update('no key').digest('base64');

const everything: OpenOptions = {
  headers: { 'X-One': '1', 'X-Two': '2' },
  timeout: 5,
  protocols: ['a', 'b'],
  maxMessageBytes: 1000,
  maxBufferedBytes: 1000,
  receiveHighWaterMark: 1000,
  closeTimeout: 1,
  pingInterval: 5,
  pongTimeout: 5,
  signal: new AbortController().signal,
  perMessageDeflate: { threshold: 5, level: 1 },
  ignoreSslErrors: ['CertificateExpired', 'HostNameMismatch'],
  sslConfig: {
    localCertificate: leaf.cert,
    privateKey: { key: leaf.key, algorithm: 'EC' },
  },
  passphrase: 'x',
  caCertificates: [root.cert],
  addDefaultCaCertificates: true,
  certificateRevocationLists: [makeRevocationList(root, [])],
  pinnedPublicKeys: [pin],
  serverName: 'localhost',
  minTlsVersion: 'TLSv1.2',
  maxTlsVersion: 'TLSv1.3',
  cipherSuites: 'ECDHE-RSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256',
  keylog: () => undefined,
  proxy: 'http://127.0.0.1:1',
  followRedirects: 1,
  localAddress: '127.0.0.1',
};

/** Asserts that whatever was asked for was asked for once; gives how much that was. */
function assertOnce(counts: Map<string, number>): number {
  const often = [...counts].filter(([, count]) => count !== 1);
  assert.deepEqual(often, []);
  return counts.size;
}

test('every option, and everything in it, is read once', async () => {
  const counts = new Map<string, number>();
  await fails(() => webSocketOpen(nowhere, counted(everything, counts)), 'WSFD_CONNECT_FAILED');
  for (const name of Object.keys(everything)) assert.ok(counts.has(`.${name}`), name);
  assert.ok(assertOnce(counts) > Object.keys(everything).length);
});

test('the arguments of the class are read once, on either way to give options', () => {
  const { protocols, ...rest } = everything;
  for (const signature of [
    (url: URL, counts: Map<string, number>) => new WebSocket(url, counted(everything, counts)),
    (url: URL, counts: Map<string, number>) => new WebSocket(url, protocols, counted(rest, counts)),
  ]) {
    const counts = new Map<string, number>();
    const url = new URL(nowhere);
    let asked = 0;
    url.toString = () => `ws${'s'.repeat(++asked)}://127.0.0.1:1/`;
    signature(url, counts).close();
    assert.equal(asked, 1);
    assertOnce(counts);
  }
});

test('the subprotocols of the class: the iterator, or else the text, is asked for once', () => {
  let iterators = 0;
  const iterable = {
    get [Symbol.iterator]() {
      if (++iterators > 1) throw new Error('asked twice');
      return [][Symbol.iterator].bind(['a']);
    },
  };
  new WebSocket(nowhere, iterable as never).close();
  let texts = 0;
  const textual = { toString: () => (++texts === 1 ? 'a' : '[object Object]') };
  new WebSocket(nowhere, textual as never).close();
  assert.deepEqual([iterators, texts], [1, 1]);
});

for (const times of [0, 1, 2, 3]) {
  test(`pins that are gone once their number was asked for ${times} times let nobody in`, async (t) => {
    const server = await startWsServer({ tls: leaf });
    t.after(() => server.close());
    const caCertificates = root.cert;
    const pinnedPublicKeys = emptiedBehind([pin], times);
    const options = { caCertificates, pinnedPublicKeys };
    if (times > 0) await openRefusedFor(['CertificateBlacklisted'], server.url, options);
    else await fails(() => webSocketOpen(server.url, options), 'WSFD_INVALID_OPTION');
  });
}

test('caCertificates that are gone when they are read again are not the default store', async () => {
  for (const name of ['caCertificates', 'certificateRevocationLists'] as const) {
    const list = emptiedBehind(['no PEM'], 1);
    const error = await fails(
      () => webSocketOpen(nowhere, { [name]: list }),
      'WSFD_INVALID_OPTION',
    );
    assert.match(error.message, new RegExp(`${name}.*PEM`));
  }
});

test('a list whose own iterator gives something else is what is in it', async () => {
  const protocols = Object.assign(['a', 'not a token'], { [Symbol.iterator]: () => [].values() });
  const error = await fails(() => webSocketOpen(nowhere, { protocols }), 'WSFD_INVALID_OPTION');
  assert.match(error.message, /"not a token"/);
});

test('pongTimeout counts with the pingInterval that was read', async () => {
  for (const [first, then, code] of [
    [5, undefined, 'WSFD_CONNECT_FAILED'],
    [undefined, 5, 'WSFD_INVALID_OPTION'],
  ] as const) {
    let asked = 0;
    const options = {
      pongTimeout: 1,
      get pingInterval(): number | undefined {
        return asked++ === 0 ? first : then;
      },
    } as OpenOptions;
    await fails(() => webSocketOpen(nowhere, options), code);
  }
});

test('sslConfig.pkcs12 is what is in the array, not what it says of itself', async () => {
  const bytes = Object.assign(new Uint8Array([1, 2, 3]), { valueOf: () => 'something else' });
  Object.defineProperty(bytes, 'length', { value: 0 });
  const call = () => webSocketOpen(nowhere, { sslConfig: { pkcs12: bytes } });
  const error = await fails(call, 'WSFD_INVALID_OPTION');
  assert.match(error.message, /PKCS #12/);
});

test('webSocketWriteMany: a message whose buffer another one takes away sends nothing', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const first = new Uint8Array([1]);
  const messages: (string | Uint8Array)[] = [first];
  Object.defineProperty(messages, 1, {
    get: () => {
      structuredClone(first, { transfer: [first.buffer] });
      return 'second';
    },
  });
  const error = await fails(() => webSocketWriteMany(socket, messages), 'WSFD_INVALID_ARGUMENT');
  assert.match(error.message, /messages\[0\].*detached/);
  const counts = new Map<string, number>();
  await ok(webSocketWriteMany(socket, counted(['a', 'b'], counts)));
  assert.equal(assertOnce(counts), 3);
  const echoed: Message[] = [await read(socket), await read(socket)];
  assert.deepEqual(echoed, ['a', 'b']);
  await close(socket);
});
