import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesOf, exampleAccept, exampleKey, handshake, head } from '../support/handshake-core';
import type { CheckedResponse, HandshakeRequest } from '../support/handshake-core';

const required = {
  upgrade: 'Upgrade: websocket',
  connection: 'Connection: Upgrade',
  accept: `Sec-WebSocket-Accept: ${exampleAccept}`,
};

const check = (answer: string, request: HandshakeRequest = {}): CheckedResponse =>
  handshake.checkResponse(request, exampleKey, bytesOf(answer));

/** A 101 with the three headers that it must have, each replaced by the lines given, and others. */
function switching(
  replaced: Partial<Record<keyof typeof required, string[]>>,
  others: string[] = [],
) {
  const lines = (Object.keys(required) as (keyof typeof required)[]).flatMap(
    (name) => replaced[name] ?? [required[name]],
  );
  return head('HTTP/1.1 101 Switching Protocols', ...lines, ...others);
}

function accepts(answer: string, request?: HandshakeRequest): CheckedResponse {
  const checked = check(answer, request);
  assert.deepEqual(checked.error, { code: 'None', detail: '' });
  return checked;
}

function refuses(answer: string, code: string, detail: string, request?: HandshakeRequest): void {
  assert.deepEqual(check(answer, request), {
    error: { code, detail },
    subprotocol: 'untouched',
    extensions: 'untouched',
  });
}

test('accepts the answer of RFC 6455 section 1.3', () => {
  const request = { subprotocols: ['chat', 'superchat'] };
  const { subprotocol, extensions } = accepts(
    switching({}, ['Sec-WebSocket-Protocol: chat']),
    request,
  );
  assert.deepEqual([subprotocol, extensions], ['chat', '']);
});

describe('Upgrade', () => {
  for (const line of ['Upgrade: WebSocket', 'uPGRADE:WEBSOCKET', 'Upgrade: \t websocket \t']) {
    test(`accepts '${line}'`, () => void accepts(switching({ upgrade: [line] })));
  }
  const rows: [lines: string[], came: string][] = [
    [[], 'no such header'],
    [['Upgrade:'], '""'],
    [['Upgrade: h2c'], '"h2c"'],
    [['Upgrade: websocke'], '"websocke"'],
    [['Upgrade: websocket/13'], '"websocket/13"'],
    [['Upgrade: websocket, h2c'], '"websocket, h2c"'],
    [['Upgrade: websocket', 'Upgrade: websocket'], '"websocket, websocket"'],
    [['Upgrade: web\xdfocket'], '"web\\xdfocket"'],
  ];
  for (const [lines, came] of rows) {
    test(`refuses ${came}`, () => {
      const detail = `Upgrade: expected "websocket", got ${came}`;
      refuses(switching({ upgrade: lines }), 'HandshakeUpgradeInvalid', detail);
    });
  }
});

describe('Connection', () => {
  const right = [
    ['Connection: upgrade'],
    ['CONNECTION: UPGRADE'],
    ['Connection: keep-alive, Upgrade'],
    ['Connection: ,upgrade\t,, close'],
    ['Connection: keep-alive', 'Connection: close,Upgrade'],
  ];
  for (const lines of right) {
    test(`accepts ${lines.join(' and ')}`, () => void accepts(switching({ connection: lines })));
  }
  const rows: [lines: string[], came: string][] = [
    [[], 'no such header'],
    [['Connection:'], '""'],
    [['Connection: keep-alive'], '"keep-alive"'],
    [['Connection: upgraded'], '"upgraded"'],
    [['Connection: Up grade'], '"Up grade"'],
    [['Connection: "Upgrade"'], '"\\"Upgrade\\""'],
    [['Connection: Up', 'Connection: grade'], '"Up, grade"'],
  ];
  for (const [lines, came] of rows) {
    test(`refuses ${came}`, () => {
      const detail = `Connection: expected a list with "Upgrade", got ${came}`;
      refuses(switching({ connection: lines }), 'HandshakeUpgradeInvalid', detail);
    });
  }
});

describe('Sec-WebSocket-Accept', () => {
  test('accepts white space around it', () => {
    accepts(switching({ accept: [`sec-websocket-accept: \t${exampleAccept} \t`] }));
  });
  const rows: [values: string[], came: string][] = [
    [[], 'no such header'],
    [[''], '""'],
    [[exampleAccept.toLowerCase()], `"${exampleAccept.toLowerCase()}"`],
    [[exampleAccept.slice(0, -1)], `"${exampleAccept.slice(0, -1)}"`],
    [[`${exampleAccept}=`], `"${exampleAccept}="`],
    [[exampleKey], `"${exampleKey}"`],
    [[exampleAccept, exampleAccept], `"${exampleAccept}, ${exampleAccept}"`],
    [[exampleAccept, ''], `"${exampleAccept}, "`],
  ];
  for (const [values, came] of rows) {
    test(`refuses ${came}`, () => {
      const lines = values.map((value) => `Sec-WebSocket-Accept: ${value}`);
      const detail = `Sec-WebSocket-Accept: expected "${exampleAccept}", got ${came}`;
      refuses(switching({ accept: lines }), 'HandshakeAcceptInvalid', detail);
    });
  }

  test('is that of the key', () => {
    const { error } = handshake.checkResponse({}, 'another key', bytesOf(switching({})));
    assert.equal(error.code, 'HandshakeAcceptInvalid');
    assert.ok(error.detail.includes(handshake.computeAccept('another key')), error.detail);
  });
});

describe('Sec-WebSocket-Protocol', () => {
  const offers: [name: string, request: HandshakeRequest, right: string[]][] = [
    ['options', { subprotocols: ['amqp', 'v1.mqtt'] }, ['amqp', 'v1.mqtt']],
    ['a header', { headers: [['sec-websocket-PROTOCOL', 'amqp,v1.mqtt']] }, ['amqp', 'v1.mqtt']],
    ['both', { subprotocols: ['x'], headers: [['Sec-WebSocket-Protocol', 'amqp']] }, ['amqp']],
  ];
  for (const [name, request, right] of offers) {
    test(`accepts none or one of those offered by ${name}`, () => {
      assert.equal(accepts(switching({}), request).subprotocol, '');
      for (const each of right) {
        const answer = switching({}, [`sec-websocket-protocol:  ${each} `]);
        assert.equal(accepts(answer, request).subprotocol, each);
      }
    });
  }
  const none: HandshakeRequest = {};
  const two: HandshakeRequest = { subprotocols: ['amqp', 'v1.mqtt'] };
  const rows: [request: HandshakeRequest, values: string[], expected: string, came: string][] = [
    [none, ['amqp'], 'none', '"amqp"'],
    [none, [''], 'none', '""'],
    [two, [''], 'one of "amqp, v1.mqtt"', '""'],
    [{ headers: [['Sec-WebSocket-Protocol', ',']] }, [''], 'one of ","', '""'],
    [two, ['AMQP'], 'one of "amqp, v1.mqtt"', '"AMQP"'],
    [two, ['opcua'], 'one of "amqp, v1.mqtt"', '"opcua"'],
    [two, ['amqp, v1.mqtt'], 'one of "amqp, v1.mqtt"', '"amqp, v1.mqtt"'],
    [two, ['amqp', 'amqp'], 'one of "amqp, v1.mqtt"', '"amqp, amqp"'],
    [
      { subprotocols: ['x'], headers: [['Sec-WebSocket-Protocol', 'amqp']] },
      ['x'],
      'one of "amqp"',
      '"x"',
    ],
  ];
  for (const [request, values, expected, came] of rows) {
    test(`refuses ${came} where ${expected} was offered`, () => {
      const lines = values.map((value) => `Sec-WebSocket-Protocol: ${value}`);
      const detail = `Sec-WebSocket-Protocol: expected ${expected}, got ${came}`;
      refuses(switching({}, lines), 'HandshakeSubprotocolInvalid', detail, request);
    });
  }
});

describe('Sec-WebSocket-Extensions', () => {
  const deflate = 'permessage-deflate; client_max_window_bits';
  const two: HandshakeRequest = { extensions: `${deflate}, foo` };
  const answer = (...values: string[]): string =>
    switching(
      {},
      values.map((value) => `Sec-WebSocket-Extensions: ${value}`),
    );

  test('accepts what was offered, with any parameters', () => {
    for (const value of [
      'foo',
      'permessage-deflate; a="b"; c',
      'foo, permessage-deflate',
      ',foo,',
    ]) {
      assert.equal(accepts(answer(value), two).extensions, value);
    }
    assert.equal(
      accepts(answer('foo; a', 'permessage-deflate'), two).extensions,
      'foo; a, permessage-deflate',
    );
    assert.equal(accepts(answer(), two).extensions, '');
  });

  const offered = `some of "${two.extensions}"`;
  const rows: [request: HandshakeRequest, values: string[], expected: string, came: string][] = [
    [{}, ['foo'], 'none', '"foo"'],
    [two, ['bar'], offered, '"bar"'],
    [two, ['FOO'], offered, '"FOO"'],
    [two, ['client_max_window_bits'], offered, '"client_max_window_bits"'],
    [two, ['foo, bar; x="y"'], offered, '"foo, bar; x=\\"y\\""'],
    [two, ['foo, foo'], 'each extension once', '"foo, foo"'],
    [two, ['foo; a', 'foo; b'], 'each extension once', '"foo; a, foo; b"'],
    [two, [''], 'a list of extensions', '""'],
    [{}, [''], 'a list of extensions', '""'],
    [two, ['foo;'], 'a list of extensions', '"foo;"'],
    [two, ['foo; a="'], 'a list of extensions', '"foo; a=\\""'],
    [two, ['foo; a="b', 'c"'], 'a list of extensions', '"foo; a=\\"b, c\\""'],
  ];
  for (const [request, values, expected, came] of rows) {
    test(`refuses ${came} where ${request.extensions ?? 'nothing'} was offered`, () => {
      const detail = `Sec-WebSocket-Extensions: expected ${expected}, got ${came}`;
      refuses(answer(...values), 'HandshakeExtensionInvalid', detail, request);
    });
  }
});

describe('another status is a refusal', () => {
  const rows: [lines: string[], detail: string][] = [
    [['200 OK'], 'HTTP 200 OK'],
    [['503 Service Unavailable'], 'HTTP 503 Service Unavailable'],
    [['599'], 'HTTP 599'],
    [['500 na\xefve "x"'], 'HTTP 500 na\\xefve \\"x\\"'],
    [[`500 ${'x'.repeat(100)}`], `HTTP 500 ${'x'.repeat(80)}...`],
    [['426 Upgrade Required'], 'HTTP 426 Upgrade Required'],
    [
      ['426 Upgrade Required', 'Sec-WebSocket-Version: 8, 7'],
      'HTTP 426 Upgrade Required; it speaks WebSocket version 8, 7',
    ],
    [
      ['400 Bad Request', 'sec-websocket-version: 8', 'Sec-WebSocket-Version: 7'],
      'HTTP 400 Bad Request; it speaks WebSocket version 8, 7',
    ],
    [['503 Busy', 'Sec-WebSocket-Version: 8'], 'HTTP 503 Busy'],
    [
      ['302 Found', 'Location: wss://b.example/x'],
      'HTTP 302 Found; its Location is "wss://b.example/x"',
    ],
    [['308 Moved', 'location: /x'], 'HTTP 308 Moved; its Location is "/x"'],
    [['300 Many'], 'HTTP 300 Many'],
    [['201 Created', 'Location: /x'], 'HTTP 201 Created'],
    [
      ['401 Unauthorized', 'WWW-Authenticate: Basic realm="plant"', 'Proxy-Authenticate: NTLM'],
      'HTTP 401 Unauthorized; it asks for authentication by "Basic"',
    ],
    [
      ['401 No', 'www-authenticate: Negotiate', 'WWW-Authenticate: Digest nonce="x y"'],
      'HTTP 401 No; it asks for authentication by "Negotiate" or "Digest"',
    ],
    [
      ['407 No', 'Proxy-Authenticate: Basic realm="a"', 'WWW-Authenticate: NTLM'],
      'HTTP 407 No; it asks for authentication by "Basic"',
    ],
    [['401 No'], 'HTTP 401 No'],
    [['403 No', 'WWW-Authenticate: Basic'], 'HTTP 403 No'],
  ];
  for (const [[line, ...lines], detail] of rows) {
    test(detail, () => refuses(head(`HTTP/1.1 ${line}`, ...lines), 'HandshakeRefused', detail));
  }

  test('even with the headers of a 101', () => {
    const answer = switching({}).replace('101 Switching Protocols', '200 OK');
    refuses(answer, 'HandshakeRefused', 'HTTP 200 OK');
  });
});

test('the details of an answer are cut', () => {
  const { detail } = check(switching({ upgrade: [`Upgrade: ${'x'.repeat(60_000)}`] })).error;
  assert.equal(detail, `Upgrade: expected "websocket", got "${'x'.repeat(80)}"...`);
});
