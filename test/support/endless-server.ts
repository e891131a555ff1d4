// Node's own HTTP server, refusing every opening handshake and every CONNECT with a body that does
// not end: the connection stays open until the client or close() ends it.
import { createServer as createHttpServer, ServerResponse } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { listen, urlOf } from './fixture';
import type { Fixture } from './fixture';

/** What the head says of the body, what comes in one piece with it, and what every 200 ms after. */
export const bodies = {
  'server-sent events': {
    headers: { 'Content-Type': 'text/event-stream' },
    first: 'data: 1\n\n',
    more: 'data: 2\n\n',
  },
  'a body that stalls': { headers: { 'Content-Length': 100 }, first: 'half of it', more: '' },
  'a body that trickles': { headers: { 'Content-Length': 100_000 }, first: 'x', more: 'x' },
  'a body without a length': { headers: { Connection: 'close' }, first: 'no end', more: '' },
} as const satisfies Record<string, { headers: OutgoingHttpHeaders; first: string; more: string }>;

export type BodyName = keyof typeof bodies;
export const bodyNames = Object.keys(bodies) as BodyName[];

export interface EndlessOptions {
  body: BodyName;
  status: number;
  headers?: OutgoingHttpHeaders;
  tls?: TlsOptions;
}

/** A server of that kind; as a proxy its URL is the same with `http:`. */
export async function startEndlessServer(options: EndlessOptions): Promise<Fixture> {
  const { headers, first, more } = bodies[options.body];
  const respond = (_request: IncomingMessage, response: ServerResponse): void => {
    response.removeHeader('Transfer-Encoding');
    if (options.body === 'server-sent events') response.setHeader('Transfer-Encoding', 'chunked');
    response.writeHead(options.status, { ...headers, ...options.headers });
    response.write(first);
    if (more === '') return;
    const { socket } = response;
    // (the client may be gone already: no 'close' would come)
    const timer = setInterval(() => {
      if (socket?.destroyed === false) response.write(more);
      else clearInterval(timer);
    }, 200);
  };
  const server = options.tls === undefined ? createHttpServer() : createHttpsServer(options.tls);
  server.on('request', respond);
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    respond(request, response);
  });
  const { port, close } = await listen(server);
  return { port, url: urlOf(port, options.tls !== undefined), close };
}
