import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handshake, head } from '../support/handshake-core';
import type { HandshakeRequest, HeaderPairs } from '../support/handshake-core';

const least: HandshakeRequest = { host: 'example.org:8080', target: '/feed?x=1' };
const most: HandshakeRequest = {
  ...least,
  userAgent: 'wsfd/1',
  subprotocols: ['opcua', 'amqp', 'v1.mqtt'],
  extensions: 'permessage-deflate; client_max_window_bits',
  headers: [
    ['Origin', 'https://plant.example'],
    ['X-Empty', ''],
  ],
};

const linesOfLeast = [
  'GET /feed?x=1 HTTP/1.1',
  'Host: example.org:8080',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: the key',
  'Sec-WebSocket-Version: 13',
];
const linesOfMost = [
  ...linesOfLeast,
  'Sec-WebSocket-Protocol: opcua, amqp, v1.mqtt',
  'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
  'User-Agent: wsfd/1',
  'Origin: https://plant.example',
  'X-Empty: ',
];

test('has what RFC 6455 section 4.1 asks for and nothing else', () => {
  assert.equal(handshake.writeRequest(least, 'the key'), head(...linesOfLeast));
});

test('has all that was asked for', () => {
  assert.equal(handshake.writeRequest(most, 'the key'), head(...linesOfMost));
});

const replaced: [line: string, headers: HeaderPairs, by: string][] = [
  ['Host: example.org:8080', [['host', 'plant.example']], 'Host: plant.example'],
  ['User-Agent: wsfd/1', [['USER-AGENT', 'plant/1.0']], 'User-Agent: plant/1.0'],
  ['User-Agent: wsfd/1', [['User-Agent', '']], 'User-Agent: '],
  [
    'Sec-WebSocket-Protocol: opcua, amqp, v1.mqtt',
    [['sec-websocket-protocol', 'own']],
    'Sec-WebSocket-Protocol: own',
  ],
  [
    'Host: example.org:8080',
    [
      ['host', 'first.example'],
      ['Host', 'last.example'],
    ],
    'Host: last.example',
  ],
];

for (const [line, headers, by] of replaced) {
  const names = headers.map(([name]) => name).join(' and ');
  test(`the caller's ${names} replaces '${line}' in its place`, () => {
    const request = { ...most, headers: [...headers, ...(most.headers ?? [])] };
    const lines = linesOfMost.map((each) => (each === line ? by : each));
    assert.equal(handshake.writeRequest(request, 'the key'), head(...lines));
  });
}

test("the caller's User-Agent is sent where there is no default", () => {
  const request = { ...least, headers: [['user-agent', 'plant/1.0']] as HeaderPairs };
  assert.equal(
    handshake.writeRequest(request, 'the key'),
    head(...linesOfLeast, 'User-Agent: plant/1.0'),
  );
});

test('all other headers are sent as they were given', () => {
  const headers = Array.from({ length: 300 }, (_, i) => [`x-${i % 100}`, 'v'.repeat(i)] as const);
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  assert.equal(
    handshake.writeRequest({ ...least, headers }, 'the key'),
    head(...linesOfLeast, ...lines),
  );
});
