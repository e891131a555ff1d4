// Proxies: one on Node's own net and tls that can misbehave, and those of Debian's packages where
// they are installed. WSFD_REQUIRE_PROXIES in the environment makes their absence a failure.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { Arrivals } from './arrivals';
import type { Fixture } from './fixture';
import { startTcpServer, startTlsServer } from './servers';

export interface ProxyServerOptions {
  /** Given: the proxy speaks TLS. */
  tls?: TlsOptions;
  /** What is done with a request; `tunnel` if absent. */
  answer?: (socket: Socket, head: string) => void;
}

export interface ProxyServer extends Fixture {
  /** Heads of the requests that came. */
  readonly requests: Arrivals<string>;
}

/** Joins two connections: what one says or ends, the other hears. */
export function joinSockets(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.pipe(to);
  }
}

/** The port that a CONNECT names. Names are not looked up: everything is on this machine. */
export const portOf = (head: string): number => Number(/^CONNECT \S+:(\d+) /.exec(head)?.[1]);

/** Connects to the target, says `established` and joins the two. */
export function tunnel(
  socket: Socket,
  head: string,
  established = 'HTTP/1.1 200 Connection established\r\n\r\n',
): void {
  const upstream = connect(portOf(head), '127.0.0.1', () => {
    socket.write(established);
    joinSockets(socket, upstream);
  });
  upstream.on('error', () => socket.destroy());
}

/** A proxy for CONNECT; its url is an http: or https: one. */
export async function startProxy(options: ProxyServerOptions = {}): Promise<ProxyServer> {
  const requests: ProxyServer['requests'] = new Arrivals();
  const onConnection = (socket: Socket): void => {
    let head = '';
    const onData = (bytes: Buffer): void => {
      head += bytes.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', onData);
      requests.push(head);
      (options.answer ?? tunnel)(socket, head);
    };
    socket.on('data', onData);
  };
  const { port, close } =
    options.tls === undefined
      ? await startTcpServer(onConnection)
      : await startTlsServer(options.tls, onConnection);
  const url = options.tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`;
  return { port, url, close, requests };
}

const required = process.env['WSFD_REQUIRE_PROXIES'] !== undefined;

/** True if a program is installed; where proxies are required it must be. */
export function installed(program: string): boolean {
  const found = spawnSync('which', [program]).status === 0;
  assert.ok(found || !required, `WSFD_REQUIRE_PROXIES is set and ${program} is not installed`);
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves once somebody listens there; false if `gone` says that nobody ever will. */
async function listening(port: number, gone: () => boolean): Promise<boolean> {
  while (!gone()) {
    const socket = connect(port, '127.0.0.1');
    const there = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (there === true) return true;
  }
  return false;
}

/**
 * Runs a proxy that cannot be told to choose its port: one that was free a moment ago is given to
 * it, and another one should somebody else have taken it.
 */
async function run(
  program: string,
  parametersFor: (port: number, folder: string) => string[],
): Promise<Fixture> {
  for (;;) {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'wsfd-proxy-'));
    const child = spawn(program, parametersFor(port, folder), { stdio: 'ignore' });
    const exited = once(child, 'exit');
    const close = async (): Promise<void> => {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    };
    if (await listening(port, () => child.exitCode !== null)) {
      return { port, url: `127.0.0.1:${port}`, close };
    }
    await close();
  }
}

/** Debian's tinyproxy; with `user:password` it wants those. Its url has no scheme. */
export const startTinyproxy = (credentials?: readonly [string, string]): Promise<Fixture> =>
  run('tinyproxy', (port, folder) => {
    const file = join(folder, 'tinyproxy.conf');
    const lines = [`Port ${port}`, 'Listen 127.0.0.1', 'MaxClients 50', 'LogLevel Critical'];
    if (credentials !== undefined) lines.push(`BasicAuth ${credentials.join(' ')}`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    return ['-d', '-c', file];
  });

/** Debian's microsocks; with credentials it wants those. Its url has no scheme. */
export const startMicrosocks = (credentials?: readonly [string, string]): Promise<Fixture> =>
  run('microsocks', (port) => {
    const user = credentials === undefined ? [] : ['-u', credentials[0], '-P', credentials[1]];
    return ['-i', '127.0.0.1', '-p', String(port), ...user];
  });
