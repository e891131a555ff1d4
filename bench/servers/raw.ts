// The raw server: what it sends was encoded before, so that it is faster than any client. Runs in a
// process of its own until its parent lets go. What a connection gets is in the URL:
//
//   /flood    all it takes            /paced   a fixed rate, over all connections
//   /stamped  times of sending, at a fixed rate or now and then
//   /sink     nothing; counts what comes
//   /echo     what comes, some microseconds later
//   /quiet    nothing
import { readFileSync } from 'node:fs';
import { createServer as createTcpServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { constants } from 'node:crypto';
import type { ServerSettings } from '../types';
import { echoLate } from './echo-late';
import { flood } from './flood';
import { streamOf } from './frames';
import { Pacer } from './paced';
import { Sink } from './sink';
import { stamped } from './stamped';
import { upgrade } from './upgrade';
import type { Request } from './upgrade';

let pacer: Pacer | undefined;

/** The one thing that comes is a close frame: answers it, and ends the connection as a server has to
 * (RFC 6455 section 7.1.1). */
function quiet(socket: Socket): void {
  socket.once('data', () => socket.end(Buffer.from([0x88, 0])));
}

function prepare(request: Request): void {
  if (request.path === 'flood' || request.path === 'paced') streamOf(request);
}

function serve(socket: Socket, request: Request): void {
  if (request.path === 'flood') flood(socket, request);
  else if (request.path === 'stamped' && request.rate === 0) stamped(socket);
  else if (request.path === 'sink') new Sink(socket, request);
  else if (request.path === 'echo') echoLate(socket, request);
  else if (request.path === 'paced' || request.path === 'stamped') {
    // Each trial has its own.
    if (pacer?.open !== true) pacer = new Pacer(request);
    pacer.add(socket);
  } else quiet(socket);
}

function accept(socket: Socket): void {
  // A client's process ends without saying goodbye.
  socket.on('error', () => socket.destroy());
  upgrade(socket, { prepare, serve });
}

function createServer(settings: ServerSettings): Server {
  const { keyFile, certificateFile } = settings;
  if (keyFile === undefined || certificateFile === undefined) return createTcpServer(accept);
  return createTlsServer(
    {
      key: readFileSync(keyFile),
      cert: readFileSync(certificateFile),
      // Without tickets, and with no store of sessions, every handshake is a full one.
      secureOptions: constants.SSL_OP_NO_TICKET,
    },
    accept,
  );
}

process.once('disconnect', () => process.exit(0));
process.once('message', (settings) => {
  const server = createServer(settings as ServerSettings);
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
    process.send?.((server.address() as { port: number }).port);
  });
});
