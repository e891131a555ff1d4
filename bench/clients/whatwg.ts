// The WHATWG interface of wsfd and of the `ws` package: with onmessage, as a browser's program has it.
import { WebSocket as Ws } from 'ws';
import { WebSocket as WsfdWebSocket } from 'wsfd/websocket';
import type { Client } from './client';
import { opened } from './standard';

const clientOf = (construct: (url: string, ca: string | undefined) => unknown): Client => ({
  open: (url, take, { ca }) => opened(construct(url, ca) as WebSocket, take),
});

export const wsfdClient = clientOf((url, ca) => {
  return new WsfdWebSocket(url, [], ca === undefined ? {} : { caCertificates: ca });
});

export const wsClient = clientOf((url, ca) => {
  return new Ws(url, { perMessageDeflate: false, ...(ca === undefined ? {} : { ca }) });
});
