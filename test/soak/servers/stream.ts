// Connections of the `ws` package that carry a plan's streams, and the ways to end them badly.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import {
  binary,
  close,
  continuation,
  encodeFrame,
  opcodes,
  ping,
  text,
} from '../../support/frames';
import type { Plan } from '../model/plan';
import { Side } from './side';
import type { Line } from './side';

export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly plan: Plan;
  /** Ends the TCP connection with RST. */
  readonly reset: () => void;
}

// A client that is slow, or has little of the machine, is waited for.
const closeTimeout = 600_000;
const limits = {
  noServer: true,
  maxPayload: 16 << 20,
  clientTracking: false,
  closeTimeout,
  // Without it `ws` cuts a connection that has sent 60 pings whose pongs still wait, as they do
  // behind messages that a process with little of the machine has not compressed yet.
  maxPendingAutoPongs: 0,
};
const takeover = new WebSocketServer({ ...limits, perMessageDeflate: { threshold: 0 } });
const plain = new WebSocketServer({ ...limits, perMessageDeflate: false });

/** What a client must not take, by the variant of a violation. */
const violations: Readonly<Record<string, () => Buffer>> = {
  reservedBits: () => encodeFrame(opcodes.text, 'x', { rsv: 2 }),
  reservedOpcode: () => encodeFrame(3, 'x'),
  masked: () => encodeFrame(opcodes.text, 'x', { maskKey: Buffer.from([1, 2, 3, 4]) }),
  lengthNotMinimal: () => text('x', { lengthBytes: 2 }),
  longPing: () => ping(Buffer.alloc(126)),
  fragmentedPing: () => ping('x', { fin: false }),
  continuation: () => continuation('x'),
  closeCode: () => close(1005),
  text: () => text(Buffer.from([0xc3, 0x28])),
  tooBig: () => binary(Buffer.alloc(16), { declaredLength: 2_000_001n }),
};

function cut({ plan, socket, reset }: Upgrade): void {
  if (plan.kind === 'reset') reset();
  else if (plan.kind === 'halfClose') socket.end();
  else if (plan.kind === 'violation') socket.write(violations[plan.variant]?.() ?? '');
  else socket.destroy();
}

function lineOf(connection: WebSocket, upgrade: Upgrade): Line {
  return {
    send: (data) => connection.send(data),
    buffered: () => connection.bufferedAmount,
    close: (code) => connection.close(code),
    cut: () => cut(upgrade),
  };
}

/** Answers the handshake and does what the plan says. */
export function serveStream(upgrade: Upgrade & { readonly head: Buffer }): void {
  const { request, socket, head, plan } = upgrade;
  const server = plan.deflate === 'none' ? plain : takeover;
  server.handleUpgrade(request, socket, head, (connection) => {
    const side = new Side(plan, lineOf(connection, upgrade));
    connection.on('error', () => undefined);
    connection.on('message', (data: Buffer, isBinary) => {
      side.take(isBinary ? data : data.toString());
    });
    connection.on('close', (code) => side.gone(code));
    if (plan.kind !== 'stall') return;
    connection.pause();
    setTimeout(() => connection.resume(), plan.seconds * 3000);
  });
}
