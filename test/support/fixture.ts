// What every server of the tests offers.
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';

export interface Fixture {
  readonly port: number;
  /** ws://127.0.0.1:port/, or wss://localhost:port/ where the server speaks TLS. */
  readonly url: string;
  /** Ends every connection and the server; may be called again. */
  close(): Promise<void>;
}

/** The URL of a server on this port of `host`, which may be an IPv6 address. */
export function urlOf(port: number, secure: boolean, host?: string): string {
  const name = host ?? (secure ? 'localhost' : '127.0.0.1');
  return `${secure ? 'wss' : 'ws'}://${name.includes(':') ? `[${name}]` : name}:${port}/`;
}

/** Listens on a free port of `host`; the result's close() destroys what is still connected. */
export async function listen(
  server: Server,
  host = '127.0.0.1',
): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    // A client that resets its connection must not end the test's process.
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, host);
  await once(server, 'listening');
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closed ??= new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    }));
  return { port: (server.address() as AddressInfo).port, close };
}
