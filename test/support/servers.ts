// Servers for the tests. Every one listens on a free loopback port, records what happens to it, and
// leaves nothing behind once close() has resolved:
//
//   startWsServer    the `ws` package's server in this process; echoes
//   startUwsServer   uWebSockets.js in a process of its own; echoes
//   startTlsServer   Node's tls, for raw bytes over TLS
//   startTcpServer   Node's net, for raw bytes
//
// Use: const server = await startWsServer(); t.after(() => server.close());
//      const socket = await webSocketOpen(server.url);
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer, Server as HttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import type { Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { WebSocketServer } from 'ws';
import type { ServerOptions, WebSocket } from 'ws';
import { Arrivals } from './arrivals';
import { listen, urlOf } from './fixture';
import type { Fixture } from './fixture';
import { recordTls } from './tls-record';
import type { TlsRecord } from './tls-record';

export { urlOf };
export type { Fixture };
export { startUwsServer } from './uws-fixture';
export type { UwsServer } from './uws-fixture';

export interface WsServerOptions {
  /** Given: the server speaks TLS, with these options of Node's tls.createServer. */
  tls?: TlsOptions;
  /** The address to listen on; 127.0.0.1 if absent. */
  host?: string;
  /** False: messages are not sent back. */
  echo?: boolean;
  /** True: `messages` stays empty, for a great many of them. */
  keepsNothing?: boolean;
  /** Further options of the `ws` package: handleProtocols, perMessageDeflate, verifyClient … */
  settings?: ServerOptions;
  /** Called for each connection, before any of its messages. */
  onConnection?: (socket: WebSocket, request: IncomingMessage) => void;
  /** Changes the lines of the server's answer to the opening handshake. */
  onHead?: (lines: string[]) => void;
}

export interface WsServer extends Fixture {
  /** The opening handshakes that were accepted. */
  readonly connections: Arrivals<{ socket: WebSocket; request: IncomingMessage }>;
  /** Messages that came; a text message as a string. */
  readonly messages: Arrivals<string | Buffer>;
  /** Connections that ended: the close code (1006 without a close frame) and reason received. */
  readonly closes: Arrivals<{ code: number; reason: string }>;
  /** What happened at the TLS layer; empty without `tls`. */
  readonly tls: TlsRecord;
  /** Called with each line of the server's key log. */
  onKeyLog(callback: (line: string) => void): void;
  /** Uses other TLS options for the connections to come. */
  renew(options: TlsOptions): void;
}

/** A WebSocket server of the `ws` package that sends text back as text, binary as binary. */
export async function startWsServer(options: WsServerOptions = {}): Promise<WsServer> {
  const secure = options.tls !== undefined;
  const http: HttpServer = secure ? createHttpsServer(options.tls ?? {}) : createHttpServer();
  const tls = recordTls(secure ? http : undefined);
  const webSockets = new WebSocketServer({ ...options.settings, server: http });
  const connections: WsServer['connections'] = new Arrivals('opening handshake');
  const messages: WsServer['messages'] = new Arrivals('message');
  const closes: WsServer['closes'] = new Arrivals('end of a connection');
  if (options.onHead !== undefined) webSockets.on('headers', options.onHead);
  webSockets.on('connection', (socket, request) => {
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => closes.push({ code, reason: reason.toString() }));
    socket.on('message', (data: Buffer, isBinary) => {
      if (options.keepsNothing !== true) messages.push(isBinary ? data : data.toString());
      if (options.echo !== false) socket.send(data, { binary: isBinary });
    });
    options.onConnection?.(socket, request);
    connections.push({ socket, request });
  });
  const { port, close } = await listen(http, options.host);
  return {
    port,
    url: urlOf(port, secure, options.host),
    close,
    connections,
    messages,
    closes,
    tls,
    onKeyLog: (callback) => {
      http.on('keylog', (line: Buffer) => callback(line.toString().trimEnd()));
    },
    renew: (tlsOptions) => {
      if (http instanceof HttpsServer) http.setSecureContext(tlsOptions);
    },
  };
}

export interface TlsServer extends Fixture {
  readonly tls: TlsRecord;
}

/**
 * A server that completes TLS handshakes and does nothing more than `onConnection` does, which also
 * gets the TCP connection below; the bytes
 * that arrive are counted in tls.handshakes.
 */
export async function startTlsServer(
  options: TlsOptions & { host?: string },
  onConnection?: (socket: TLSSocket, transport: Socket) => void,
): Promise<TlsServer> {
  const server = createTlsServer(options);
  const transports = new Map<number | undefined, Socket>();
  server.on('connection', (transport: Socket) => transports.set(transport.remotePort, transport));
  const tls = recordTls(server);
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined);
    if (onConnection === undefined) socket.resume();
    else onConnection(socket, transports.get(socket.remotePort) ?? socket);
  });
  const { port, close } = await listen(server, options.host);
  return { port, url: urlOf(port, true, options.host), close, tls };
}

export interface TcpServer extends Fixture {
  readonly connections: Arrivals<Socket>;
}

/** A server that does nothing more than `onConnection` does; its url is a ws one. */
export async function startTcpServer(
  onConnection?: (socket: Socket) => void,
  options: { host?: string } = {},
): Promise<TcpServer> {
  const server = createTcpServer();
  const connections: TcpServer['connections'] = new Arrivals('TCP connection');
  server.on('connection', (socket) => {
    if (onConnection === undefined) socket.resume();
    else onConnection(socket);
    connections.push(socket);
  });
  const { port, close } = await listen(server, options.host);
  return { port, url: urlOf(port, false, options.host), close, connections };
}
