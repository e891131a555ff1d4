// A WebSocket server over OpenSSL's TLS in memory: a test decides which TLS records and handshake
// messages a connection gets, and when they leave.
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { Arrivals } from './arrivals';
import { makeCertificate } from './certificates';
import { listen, urlOf } from './fixture';
import type { Fixture } from './fixture';
import { FrameReader } from './frames';
import type { ClientFrame } from './frames';
import { switching } from './raw-server';
import { TlsServer } from './tls-server-core';
import type { TlsServerOptions } from './tls-server-core';

const certificate = makeCertificate({ san: ['DNS:localhost'] });

/** What a client of startScriptServer has to trust. */
export const caCertificates = certificate.cert;

/** A connection whose opening handshake was answered. */
export class ScriptConnection {
  readonly tls: TlsServer;
  /** Frames that came. */
  readonly frames = new Arrivals<ClientFrame>('frame');
  /** Resolves with why nothing can be read any more: 'closed' for close_notify, or the reason. */
  readonly tlsEnded: Promise<string>;
  /** Resolves when the client's side of the TCP connection has ended. */
  readonly ended: Promise<void>;
  private readonly reader = new FrameReader();
  private tlsEnd: (status: string) => void = () => undefined;
  private head = '';
  private isOpen = false;

  constructor(
    readonly socket: Socket,
    options: Omit<TlsServerOptions, 'cert' | 'key'>,
    private readonly onOpen: () => void,
  ) {
    socket.setNoDelay(true);
    this.tls = new TlsServer({ cert: certificate.cert, key: certificate.key, ...options });
    this.tlsEnded = new Promise((resolve) => (this.tlsEnd = resolve));
    this.ended = new Promise((resolve) => socket.once('end', () => resolve()));
    socket.on('data', (bytes: Buffer) => this.receive(bytes));
  }

  /** Sends what the TLS server has to send. */
  flush(): void {
    this.socket.write(this.tls.take());
  }

  private receive(bytes: Buffer): void {
    this.tls.give(bytes);
    if (this.tls.handshake() === 'ok') {
      const { status, data } = this.tls.read();
      if (this.isOpen) this.receiveFrames(data);
      else this.answer(data);
      if (status !== 'wantRead') this.tlsEnd(status);
    }
    if (!this.socket.writableEnded) this.flush();
  }

  private receiveFrames(data: Buffer): void {
    for (const frame of this.reader.read(data)) this.frames.push(frame);
  }

  private answer(data: Buffer): void {
    this.head += data.toString('latin1');
    if (!this.head.endsWith('\r\n\r\n')) return;
    const [, key = ''] = /^sec-websocket-key: *(\S+)/im.exec(this.head) ?? [];
    const headers = { 'sec-websocket-key': key };
    this.tls.write(Buffer.from(switching({ head: this.head, requestLine: '', headers })));
    this.flush();
    this.isOpen = true;
    this.onOpen();
  }
}

export interface ScriptServer extends Fixture {
  readonly connections: Arrivals<ScriptConnection>;
}

export async function startScriptServer(
  options: Omit<TlsServerOptions, 'cert' | 'key'> = {},
): Promise<ScriptServer> {
  const connections: ScriptServer['connections'] = new Arrivals('opening handshake');
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection = new ScriptConnection(socket, options, () => connections.push(connection));
  });
  const { port, close } = await listen(server);
  return { port, url: urlOf(port, true), close, connections };
}
