// Credentials in a URL, of the server's or of a proxy: what cannot be sent as it was meant is an
// argument error, and never shown.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { getLastError, webSocketOpen } from 'wsfd';
import type { OpenOptions } from 'wsfd';
import { WebSocket } from 'wsfd/websocket';
import { fails } from '../../support/calls';

// Nobody listens there: what gets past the check of its arguments fails with another code.
const nowhere = '127.0.0.1:1';

/** Part of a user name or password, and what the error says of it. */
const bad: [text: string, said: RegExp][] = [
  // ü in ISO 8859-1; a byte order mark of UTF-16; a sequence that is cut short; one that is too long
  // (RFC 3629 section 3); half of a surrogate pair.
  ...['%FC', '%FF%FE', '%C3', '%C0%80', '%ED%A0%80', '%C3x%BC'].map((text): [string, RegExp] => [
    text,
    /UTF-8/,
  ]),
  ...['%', '%z', '%zz', '%2', '100%'].map((text): [string, RegExp] => [text, /UTF-8.*%25/]),
  ...['%00', '%0A', '%0D%0AX-Evil:%20y', '%7F', '%1B'].map((text): [string, RegExp] => [
    text,
    /control character/,
  ]),
];

interface Place {
  name: string;
  code: string;
  call(user: string): Promise<number>;
}

const places: Place[] = [
  ...['ws', 'wss'].map((scheme): Place => ({
    name: `${scheme}:`,
    code: 'WSFD_INVALID_URL',
    call: (user) => webSocketOpen(`${scheme}://${user}@${nowhere}/`),
  })),
  ...['http', 'https', 'socks5'].map((scheme): Place => ({
    name: `proxy ${scheme}:`,
    code: 'WSFD_INVALID_OPTION',
    call: (user) => webSocketOpen(`ws://${nowhere}/`, { proxy: `${scheme}://${user}@${nowhere}` }),
  })),
];

for (const { name, code, call } of places) {
  describe(name, () => {
    for (const [text, said] of bad) {
      for (const user of [`geheim${text}:x`, `x:geheim${text}`, `geheim${text}`]) {
        test(`${user}@…`, async () => {
          const error = await fails(() => call(user), code);
          assert.match(error.message, said);
          assert.equal(error.category, 'usage');
          assert.doesNotMatch(JSON.stringify([error.message, error.stack]), /geheim/);
        });
      }
    }

    test('a colon in the user name, which only SOCKS5 allows (RFC 7617)', async () => {
      if (name.includes('socks5')) await fails(() => call('a%3Ab:x'), 'WSFD_CONNECT_FAILED');
      else assert.match((await fails(() => call('a%3Ab:x'), code)).message, /no colon/);
    });

    test('what can be sent is none', async () => {
      for (const user of ['%40%C3%BC:%25%F0%9F%98%80', 'ü:ä', 'a:', ':b', 'a:b%3Ac']) {
        await fails(() => call(user), 'WSFD_CONNECT_FAILED');
      }
    });
  });
}

test('the same from the environment', async (t) => {
  const before = process.env['HTTP_PROXY'];
  t.after(() => {
    if (before === undefined) delete process.env['HTTP_PROXY'];
    else process.env['HTTP_PROXY'] = before;
  });
  process.env['HTTP_PROXY'] = `http://x:geheim%FC@${nowhere}`;
  const options: OpenOptions = { proxy: 'env' };
  const call = (): Promise<number> => webSocketOpen('ws://192.0.2.1/', options);
  const { message } = await fails(call, 'WSFD_INVALID_OPTION');
  // (Windows has variables whose names are the same in either case)
  assert.match(message, /HTTP_PROXY.*UTF-8/i);
  assert.doesNotMatch(message, /geheim/);
});

/** What a caller forgot to escape, and other URLs that are none. */
const wrongUrls = [
  'wss://user:pa#geheim@localhost/',
  'wss://user:pa/geheim@localhost/',
  'wss://user:pa?geheim@localhost/',
  'wss://us@er:geheim@localhost/#x',
  'wss://user:geheim @localhost/',
  ' wss://user:geheim@localhost/',
  'ws:user:geheim@localhost/#x',
  'ws:/user:geheim@localhost/#x',
  'wss:\\\\user:geheim@localhost/#x',
  '//user:geheim@localhost/',
  'user:geheim@localhost/',
  'foo://user:geheim@localhost/',
];

for (const url of wrongUrls) {
  test(`a wrong URL is shown without them: ${url}`, async () => {
    assert.equal(await webSocketOpen(url), -1);
    const [error] = getLastError();
    assert.match(error?.message ?? '', /\*\*\*@localhost/);
    assert.doesNotMatch(error?.message ?? '', /geheim/);
    const proxied = await webSocketOpen(`ws://${nowhere}/`, { proxy: url.replace(/wss?/, 'http') });
    assert.equal(proxied, -1);
    assert.doesNotMatch(getLastError()[0]?.message ?? '', /geheim/);
    try {
      new WebSocket(url, { timeout: 0.001 }).onerror = () => undefined;
    } catch (thrown) {
      assert.doesNotMatch((thrown as Error).message, /geheim/);
    }
  });
}

for (const name of ['Authorization', 'Cookie', 'X-Other']) {
  test(`the value of a header is not shown: ${name}`, async () => {
    const headers = { [name]: 'Bearer geheim\n' };
    const call = (): Promise<number> => webSocketOpen(`ws://${nowhere}/`, { headers });
    const { message } = await fails(call, 'WSFD_INVALID_OPTION');
    assert.match(message, /headers\[.*control character.*"\\n" at character 14 of 14/);
    assert.doesNotMatch(message, /geheim/);
  });
}

test('the class throws it', () => {
  assert.throws(() => new WebSocket(`ws://x:geheim%FC@${nowhere}/`), { code: 'WSFD_INVALID_URL' });
});

test('the path of a Unix domain socket', async () => {
  for (const path of ['/tmp/%FC', '/tmp/100%', '/tmp/%zz']) {
    const error = await fails(() => webSocketOpen(`ws+unix:${path}:/`), 'WSFD_INVALID_URL');
    assert.match(error.message, /path.*UTF-8.*%25/);
  }
});
