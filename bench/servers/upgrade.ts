// The server's side of the opening handshake, as small as it gets: it believes every request.
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { MessageKind } from '../types';

/** What the client asked for: the path without its slash, and the query of targetOf. */
export interface Request {
  readonly path: string;
  readonly message: MessageKind;
  readonly size: number;
  readonly connections: number;
  readonly rate: number;
  readonly burst: number;
}

function parse(head: string): Request {
  const url = new URL(head.split(' ')[1] ?? '/', 'http://localhost');
  const number = (key: string): number => Number(url.searchParams.get(key) ?? 1);
  return {
    path: url.pathname.slice(1),
    message: (url.searchParams.get('message') ?? 'text') as MessageKind,
    size: number('size'),
    connections: number('connections'),
    rate: number('rate'),
    burst: number('burst'),
  };
}

function answer(head: string): string {
  const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  return (
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`
  );
}

/** Answers the opening handshake, then calls `serve` with what was asked for. */
export function upgrade(socket: Socket, serve: (socket: Socket, request: Request) => void): void {
  let head = '';
  const onData = (chunk: Buffer): void => {
    head += chunk.toString('latin1');
    if (!head.includes('\r\n\r\n')) return;
    socket.off('data', onData);
    socket.write(answer(head));
    serve(socket, parse(head));
  };
  socket.on('data', onData);
}
