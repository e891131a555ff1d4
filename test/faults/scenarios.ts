// What is done while something is made to fail: every way to open a connection, and all that can be
// done with one.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  webSocketCloseSync,
  webSocketFlushSync,
  webSocketMessages,
  webSocketOpen,
  webSocketOpenSync,
  webSocketReadManySync,
  webSocketReadSync,
} from 'wsfd';
import type { Message, OpenOptions, Ref } from 'wsfd';
import { WebSocket } from 'wsfd/websocket';
import { WebSocketServer } from 'ws';
import { makeCertificate, makeRevocationList } from '../support/certificates';
import { startWorker } from '../support/child';
import { joinSockets, startProxy } from '../support/proxies';
import { response, startRawServer } from '../support/raw-server';
import { startTcpServer, startWsServer } from '../support/servers';
import type { WsServerOptions } from '../support/servers';
import { Calls } from './calls';
import { packed } from './packed';
import { withServer } from './scenario';
import type { Scenario } from './scenario';

const slab = Buffer.alloc(300, 7);
const own = Buffer.alloc(5000, 8);
const middling = Buffer.alloc(20_000, 6);
const large = Buffer.alloc(200_000, 9);

/** All that can be done with a connection to a server that echoes. */
async function talk(calls: Calls, socket: number): Promise<void> {
  if (!calls.write(socket, 'text') || !(await calls.expect(socket, 'text'))) return;
  const many = ['grüße', 'Ω', Buffer.from('binary'), slab, slab, own];
  if (!calls.writeMany(socket, many)) return;
  await calls.flush(socket);
  for (const message of many) if (!(await calls.expect(socket, message))) return;
  await calls.ping(socket);
  calls.info(socket);
  if (calls.write(socket, 'one') && calls.write(socket, 'two')) await calls.readMany(socket, 2);
}

async function visit(
  calls: Calls,
  url: string,
  options?: OpenOptions,
  speak: (calls: Calls, socket: number) => Promise<void> = talk,
): Promise<void> {
  const socket = await calls.open(url, options);
  if (socket < 0) return;
  await speak(calls, socket);
  await calls.close(socket);
}

/** More than the system takes at once, both ways. */
async function talkLarge(calls: Calls, socket: number): Promise<void> {
  const messages = [...Array<Buffer>(24).fill(large), ...Array<Buffer>(60).fill(middling)];
  if (!calls.writeMany(socket, messages)) return;
  await calls.flush(socket);
  await calls.readMany(socket, messages.length);
}

const root = makeCertificate({ subject: 'Faults', ca: true });
const between = makeCertificate({ subject: 'Between', issuer: root, ca: true });
const leaf = makeCertificate({ subject: 'localhost', issuer: between, san: ['DNS:localhost'] });
const client = makeCertificate({ subject: 'Client', issuer: between });
const serverTls = { cert: leaf.chain, key: leaf.key };
const caCertificates = root.cert;
const sslConfig = {
  localCertificate: client.chain,
  privateKey: { key: client.key, algorithm: 'EC' as const },
};
const lists = [makeRevocationList(root, []), makeRevocationList(between, [])];

/** A SOCKS5 proxy that wants no credentials and takes every name for this machine's. */
async function startSocks(): Promise<{ url: string; close: () => Promise<void> }> {
  const server = await startTcpServer((socket) => {
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]));
      socket.once('data', (request) => {
        const upstream = connect(request.readUInt16BE(request.length - 2), '127.0.0.1', () => {
          socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          joinSockets(socket, upstream);
        });
        upstream.on('error', () => socket.destroy());
      });
    });
  });
  return { url: `socks5://127.0.0.1:${server.port}`, close: () => server.close() };
}

/** A scenario in which the server is reached through a proxy. */
const proxied = (
  name: string,
  server: WsServerOptions,
  startAny: () => Promise<{ url: string; close: () => Promise<void> }>,
  options: OpenOptions = {},
): Scenario => ({
  name,
  prepare: async () => {
    const target = await startWsServer(server);
    const proxy = await startAny();
    return {
      run: (calls) => visit(calls, target.url, { ...options, proxy: proxy.url }),
      close: async () => {
        await proxy.close();
        await target.close();
      },
    };
  },
});

const unixSocket: Scenario = {
  name: 'unix socket',
  prepare: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wsfd-faults-'));
    const path = join(folder, 'ws.sock');
    const http = createServer();
    const echo = new WebSocketServer({ server: http });
    echo.on('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.on('message', (data: Buffer, isBinary) => socket.send(data, { binary: isBinary }));
    });
    await new Promise<void>((resolve) => http.listen(path, resolve));
    return {
      run: (calls) => visit(calls, `ws+unix:${path}:/`),
      close: () => {
        for (const socket of echo.clients) socket.terminate();
        http.close();
        rmSync(folder, { recursive: true, force: true });
        return Promise.resolve();
      },
    };
  },
};

const redirect: Scenario = {
  name: 'redirect',
  prepare: async () => {
    const target = await startWsServer();
    const first = await startRawServer({
      answer: () => response('302 Found', [`Location: ${target.url}`, 'Content-Length: 0']),
    });
    return {
      run: (calls) => visit(calls, first.url, { followRedirects: 2 }),
      close: async () => {
        await first.close();
        await target.close();
      },
    };
  },
};

const refusedHandshake: Scenario = {
  name: 'refused handshake',
  prepare: async () => {
    const lines = ['X-Reason: none', 'Transfer-Encoding: chunked'];
    const body = `${(5000).toString(16)}\r\n${'x'.repeat(5000)}\r\n0\r\n\r\n`;
    const server = await startRawServer({
      answer: () => response('403 Forbidden', lines, body),
    });
    return { run: (calls) => calls.refused(server.url), close: () => server.close() };
  },
};

/** The timeout is what the body is given: it is less than that otherwise is. */
const endlessRefusal: Scenario = {
  name: 'refusal without end',
  prepare: async () => {
    const refusal = response('503 Busy', ['Content-Length: 9'], 'half');
    const server = await startRawServer({ answer: () => refusal });
    const proxy = await startProxy({ answer: (socket) => void socket.write(refusal) });
    return {
      run: async (calls) => {
        await calls.refused(server.url, { timeout: 0.02 });
        await calls.refused('ws://127.0.0.1:9/', { proxy: proxy.url, timeout: 0.02 });
      },
      close: async () => {
        await server.close();
        await proxy.close();
      },
    };
  },
};

/** The server does what each message says, and the socket finds out. */
const serverEnds = withServer(
  'server ends',
  {
    echo: false,
    onConnection: (socket) => {
      socket.on('message', (data: Buffer) => {
        socket.send('last');
        socket.ping('?');
        if (data.toString() === 'leave') socket.close(4000, 'gone');
        else socket.terminate();
      });
    },
  },
  async (calls, server) => {
    for (const wish of ['leave', 'cut']) {
      const loose = new Calls(false);
      const socket = await calls.open(server.url);
      if (socket < 0) return;
      while (loose.write(socket, wish) && (await loose.read(socket)) !== undefined);
      await loose.close(socket);
      for (const problem of loose.problems) calls.problem(problem);
    }
  },
);

const subscribed = withServer('subscriber and iterable', {}, async (calls, server) => {
  const options = { receiveHighWaterMark: 1000, pingInterval: 10, pongTimeout: 5 };
  const socket = await calls.open(server.url, options);
  if (socket >= 0) {
    let left = 20;
    await new Promise<void>((resolve) => {
      const patience = setTimeout(resolve, 500);
      const count = (batch: readonly unknown[]): void => {
        left -= batch.length;
        if (left > 0) return;
        clearTimeout(patience);
        resolve();
      };
      const messages = Array.from({ length: left }, () => slab);
      if (calls.subscribe(socket, count) && calls.writeMany(socket, messages)) return;
      clearTimeout(patience);
      resolve();
    });
    await calls.close(socket);
  }
  const other = await calls.open(server.url, options);
  if (other < 0) return;
  let came = 0;
  if (calls.writeMany(other, [slab, slab, slab, slab, slab])) {
    try {
      for await (const message of webSocketMessages(other)) {
        if (message.length !== slab.length) calls.problem('a message came changed');
        if (++came === 5) break;
      }
    } catch {
      // An iterable has no codes: the connection's error is what it throws.
    }
  }
  await calls.close(other);
});

const ended = withServer('terminate and abort', {}, async (calls, server) => {
  const socket = await calls.open(server.url);
  if (socket >= 0) {
    calls.write(socket, large);
    calls.terminate(socket);
  }
  const loose = new Calls(false);
  const controller = new AbortController();
  const opening = webSocketOpen(server.url, { signal: controller.signal, timeout: 5 });
  setImmediate(() => controller.abort());
  const code = loose.check('webSocketOpen', await opening, [0, 1, -1]);
  if (code >= 0) loose.terminate(code);
  for (const problem of loose.problems) calls.problem(problem);
});

/** TLS in TLS, with somebody who listens to every channel. */
const observed: Scenario = {
  name: 'observed',
  prepare: async () => {
    const target = await startWsServer({ tls: serverTls });
    const proxy = await startProxy({ tls: serverTls });
    const topics = ['attempt', 'proxy', 'tls', 'handshake', 'control', 'open', 'close', 'error'];
    const listener = (): void => undefined;
    for (const topic of topics) subscribe(`wsfd:${topic}`, listener);
    return {
      run: async (calls) => {
        const socket = await calls.open(target.url, { caCertificates, proxy: proxy.url });
        if (socket < 0) return;
        await calls.ping(socket);
        await calls.close(socket);
      },
      close: async () => {
        for (const topic of topics) unsubscribe(`wsfd:${topic}`, listener);
        await proxy.close();
        await target.close();
      },
    };
  },
};

/** An echoing server in a thread of its own: the calls that wait leave this one no time for it. */
const echoThread = `
  const { parentPort } = require('node:worker_threads');
  const { WebSocketServer } = require('ws');
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  server.on('listening', () => parentPort.postMessage(server.address().port));
`;

const waiting: Scenario = {
  name: 'calls that wait',
  prepare: async () => {
    const thread = new Worker(echoThread, { eval: true });
    const port = await new Promise((resolve) => thread.once('message', resolve));
    // While there is a listener the calls look whether the signal came.
    const listener = (): void => undefined;
    process.on('SIGHUP', listener);
    return {
      run: (calls) => {
        const options = { timeout: 5, closeTimeout: 2 };
        const socket = webSocketOpenSync(`ws://127.0.0.1:${String(port)}/`, options);
        if (calls.check('webSocketOpenSync', socket, [0, 1, -1]) < 0) return Promise.resolve();
        const data: Ref<Message> = {};
        if (calls.write(socket, 'text')) {
          calls.check('webSocketReadSync', webSocketReadSync(socket, data, 5), [0, 1, -1]);
        }
        if (calls.writeMany(socket, ['one', slab])) {
          calls.check('webSocketFlushSync', webSocketFlushSync(socket));
          const read = webSocketReadManySync(socket, [], 5);
          calls.check('webSocketReadManySync', read, [0, 1, -1]);
        }
        calls.check('webSocketCloseSync', webSocketCloseSync(socket));
        return Promise.resolve();
      },
      close: async () => {
        process.off('SIGHUP', listener);
        await thread.terminate();
      },
    };
  },
};

/** The class: every connection that is begun ends in the event `close`. */
const standard = withServer('class WebSocket', {}, async (calls, server) => {
  await new Promise<void>((resolve) => {
    const socket = new WebSocket(server.url);
    let left = 2;
    socket.onopen = () => {
      socket.send('text');
      socket.send(own);
      calls.check('bufferedAmount', socket.bufferedAmount < 0 ? -1 : 0);
    };
    socket.onmessage = () => {
      if (--left === 0) socket.close(1000, 'done');
    };
    socket.onclose = ({ code }) => {
      if (code !== 1000) calls.failed(`the class closed with ${code}`);
      resolve();
    };
  });
});

/** An environment of its own, that is set up, used and torn down; then one that ends in use. */
const worker = withServer('worker', {}, async (calls, server) => {
  for (const ends of [false, true]) {
    const thread = startWorker(
      async ({ wsfd }, { url, stays }, port) => {
        const socket = await wsfd.webSocketOpen(url);
        const errors = wsfd.getLastError().map(({ code }) => code);
        if (socket >= 0) wsfd.webSocketWrite(socket, 'text');
        if (socket >= 0 && !stays) await wsfd.webSocketClose(socket);
        port.postMessage([socket < 0 ? -1 : 0, errors]);
        if (stays) setInterval(() => undefined, 1000);
      },
      { url: server.url, stays: ends },
    );
    const said = await new Promise<unknown>((resolve) => {
      thread.once('message', resolve);
      // The package could not be loaded: that is told as an exception, of require().
      thread.once('error', (error) => resolve([-1, [error.message]]));
      thread.once('exit', () => resolve([-1, []]));
    });
    const [code, errors] = said as [number, string[]];
    if (code < 0 && errors.length === 0) calls.problem('a worker ended without a word');
    if (code < 0) calls.failed(`in a worker: ${errors.join()}`);
    await thread.terminate();
  }
});

export const scenarios: readonly Scenario[] = [
  withServer('plain', {}, (calls, { url }) => visit(calls, url)),
  withServer('name lookup', {}, (calls, { port }) => visit(calls, `ws://localhost:${port}/`)),
  withServer('local address', {}, (calls, { url }) =>
    visit(calls, url, { localAddress: '127.0.0.1' }),
  ),
  withServer('deflate', { settings: { perMessageDeflate: { threshold: 0 } } }, (calls, { url }) =>
    visit(calls, url, { perMessageDeflate: { threshold: 0 } }),
  ),
  withServer(
    'deflate without takeover',
    {
      settings: {
        perMessageDeflate: {
          threshold: 0,
          clientNoContextTakeover: true,
          serverNoContextTakeover: true,
        },
      },
    },
    (calls, { url }) =>
      visit(calls, url, {
        perMessageDeflate: {
          threshold: 0,
          clientNoContextTakeover: true,
          serverNoContextTakeover: true,
        },
      }),
  ),
  withServer('large', {}, (calls, { url }) => visit(calls, url, {}, talkLarge)),
  withServer('tls', { tls: serverTls }, (calls, { url }) => visit(calls, url, { caCertificates })),
  withServer(
    'tls 1.2, client certificate, lists',
    {
      tls: {
        ...serverTls,
        ca: root.cert,
        requestCert: true,
        rejectUnauthorized: true,
        maxVersion: 'TLSv1.2',
      },
    },
    (calls, { url }) => {
      const certificateRevocationLists = lists;
      return visit(calls, url, { caCertificates, sslConfig, certificateRevocationLists });
    },
  ),
  withServer('tls large', { tls: serverTls }, (calls, { url }) =>
    visit(calls, url, { caCertificates }, talkLarge),
  ),
  withServer('tls refused', { tls: serverTls }, async (calls, { url }) => {
    await calls.refused(url, { caCertificates: client.cert });
    await calls.refused(url, { caCertificates, serverName: 'other' });
  }),
  withServer('tls ignored', { tls: serverTls }, (calls, { url }) =>
    visit(calls, url, {
      caCertificates: client.cert,
      ignoreSslErrors: true,
      cipherSuites: 'TLS_AES_128_GCM_SHA256',
      keylog: () => undefined,
    }),
  ),
  proxied('proxy', {}, startProxy),
  proxied('tls in tls', { tls: serverTls }, () => startProxy({ tls: serverTls }), {
    caCertificates,
  }),
  proxied('socks5', {}, startSocks),
  unixSocket,
  redirect,
  refusedHandshake,
  endlessRefusal,
  serverEnds,
  subscribed,
  packed,
  ended,
  observed,
  waiting,
  standard,
  worker,
];
