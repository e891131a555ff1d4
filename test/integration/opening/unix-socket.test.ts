// ws+unix: URLs: Unix domain sockets, and pipes on Windows.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { webSocketInfo, webSocketOpen } from 'wsfd';
import { WebSocketServer } from 'ws';
import { close, fails, open, read } from '../../support/calls';
import { response } from '../../support/raw-server';
import { openAndEcho } from '../../support/tls-client';

const windows = process.platform === 'win32';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface UnixServer {
  path: string;
  requests: IncomingMessage[];
}

/** An echoing server on a socket of that name (on Windows: a pipe). */
async function start(t: TestContext, name = 'ws.sock', greets = false): Promise<UnixServer> {
  const folder = folderFor(t);
  const path = windows ? `\\\\.\\pipe\\${folder.replaceAll(/\W/g, '')}${name}` : join(folder, name);
  const http = createServer((_request, answer) => answer.writeHead(404).end());
  const sockets = new Set<Socket>();
  http.on('connection', (socket: Socket) => sockets.add(socket));
  const requests: IncomingMessage[] = [];
  new WebSocketServer({ server: http }).on('connection', (socket, request) => {
    requests.push(request);
    socket.on('message', (data, binary) => socket.send(data, { binary }));
    if (greets) socket.send('x'.repeat(2_000_000));
  });
  http.listen(path);
  await once(http, 'listening');
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    http.close();
    await once(http, 'close');
  });
  return { path, requests };
}

test('messages pass, and Host is localhost', async (t) => {
  const { path, requests } = await start(t);
  const info = await openAndEcho(`ws+unix:${path}:/feed?x=1`);
  assert.equal(info.url, `ws+unix:${path}:/feed?x=1`);
  assert.deepEqual([info.remoteAddress, info.remotePort], ['', 0]);
  const [{ url, headers } = assert.fail()] = requests;
  assert.deepEqual([url, headers.host], ['/feed?x=1', 'localhost']);
});

test('a large message', async (t) => {
  const { path } = await start(t, 'ws.sock', true);
  const socket = await open(`ws+unix:${path}:/`);
  assert.equal(await read(socket), 'x'.repeat(2_000_000));
  await close(socket);
});

test('forms of the URL', async (t) => {
  const { path, requests } = await start(t);
  for (const url of [
    `ws+unix:${path}`,
    `WS+UNIX:${path}:/`,
    `ws+unix:${path}:/a:/b?c=:/d`,
    `ws+unix:${path}://x/y`,
  ]) {
    await openAndEcho(url);
  }
  if (!windows) await openAndEcho(`ws+unix://${path}:/e`);
  const paths = requests.map(({ url }) => url);
  assert.deepEqual(paths, ['/', '/', '/a:/b?c=:/d', '//x/y', ...(windows ? [] : ['/e'])]);
});

describe('as files', { skip: windows && 'Windows has named pipes' }, () => {
  test('percent-encoding in the path', async (t) => {
    const { path } = await start(t, 'with space: ü.sock');
    const encoded = encodeURI(path).replaceAll(':', '%3A');
    await openAndEcho(`ws+unix:${encoded}:/`);
  });

  test('nobody is there', async (t) => {
    const path = join(folderFor(t), 'none.sock');
    const error = await fails(() => webSocketOpen(`ws+unix:${path}:/`), 'WSFD_CONNECT_FAILED');
    assert.equal(error.syscall, 'connect');
    assert.match(error.message, /no such file or directory/);
    assert.ok(error.message.includes(path), error.message);
  });

  test('an abstract socket', async () => {
    const error = await fails(() => webSocketOpen('ws+unix:%00plant:/'), 'WSFD_INVALID_URL');
    assert.match(error.message, /abstract sockets are not supported/);
  });

  test('characters that mean something in a URL', async (t) => {
    for (const name of ['a b', 'a:b', 'a%b', 'a?b', 'a#b', 'a&b=c+d', "a'b", 'a@b']) {
      const { path } = await start(t, name);
      const encoded = path.split('/').map(encodeURIComponent).join('/');
      const { url } = await openAndEcho(`ws+unix:${encoded}:/x?y`);
      assert.equal(url, `ws+unix:${encoded}:/x?y`);
    }
  });

  test('a path that is too long is not cut', async () => {
    const url = `ws+unix:/tmp/${'x'.repeat(120)}:/`;
    const error = await fails(() => webSocketOpen(url), 'WSFD_INVALID_URL');
    assert.match(error.message, /path of more than 10[37] bytes/);
  });
});

test('a redirect stays on the socket', async (t) => {
  const folder = folderFor(t);
  const path = windows ? `\\\\.\\pipe\\${folder.replaceAll(/\W/g, '')}` : join(folder, 'r.sock');
  const http = createServer();
  const urls: (string | undefined)[] = [];
  const webSockets = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    urls.push(request.url);
    if (request.url !== '/') webSockets.handleUpgrade(request, socket, head, () => undefined);
    else socket.end(response('302 Found', ['Location: /next', 'Content-Length: 0']));
  });
  http.listen(path);
  await once(http, 'listening');
  const socket = await open(`ws+unix:${path}:/`, { followRedirects: 1 });
  assert.equal(webSocketInfo(socket)?.url, `ws+unix:${path}:/next`);
  assert.deepEqual(urls, ['/', '/next']);
  await close(socket);
  http.close();
  await once(http, 'close');
});

describe('URLs that are not valid', () => {
  for (const url of [
    'ws+unix:',
    'ws+unix::/',
    'ws+unix:/tmp/x.sock:feed',
    'ws+unix:/tmp/x.sock:/a#b',
    'ws+unix:/tmp/x\0.sock:/',
    'ws+unix:/tmp/x%00.sock:/',
    'ws+unix:/tmp/x y.sock:/',
    'ws+unix:/tmp/x.sock:/\r\nX: y',
  ]) {
    test(JSON.stringify(url), async () => {
      await fails(() => webSocketOpen(url), 'WSFD_INVALID_URL');
    });
  }
});

test('options that make no sense with it', async (t) => {
  const { path } = await start(t);
  const url = `ws+unix:${path}:/`;
  for (const options of [{ proxy: 'http://127.0.0.1:1' }, { localAddress: '127.0.0.1' }]) {
    const error = await fails(() => webSocketOpen(url, options), 'WSFD_INVALID_OPTION');
    assert.match(error.message, new RegExp(`${Object.keys(options)[0] ?? ''}: a ws\\+unix: URL`));
  }
  await openAndEcho(url, { proxy: 'env' });
});
