// The key log: to a callback, to a file, and to nobody unless it is asked for.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  webSocketInfo,
  webSocketOpen,
  webSocketSubscribe,
  webSocketTerminate,
  webSocketWrite,
} from 'wsfd';
import type { OpenOptions } from 'wsfd';
import { close, fails, ok, open, read } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { runInChild } from '../../support/child';
import type { ChildResult } from '../../support/child';
import { close as closeFrame, text } from '../../support/frames';
import { startProxy } from '../../support/proxies';
import { startWsServer } from '../../support/servers';
import type { WsServer } from '../../support/servers';
import { openAndEcho } from '../../support/tls-client';
import { tls13 } from '../../support/tls-core';
import { caCertificates, startScriptServer } from '../../support/tls-script-server';
import type { ScriptConnection } from '../../support/tls-script-server';

const { cert, key } = makeSelfSigned();

async function serve(t: TestContext, version?: 'TLSv1.2' | 'TLSv1.3'): Promise<WsServer> {
  const range = version === undefined ? {} : { minVersion: version, maxVersion: version };
  const server = await startWsServer({ tls: { cert, key, ...range } });
  t.after(() => server.close());
  return server;
}

/** A line of the NSS key log format: label, client random, secret. */
const keyLogLine = /^[A-Z0-9_]+ [0-9a-f]{64} [0-9a-f]{64,96}$/;

const labelsOf = (lines: readonly string[]): string[] =>
  lines.map((line) => line.split(' ')[0] ?? '').sort();

const tls13Labels = [
  'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
  'CLIENT_TRAFFIC_SECRET_0',
  'EXPORTER_SECRET',
  'SERVER_HANDSHAKE_TRAFFIC_SECRET',
  'SERVER_TRAFFIC_SECRET_0',
];

for (const [version, labels] of [
  ['TLSv1.2', ['CLIENT_RANDOM']],
  ['TLSv1.3', tls13Labels],
] as const) {
  test(`${version}: keylog gets the server's own lines, one a call`, async (t) => {
    const server = await serve(t, version);
    const atServer: string[] = [];
    server.onKeyLog((line) => atServer.push(line));
    const lines: string[] = [];
    const keylog = (line: string): void => void lines.push(line);
    const socket = await open(server.url, { caCertificates: cert, keylog });
    // Everything that decrypts the messages was there before the first of them could come.
    assert.deepEqual(labelsOf(lines), [...labels]);
    for (const line of lines) assert.match(line, keyLogLine);
    assert.deepEqual([...lines].sort(), [...atServer].sort());
    await close(socket);
    assert.equal(lines.length, labels.length);
  });
}

test('the key log of a handshake that fails is there as far as it came', async (t) => {
  const server = await serve(t, 'TLSv1.3');
  const lines: string[] = [];
  const keylog = (line: string): void => void lines.push(line);
  await fails(() => webSocketOpen(server.url, { keylog }), 'WSFD_CERTIFICATE_REFUSED');
  const labels = labelsOf(lines);
  assert.ok(labels.includes('SERVER_HANDSHAKE_TRAFFIC_SECRET'));
  assert.ok(!labels.includes('CLIENT_TRAFFIC_SECRET_0'));
});

test('each connection has its own callback, and a session is not shared with one without', async (t) => {
  const server = await serve(t, 'TLSv1.3');
  const all: string[][] = [];
  for (let i = 0; i < 2; i++) {
    const lines: string[] = [];
    all.push(lines);
    await openAndEcho(server.url, { caCertificates: cert, keylog: (line) => lines.push(line) });
  }
  assert.equal((await openAndEcho(server.url, { caCertificates: cert })).tls?.resumed, false);
  const randoms = all.map((lines) => new Set(lines.map((line) => line.split(' ')[1])));
  assert.deepEqual(
    randoms.map(({ size }) => size),
    [1, 1],
  );
  assert.notDeepEqual(randoms[0], randoms[1]);
});

describe('KeyUpdate', () => {
  interface Logged {
    socket: number;
    connection: ScriptConnection;
    /** What came since the opening: lines of the key log, and messages. */
    events: string[];
  }

  async function openLogged(
    t: TestContext,
    options: OpenOptions = {},
    onLine: (socket: number) => void = () => undefined,
  ): Promise<Logged> {
    const server = await startScriptServer({ minVersion: tls13 });
    t.after(() => server.close());
    const events: string[] = [];
    let socket = -1;
    const keylog = (line: string): void => {
      events.push(line);
      if (socket >= 0) onLine(socket);
    };
    const trust = { caCertificates: [caCertificates, cert] };
    socket = await open(server.url, { ...trust, ...options, keylog });
    const connection = await server.connections.next();
    connection.tls.takeKeyLog();
    events.length = 0;
    return { socket, connection, events };
  }

  const linesOf = ({ connection }: Logged): string[] =>
    connection.tls.takeKeyLog().trimEnd().split('\n');

  for (const answerWanted of [false, true]) {
    test(`its lines, once, if ${answerWanted ? 'an' : 'no'} answer is wanted`, async (t) => {
      const logged = await openLogged(t);
      const { socket, connection, events } = logged;
      for (let i = 0; i < 20; i++) {
        assert.equal(connection.tls.keyUpdate(answerWanted), 'ok');
        if (i % 4 === 0) connection.flush();
      }
      connection.tls.write(text('behind them'));
      connection.flush();
      assert.equal(await read(socket), 'behind them');
      await ok(webSocketWrite(socket, 'under the new keys'));
      assert.equal((await connection.frames.next()).payload.toString(), 'under the new keys');
      const expected = linesOf(logged);
      const ofSide = (side: string, lines: readonly string[]): string[] =>
        lines.filter((line) => line.startsWith(`${side}_TRAFFIC_SECRET_`));
      for (const side of ['CLIENT', 'SERVER']) {
        assert.deepEqual(ofSide(side, events), ofSide(side, expected));
      }
      assert.equal(ofSide('SERVER', events).length, 20);
      assert.equal(ofSide('CLIENT', events).length > 0, answerWanted);
      assert.deepEqual([...events].sort(), [...new Set(expected)].sort());
    });
  }

  for (const [name, proxied] of [
    ['directly', false],
    ['in TLS with a proxy', true],
  ] as const) {
    test(`its line comes before the messages under the new keys, ${name}`, async (t) => {
      const proxy = await startProxy({ tls: { cert, key } });
      t.after(() => proxy.close());
      const logged = await openLogged(t, proxied ? { proxy: proxy.url } : {});
      const { socket, connection, events } = logged;
      const ended = new Promise<void>((resolve) => {
        webSocketSubscribe(
          socket,
          (messages) => void events.push(...messages.map(String)),
          () => resolve(),
        );
      });
      for (const message of ['first', 'second']) {
        assert.equal(connection.tls.keyUpdate(false), 'ok');
        connection.tls.write(text(message));
      }
      connection.tls.write(closeFrame(1000));
      connection.flush();
      await ended;
      const [first = '', second = ''] = linesOf(logged);
      assert.deepEqual([...events].sort(), [first, second, 'first', 'second'].sort());
      assert.ok(events.indexOf(first) < events.indexOf('first'));
      assert.ok(events.indexOf(second) < events.indexOf('second'));
    });
  }

  test('the callback may end the connection: nothing comes after it', async (t) => {
    const { socket, connection, events } = await openLogged(t, {}, (own) => {
      assert.equal(webSocketTerminate(own), 0);
    });
    const messages: unknown[] = [];
    const ended = new Promise<void>((resolve) => {
      webSocketSubscribe(
        socket,
        (batch) => void messages.push(...batch),
        () => resolve(),
      );
    });
    assert.equal(connection.tls.keyUpdate(true), 'ok');
    connection.tls.write(Buffer.concat([text('x'), closeFrame(1000)]));
    connection.flush();
    await Promise.race([connection.ended, ended]);
    assert.deepEqual([messages, events.length], [[], 1]);
    assert.equal(webSocketInfo(socket), undefined);
  });
});

describe('through an https proxy', () => {
  /** How often each session appears, in the order of their first lines. */
  const sessionsOf = (lines: readonly string[]): number[] => {
    const counts = new Map<string, number>();
    for (const line of lines) {
      const random = line.split(' ')[1] ?? '';
      counts.set(random, (counts.get(random) ?? 0) + 1);
    }
    return [...counts.values()];
  };

  for (const secure of [false, true]) {
    test(`${secure ? 'wss' : 'ws'}: the keys of TLS with the proxy come first`, async (t) => {
      const server = await startWsServer(secure ? { tls: { cert, key } } : {});
      t.after(() => server.close());
      const proxy = await startProxy({ tls: { cert, key } });
      t.after(() => proxy.close());
      const lines: string[] = [];
      const keylog = (line: string): void => void lines.push(line);
      await open(server.url, { proxy: proxy.url, caCertificates: cert, keylog });
      for (const line of lines) assert.match(line, keyLogLine);
      const each = tls13Labels.length;
      assert.deepEqual(labelsOf(lines.slice(0, each)), tls13Labels);
      assert.deepEqual(labelsOf(lines.slice(each)), secure ? tls13Labels : []);
      assert.deepEqual(sessionsOf(lines), secure ? [each, each] : [each]);
    });
  }

  test('a handshake with the proxy that fails: as far as it came', async (t) => {
    const proxy = await startProxy({ tls: { cert, key } });
    t.after(() => proxy.close());
    const lines: string[] = [];
    const options = { proxy: proxy.url, keylog: (line: string): void => void lines.push(line) };
    await fails(() => webSocketOpen('ws://localhost:1/', options), 'WSFD_CERTIFICATE_REFUSED');
    const labels = labelsOf(lines);
    assert.ok(labels.includes('SERVER_HANDSHAKE_TRAFFIC_SECRET'));
    assert.ok(!labels.includes('CLIENT_TRAFFIC_SECRET_0'));
  });

  test('the callback may abort the opening', async (t) => {
    const proxy = await startProxy({ tls: { cert, key } });
    t.after(() => proxy.close());
    const controller = new AbortController();
    const options = {
      proxy: proxy.url,
      caCertificates: cert,
      signal: controller.signal,
      keylog: (): void => controller.abort(),
    };
    await fails(() => webSocketOpen('ws://localhost:1/', options), 'WSFD_ABORTED');
    assert.deepEqual(proxy.requests.all, []);
  });
});

for (const [title, value] of [
  ['a file name', '/tmp/keys.log'],
  ['true', true],
  ['null', null],
] as const) {
  test(`keylog must not be ${title}`, async () => {
    const options = { keylog: value } as unknown as OpenOptions;
    const error = await fails(
      () => webSocketOpen('wss://localhost:1/', options),
      'WSFD_INVALID_OPTION',
    );
    assert.match(error.message, /keylog.*function/);
  });
}

/** What a child gives: of the open, the number; of the callback, how often it was called. */
type Report = { socket: number; calls: number } | undefined;

/** Opens `url` in a process of its own whose environment has this SSLKEYLOGFILE. */
async function openInChild(
  url: string,
  file: string,
  withCallback = false,
): Promise<ChildResult<Report>> {
  const before = process.env['SSLKEYLOGFILE'];
  process.env['SSLKEYLOGFILE'] = file;
  // The child takes over the environment as it is now.
  const ended = runInChild(
    async ({ wsfd }, [target, ca, callback]: readonly [string, string, boolean]) => {
      let calls = 0;
      const keylog = (): void => {
        calls += 1;
      };
      const options = { caCertificates: ca, ...(callback ? { keylog } : {}) };
      const socket = await wsfd.webSocketOpen(target, options);
      await wsfd.webSocketClose(socket);
      return { socket, calls };
    },
    [url, cert, withCallback] as const,
  );
  if (before === undefined) delete process.env['SSLKEYLOGFILE'];
  else process.env['SSLKEYLOGFILE'] = before;
  return ended;
}

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('SSLKEYLOGFILE names a file that lines are appended to, beside the callback', async (t) => {
  const server = await serve(t, 'TLSv1.3');
  const file = join(makeFolder(t), 'keys.log');
  writeFileSync(file, '# what was there\n', { mode: 0o600 });
  assert.deepEqual((await openInChild(server.url, file)).value, { socket: 1, calls: 0 });
  assert.deepEqual((await openInChild(server.url, file, true)).value, { socket: 1, calls: 5 });
  const [first, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  assert.equal(first, '# what was there');
  assert.equal(lines.length, 2 * tls13Labels.length);
  for (const line of lines) assert.match(line, keyLogLine);
});

test("a file that SSLKEYLOGFILE makes is its owner's alone", async (t) => {
  const server = await serve(t);
  const file = join(makeFolder(t), 'keys.log');
  await openInChild(server.url, file);
  if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a file that cannot be written is warned of, and the connection opens', async (t) => {
  const server = await serve(t);
  const file = join(makeFolder(t), 'missing', 'keys.log');
  const { value, stderr } = await openInChild(server.url, file);
  assert.deepEqual(value, { socket: 1, calls: 0 });
  assert.match(stderr, /SSLKEYLOGFILE: the TLS key log cannot be written: ENOENT/);
});

test('an empty SSLKEYLOGFILE is none', async (t) => {
  const server = await serve(t);
  const { value, stderr } = await openInChild(server.url, '');
  assert.deepEqual(value, { socket: 1, calls: 0 });
  assert.equal(stderr, '');
});
