// Arguments of webSocketOpen that are wrong: -1 before anything is connected, and an error that
// says which one it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { webSocketClose, webSocketOpen, webSocketPing, webSocketRead, webSocketWrite } from 'wsfd';
import type { OpenOptions } from 'wsfd';
import { close, failure, fails, open } from '../../support/calls';
import { startWsServer } from '../../support/servers';

// Nobody listens there: what gets past the check of its arguments fails with another code.
const url = 'wss://127.0.0.1:1/';

const options: [code: string, named: RegExp, options: unknown][] = [
  ['WSFD_INVALID_ARGUMENT', /options/, null],
  ['WSFD_INVALID_ARGUMENT', /options/, 5],
  ['WSFD_INVALID_ARGUMENT', /options/, 'timeout'],
  ['WSFD_INVALID_ARGUMENT', /options/, true],
  ['WSFD_INVALID_ARGUMENT', /options/, Symbol('options')],
  ['WSFD_INVALID_ARGUMENT', /options/, () => undefined],

  ['WSFD_UNKNOWN_OPTION', /header\b.*\bheaders\b/s, { header: {} }],
  ['WSFD_UNKNOWN_OPTION', /timout.*\btimeout\b/s, { timout: 1 }],
  ['WSFD_UNKNOWN_OPTION', /Timeout.*\btimeout\b/s, { Timeout: 1 }],
  ['WSFD_UNKNOWN_OPTION', /ignoreSSLErrors.*\bignoreSslErrors\b/s, { ignoreSSLErrors: true }],
  ['WSFD_UNKNOWN_OPTION', /sslconfig.*\bsslConfig\b/s, { sslconfig: {} }],
  ['WSFD_UNKNOWN_OPTION', /maxMessageByte\b.*\bmaxMessageBytes\b/s, { maxMessageByte: 1 }],
  ['WSFD_UNKNOWN_OPTION', /protocol\b.*\bprotocols\b/s, { protocol: 'a' }],
  ['WSFD_UNKNOWN_OPTION', /quux/, { quux: undefined }],
  ...['constructor', 'toString', '__proto__', ''].map((name): [string, RegExp, unknown] => [
    'WSFD_UNKNOWN_OPTION',
    new RegExp(name),
    Object.fromEntries([[name, 1]]),
  ]),

  ...['timeout', 'closeTimeout', 'pingInterval', 'pongTimeout'].flatMap((name) =>
    [-1, -0.001, NaN, -Infinity, '5', '', null, true, 1n, {}, [1], Symbol('t')].map(
      (value): [string, RegExp, unknown] => [
        'WSFD_INVALID_OPTION',
        new RegExp(`\\b${name}\\b`),
        { [name]: value },
      ],
    ),
  ),

  ...['timeout', 'pingInterval', 'pongTimeout'].map((name): [string, RegExp, unknown] => [
    'WSFD_INVALID_OPTION',
    new RegExp(`\\b${name}\\b.*more than 0`),
    { [name]: 0 },
  ]),
  ['WSFD_INVALID_OPTION', /pongTimeout.*pingInterval/, { pongTimeout: 1 }],
  ['WSFD_INVALID_OPTION', /pongTimeout.*pingInterval/, { pongTimeout: 1, pingInterval: undefined }],

  ...[null, true, 5, 'abort', {}, { aborted: false }, new EventTarget(), new AbortController()].map(
    (signal): [string, RegExp, unknown] => [
      'WSFD_INVALID_OPTION',
      /signal.*AbortSignal/,
      { signal },
    ],
  ),

  ...[null, 'a: b', 5, true, ['a: b'], () => undefined].map(
    (headers): [string, RegExp, unknown] => ['WSFD_INVALID_OPTION', /headers/, { headers }],
  ),

  ['WSFD_INVALID_OPTION', /ignoreSslErrors/, { ignoreSslErrors: false }],
  ['WSFD_INVALID_OPTION', /ignoreSslErrors/, { ignoreSslErrors: ['CertificateExpierd'] }],

  ...[null, 5, 'pem', { localCertificate: 5 }, { privateKey: 'pem' }, { privateKey: {} }].map(
    (sslConfig): [string, RegExp, unknown] => ['WSFD_INVALID_OPTION', /sslConfig/, { sslConfig }],
  ),

  ...[5, null, {}, '', 'a b', 'a,b', 'ä', 'a\r\nb', [''], ['a', 'a'], ['a', 5], [null]].map(
    (protocols): [string, RegExp, unknown] => ['WSFD_INVALID_OPTION', /protocols/, { protocols }],
  ),

  ...['maxMessageBytes', 'maxBufferedBytes', 'receiveHighWaterMark'].flatMap((name) =>
    [-1, NaN, 0.5, '1', null, 1n, {}].map((value): [string, RegExp, unknown] => [
      'WSFD_INVALID_OPTION',
      new RegExp(name),
      { [name]: value },
    ]),
  ),

  ...['receiveDelayUs', 'busyPollUs'].flatMap((name) =>
    [-1, 1001, NaN, 0.5, '50', null, 50n, true, {}].map((value): [string, RegExp, unknown] => [
      'WSFD_INVALID_OPTION',
      new RegExp(`${name}: expected a whole number of microseconds from 0 to 1000`),
      { [name]: value },
    ]),
  ),

  ...[null, 0, 1, 'true', '', [], ['threshold'], () => undefined, Symbol('p')].map(
    (perMessageDeflate): [string, RegExp, unknown] => [
      'WSFD_INVALID_OPTION',
      /perMessageDeflate.*true, false or an object/,
      { perMessageDeflate },
    ],
  ),
  ...Object.entries({
    clientNoContextTakeover: [1, 'true', null],
    serverNoContextTakeover: [0, '', {}],
    clientMaxWindowBits: [0, 7, 8, 16, 9.5, NaN, '15', true, null, 15n],
    serverMaxWindowBits: [0, 7, 8, 16, -9, Infinity, '15', false, null],
    threshold: [-1, 0.5, NaN, Infinity, '1024', null, true],
    level: [-1, 10, 1.5, NaN, '6', null],
  }).flatMap(([name, values]) =>
    values.map((value): [string, RegExp, unknown] => [
      'WSFD_INVALID_OPTION',
      new RegExp(`perMessageDeflate\\.${name}: expected `),
      { perMessageDeflate: { [name]: value } },
    ]),
  ),
  [
    'WSFD_UNKNOWN_OPTION',
    /perMessageDeflate\.treshold.*"perMessageDeflate\.threshold"/,
    { perMessageDeflate: { treshold: 1 } },
  ],
  [
    'WSFD_UNKNOWN_OPTION',
    /"perMessageDeflate\.clientMaxWindowBits"/,
    { perMessageDeflate: { client_max_window_bits: 15 } },
  ],
  ['WSFD_UNKNOWN_OPTION', /permessagedeflate.*perMessageDeflate/, { permessagedeflate: true }],

  ['WSFD_INVALID_OPTION', /serverName/, { serverName: 5 }],
  ['WSFD_INVALID_OPTION', /caCertificates/, { caCertificates: 5 }],
  ['WSFD_INVALID_OPTION', /caCertificates/, { caCertificates: 'no PEM' }],
  ['WSFD_INVALID_OPTION', /caCertificates/, { caCertificates: [5] }],
  ['WSFD_INVALID_OPTION', /caCertificates\[0\]/, { caCertificates: new Array(1) }],
];

const show = (value: unknown): string => inspect(value, { breakLength: Infinity });

/** Values that are nearly right, and what the error says to write instead. */
const advised: [advice: string, options: object][] = [
  ['"5"; write 5 without quotes', { timeout: '5' }],
  ['" 2.5 "; write 2.5 without quotes', { closeTimeout: ' 2.5 ' }],
  ['5n; write 5', { pingInterval: 5n }],
  ['0; leave it out for the default', { timeout: 0 }],
  ['"1024"; write 1024 without quotes', { maxMessageBytes: '1024' }],
  ['"9"; write 9 without quotes', { perMessageDeflate: { clientMaxWindowBits: '9' } }],
  ['"10"; write 10 without quotes', { followRedirects: '10' }],
  ['"true"; write true without quotes', { perMessageDeflate: 'true' }],
  ['"false"; write false without quotes', { addDefaultCaCertificates: 'false' }],
  ['"a, b"; write an array of names', { protocols: 'a, b' }],
  ['Map; write Object.fromEntries(headers)', { headers: new Map([['a', 'b']]) }],
  ['Headers; write Object.fromEntries(headers)', { headers: new Headers({ a: 'b' }) }],
];

for (const [advice, value] of advised) {
  test(`options ${show(value)} are answered with what to write`, async () => {
    const error = await fails(() => webSocketOpen(url, value), 'WSFD_INVALID_OPTION');
    assert.ok(error.message.endsWith(advice), error.message);
  });
}

// What the number would not be right for either.
for (const value of ['', '  ', '-1', '5s', 'NaN', -1n]) {
  test(`timeout: ${show(value)} has no better form`, async () => {
    const options = { timeout: value } as unknown as OpenOptions;
    const error = await fails(() => webSocketOpen(url, options), 'WSFD_INVALID_OPTION');
    assert.doesNotMatch(error.message, /; write/);
  });
}

test('a number that is not one says so on every call that takes one', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const calls: [advice: string, call: () => number | Promise<number>][] = [
    ['; write 1 without quotes', () => webSocketRead(socket, {}, '1' as never)],
    ['; write 1000 without quotes', () => webSocketClose(socket, '1000' as never)],
    [`; write ${socket} without quotes`, () => webSocketWrite(String(socket) as never, '')],
    ['; await the promise of webSocketOpen', () => webSocketPing(Promise.resolve(0) as never)],
    ['; send JSON.stringify(it)', () => webSocketWrite(socket, { a: 1 } as never)],
    ['; send new Uint8Array(it)', () => webSocketWrite(socket, new ArrayBuffer(1) as never)],
  ];
  for (const [advice, call] of calls) {
    const error = await failure(call);
    assert.ok(error.message.endsWith(advice), error.message);
  }
  await close(socket);
});

for (const [code, named, value] of options) {
  test(`options ${show(value)}`, async () => {
    const error = await fails(() => webSocketOpen(url, value as OpenOptions), code);
    assert.equal(error.category, 'usage');
    assert.match(error.message, named);
  });
}

// RFC 6455 section 4.1 fixes what these say.
const forbidden = [
  'Connection',
  'Upgrade',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Version',
  'Sec-WebSocket-Extensions',
];

const headers: [name: string, headers: Record<string, unknown>][] = [
  ...forbidden
    .flatMap((name) => [name, name.toLowerCase(), name.toUpperCase()])
    .map((name): [string, Record<string, unknown>] => [`the name ${name}`, { [name]: 'x' }]),
  ['a second, forbidden one', { 'X-Fine': 'x', upgrade: 'h2c' }],
  ['an empty name', { '': 'x' }],
  ['a name with a space', { 'X Y': 'x' }],
  ['a name with a colon', { 'X:': 'x' }],
  ['a name with CR LF', { 'X\r\nY': 'x' }],
  ['a name with LF', { 'X\n': 'x' }],
  ['a name with NUL', { 'X\0': 'x' }],
  ['a name that is not ASCII', { Ö: 'x' }],
  ['a value with CR LF', { 'X-A': 'x\r\nX-B: y' }],
  ['a value with CR', { 'X-A': 'x\ry' }],
  ['a value with LF', { 'X-A': 'x\n' }],
  ['a value with NUL', { 'X-A': '\0' }],
  ['a number as value', { 'X-A': 5 }],
  ['null as value', { 'X-A': null }],
  ['a list as value', { 'X-A': ['x', 'y'] }],
  ['a symbol as value', { 'X-A': Symbol('x') }],
];

for (const [name, value] of headers) {
  test(`headers with ${name}`, async () => {
    const given = { headers: value as Record<string, string> };
    const error = await fails(() => webSocketOpen(url, given), 'WSFD_INVALID_OPTION');
    assert.equal(error.category, 'usage');
    assert.match(error.message, /header/);
  });
}

const invalidUrls = [
  '',
  'x',
  '127.0.0.1',
  '//127.0.0.1/',
  '/path',
  'ws:',
  'ws://',
  'ws://:80/',
  'ws://127.0.0.1:99999/',
  'ws://127.0.0.1:port/',
  'ws://127.0.0.1:-1/',
  'ws://[::1/',
  'ws://[::1]x/',
  'ws://a b/',
  'ws://999.1.1.1/',
  'ws://127.0.0.1/a\r\nX: y',
  'ws://127.0.0.1/\n',
  'ws://127.0.0.1/\r',
  'ws://127.0.0.1/\0',
  '\nws://127.0.0.1/',
  'ws://127.0.0.1\r\n/',
  'ws://us\r\ner:pass@127.0.0.1/',
  // RFC 6455 section 3: "Fragment identifiers are meaningless in the context of WebSocket URIs and
  // MUST NOT be used on these URIs."
  'ws://127.0.0.1:1/#fragment',
  'ws://127.0.0.1:1/path?query#fragment',
];

for (const text of invalidUrls) {
  test(`the URL ${JSON.stringify(text)}`, async () => {
    const error = await fails(() => webSocketOpen(text), 'WSFD_INVALID_URL');
    assert.equal(error.category, 'usage');
  });
}

for (const scheme of ['http', 'https', 'ftp', 'file', 'wsss', 'data', 'localhost']) {
  test(`a URL of the scheme ${scheme}`, async () => {
    const call = (): Promise<number> => webSocketOpen(`${scheme}://127.0.0.1/`);
    const error = await fails(call, 'WSFD_UNSUPPORTED_SCHEME');
    assert.equal(error.category, 'usage');
    assert.match(error.message, new RegExp(`\\b${scheme}\\b`));
    assert.match(error.message, /\bwss?\b/, 'what would have worked is not said');
  });
}

for (const value of [undefined, null, 5, NaN, true, 1n, {}, [], ['ws://x/'], Symbol('url')]) {
  test(`${show(value)} as URL`, async () => {
    const error = await fails(() => webSocketOpen(value as string), 'WSFD_INVALID_ARGUMENT');
    assert.equal(error.category, 'usage');
    assert.match(error.message, /url/i);
    assert.match(error.message, /string/);
  });
}

for (const [what, signal] of [
  ['a proxy', new Proxy(new AbortController().signal, {})],
  ['what only inherits', Object.create(AbortSignal.prototype)],
] as [string, AbortSignal][]) {
  test(`${what} is no AbortSignal`, async () => {
    const error = await failure(() => webSocketOpen(url, { signal }));
    assert.equal(error.category, 'usage', error.message);
  });
}

test('what an error says is short and one line, whatever came', async () => {
  const long = `a\n\0\x7f\u2028${'b'.repeat(5000)}`;
  const strange = [
    Symbol(long),
    long,
    10n ** 5000n,
    Object.defineProperty(class {}, 'name', { value: long }),
  ];
  const rows: unknown[] = strange.flatMap((value) => [
    value,
    { timeout: value },
    { headers: { a: value } },
    { protocols: [value] },
    { sslConfig: { privateKey: value } },
    { ignoreSslErrors: [value] },
  ]);
  rows.push({ [long]: 1 }, { headers: { [long]: 'a' } }, { sslConfig: { [long]: 1 } });
  for (const [options, from] of [...rows.map((row) => [row, url]), [undefined, `ws://${long}`]]) {
    const { category, message } = await failure(() =>
      webSocketOpen(from as string, options as OpenOptions),
    );
    assert.equal(category, 'usage', message);
    assert.ok(message.length < 1000, message);
    assert.doesNotMatch(message, /[\0-\x1f\x7f\u2028]/);
  }
});

test('an option that is undefined is absent', async () => {
  const names = ['headers', 'timeout', 'ignoreSslErrors', 'sslConfig', 'protocols', 'serverName'];
  const absent = Object.fromEntries(names.map((name) => [name, undefined]));
  await fails(() => webSocketOpen(url, absent), 'WSFD_CONNECT_FAILED');
  await fails(() => webSocketOpen(url, undefined), 'WSFD_CONNECT_FAILED');
});

test('the password of a URL is in no error', async () => {
  const rows: [string, string][] = [
    ['ws://user:s3cret@127.0.0.1:1/', 'WSFD_CONNECT_FAILED'],
    ['ws://user:s3cret@127.0.0.1:1/#x', 'WSFD_INVALID_URL'],
    ['ws://user:s3cret@127.0.0.1:x/', 'WSFD_INVALID_URL'],
    ['http://user:s3cret@127.0.0.1/', 'WSFD_UNSUPPORTED_SCHEME'],
  ];
  for (const [text, code] of rows) {
    const error = await fails(() => webSocketOpen(text), code);
    assert.ok(!error.message.includes('s3cret'), error.message);
  }
});
