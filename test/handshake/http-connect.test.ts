// CONNECT as a dialogue: RFC 9110 section 9.3.6.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesOf, head } from '../support/handshake-core';
import { talkEveryWay } from '../support/proxy-core';
import type { ProxyQuestion, ProxyTalk } from '../support/proxy-core';

const question: ProxyQuestion = { host: 'plant.example', port: 443 };

const talk = (answer: string, ended = false): ProxyTalk =>
  talkEveryWay('http', question, bytesOf(answer), ended);

describe('the request', () => {
  const authorities: [string, string][] = [
    ['plant.example', 'plant.example:443'],
    ['10.1.2.3', '10.1.2.3:443'],
    ['::1', '[::1]:443'],
  ];
  for (const [host, authority] of authorities) {
    test(authority, () => {
      const { sent } = talkEveryWay('http', { host, port: 443 }, Buffer.alloc(0));
      assert.equal(sent.toString(), head(`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`));
    });
  }

  test('with credentials', () => {
    const asked = { ...question, authorization: 'Basic a2FybDo=' };
    const { sent } = talkEveryWay('http', asked, Buffer.alloc(0));
    assert.match(sent.toString(), /\r\nProxy-Authorization: Basic a2FybDo=\r\n\r\n$/);
  });
});

describe('any 2xx opens the tunnel behind its head', () => {
  const heads = [
    head('HTTP/1.1 200 OK'),
    head('HTTP/1.0 200 Connection established', 'Via: x'),
    head('HTTP/1.1 299 Odd'),
    head('HTTP/1.1 204 No Content'),
    // "A client MUST ignore any Content-Length or Transfer-Encoding header fields received in a
    // successful response to CONNECT."
    head('HTTP/1.1 200 OK', 'Content-Length: 10'),
    head('HTTP/1.1 200 OK', 'Content-Length: x'),
    head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'),
    head('HTTP/1.1 100 Continue') + head('HTTP/1.1 200 OK'),
  ];
  for (const answer of heads) {
    test(JSON.stringify(answer), () => {
      const { outcome, taken } = talk(answer);
      assert.deepEqual([outcome, taken], ['opened', answer.length]);
    });
  }
});

describe('everything else does not', () => {
  const answers: [string, number, RegExp][] = [
    [head('HTTP/1.1 407 No', 'Content-Length: 0'), 407, /^HTTP 407 No$/],
    [
      head('HTTP/1.1 407 No', 'Proxy-Authenticate: Negotiate', 'Content-Length: 0'),
      407,
      /asks for authentication by "Negotiate"/,
    ],
    [head('HTTP/1.1 403 Forbidden', 'Content-Length: 3') + 'no!', 403, /^HTTP 403 Forbidden$/],
    [head('HTTP/1.1 302 Found', 'Location: /x', 'Content-Length: 0'), 302, /"\/x"/],
    [head('HTTP/1.1 502 Bad Gateway', 'Content-Length: 0'), 502, /502 Bad Gateway/],
    ['SSH-2.0-x\r\n', 0, /its answer is not an HTTP response/],
    ['\x05\x00', 0, /its answer is not an HTTP response/],
    ['HTTP/1.1 200 OK\n\n', 0, /ends without a CR/],
    [`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(256)}`, 0, /the head of its answer is too large/],
  ];
  for (const [answer, status, message] of answers) {
    test(JSON.stringify(answer.slice(0, 60)), () => {
      const { outcome, code, detail, status: came } = talk(answer);
      assert.deepEqual([outcome, code, came], ['refused', 'ProxyRefused', status]);
      assert.match(detail, message);
    });
  }
});

test('the connection ends in the middle', () => {
  const { code, detail, status } = talk('HTTP/1.1 200 OK\r\nVia: x\r\n', true);
  assert.deepEqual([code, status], ['ProxyRefused', 0]);
  assert.match(detail, /it ended the connection while it was asked for CONNECT; 25 bytes/);
});

test('the connection ends a refusal without a length', () => {
  const { code, detail, status } = talk(head('HTTP/1.1 503 Busy') + 'come back later', true);
  assert.deepEqual([code, status, detail], ['ProxyRefused', 503, 'HTTP 503 Busy']);
});
