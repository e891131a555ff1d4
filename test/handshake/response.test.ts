import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesOf, handshake, head, readEveryWay } from '../support/handshake-core';
import type { HeaderPairs } from '../support/handshake-core';

const switching = 'HTTP/1.1 101 Switching Protocols';
const maxHeadBytes = 64 * 1024;
const maxHeadLines = 256;

describe('a 101', () => {
  test('is complete at the empty line, and what follows is not taken', () => {
    const answer = head(switching, 'Upgrade: websocket', 'Connection: Upgrade');
    assert.deepEqual(readEveryWay(answer), {
      outcome: 'head',
      taken: answer.length,
      hasHead: true,
      error: { code: 'None', detail: '' },
      status: 101,
      reason: 'Switching Protocols',
      headers: [
        ['Upgrade', 'websocket'],
        ['Connection', 'Upgrade'],
      ],
      body: '',
    });
  });

  test('has no body, whatever its headers say', () => {
    const answer = head(switching, 'Content-Length: x', 'Transfer-Encoding: chunked');
    assert.equal(readEveryWay(answer).outcome, 'head');
  });

  test('is not complete one byte earlier', () => {
    const answer = head(switching, 'A: b').slice(0, -1);
    const { outcome, taken, hasHead } = readEveryWay(answer);
    assert.deepEqual([outcome, taken, hasHead], ['needMore', answer.length, false]);
  });
});

describe('status lines', () => {
  const rows: [line: string, status: number, reason: string][] = [
    ['HTTP/1.1 204 No Content', 204, 'No Content'],
    ['HTTP/1.1 204 ', 204, ''],
    ['HTTP/1.1 204', 204, ''],
    ['HTTP/1.1 204  \tNo\tContent ', 204, 'No\tContent'],
    ['HTTP/1.1 204 k\xe9', 204, 'k\xe9'],
    ['HTTP/1.0 204 Old', 204, 'Old'],
  ];
  for (const [line, status, reason] of rows) {
    test(`reads ${JSON.stringify(line)}`, () => {
      const read = readEveryWay(head(line));
      assert.deepEqual([read.outcome, read.status, read.reason], ['complete', status, reason]);
    });
  }

  test('reads every status code, and none has another meaning', () => {
    for (let status = 0; status < 1000; status++) {
      const code = String(status).padStart(3, '0');
      const answer = head(`HTTP/1.1 ${code} x`, 'Content-Length: 0');
      const read = handshake.readResponse([bytesOf(answer)], false);
      const interim = status >= 100 && status < 200 && status !== 101;
      if (status < 100) assert.equal(read.error.code, 'HandshakeMalformed');
      else if (interim) assert.deepEqual([read.outcome, read.hasHead], ['needMore', false]);
      else assert.deepEqual([read.status, read.hasHead], [status, true]);
    }
  });
});

describe('fields', () => {
  const rows: [line: string, pair: readonly [string, string]][] = [
    ['A: b', ['A', 'b']],
    ['A:b', ['A', 'b']],
    ['A:', ['A', '']],
    ['A: \t ', ['A', '']],
    ['a-B_c.1!: \t b c\t d \t', ['a-B_c.1!', 'b c\t d']],
    ['A: b: c', ['A', 'b: c']],
    ['A: \x80\xff~', ['A', '\x80\xff~']],
    [`${'n'.repeat(300)}: ${'v'.repeat(3000)}`, ['n'.repeat(300), 'v'.repeat(3000)]],
  ];
  for (const [line, pair] of rows) {
    test(`reads ${JSON.stringify(line.slice(0, 40))}`, () => {
      const read = readEveryWay(head(switching, 'First: 1', line, 'Last: 2'));
      const expected: HeaderPairs = [['First', '1'], pair, ['Last', '2']];
      assert.deepEqual([read.outcome, read.headers], ['head', expected]);
    });
  }

  test('keeps headers of one name apart, in their order', () => {
    const read = readEveryWay(head(switching, 'A: 1', 'B: 2', 'a: 3', 'A: 1'));
    assert.deepEqual(
      read.headers.map((pair) => pair.join('=')),
      ['A=1', 'B=2', 'a=3', 'A=1'],
    );
  });
});

describe('what is no HTTP response', () => {
  const rows: [answer: string, detail: string | RegExp][] = [
    // The first bytes.
    ['SSH-2.0-OpenSSH_9.6\r\n', 'expected "HTTP/1.1", got "SSH-2.0-OpenSSH_9.6\\r\\n"'],
    ['\x81\x05hello', 'expected "HTTP/1.1", got "\\x81\\x05hello"'],
    ['\0', 'expected "HTTP/1.1", got "\\x00"'],
    ['"\\\x7f\xff', 'expected "HTTP/1.1", got "\\"\\\\\\x7f\\xff"'],
    ['x'.repeat(1000), `expected "HTTP/1.1", got "${'x'.repeat(80)}"...`],
    ['http/1.1 101 x', /^expected "HTTP\/1\.1", got "http/],
    ['HTTPS/1.1 101', /^expected/],
    ['ICY 200 OK\r\n', /^expected/],
    ['\r\n', 'expected "HTTP/1.1", got "\\r\\n"'],
    [' HTTP/1.1 101 x', /^expected/],
    ['\x15', 'the server seems to speak TLS here: use wss; it sent "\\x15"'],
    ['\x15\x03\x01\0\x02\x02\x0a', /^the server seems to speak TLS here: use wss; it sent "\\x15/],
    ['\x16\x03\x03', /^the server seems to speak TLS here: use wss/],
    ['\x16\x02', /^expected "HTTP\/1\.1"/],
    ['\x14\x03', /^expected "HTTP\/1\.1"/],
    // The status line.
    ...[
      'HTTP/1.1',
      'HTTP/2 101 x',
      'HTTP/1.2 101 x',
      'HTTP/11 101 x',
      'HTTP/1.1\t101 x',
      'HTTP/',
    ].map((line): [string, string] => [
      head(line),
      `line 1 is no status line of HTTP/1.1: ${JSON.stringify(line).replace('\\t', '\\x09')}`,
    ]),
    ...['', '1', '10', '1000', '1O1', '-10', '  101', '099', '000', '101x', '101\tx'].map(
      (code): [string, RegExp] => [
        head(`HTTP/1.1 ${code}`),
        /^line 1 has no status code of three digits: "HTTP\/1\.1 /,
      ],
    ),
    [head('HTTP/1.0 101 x'), 'line 1 has a 1xx of HTTP/1.0: "HTTP/1.0 101 x"'],
    [head('HTTP/1.0 100 x'), 'line 1 has a 1xx of HTTP/1.0: "HTTP/1.0 100 x"'],
    // Line ends and control characters.
    ['HTTP/1.1 101 x\n', 'line 1 ends without a CR: "HTTP/1.1 101 x"'],
    [`${switching}\r\nA: b\n`, 'line 2 ends without a CR: "A: b"'],
    [`${switching}\r\nA: b\r\n\n`, 'line 3 ends without a CR: ""'],
    [`${switching}\r\nA: b\r\r\n`, 'line 2 has a control character: "A: b\\r"'],
    [`${switching}\r\nA: b\rC: d\r\n`, 'line 2 has a control character: "A: b\\rC: d"'],
    [`${switching}\r\nA: b\0\r\n`, 'line 2 has a control character: "A: b\\x00"'],
    [`${switching}\r\nA: \x1b[31m\r\n`, 'line 2 has a control character: "A: \\x1b[31m"'],
    [`${switching}\r\nA: \x7f\r\n`, 'line 2 has a control character: "A: \\x7f"'],
    ['HTTP/1.1 101 a\0b\r\n', 'line 1 has a control character: "HTTP/1.1 101 a\\x00b"'],
    // Fields.
    [head(switching, ' A: b'), 'line 2 is folded: " A: b"'],
    [head(switching, 'A: b', '\tc'), 'line 3 is folded: "\\x09c"'],
    [head(switching, 'A: b', ' '), 'line 3 is folded: " "'],
    [head(switching, 'A'), 'line 2 has no colon: "A"'],
    ...[': b', 'A : b', 'A\t: b', 'A B: c', '"A": b', 'A/B: c', '(A): b', 'A\xe4: b', '@: x'].map(
      (line): [string, RegExp] => [
        head(switching, 'First: 1', line),
        /^line 3 has a header name that is no token: /,
      ],
    ),
    // An answer behind an interim one.
    [head('HTTP/1.1 100 Continue') + 'SSH', 'expected "HTTP/1.1", got "SSH"'],
    [head('HTTP/1.1 100 Continue') + head('HTTP/1.1 x'), /^line 3 has no status code/],
  ];
  for (const [answer, detail] of rows) {
    test(JSON.stringify(answer.slice(0, 60)), () => {
      const { outcome, hasHead, error } = readEveryWay(answer);
      assert.deepEqual([outcome, hasHead, error.code], ['failed', false, 'HandshakeMalformed']);
      if (typeof detail === 'string') assert.equal(error.detail, detail);
      else assert.match(error.detail, detail);
    });
  }

  test('is known at the first byte that cannot be', () => {
    for (const beginning of ['', 'H', 'HT', 'HTT', 'HTTP']) {
      for (let byte = 0; byte < 256; byte++) {
        const portions = [...beginning, String.fromCharCode(byte)].map(bytesOf);
        const { outcome } = handshake.readResponse(portions, false);
        const right = 'HTTP/'[beginning.length] === String.fromCharCode(byte);
        assert.equal(outcome, right ? 'needMore' : 'failed', `${beginning} and ${byte}`);
      }
    }
  });
});

describe('interim responses', () => {
  test('are passed over, with their headers', () => {
    const interim = head('HTTP/1.1 100 Continue') + head('HTTP/1.1 103 Early Hints', 'Link: <a>');
    const answer = interim + head(switching, 'A: b');
    const read = readEveryWay(answer);
    assert.deepEqual([read.outcome, read.taken, read.status], ['head', answer.length, 101]);
    assert.deepEqual([read.reason, read.headers], ['Switching Protocols', [['A', 'b']]]);
  });

  test('are no head', () => {
    const read = readEveryWay(head('HTTP/1.1 102 Processing', 'Content-Length: 5'));
    assert.deepEqual([read.outcome, read.hasHead], ['needMore', false]);
  });

  test('cannot come for ever', () => {
    const answer = head('HTTP/1.1 100 Continue').repeat(maxHeadLines / 2);
    assert.equal(handshake.readResponse([bytesOf(answer)], false).outcome, 'needMore');
    const { error } = handshake.readResponse([bytesOf(answer + head(switching))], false);
    assert.equal(error.code, 'HandshakeHeadTooLarge');
  });
});

describe('the bounds of a head', () => {
  const tooLarge = (unit: string): [string, string] => ['HandshakeHeadTooLarge', unit];
  const manyBytes = tooLarge(`more than ${maxHeadBytes} bytes`);
  const manyLines = tooLarge(`more than ${maxHeadLines} lines`);
  const errorOf = (answer: string): [string, string] => {
    const { error } = readEveryWay(answer);
    return [error.code, error.detail];
  };
  const filled = (size: number): string =>
    head(switching, `A: ${'v'.repeat(size - head(switching, 'A: ').length)}`);

  test('65536 bytes are read, one more is not', () => {
    assert.equal(filled(maxHeadBytes).length, maxHeadBytes);
    assert.equal(readEveryWay(filled(maxHeadBytes)).outcome, 'head');
    assert.deepEqual(errorOf(filled(maxHeadBytes + 1)), manyBytes);
  });

  test('256 lines are read, one more is not', () => {
    const lines = Array.from({ length: maxHeadLines - 2 }, (_, i) => `A${i}: b`);
    assert.equal(readEveryWay(head(switching, ...lines)).headers.length, maxHeadLines - 2);
    assert.deepEqual(errorOf(head(switching, ...lines, 'one: more')), manyLines);
  });

  test('a line of 1 MiB, a head without end, ten thousand headers', () => {
    const mebibyte = 'v'.repeat(1024 * 1024);
    const rows: [answer: string, error: [string, string]][] = [
      [`HTTP/1.1 101 ${mebibyte}`, manyBytes],
      [`${switching}\r\nA: ${mebibyte}`, manyBytes],
      [`${switching}\r\n${mebibyte}`, manyBytes],
      [`${switching}\r\n${`A: ${'v'.repeat(996)}\r\n`.repeat(100)}`, manyBytes],
      [`${switching}\r\n${'A: b\r\n'.repeat(10_000)}`, manyLines],
    ];
    for (const [answer, expected] of rows) {
      for (const size of [answer.length, 65536, 1000, 7]) {
        const count = Math.ceil(answer.length / size);
        const bytes = bytesOf(answer);
        const portions = Array.from({ length: count }, (_, i) =>
          bytes.subarray(i * size, (i + 1) * size),
        );
        const { error } = handshake.readResponse(portions, false);
        assert.deepEqual([error.code, error.detail], expected, `portions of ${size}`);
      }
    }
  });

  test('the failure is known with the first byte beyond', () => {
    const bytes = bytesOf(`${switching}\r\nA: ${'v'.repeat(maxHeadBytes)}`);
    const upTo = (size: number) => handshake.readResponse([bytes.subarray(0, size)], false);
    assert.equal(upTo(maxHeadBytes).outcome, 'needMore');
    assert.deepEqual(
      [upTo(maxHeadBytes + 1).outcome, upTo(bytes.length).taken],
      ['failed', maxHeadBytes],
    );
  });
});

describe('the end of the connection', () => {
  const rows: [answer: string, detail: string][] = [
    ['', 'no byte of an answer came'],
    ['HTT', '3 bytes of a response head came'],
    [`${switching}\r\nA: b\r\n`, `${switching.length + 8} bytes of a response head came`],
    [head('HTTP/1.1 100 Continue'), '25 bytes of a response head came'],
  ];
  for (const [answer, detail] of rows) {
    test(`in a head: ${JSON.stringify(answer.slice(-8))}`, () => {
      const { outcome, hasHead, error } = readEveryWay(answer, true);
      assert.deepEqual([outcome, hasHead], ['failed', false]);
      assert.deepEqual(error, { code: 'HandshakeEnded', detail });
    });
  }

  test('does not hide what was wrong before', () => {
    assert.equal(readEveryWay('SSH', true).error.code, 'HandshakeMalformed');
  });
});
