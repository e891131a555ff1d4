// A server process of `ws` over Node's http and https, with everything that no well-behaved server
// does, and a proxy. It may be killed at any time.
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { SecureContext, TlsOptions } from 'node:tls';
import type { Ports, ServerFiles } from '../protocol';
import { misbehave } from './misbehave';
import { serveParent } from './parent';
import { serveProxy } from './proxy';
import { openSides, planIn, setPace } from './side';
import { serveStream } from './stream';

/** The TCP connections below the TLS ones, by both ports: only they can be reset. */
const tcp = new Map<string, Socket>();

const portsOf = ({ localPort, remotePort }: Socket): string => `${localPort} ${remotePort}`;

function serve(server: HttpServer): Promise<number> {
  server.on('connection', (socket: Socket) => {
    const ports = portsOf(socket);
    tcp.set(ports, socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      if (tcp.get(ports) === socket) tcp.delete(ports);
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => undefined);
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const plan = planIn(query);
    const reset = (): void => void tcp.get(portsOf(socket))?.resetAndDestroy();
    if (path.startsWith('/stream/')) serveStream({ request, socket, head, plan, reset });
    else misbehave({ request, socket, plan, reset, path, query });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function start(files: ServerFiles): Promise<Ports> {
  const tls: TlsOptions = {
    key: readFileSync(files.key),
    cert: readFileSync(files.certificate),
  };
  const strange = new Map<string, SecureContext>();
  for (const [name, { cert, key }] of Object.entries(files.strange)) {
    strange.set(name, createSecureContext({ cert, key }));
  }
  const clients: TlsOptions = { ca: files.clientRoot, requestCert: true, rejectUnauthorized: true };
  return {
    plain: await serve(createHttpServer()),
    tls: await serve(createHttpsServer(tls)),
    certificate: await serve(createHttpsServer({ ...tls, ...clients })),
    strange: await serve(
      createHttpsServer({
        ...tls,
        SNICallback: (name, done) => done(null, strange.get(name)),
      }),
    ),
    proxy: await serveProxy(),
  };
}

serveParent({ start, setPace, open: openSides });
