// The uWebSockets.js server, for figures that everybody can reproduce: it sends corked, as fast as
// the client takes it, echoes, or does nothing. Runs in a process of its own until its parent lets go.
import * as uws from 'uWebSockets.js';
import { makeMessages } from '../messages';
import type { MessageKind, ServerSettings } from '../types';

interface Feed {
  readonly messages: readonly Uint8Array[];
  readonly binary: boolean;
  next: number;
  blocked: boolean;
  closed: boolean;
}
type Socket = uws.WebSocket<Feed>;

/** Messages sent within one cork. */
const corked = 256;

function pump(socket: Socket): void {
  const feed = socket.getUserData();
  if (feed.closed) return;
  socket.cork(() => {
    for (let i = 0; i < corked && !feed.blocked; i += 1) {
      const message = feed.messages[feed.next] as Uint8Array;
      // 1: sent; 0: waits in the server's memory.
      feed.blocked = socket.send(message, feed.binary) !== 1;
      feed.next = (feed.next + 1) % feed.messages.length;
    }
  });
  if (!feed.blocked) setImmediate(() => pump(socket));
}

const flood: uws.WebSocketBehavior<Feed> = {
  idleTimeout: 0,
  // 2, dropped, must never come.
  maxBackpressure: 64 << 20,
  upgrade: (response, request, context) => {
    const kind = (request.getQuery('message') ?? 'text') as MessageKind;
    const messages = makeMessages(kind, Number(request.getQuery('size')));
    response.upgrade<Feed>(
      {
        messages: messages.map((message) => Buffer.from(message as string)),
        binary: kind === 'binary',
        next: 0,
        blocked: false,
        closed: false,
      },
      request.getHeader('sec-websocket-key'),
      '',
      '',
      context,
    );
  },
  open: pump,
  drain: (socket) => {
    if (socket.getBufferedAmount() > 0) return;
    socket.getUserData().blocked = false;
    pump(socket);
  },
  close: (socket) => (socket.getUserData().closed = true),
};

const echo: uws.WebSocketBehavior<unknown> = {
  idleTimeout: 0,
  maxPayloadLength: 64 << 20,
  message: (socket, message, binary) => void socket.send(message, binary),
};

process.once('disconnect', () => process.exit(0));
process.once('message', ({ keyFile, certificateFile }: ServerSettings) => {
  const app =
    keyFile === undefined || certificateFile === undefined
      ? uws.App()
      : uws.SSLApp({ key_file_name: keyFile, cert_file_name: certificateFile });
  app.ws('/flood', flood).ws('/echo', echo).ws('/quiet', { idleTimeout: 0 });
  app.listen('127.0.0.1', 0, (listening) => {
    if (listening === false) throw new Error('cannot listen on 127.0.0.1');
    process.send?.(uws.us_socket_local_port(listening));
  });
});
