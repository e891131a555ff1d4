// Writes what the fuzz targets begin with, made of the vectors of the other tests:
//   node out/test/fuzz/seeds.js <folder>
// puts the inputs of each target into <folder>/<target>. Each file of test/native/fuzz/*_fuzz.cc says
// how its target reads an input.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, constants } from 'node:zlib';
import { derOf, makeCertificate, makeRevocationList } from '../support/certificates';
import * as frames from '../support/frames';
import { fileOf } from '../support/pkcs12-files';

type Part = number | string | Uint8Array;

const bytes = (...parts: readonly Part[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(typeof part === 'number' ? [part] : part)));

/** As Input::Piece reads it: a length, then bytes. */
function piece(content: string | Uint8Array): Buffer {
  const body = Buffer.from(content);
  if (body.length < 255) return bytes(body.length, body);
  return bytes(255, body.length >> 8, body.length & 255, body);
}

const texts = [
  '',
  'plain ASCII, which is longer than a block of sixteen bytes and than four of them, too: 64',
  'Grüße: ÿ is the last of Latin-1, and longer than thirty-two bytes',
  'κόσμε, 水, 𝄞 and \u{10ffff}; \ud7ff and \ue000 stand beside the surrogates',
];
const notUtf8 = [
  'c0af',
  'e08080',
  'eda080',
  'f08080af',
  'f4908080',
  'ff',
  '80',
  'e28280e2',
  'f09d',
];
const texty = [
  ...texts.map((text) => Buffer.from(text)),
  ...notUtf8.map((hex) => Buffer.from(hex, 'hex')),
];

const streams: Buffer[] = [
  bytes(
    frames.text('Hello'),
    frames.binary(Buffer.alloc(126, 7)),
    frames.ping('p'),
    frames.close(1000, 'bye'),
  ),
  bytes(...frames.fragments(1, ['Gr', 'ü', 'ße']), frames.pong('p'), frames.close()),
  bytes(
    frames.text('κ', { fin: false }),
    frames.ping(),
    frames.continuation('', { fin: false }),
    frames.continuation('x'),
  ),
  bytes(frames.text('ab'), frames.text('', {}), frames.binary(Buffer.alloc(700, 1))),
  ...[0, 2, 8].map((lengthBytes) => frames.text('Hi', { lengthBytes: lengthBytes as 0 | 2 | 8 })),
  ...[2n ** 31n, 2n ** 63n - 1n, 2n ** 63n].map((declaredLength) =>
    frames.text('Hi', { declaredLength }),
  ),
  ...[1, 2, 4].map((rsv) => frames.text('Hi', { rsv })),
  frames.text('Hi', { maskKey: Buffer.from([1, 2, 3, 4]) }),
  frames.continuation('alone'),
  frames.encodeFrame(3, 'reserved'),
  frames.ping('', { fin: false }),
  frames.encodeFrame(9, Buffer.alloc(126)),
  ...[999, 1004, 1005, 1014, 1015, 3000, 5000].map((code) => frames.close(code, 'why')),
  ...texty.map((text) => frames.text(text)),
];

const codec = texty.flatMap((text) => [
  bytes(0, 0, 'mask', text),
  bytes(7, 3, 'mask', text, text, text),
  bytes(1, 1, 'mask', frames.closePayload(1000, text)),
]);

const frame = streams.flatMap((stream) => [bytes(0, 0, stream), bytes(5, 4, stream)]);

/** The parts of a connection's input: limits, compression, keepalive, the server's answer. */
const plain = bytes(0, 0, 0, 0, 0, 0, 0, 9, 0);
const compressed = (flags: number): Buffer => bytes(0, 7, 0, 0, 0, 7, 0, 9, 1, flags, 1);
const receive = bytes(4, 1, 3, 1, 1, 1, 1, 1, 1);
const write = bytes(6, 1, 0, piece('written'));
const connection = [
  bytes(plain, receive, 0, piece(streams[0] ?? ''), receive, write, 10, 1),
  bytes(
    plain,
    receive,
    write,
    8,
    piece('ping'),
    9,
    0,
    0,
    piece('bye'),
    10,
    1,
    0,
    piece(frames.close(1000)),
    receive,
  ),
  bytes(
    plain,
    receive,
    1,
    0x89,
    piece('ping'),
    receive,
    10,
    0,
    0,
    3,
    12,
    1,
    0,
    12,
    1,
    0,
    11,
    12,
    2,
    0,
  ),
  bytes(plain, receive, 2, 11, 0, piece('text in parts'), 4, receive, 13, 0, 10, 1),
  ...[0, 3, 12, 0x74, 0xf7].map((flags) =>
    bytes(
      compressed(flags),
      receive,
      2,
      7,
      3,
      65,
      9,
      99,
      receive,
      6,
      1,
      3,
      65,
      9,
      99,
      write,
      10,
      1,
    ),
  ),
  ...streams.map((stream) => bytes(plain, receive, 0, piece(stream), receive, 10, 1)),
];

const accept = createHash('sha1')
  .update('AAAAAAAAAAAAAAAAAAAAAA==258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
  .digest('base64');
const head = (...lines: readonly string[]): string => [...lines, '', ''].join('\r\n');
const switching = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: keep-alive, Upgrade',
];
const answers = [
  head(...switching, `Sec-WebSocket-Accept: ${accept}`),
  head(...switching, `sec-websocket-accept:\t${accept} `, 'Sec-WebSocket-Protocol: chat') +
    'frames',
  head(
    ...switching,
    `Sec-WebSocket-Accept: ${accept}`,
    'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits="10"',
  ),
  head('HTTP/1.1 103 Early Hints', 'Link: </a>') + head(...switching, 'Sec-WebSocket-Accept: no'),
  head('HTTP/1.1 401 Unauthorized', 'WWW-Authenticate: Basic realm="x"', 'Content-Length: 4') +
    'body',
  head('HTTP/1.1 426 Upgrade Required', 'Sec-WebSocket-Version: 13, 8', 'Content-Length: 2, 2') +
    'ok',
  head('HTTP/1.0 302 Found', 'Location: wss://example.org/') + 'until the end',
  head('HTTP/1.1 503 No', 'Transfer-Encoding: gzip, chunked') +
    '4;x=y\r\nbody\r\n00a\r\n0123456789\r\n0\r\n\r\n',
  head('HTTP/1.1 200', 'Content-Length: 18446744073709551616'),
  'HTTP/1.1 200 OK\nX: y\n\n',
  head('HTTP/1.1 200 OK', ' folded: yes'),
  head(
    'HTTP/1.1 407 Proxy Authentication Required',
    'Proxy-Authenticate: Basic',
    'Content-Length: 0',
  ),
  '\x15\x03\x01\x00\x02\x02\x28',
  'SSH-2.0-OpenSSH_9.2\r\n',
  ', permessage-deflate ; a=b; c="\\d" , x-other',
];
const handshake = answers.flatMap((answer) => [bytes(0, 3, answer), bytes(5, 12, answer)]);

const deflated = (text: string | Uint8Array): Buffer =>
  deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
const deflate = [
  bytes(0, 5, 7, 0, piece(deflated('Hello Hello Hello')), piece(deflated('Hello')), piece('\0')),
  bytes(0, 0, 15, 3, piece(deflated(Buffer.alloc(5000))), piece(deflateRawSync('final'))),
  bytes(
    0,
    1,
    7,
    0,
    piece(Buffer.from('f248cdc9c9070011', 'hex')),
    piece('\x00\x05\x00\xfa\xffHello'),
  ),
  bytes(0, 3, 0, 1, piece(Buffer.from('0400', 'hex')), piece(Buffer.from('ffffff', 'hex'))),
  bytes(1, 0, 0, 7, 8, piece('Hello'), piece('Hello'), piece(''), piece('Hello')),
  bytes(1, 15, 6, 0, 0, 99, piece('repeated '), 200, piece('often ')),
  ...[
    '',
    '; server_max_window_bits=10',
    '; client_max_window_bits="15"; client_no_context_takeover',
  ].map((parameters) => bytes(2, 0, 0, 0, parameters)),
  ...[
    '; server_max_window_bits=7',
    '; client_max_window_bits',
    '; server_no_context_takeover=1',
    '; x',
  ].map((parameters) => bytes(2, 3, 4, 4, parameters)),
];

const proxy = [
  ...answers.map((answer) => bytes(3, 1, answer)),
  bytes(2, 65, head('HTTP/1.1 200 Connection established') + 'tunnel'),
  ...['05000500000107f0000100500', '05ff', '0502', '05020100', '0400'].map((hex) =>
    bytes(4, 6, Buffer.from(hex, 'hex')),
  ),
  bytes(0, 0, Buffer.from('0500050000017f0000010050', 'hex'), 'tunnel'),
  bytes(7, 2, Buffer.from('05020100050000030b6578616d706c652e6f72670050', 'hex')),
  bytes(1, 24, Buffer.from('050005000004', 'hex'), Buffer.alloc(18), 'tunnel'),
  bytes(1, 0, Buffer.from('05000505', 'hex')),
];

const tls = [0, 1].flatMap((version) => [
  bytes(7, version, 1, 2, piece('\x02\x28'), 4, 1),
  bytes(7, version, 11, 6, piece('from the server'), 0, 3, 4, 1, 7, piece('to it'), 11),
  bytes(5, 2 + version, 6, piece('text'), 7, 3, 5, 0, 9, 4, 4, 1, 10, 1, 11),
  bytes(2, 2 + version, 8, 1, 11, 9, 11, 6, piece('after'), 0, 11, 10, 1, 11),
  bytes(0, 2 + version),
  bytes(7, 6 + version, 11, 6, piece('inside'), 0, 7, piece('out'), 11, 8, 1, 11, 10, 1, 11),
  bytes(3, 14 + version, 6, piece('inside'), 7, 3, 5, 0, 90, 1, 4, 1),
]);

function credentials(): Buffer[] {
  const root = makeCertificate({ subject: 'Root', ca: true, pathLength: 1 });
  const san = ['DNS:*.example.org', 'IP:127.0.0.1', 'IP:::1', 'URI:urn:plant', 'email:a@b'];
  const leaf = makeCertificate({
    subject: 'Größe',
    issuer: root,
    san,
    extendedKeyUsage: ['clientAuth'],
    authority: root,
  });
  const old = makeCertificate({
    subject: 'localhost',
    notAfter: new Date(0),
    brokenSignature: true,
  });
  const crl = makeRevocationList(root, [leaf]);
  const certificates = [root, leaf, old].map((certificate) => derOf(certificate.cert));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const encryption = { cipher: 'aes-128-cbc', passphrase: 'sesame' };
  const settings = Buffer.from([0, 0, 0, 0, 1, 0]);
  return [
    ...certificates.map((der) => bytes(0, 0, 0, 1, 0, settings, der)),
    ...certificates.map((der) => bytes(0, 1, 1, 1, 1, piece(derOf(crl)), settings, der)),
    bytes(1, 0, 0, settings, root.cert, leaf.cert),
    bytes(1, 1, 1, settings, crl),
    bytes(2, 0, 2, 0, 2, privateKey.export({ format: 'der', type: 'pkcs8' })),
    bytes(2, 0, 2, 3, 2, privateKey.export({ format: 'der', type: 'sec1' })),
    bytes(2, 1, 2, 1, 2, privateKey.export({ format: 'der', type: 'pkcs8', ...encryption })),
    bytes(2, 1, 2, 5, 2, leaf.key),
    bytes(2, 0, 2, 0, 1, derOf(leaf.cert)),
    ...(['aes', 'rc2', 'plain', 'withoutKey'] as const).map((name) =>
      bytes(2, 1, 2, 0, 0, fileOf(name)),
    ),
    bytes(3, 0, 0, 'ECDHE-RSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256'),
    bytes(3, 1, 2, 'DEFAULT,!SHA1:@SECLEVEL=1'),
  ];
}

const seeds = {
  codec,
  frame,
  connection,
  handshake,
  deflate,
  proxy,
  tls,
  credentials: credentials(),
};

const [, , folder = 'build/fuzz/seeds'] = process.argv;
for (const [target, inputs] of Object.entries(seeds)) {
  mkdirSync(join(folder, target), { recursive: true });
  inputs.forEach((input, i) => {
    writeFileSync(join(folder, target, `seed-${String(i)}`), input);
  });
}
