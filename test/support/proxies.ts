// Proxies: one on Node's own net and tls that can misbehave, and those of Debian's packages where
// they are installed.
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { Arrivals } from './arrivals';
import type { Fixture } from './fixture';
import { namespacesPossible } from './namespaces';
import { runProgram, without } from './programs';
import { startTcpServer, startTlsServer } from './servers';

export interface ProxyServerOptions {
  /** Given: the proxy speaks TLS. */
  tls?: TlsOptions;
  /** What is done with a request; `tunnel` if absent. `transport`: what is below TLS. */
  answer?: (socket: Socket, head: string, transport: Socket) => void;
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
  const requests: ProxyServer['requests'] = new Arrivals('request');
  const onConnection = (socket: Socket, transport = socket): void => {
    let head = '';
    const onData = (bytes: Buffer): void => {
      head += bytes.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', onData);
      requests.push(head);
      if (options.answer === undefined) tunnel(socket, head);
      else options.answer(socket, head, transport);
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

/** Debian's tinyproxy; with `user:password` it wants those. Its url has no scheme. */
export const startTinyproxy = (credentials?: readonly [string, string]): Promise<Fixture> =>
  runProgram((port, folder) => {
    const file = join(folder, 'tinyproxy.conf');
    const lines = [`Port ${port}`, 'Listen 127.0.0.1', 'MaxClients 50', 'LogLevel Critical'];
    if (credentials !== undefined) lines.push(`BasicAuth ${credentials.join(' ')}`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    return ['tinyproxy', '-d', '-c', file];
  });

/** Debian's microsocks; with credentials it wants those. Its url has no scheme. */
export const startMicrosocks = (credentials?: readonly [string, string]): Promise<Fixture> =>
  runProgram((port) => {
    const user = credentials === undefined ? [] : ['-u', credentials[0], '-P', credentials[1]];
    return ['microsocks', '-i', '127.0.0.1', '-p', String(port), ...user];
  });

/** Debian's squid, which wants these credentials. Its url has no scheme. */
export const startSquid = ([user, password]: readonly [string, string]): Promise<Fixture> =>
  runProgram((port, folder) => {
    // What it asks, a line each: both percent-encoded (but for ':'), with a space between.
    const line = `${encodeURI(user)} ${encodeURI(password)}`;
    const helper = join(folder, 'helper');
    const answer = `if [ "$asked" = '${line}' ]; then echo OK; else echo ERR; fi`;
    writeFileSync(helper, `#!/bin/sh\nwhile read -r asked; do ${answer}; done\n`, { mode: 0o755 });
    const lines = [
      `http_port 127.0.0.1:${port}`,
      `auth_param basic program ${helper}`,
      'auth_param basic children 1 startup=1',
      'auth_param basic realm plant',
      'acl known proxy_auth REQUIRED',
      'http_access allow known',
      'http_access deny all',
      'pid_filename none',
      'cache_log /dev/null',
      'access_log none',
      'pinger_enable off',
      'cache deny all',
      'visible_hostname plant.invalid',
      'shutdown_lifetime 0 seconds',
    ];
    const file = join(folder, 'squid.conf');
    writeFileSync(file, `${lines.join('\n')}\n`);
    // Its shared memory is named after the service.
    return ['squid', '-N', '-n', `wsfd${port}`, '-f', file];
  });

/** Runs what follows three files with the first two in place of the system's users. */
const withUsers = [
  'unshare',
  '--user',
  '--map-root-user',
  '--mount',
  'sh',
  '-c',
  'mount --bind "$0" /etc/passwd && mount --bind "$1" /etc/shadow && shift && exec "$@"',
];

/** danted knows the users of the system alone: it gets some of its own. */
export const withoutDante = (): string | false =>
  without('danted') ||
  (!namespacesPossible([...withUsers, '/etc/passwd', '/etc/shadow', 'true']) &&
    'needs namespaces of Linux');

export const danteCredentials = ['karl', 'geheim'] as const;
/** crypt(3) of that password, by SHA-512. */
const crypted =
  '$6$wsfdwsfd$HFRECcYZtLj2Rrwxe1abga9WbgxATRo2t4n0yZm1bZehsIcLMGnyl0lXPwGyPYoTAt7f12RPx6ZzH26sBGNts1';

/** Debian's dante-server; it wants `danteCredentials`. Its url has no scheme. */
export const startDante = (): Promise<Fixture> =>
  runProgram((port, folder) => {
    const write = (name: string, ...lines: string[]): string => {
      const file = join(folder, name);
      writeFileSync(file, `${lines.join('\n')}\n`);
      return file;
    };
    const [user] = danteCredentials;
    const passwd = write('passwd', 'root:x:0:0::/:/bin/false', `${user}:x:1:1::/:/bin/false`);
    const shadow = write('shadow', `${user}:${crypted}:19000:0:99999:7:::`);
    const configuration = write(
      'danted.conf',
      `logoutput: ${join(folder, 'log')}`,
      `internal: 127.0.0.1 port = ${port}`,
      'external: 127.0.0.1',
      'clientmethod: none',
      'socksmethod: username',
      'user.privileged: root',
      'user.unprivileged: root',
      'client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }',
      'socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 command: connect }',
    );
    return [...withUsers, passwd, shadow, 'danted', '-N', '1', '-f', configuration];
  });
