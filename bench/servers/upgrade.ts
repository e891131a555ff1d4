// The server's side of the opening handshake, as small as it gets: it believes every request.
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Compression, MessageKind } from '../types';

/** What the client asked for: the path without its slash, and the query of targetOf. */
export interface Request {
  readonly path: string;
  readonly message: MessageKind;
  readonly size: number;
  readonly connections: number;
  readonly rate: number;
  readonly burst: number;
  readonly lateUs: number;
  /** Absent: uncompressed. */
  readonly compression?: Compression;
}

function compressionOf({ searchParams }: URL): Compression | undefined {
  const windowBits = Number(searchParams.get('windowBits') ?? 0);
  if (windowBits !== 9 && windowBits !== 15) return undefined;
  return { windowBits, takeover: searchParams.get('takeover') === 'true' };
}

/** RFC 7692 section 7.1: what is agreed, for both directions. */
function extensionHeader({ windowBits, takeover }: Compression): string {
  const windows = `server_max_window_bits=${windowBits}; client_max_window_bits=${windowBits}`;
  const resets = takeover ? '' : '; server_no_context_takeover; client_no_context_takeover';
  return `Sec-WebSocket-Extensions: permessage-deflate; ${windows}${resets}\r\n`;
}

function parse(head: string): Request {
  const url = new URL(head.split(' ')[1] ?? '/', 'http://localhost');
  const compression = compressionOf(url);
  const number = (key: string): number => Number(url.searchParams.get(key) ?? 1);
  return {
    path: url.pathname.slice(1),
    message: (url.searchParams.get('message') ?? 'text') as MessageKind,
    size: number('size'),
    connections: number('connections'),
    rate: number('rate'),
    burst: number('burst'),
    lateUs: number('lateUs'),
    ...(compression === undefined ? {} : { compression }),
  };
}

function answer(head: string, { compression }: Request): string {
  const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  return (
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${accept.digest('base64')}\r\n` +
    `${compression === undefined ? '' : extensionHeader(compression)}\r\n`
  );
}

/** What a server does for a request. */
export interface Service {
  /** Makes what is to be sent, before the handshake is answered. */
  readonly prepare: (request: Request) => void;
  readonly serve: (socket: Socket, request: Request) => void;
}

/** Answers the opening handshake, then has `serve` do what was asked for. */
export function upgrade(socket: Socket, { prepare, serve }: Service): void {
  let head = '';
  const onData = (chunk: Buffer): void => {
    head += chunk.toString('latin1');
    if (!head.includes('\r\n\r\n')) return;
    socket.off('data', onData);
    const request = parse(head);
    prepare(request);
    socket.write(answer(head, request));
    serve(socket, request);
  };
  socket.on('data', onData);
}
