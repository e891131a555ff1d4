// SOCKS version 5 as a dialogue: RFC 1928, and RFC 1929 for user name and password.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { talkEveryWay } from '../support/proxy-core';
import type { ProxyQuestion, ProxyTalk } from '../support/proxy-core';

const question: ProxyQuestion = { host: 'plant.example', port: 443 };
const known: ProxyQuestion = { ...question, username: 'karl', password: 'geheim' };
const bytes = (...values: number[]): Buffer => Buffer.from(values);

const hello = bytes(5, 1, 0);
const helloWithUser = bytes(5, 2, 0, 2);
const request = Buffer.concat([bytes(5, 1, 0, 3, 13), Buffer.from('plant.example'), bytes(1, 187)]);
const login = Buffer.concat([bytes(1, 4), Buffer.from('karl'), bytes(6), Buffer.from('geheim')]);

const noAuthentication = bytes(5, 0);
const bound = bytes(5, 0, 0, 1, 127, 0, 0, 1, 4, 56);

const talk = (asked: ProxyQuestion, ...answer: Buffer[]): ProxyTalk =>
  talkEveryWay('socks5', asked, Buffer.concat(answer));

function refused(asked: ProxyQuestion, ...answer: Buffer[]): string {
  const { outcome, code, detail } = talk(asked, ...answer);
  assert.deepEqual([outcome, code], ['refused', 'ProxyRefused']);
  return detail;
}

describe('RFC 1928 section 3: the choice of a method', () => {
  test('without credentials none is offered but none', () => {
    const { sent, outcome } = talk(question);
    assert.deepEqual([sent, outcome], [hello, 'needMore']);
  });

  test('with credentials both are offered', () => {
    assert.deepEqual(talk(known).sent, helloWithUser);
  });

  test('a proxy that wants no credentials is not told them', () => {
    const { sent, outcome } = talk(known, noAuthentication, bound);
    assert.deepEqual([sent, outcome], [Buffer.concat([helloWithUser, request]), 'opened']);
  });

  test('a method that was not offered', () => {
    assert.match(refused(question, bytes(5, 2)), /method 2, which was not offered/);
    assert.match(refused(known, bytes(5, 1)), /method 1, which was not offered/);
  });

  test('no acceptable method says what to do', () => {
    assert.match(refused(question, bytes(5, 0xff)), /wants authentication/);
    assert.match(refused(known, bytes(5, 0xff)), /accepts neither/);
  });

  test('another version, or another protocol', () => {
    assert.match(refused(question, bytes(4, 0)), /does not speak SOCKS5/);
    assert.match(refused(question, Buffer.from('HTTP/1.1 400')), /does not speak SOCKS5.*"HT"/);
    assert.match(refused(question, bytes(0, 90)), /does not speak SOCKS5/);
  });
});

describe('RFC 1929 section 2: user name and password', () => {
  test('are sent once they are asked for, and then the request', () => {
    const { sent, outcome } = talk(known, bytes(5, 2), bytes(1, 0), bound);
    const expected = Buffer.concat([helloWithUser, login, request]);
    assert.deepEqual([sent, outcome], [expected, 'opened']);
  });

  for (const status of [1, 2, 255]) {
    test(`status ${status} refuses them, and shows none`, () => {
      const detail = refused(known, bytes(5, 2), bytes(1, status));
      assert.match(detail, /refused the user name or password/);
      assert.doesNotMatch(detail, /karl|geheim/);
    });
  }

  test('a wrong version of the answer', () => {
    assert.match(refused(known, bytes(5, 2), bytes(5, 0)), /does not speak SOCKS5/);
  });

  test('255 bytes each, and an empty password', () => {
    for (const [username, password] of [
      ['u'.repeat(255), 'p'.repeat(255)],
      ['u', ''],
    ] as const) {
      const { sent } = talk({ ...question, username, password }, bytes(5, 2));
      const expected = Buffer.concat([
        helloWithUser,
        bytes(1, username.length),
        Buffer.from(username),
        bytes(password.length),
        Buffer.from(password),
      ]);
      assert.deepEqual(sent, expected);
    }
  });
});

describe('RFC 1928 section 4: the request', () => {
  const addresses: [string, Buffer, number][] = [
    ['10.1.2.3', bytes(10, 1, 2, 3), 1],
    ['::1', Buffer.from('00000000000000000000000000000001', 'hex'), 4],
  ];
  for (const [host, ipAddress, type] of addresses) {
    test(`${host} goes as an address of type ${type}`, () => {
      const { sent } = talk({ host, port: 0x1234, ipAddress }, noAuthentication);
      const expected = Buffer.concat([hello, bytes(5, 1, 0, type), ipAddress, bytes(0x12, 0x34)]);
      assert.deepEqual(sent, expected);
    });
  }

  test('a name of 255 bytes, and one that is longer', () => {
    assert.equal(talk({ host: 'x'.repeat(255), port: 1 }, noAuthentication).outcome, 'needMore');
    assert.match(refused({ host: 'x'.repeat(256), port: 1 }, noAuthentication), /longer than/);
  });
});

describe('RFC 1928 section 6: the reply', () => {
  const bounds: [name: string, reply: Buffer][] = [
    ['an IPv4 address', bound],
    ['an IPv6 address', Buffer.concat([bytes(5, 0, 0, 4), Buffer.alloc(18, 0xff)])],
    ['a name', Buffer.concat([bytes(5, 0, 0, 3, 3), Buffer.from('abc'), bytes(0, 80)])],
    ['an empty name', bytes(5, 0, 0, 3, 0, 0, 80)],
    ['the longest name', Buffer.concat([bytes(5, 0, 0, 3, 255), Buffer.alloc(257, 0x78)])],
  ];
  for (const [name, reply] of bounds) {
    test(`bound to ${name}: all of it is taken, and no more`, () => {
      const { outcome, taken } = talk(question, noAuthentication, reply);
      assert.deepEqual([outcome, taken], ['opened', 2 + reply.length]);
      const short = talk(question, noAuthentication, reply.subarray(0, -1));
      assert.equal(short.outcome, 'needMore');
    });
  }

  const replies: [number, RegExp][] = [
    [1, /reply 1, general SOCKS server failure/],
    [2, /reply 2, connection not allowed by ruleset/],
    [3, /reply 3, network unreachable/],
    [4, /reply 4, host unreachable/],
    [5, /reply 5, connection refused/],
    [6, /reply 6, TTL expired/],
    [7, /reply 7, command not supported/],
    [8, /reply 8, address type not supported/],
    [9, /reply 9, a reply that RFC 1928 does not know/],
    [255, /reply 255, a reply that RFC 1928 does not know/],
  ];
  const passing = [1, 3, 4, 5, 6];
  for (const [reply, message] of replies) {
    test(`${reply} refuses, whole or cut off behind it`, () => {
      const { transient } = talk(question, noAuthentication, bytes(5, reply));
      assert.equal(transient, passing.includes(reply));
      assert.match(refused(question, noAuthentication, bytes(5, reply)), message);
      const whole = bytes(5, reply, 0, 1, 0, 0, 0, 0, 0, 0);
      assert.match(refused(question, noAuthentication, whole), message);
    });
  }

  test('a wrong version, and an unknown type of address', () => {
    assert.match(refused(question, noAuthentication, bytes(4, 0)), /does not speak SOCKS5/);
    const unknown = bytes(5, 0, 0, 2, 1, 1, 1);
    assert.match(refused(question, noAuthentication, unknown), /unknown type 2/);
  });
});

test('an end in each step says which one it was', () => {
  const steps: [Buffer, RegExp][] = [
    [Buffer.alloc(0), /the choice of a method/],
    [bytes(5), /the choice of a method/],
    [bytes(5, 2), /authentication/],
    [bytes(5, 2, 1), /authentication/],
    [bytes(5, 0), /the request to connect/],
    [bytes(5, 0, 5, 0, 0, 1), /the request to connect/],
  ];
  for (const [answer, message] of steps) {
    const { outcome, code, detail, transient } = talkEveryWay('socks5', known, answer, true);
    assert.deepEqual([outcome, code, transient], ['needMore', 'ProxyRefused', true]);
    assert.match(detail, message);
  }
});
