// The body of an answer that is not a 101.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesOf, handshake, head, readEveryWay } from '../support/handshake-core';

const maxBodyBytes = 4096;
const refused = (...lines: string[]): string => head('HTTP/1.1 503 Busy', ...lines);
const chunked = refused('Transfer-Encoding: chunked');
const long = 'abcdefgh'.repeat(1024);

interface Row {
  name: string;
  head: string;
  body: string;
  kept: string;
  /** True: only the end of the connection ends the body. */
  open?: boolean;
}

const rows: Row[] = [
  { name: 'no length', head: refused(), body: 'that is all', kept: 'that is all', open: true },
  { name: 'no length and no body', head: refused(), body: '', kept: '', open: true },
  { name: 'a length', head: refused('content-length: 5'), body: 'hello', kept: 'hello' },
  { name: 'a length of 0', head: refused('Content-Length: 000'), body: '', kept: '' },
  {
    name: 'a length too long',
    head: refused('Content-Length: 6'),
    body: 'hello',
    kept: 'hello',
    open: true,
  },
  {
    name: 'the same length thrice',
    head: refused('Content-Length: 5, 05', 'Content-Length: 5'),
    body: 'hello',
    kept: 'hello',
  },
  {
    name: 'the same length among empty elements',
    head: refused('Content-Length: , 5,,5,'),
    body: 'hello',
    kept: 'hello',
  },
  {
    name: 'a length of 2^64',
    head: refused('Content-Length: 18446744073709551616'),
    body: 'hello',
    kept: 'hello',
    open: true,
  },
  {
    name: 'a length beyond',
    head: refused(`Content-Length: ${'9'.repeat(30)}`),
    body: 'hello',
    kept: 'hello',
    open: true,
  },
  {
    name: 'more than is kept',
    head: refused('Content-Length: 8192'),
    body: long.slice(0, maxBodyBytes),
    kept: long.slice(0, maxBodyBytes),
  },
  {
    name: 'more than is kept, without a length',
    head: refused(),
    body: long.slice(0, maxBodyBytes),
    kept: long.slice(0, maxBodyBytes),
  },
  { name: 'one chunk', head: chunked, body: '5\r\nhello\r\n0\r\n', kept: 'hello' },
  { name: 'no chunk', head: chunked, body: '0\r\n', kept: '' },
  {
    name: 'chunks without a last one',
    head: chunked,
    body: '1\r\na\r\n2\r\nbc\r\n',
    kept: 'abc',
    open: true,
  },
  { name: 'a chunk cut off', head: chunked, body: 'ff\r\nabc', kept: 'abc', open: true },
  {
    name: 'chunks of every form',
    head: chunked,
    body: '3;a=b;c="d"\r\nfoo\r\n00A \t;x\r\n0123456789\r\n7\r\n\r\n0\r\n\r\n\r\n000;last\r\n',
    kept: 'foo0123456789\r\n0\r\n\r\n',
  },
  {
    name: 'chunked behind another coding',
    head: refused('Transfer-Encoding: gzip', 'Transfer-Encoding: , CHUNKED ,'),
    body: '5\r\nhello\r\n0\r\n',
    kept: 'hello',
  },
  {
    name: 'chunked and a length, which does not count',
    head: refused('Content-Length: x', 'Transfer-Encoding: chunked'),
    body: '5\r\nhello\r\n0\r\n',
    kept: 'hello',
  },
  {
    name: 'a coding that is not chunked',
    head: refused('Transfer-Encoding: chunked, gzip', 'Content-Length: 1'),
    body: '5\r\nhello',
    kept: '5\r\nhello',
    open: true,
  },
  {
    name: 'chunks of one byte up to what is kept',
    head: chunked,
    body: '1\r\nx\r\n'.repeat(maxBodyBytes).slice(0, -2),
    kept: 'x'.repeat(maxBodyBytes),
  },
  {
    name: 'a chunk longer than is kept',
    head: chunked,
    body: `ffffffffffffffff\r\n${long.slice(0, maxBodyBytes)}`,
    kept: long.slice(0, maxBodyBytes),
  },
];

for (const row of rows) {
  test(row.name, () => {
    const answer = row.head + row.body;
    if (row.open === true) {
      const waiting = readEveryWay(answer);
      assert.deepEqual([waiting.outcome, waiting.hasHead], ['needMore', true]);
    }
    for (const ended of row.open === true ? [true] : [false, true]) {
      const read = readEveryWay(answer, ended);
      assert.deepEqual([read.outcome, read.taken], ['complete', answer.length]);
      assert.deepEqual([read.status, read.body], [503, row.kept]);
    }
  });
}

test('204 and 304 have no body', () => {
  for (const status of ['204', '304']) {
    const read = readEveryWay(head(`HTTP/1.1 ${status} x`, 'Content-Length: 5'));
    assert.deepEqual([read.outcome, read.body], ['complete', '']);
  }
});

test('a body is kept as it came, byte for byte', () => {
  const all = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i));
  assert.equal(readEveryWay(refused('Content-Length: 256') + all).body, all);
  assert.equal(readEveryWay(`${chunked}100\r\n${all}\r\n0\r\n`).body, all);
});

describe('a length that is no number fails the head', () => {
  const values: [lines: string[], quoted: string][] = [
    [['Content-Length:'], '""'],
    [['Content-Length: x'], '"x"'],
    [['Content-Length: -1'], '"-1"'],
    [['Content-Length: +1'], '"+1"'],
    [['Content-Length: 1.5'], '"1.5"'],
    [['Content-Length: 0x10'], '"0x10"'],
    [['Content-Length: 1 2'], '"1 2"'],
    [['Content-Length: 1, 2'], '"1, 2"'],
    [['Content-Length: 1', 'Content-Length: 2'], '"1, 2"'],
    [['Content-Length: 1', 'Content-Length: x'], '"1, x"'],
  ];
  for (const [lines, quoted] of values) {
    test(lines.join(', '), () => {
      const { outcome, hasHead, error } = readEveryWay(refused(...lines) + '1');
      assert.deepEqual([outcome, hasHead], ['failed', false]);
      const detail = `Content-Length: expected one number, got ${quoted}`;
      assert.deepEqual(error, { code: 'HandshakeMalformed', detail });
    });
  }
});

// What is wrong is not taken for data; the refusal stands, with the body so far.
describe('broken chunks end the body', () => {
  const broken: [body: string, kept: string][] = [
    ['\r\n', ''],
    [';x\r\n', ''],
    ['x\r\n', ''],
    ['-1\r\n', ''],
    ['5\nhello', ''],
    ['5\rhello', ''],
    ['5;x\ry', ''],
    ['1\r\naX', 'a'],
    ['1\r\na\rX', 'a'],
    ['1\r\na\r\n\r\n', 'a'],
    ['10000000000000001\r\nabc', ''],
    [`1;${'x'.repeat(8 * maxBodyBytes)}`, ''],
    ['0'.repeat(8 * maxBodyBytes + 1), ''],
  ];
  for (const [body, kept] of broken) {
    test(JSON.stringify(body.slice(0, 30)), () => {
      const read = readEveryWay(chunked + body);
      assert.deepEqual([read.outcome, read.status, read.body], ['complete', 503, kept]);
    });
  }

  test('framing alone is read up to eight times what is kept', () => {
    const framing = chunked + `1;${'x'.repeat(8 * maxBodyBytes - 2)}`;
    const outcome = (answer: string) => handshake.readResponse([bytesOf(answer)], false).outcome;
    assert.deepEqual([outcome(framing), outcome(`${framing}x`)], ['needMore', 'complete']);
  });
});
