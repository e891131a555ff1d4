// The option `proxy`: what it may be, and what 'env' makes of the environment.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { webSocketOpen } from 'wsfd';
import type { OpenOptions } from 'wsfd';
import { fails } from '../../support/calls';
import { startProxy } from '../../support/proxies';
import type { ProxyServer } from '../../support/proxies';
import { startWsServer } from '../../support/servers';
import type { WsServer } from '../../support/servers';
import { openAndEcho } from '../../support/tls-client';

// Nobody listens there: what gets past the check of its arguments fails with another code.
const url = 'ws://127.0.0.1:1/';

describe('values that are not valid', () => {
  const values: unknown[] = [
    null,
    5,
    true,
    {},
    [],
    '',
    'proxy',
    'proxy.example:3128',
    'ENV',
    'http:',
    'http://',
    'http:///',
    'http://:3128',
    'http://a b:3128',
    'http://proxy.example:99999',
    'http://proxy.example:port',
    'http://proxy.example/path',
    'http://proxy.example/?query',
    'http://proxy.example/#fragment',
    'ws://proxy.example',
    'socks4://proxy.example',
    'ftp://proxy.example',
    'file:///proxy',
    ' http://proxy.example',
    'http://proxy.example\n',
  ];
  for (const value of values) {
    test(JSON.stringify(value), async () => {
      const given = { proxy: value } as OpenOptions;
      const error = await fails(() => webSocketOpen(url, given), 'WSFD_INVALID_OPTION');
      assert.match(error.message, /\bproxy: /);
    });
  }
});

describe('credentials that cannot be sent are refused, and never shown', () => {
  for (const scheme of ['http', 'https', 'socks5']) {
    for (const bad of ['%0D%0AX-Evil:%20y', '%0A', '%0D', '%00', '%7F']) {
      for (const user of [`geheim${bad}:x`, `x:geheim${bad}`]) {
        test(`${scheme}://${user}@…`, async () => {
          const given = { proxy: `${scheme}://${user}@127.0.0.1:1` };
          const error = await fails(() => webSocketOpen(url, given), 'WSFD_INVALID_OPTION');
          assert.match(error.message, /control character/);
          assert.doesNotMatch(JSON.stringify([error.message, error.stack]), /geheim/);
        });
      }
    }
  }

  test('a colon in an HTTP user name (RFC 7617)', async () => {
    const given = { proxy: 'http://geh%3Aeim:x@127.0.0.1:1' };
    const error = await fails(() => webSocketOpen(url, given), 'WSFD_INVALID_OPTION');
    assert.match(error.message, /no colon/);
  });

  test('more than 255 bytes for SOCKS5 (RFC 1929)', async () => {
    const given = { proxy: `socks5://${'u'.repeat(256)}:x@127.0.0.1:1` };
    const error = await fails(() => webSocketOpen(url, given), 'WSFD_INVALID_OPTION');
    assert.match(error.message, /255 bytes/);
  });

  for (const text of [
    'karl:geheim@proxy.example',
    'karl:geheim//@proxy.example',
    'socks4://karl:geheim@proxy.example',
    'http://karl:geheim@proxy.example:99999',
    'http://karl:geheim@proxy.example/path',
    'http://karl:geheim@/',
    'http://karl:ge heim@proxy.example',
  ]) {
    test(`in the error for ${text}`, async () => {
      const call = (): Promise<number> => webSocketOpen(url, { proxy: text });
      const error = await fails(call, 'WSFD_INVALID_OPTION');
      assert.doesNotMatch(JSON.stringify([error.message, error.stack]), /karl|heim/);
    });
  }
});

const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'REQUEST_METHOD'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/** Sets the proxy variables of this process to these alone, for one test. */
function setEnvironment(t: TestContext, values: Record<string, string>): void {
  const before = variables.map((name) => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  };
  for (const name of variables) set(name, undefined);
  for (const name of Object.keys(values)) set(name, values[name]);
  t.after(() => {
    for (const [name, value] of before) set(name, value);
  });
}

async function start(t: TestContext): Promise<{ proxy: ProxyServer; server: WsServer }> {
  const proxy = await startProxy();
  t.after(() => proxy.close());
  const server = await startWsServer();
  t.after(() => server.close());
  return { proxy, server };
}

/** True if a connection with proxy: 'env' goes through the proxy. */
async function goesThrough(proxy: ProxyServer, target: string): Promise<boolean> {
  const before = proxy.requests.all.length;
  await openAndEcho(target, { proxy: 'env' });
  return proxy.requests.all.length > before;
}

// On Windows the names of variables are the same in small and capital letters.
const spellings = process.platform === 'win32' ? ['HTTP_PROXY'] : ['HTTP_PROXY', 'http_proxy'];

describe("'env'", () => {
  for (const name of spellings) {
    test(`${name} counts for ws, with and without a scheme`, async (t) => {
      const { proxy, server } = await start(t);
      for (const value of [proxy.url, proxy.url.replace('http://', '')]) {
        setEnvironment(t, { [name]: value });
        assert.equal(await goesThrough(proxy, server.url), true, value);
      }
    });
  }

  for (const name of spellings.map((spelling) =>
    spelling.replace(/http/i, (s) => `${s}${s === 'http' ? 's' : 'S'}`),
  )) {
    test(`${name} counts for wss, and not for ws`, async (t) => {
      const { proxy, server } = await start(t);
      setEnvironment(t, { [name]: proxy.url });
      assert.equal(await goesThrough(proxy, server.url), false);
      const wss = `wss://127.0.0.1:${server.port}/`;
      await fails(() => webSocketOpen(wss, { proxy: 'env' }), 'WSFD_TLS_NOT_SPOKEN');
      assert.equal(proxy.requests.all.length, 1);
    });
  }

  test('HTTP_PROXY does not count in a CGI script, where a client can set it', async (t) => {
    const { proxy, server } = await start(t);
    setEnvironment(t, { HTTP_PROXY: proxy.url, REQUEST_METHOD: 'GET' });
    assert.equal(await goesThrough(proxy, server.url), false);
  });

  test('nothing set, or set to nothing: no proxy', async (t) => {
    const { proxy, server } = await start(t);
    setEnvironment(t, {});
    assert.equal(await goesThrough(proxy, server.url), false);
    setEnvironment(t, { HTTP_PROXY: '' });
    assert.equal(await goesThrough(proxy, server.url), false);
  });

  test('without the option the environment does not count', async (t) => {
    const { proxy, server } = await start(t);
    setEnvironment(t, { HTTP_PROXY: proxy.url });
    await openAndEcho(server.url);
    assert.deepEqual(proxy.requests.all, []);
  });

  test('a value that is not valid names its variable', async (t) => {
    setEnvironment(t, { HTTP_PROXY: 'socks4://karl:geheim@x' });
    const error = await fails(() => webSocketOpen(url, { proxy: 'env' }), 'WSFD_INVALID_OPTION');
    assert.match(error.message, /proxy: HTTP_PROXY in the environment: /);
    assert.doesNotMatch(error.message, /karl|geheim/);
  });
});

describe('NO_PROXY', () => {
  const rows: [value: string, host: string, through: boolean][] = [
    ['*', '127.0.0.1', false],
    ['127.0.0.1', '127.0.0.1', false],
    ['127.0.0.2', '127.0.0.1', true],
    ['127.0.0.0/8', '127.0.0.1', false],
    ['10.0.0.0/8', '127.0.0.1', true],
    ['127.0.0.0/99', '127.0.0.1', true],
    ['127.0.0.1:PORT', '127.0.0.1', false],
    ['127.0.0.1:1', '127.0.0.1', true],
    ['localhost', 'localhost', false],
    ['LOCALHOST', 'localhost', false],
    ['.localhost', 'localhost', false],
    ['*.localhost', 'localhost', false],
    ['host', 'localhost', true],
    ['ocalhost', 'localhost', true],
    ['a.example, localhost', 'localhost', false],
    ['a.example localhost', 'localhost', false],
    ['localhost:PORT', 'localhost', false],
    ['localhost:1', 'localhost', true],
    ['localhost.', 'localhost', false],
    ['.0.0.1', '127.0.0.1', true],
    ['[::1]', '127.0.0.1', true],
    [',', '127.0.0.1', true],
  ];
  for (const [value, host, through] of rows) {
    test(`"${value}" ${through ? 'does not mean' : 'means'} ${host}`, async (t) => {
      const { proxy, server } = await start(t);
      setEnvironment(t, {
        HTTP_PROXY: proxy.url,
        NO_PROXY: value.replace('PORT', `${server.port}`),
      });
      const target = `ws://${host}:${server.port}/`;
      assert.equal(await goesThrough(proxy, target), through);
    });
  }

  test('IPv6 addresses, however they are written', async (t) => {
    const { proxy } = await start(t);
    for (const [value, through] of [
      ['::1', false],
      ['[::1]', false],
      ['[::1]:1', false],
      ['0:0:0:0:0:0:0:1', false],
      ['[0::0:1]:1', false],
      ['::/64', false],
      ['::2', true],
      ['[::1]:2', true],
      ['fe80::/10', true],
    ] as const) {
      setEnvironment(t, { HTTP_PROXY: proxy.url, NO_PROXY: value });
      const before = proxy.requests.all.length;
      // Nobody listens there: the proxy, or the connection to it, says so.
      const code = through ? 'WSFD_PROXY_REFUSED' : 'WSFD_CONNECT_FAILED';
      await fails(() => webSocketOpen('ws://[::1]:1/', { proxy: 'env' }), code);
      assert.equal(proxy.requests.all.length > before, through, value);
    }
  });

  test('a domain means all below it', async (t) => {
    const { proxy, server } = await start(t);
    const target = `ws://feed.plant.invalid:${server.port}/`;
    for (const value of ['other.invalid', 'lant.invalid', 'feed.plant.invalid:1']) {
      setEnvironment(t, { HTTP_PROXY: proxy.url, NO_PROXY: value });
      assert.equal(await goesThrough(proxy, target), true, value);
    }
    for (const value of ['plant.invalid', '.plant.invalid', '*.invalid', 'feed.plant.invalid']) {
      setEnvironment(t, { HTTP_PROXY: proxy.url, NO_PROXY: value });
      await fails(() => webSocketOpen(target, { proxy: 'env' }), 'WSFD_NAME_NOT_RESOLVED');
    }
  });

  test('a proxy that is named outright is used all the same', async (t) => {
    const { proxy, server } = await start(t);
    setEnvironment(t, { NO_PROXY: '*' });
    await openAndEcho(server.url, { proxy: proxy.url });
    assert.equal(proxy.requests.all.length, 1);
  });
});
