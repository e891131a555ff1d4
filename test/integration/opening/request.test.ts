// The opening handshake as the server sees it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { OpenOptions } from 'wsfd';
import { webSocketInfo } from 'wsfd';
import { open } from '../../support/calls';
import { startRawServer, switching } from '../../support/raw-server';
import type { RawRequest, RawServer } from '../../support/raw-server';

async function start(t: TestContext): Promise<RawServer> {
  const server = await startRawServer();
  t.after(() => server.close());
  return server;
}

/** The request that opening `urlOf` the server's 'host:port' makes. */
async function requestOf(
  t: TestContext,
  urlOf: (host: string) => string,
  options: OpenOptions = {},
): Promise<RawRequest & { host: string }> {
  const server = await start(t);
  const host = `127.0.0.1:${server.port}`;
  await open(urlOf(host), options);
  return { ...(await server.connections.next()).request, host };
}

const plain = (host: string): string => `ws://${host}/`;

/** How often the head has a line of that name. */
const count = (head: string, name: string): number =>
  head.split('\r\n').filter((line) => line.toLowerCase().startsWith(`${name}:`)).length;

test('has what RFC 6455 section 4.1 asks for', async (t) => {
  const { requestLine, headers, head, host } = await requestOf(t, plain);
  assert.equal(requestLine, 'GET / HTTP/1.1');
  assert.equal(headers['host'], host);
  assert.equal(headers['upgrade']?.toLowerCase(), 'websocket');
  assert.match(headers['connection'] ?? '', /\bupgrade\b/i);
  assert.equal(headers['sec-websocket-version'], '13');
  const key = headers['sec-websocket-key'] ?? '';
  assert.equal(Buffer.from(key, 'base64').length, 16);
  assert.equal(Buffer.from(key, 'base64').toString('base64'), key);
  for (const name of Object.keys(headers)) assert.equal(count(head, name), 1, name);
  assert.ok(!('sec-websocket-protocol' in headers));
  assert.ok(!('authorization' in headers));
});

test('has another key for each connection', async (t) => {
  const server = await start(t);
  const keys = new Set<string | undefined>();
  for (let i = 0; i < 20; i++) {
    await open(server.url);
    const { request } = await server.connections.next();
    keys.add(request.headers['sec-websocket-key']);
  }
  assert.equal(keys.size, 20);
});

const targets: [path: string, target: string][] = [
  ['', '/'],
  ['/', '/'],
  ['?x=1', '/?x=1'],
  ['/feed', '/feed'],
  ['/feed/?a=b&c=d%20e', '/feed/?a=b&c=d%20e'],
  ['/%2F%3f', '/%2F%3f'],
  ['/ü', '/%C3%BC'],
  ['/a/../b', '/b'],
  ['/?', '/?'],
];

for (const [path, target] of targets) {
  test(`asks for ${target} where the URL has '${path}'`, async (t) => {
    const { requestLine } = await requestOf(t, (host) => `ws://${host}${path}`);
    // A '?' with nothing behind it may be left out.
    assert.equal(requestLine.replace('? ', ' '), `GET ${target.replace(/\?$/, '')} HTTP/1.1`);
  });
}

test('the scheme and the host may be written in capital letters', async (t) => {
  const { headers, host } = await requestOf(
    t,
    (it) => `WS://${it.replace('127.0.0.1', 'LocalHost')}/`,
  );
  assert.equal(headers['host'], host.replace('127.0.0.1', 'localhost'));
});

const overwritten: [name: string, written: string, value: string][] = [
  ['user-agent', 'User-Agent', 'plant/1.0'],
  ['user-agent', 'user-agent', 'plant/1.0'],
  ['host', 'Host', 'plant.example'],
  ['host', 'hOST', 'plant.example:8080'],
  ['origin', 'Origin', 'https://plant.example'],
  ['authorization', 'Authorization', 'Bearer abc'],
  ['cookie', 'Cookie', 'a=b; c=d'],
  ['x-own', 'X-Own', ''],
  ['x-own', 'X-Own', 'with: colon, "quotes" and\ttab'],
];

for (const [name, written, value] of overwritten) {
  test(`has ${written}: ${value} once, as the caller gave it`, async (t) => {
    const { headers, head } = await requestOf(t, plain, { headers: { [written]: value } });
    assert.equal(headers[name], value);
    assert.equal(count(head, name), 1);
  });
}

test('has all headers of the caller', async (t) => {
  const given = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`X-${i}`, `value ${i}`]));
  const { headers } = await requestOf(t, plain, { headers: given });
  for (const [name, value] of Object.entries(given)) {
    assert.equal(headers[name.toLowerCase()], value);
  }
});

const credentials: [userinfo: string, decoded: string][] = [
  ['user:pass', 'user:pass'],
  ['user', 'user:'],
  [':pass', ':pass'],
  ['us%40er:p%3Aa%2Fss', 'us@er:p:a/ss'],
  ['u%C3%BC:X-A:b', 'uü:X-A:b'],
];

for (const [userinfo, decoded] of credentials) {
  test(`turns the credentials ${userinfo} into Basic Authentication`, async (t) => {
    const { headers, head, requestLine } = await requestOf(
      t,
      (host) => `ws://${userinfo}@${host}/`,
    );
    const basic = Buffer.from(decoded).toString('base64');
    assert.equal(headers['authorization'], `Basic ${basic}`);
    assert.equal(count(head, 'authorization'), 1);
    assert.equal(requestLine, 'GET / HTTP/1.1');
    assert.ok(!headers['host']?.includes('@'));
  });
}

test('an Authorization header overwrites the credentials of the URL', async (t) => {
  const { headers, head } = await requestOf(t, (host) => `ws://user:pass@${host}/`, {
    headers: { authorization: 'Bearer abc' },
  });
  assert.equal(headers['authorization'], 'Bearer abc');
  assert.equal(count(head, 'authorization'), 1);
});

const protocols: [given: string | string[], sent: string][] = [
  ['opcua', 'opcua'],
  [['opcua'], 'opcua'],
  [['opcua', 'amqp', 'v1.mqtt'], 'opcua, amqp, v1.mqtt'],
];

for (const [given, sent] of protocols) {
  test(`offers the subprotocols ${sent}`, async (t) => {
    const { headers } = await requestOf(t, plain, { protocols: given });
    assert.equal(headers['sec-websocket-protocol'], sent);
  });
}

test('the subprotocol that the server chose is known', async (t) => {
  const server = await startRawServer({
    answer: (request) => switching(request, ['Sec-WebSocket-Protocol: amqp']),
  });
  t.after(() => server.close());
  const socket = await open(server.url, { protocols: ['opcua', 'amqp'] });
  assert.equal(webSocketInfo(socket)?.subprotocol, 'amqp');
});

test('each opening asks for its own URL, whichever came before', async (t) => {
  const server = await start(t);
  const place = `127.0.0.1:${server.port}`;
  const basic = `Basic ${Buffer.from('user:secret').toString('base64')}`;
  const cases = [
    [`ws://${place}/a`, '/a', undefined],
    [`ws://${place}/a`, '/a', undefined],
    [`ws://user:secret@${place}/a`, '/a', basic],
    [`ws://user:secret@${place}/a`, '/a', basic],
    [`ws://${place}/a`, '/a', undefined],
    [`ws://${place}/a?b`, '/a?b', undefined],
  ] as const;
  for (const [url, target, authorization] of cases) {
    const socket = await open(url);
    const { request } = await server.connections.next();
    assert.equal(request.requestLine, `GET ${target} HTTP/1.1`);
    assert.equal(request.headers['authorization'], authorization);
    assert.equal(webSocketInfo(socket)?.url, `ws://${place}${target}`);
  }
});
