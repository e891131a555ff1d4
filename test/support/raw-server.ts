// A WebSocket server that answers the opening handshake itself and lets a test send any bytes, cut
// anywhere: for what no well-behaved server does.
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { Arrivals } from './arrivals';
import type { Fixture } from './fixture';
import { FrameReader, close, closeCodeOf, opcodes, ping } from './frames';
import type { ClientFrame } from './frames';
import { startTcpServer, startTlsServer } from './servers';

/** A client's opening handshake. */
export interface RawRequest {
  /** Everything up to and including the empty line. */
  readonly head: string;
  /** 'GET /path HTTP/1.1' */
  readonly requestLine: string;
  /** Lower-case name → value; lines of the same name joined by ', '. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface RawServerOptions {
  /** Given: the server speaks TLS, with these options of Node's tls.createServer. */
  tls?: TlsOptions;
  /** The answer to the opening handshake; undefined: none is sent. `switching` if absent. */
  answer?: (request: RawRequest, connection: RawConnection) => Uint8Array | string | undefined;
  /** True: the test itself answers the client's close frames; else each is echoed, then FIN sent. */
  leavesCloseToTest?: boolean;
}

export interface RawServer extends Fixture {
  /** Connections whose opening handshake has come, in order. */
  readonly connections: Arrivals<RawConnection>;
}

function parseRequest(head: string): RawRequest {
  const [requestLine = '', ...lines] = head.trimEnd().split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name] ?? ''}, ${value}` : value;
  }
  return { head, requestLine, headers };
}

/** The Sec-WebSocket-Accept that fits (RFC 6455 section 4.2.2 step 5.4). */
export function acceptOf(request: RawRequest): string {
  const key = request.headers['sec-websocket-key'] ?? '';
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/** A response of these header lines, and a body. */
export const response = (statusLine: string, lines: readonly string[], body = ''): string =>
  [`HTTP/1.1 ${statusLine}`, ...lines, '', body].join('\r\n');

/** The 101 that opens the connection, with `lines` as further header lines. */
export const switching = (request: RawRequest, lines: readonly string[] = []): string =>
  response('101 Switching Protocols', [
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${acceptOf(request)}`,
    ...lines,
  ]);

/** One connection of a raw server. */
export class RawConnection {
  /** Frames that came, each checked to be masked. */
  readonly frames = new Arrivals<ClientFrame>('frame');
  /** Resolves when the connection is wholly closed, however that came. */
  readonly closed: Promise<void>;
  private readonly reader = new FrameReader();
  private barriers = 0;

  constructor(
    readonly socket: Socket,
    readonly request: RawRequest,
    private readonly leavesCloseToTest: boolean,
    /** The TCP connection, below TLS where there is some. */
    private readonly transport: Socket,
  ) {
    socket.setNoDelay(true);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** Sends all in one write. */
  send(...pieces: Uint8Array[]): void {
    this.socket.write(Buffer.concat(pieces));
  }

  /** Sends every byte in a write of its own. */
  sendBytewise(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) this.socket.write(bytes.subarray(i, i + 1));
  }

  /**
   * Behind a write that gave false: resolves when the system has taken all, or the connection is
   * closed. A client that has got all may end before 'drain' would come.
   */
  async drained(): Promise<void> {
    await Promise.race([new Promise((resolve) => this.socket.once('drain', resolve)), this.closed]);
  }

  /** The next frame of that opcode; those of others before it are passed over. */
  async next(opcode: number): Promise<ClientFrame> {
    for (;;) {
      const frame = await this.frames.next(`frame of opcode ${opcode}`);
      if (frame.opcode === opcode) return frame;
    }
  }

  /** The code of the client's close frame; what came before that is passed over. */
  async nextCloseCode(): Promise<number | undefined> {
    return closeCodeOf(await this.next(opcodes.close));
  }

  /** Sends `pieces` and resolves once the client has taken them all: it has answered a ping. */
  async sendAndWait(...pieces: Uint8Array[]): Promise<void> {
    const mark = `barrier ${(this.barriers += 1)}`;
    this.send(...pieces, ping(mark));
    let answer: ClientFrame;
    do answer = await this.next(opcodes.pong);
    while (answer.payload.toString() !== mark);
  }

  /** Ends the server's side of the TCP connection. */
  end(): void {
    this.socket.end();
  }

  /** Ends the TCP connection with RST. */
  reset(): void {
    this.transport.resetAndDestroy();
  }

  /** Takes bytes that came behind the opening handshake. */
  receive(bytes: Buffer): void {
    for (const frame of this.reader.read(bytes)) {
      this.frames.push(frame);
      if (frame.opcode === opcodes.close && !this.leavesCloseToTest) {
        this.socket.end(close(closeCodeOf(frame)));
      }
    }
  }
}

/** Has the server read no more than it is allowed from now on: so many bytes a call. */
export function takePortions({ socket }: RawConnection): (bytes: number) => void {
  let allowed = 0;
  socket.pause();
  socket.on('data', (bytes: Buffer) => {
    allowed -= bytes.length;
    if (allowed <= 0) socket.pause();
  });
  return (bytes) => {
    allowed = bytes;
    socket.resume();
  };
}

/** Reads the opening handshake, then hands every byte to the connection. */
function serve(
  socket: Socket,
  options: RawServerOptions,
  server: RawServer,
  transport = socket,
): void {
  let head = '';
  let connection: RawConnection | undefined;
  socket.on('data', (bytes: Buffer) => {
    if (connection !== undefined) {
      connection.receive(bytes);
      return;
    }
    head += bytes.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const request = parseRequest(head.slice(0, end + 4));
    const { leavesCloseToTest = false } = options;
    connection = new RawConnection(socket, request, leavesCloseToTest, transport);
    const answer =
      options.answer === undefined ? switching(request) : options.answer(request, connection);
    if (answer !== undefined) socket.write(answer);
    server.connections.push(connection);
  });
}

export async function startRawServer(options: RawServerOptions = {}): Promise<RawServer> {
  const connections: RawServer['connections'] = new Arrivals('opening handshake');
  const onConnection = (socket: Socket, transport?: Socket): void =>
    serve(socket, options, server, transport);
  const fixture =
    options.tls === undefined
      ? await startTcpServer(onConnection)
      : await startTlsServer(options.tls, onConnection);
  const server: RawServer = {
    port: fixture.port,
    url: fixture.url,
    connections,
    close: () => fixture.close(),
  };
  return server;
}
