// The examples against real servers; some have a test of their own.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { createServer } from 'node:tls';
import { makeCertificate, makeSelfSigned } from '../support/certificates';
import { startProxy } from '../support/proxies';
import { startTcpServer, startWsServer, urlOf } from '../support/servers';

// This file runs as out/test/examples/examples.test.js.
const exampleOf = (name: string): string => join(__dirname, '..', '..', 'examples', `${name}.js`);

interface Outcome {
  code: number | null;
  stdout: string;
}

const run = (
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome> =>
  new Promise((resolve) => {
    const options = { env: { ...process.env, ...env } };
    const child = execFile(process.execPath, [exampleOf(name), ...args], options, (_, stdout) => {
      resolve({ code: child.exitCode, stdout });
    });
  });

/** A folder with these files, for one test. */
function folderWith(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-examples-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test('mutual-tls shows a certificate, and says why it is refused', async (t) => {
  const root = makeCertificate({ subject: 'Plant Root', ca: true });
  const serverCertificate = makeCertificate({ issuer: root, san: ['DNS:localhost'] });
  const own = makeCertificate({
    subject: 'client',
    issuer: root,
    keyType: 'EC',
    extendedKeyUsage: ['clientAuth'],
  });
  const { cert, key } = serverCertificate;
  const server = await startWsServer({ tls: { cert, key, ca: root.cert, requestCert: true } });
  t.after(() => server.close());
  const folder = folderWith(t, {
    'root.pem': root.cert,
    'own.pem': own.cert,
    'key.pem': own.key,
    'other.pem': makeCertificate({ subject: 'Another Root', ca: true }).cert,
  });
  const argumentsWith = (ca: string): string[] => [
    server.url,
    ...[ca, 'own.pem', 'key.pem'].map((name) => join(folder, name)),
    'EC',
  ];
  const good = await run('mutual-tls', argumentsWith('root.pem'));
  assert.match(good.stdout, /^TLSv1\.3 \w+, the server is /);
  assert.equal(good.code, 0);
  const bad = await run('mutual-tls', argumentsWith('other.pem'));
  assert.match(bad.stdout, /^tls: .*\n {2}SelfSignedCertificateInChain: /);
  assert.equal(bad.code, 1);
});

test('proxy goes by way of the one that is given, or that the environment names', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const proxy = await startProxy();
  t.after(() => proxy.close());
  const given = await run('proxy', [server.url, proxy.url]);
  const named = await run('proxy', [server.url], {
    http_proxy: proxy.url,
    no_proxy: '',
    NO_PROXY: '',
  });
  for (const { code, stdout } of [given, named]) {
    assert.equal(stdout, `connected to ${server.url} by way of 127.0.0.1:${String(proxy.port)}\n`);
    assert.equal(code, 0);
    assert.match(await proxy.requests.next(), /^CONNECT /);
  }
});

test('proxy says what a proxy that refuses answered', async (t) => {
  const proxy = await startProxy({
    answer: (socket) => {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
    },
  });
  t.after(() => proxy.close());
  const { code, stdout } = await run('proxy', ['ws://127.0.0.1:9/', proxy.url]);
  assert.equal(code, 1);
  assert.match(stdout, /^WSFD_PROXY_REFUSED 407 /);
});

const noSignals = process.platform === 'win32' && 'Windows has no signals: kill() ends the process';
test(
  'worker-threads receives each feed in a worker, until Ctrl-C',
  { skip: noSignals },
  async (t) => {
    const feeds = await Promise.all(
      ['first', 'second'].map(async (text) => {
        const server = await startWsServer({ onConnection: (socket) => socket.send(text) });
        t.after(() => server.close());
        return { url: server.url, bytes: text.length };
      }),
    );
    const args = [exampleOf('worker-threads'), ...feeds.map(({ url }) => url)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    const missing = new Set(feeds.map(({ url, bytes }) => `${url}: 1 messages, ${bytes} bytes`));
    for await (const line of createInterface(child.stdout)) {
      if (missing.delete(line) && missing.size === 0) child.kill('SIGINT');
    }
    assert.deepEqual(await ended, [0, null]);
    assert.deepEqual([...missing], []);
  },
);

/** winccoa-manager at work. WinCC OA's own package cannot be had; this one prints what it is asked. */
function startManager(t: TestContext, url: string) {
  const folder = folderWith(t, {
    'winccoa-manager/index.js': `exports.WinccoaManager = class {
      async dpSetWait(name, value) { console.log(name + ' = ' + value); return true; }
      logInfo(text) { console.log(text); }
      logWarning(text) { console.log(text); }
    };`,
  });
  return spawn(process.execPath, [exampleOf('winccoa-manager'), url], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_PATH: folder },
  });
}

test('winccoa-manager writes the newest readings to data points', async (t) => {
  const readings = [
    { sensor: 'Pump1.flow', value: 1 },
    { sensor: 'Pump2.flow', value: 2 },
    { sensor: 'Pump1.flow', value: 3 },
  ];
  const server = await startWsServer({
    onConnection: (socket) => {
      for (const reading of readings) socket.send(JSON.stringify(reading));
    },
  });
  t.after(() => server.close());
  const child = startManager(t, server.url);
  const ended = once(child, 'close');
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (lines.includes('Pump1.flow = 3') && lines.includes('Pump2.flow = 2')) child.kill();
  }
  await ended;
  assert.equal(lines[0], `${server.url}: open`);
});

test('winccoa-manager outlasts a server that is down, and gives up a wrong certificate', async (t) => {
  const secure = createServer(makeSelfSigned());
  secure.on('tlsClientError', () => undefined);
  let attempts = 0;
  const server = await startTcpServer((socket) => {
    if (++attempts === 1) socket.once('data', () => socket.end());
    else secure.emit('connection', socket);
  });
  t.after(() => server.close());
  const child = startManager(t, urlOf(server.port, true));
  const ended = once(child, 'close');
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) lines.push(line);
  assert.deepEqual(await ended, [1, null]);
  assert.match(lines[0] ?? '', /the connection was lost: the server ended it/);
  assert.match(lines[1] ?? '', /certificate was refused/);
  assert.deepEqual([attempts, lines.length], [2, 2]);
});
