// A WebSocket server in a process of its own, which is killed and started again on the same address.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { Arrivals } from './arrivals';

export interface MortalSettings {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** PEM. Given: the server speaks TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Given: every opening handshake is refused with 503 and this Retry-After. */
  readonly retryAfter?: string;
  /** What is sent to who has subscribed, burst by burst. */
  readonly bursts: readonly (readonly string[])[];
  /** Milliseconds between two bursts. */
  readonly pauseMs: number;
}

/** What the process tells. */
export type MortalEvent = { event: 'listening'; port: number } | { event: 'refused' | 'sent' };

export interface MortalServer {
  readonly port: number;
  /** `refused`; or `sent`: the system has all messages, and the client gets them whatever comes. */
  readonly events: Arrivals<MortalEvent>;
  /** Ends it with SIGKILL; resolves once it is gone. */
  kill(): Promise<void>;
}

export async function startMortalServer(settings: MortalSettings): Promise<MortalServer> {
  const child = fork(__filename);
  const events: MortalServer['events'] = new Arrivals('event of the server');
  child.on('message', (event: MortalEvent) => events.push(event));
  child.send(settings);
  const gone = once(child, 'close');
  const first = await Promise.race([events.next(), gone]);
  if (!('port' in first)) throw new Error('the server did not start; see above');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  return { port: first.port, events, kill };
}

const tell = (event: MortalEvent): void => {
  (process as unknown as ChildProcess).send(event);
};

function serve(settings: MortalSettings): void {
  const { host, port, tls, retryAfter, bursts, pauseMs } = settings;
  const http = tls === undefined ? createHttpServer() : createHttpsServer(tls);
  if (retryAfter === undefined) {
    new WebSocketServer({ server: http }).on('connection', (socket) => {
      const sendFrom = (i: number): void => {
        const [...burst] = bursts[i] ?? [];
        const last = burst.pop() ?? '';
        for (const message of burst) socket.send(message);
        socket.send(last, () => {
          if (i + 1 === bursts.length) tell({ event: 'sent' });
          else setTimeout(sendFrom, pauseMs, i + 1);
        });
      };
      socket.once('message', () => sendFrom(0));
    });
  } else {
    http.on('upgrade', (_, socket) => {
      const head = `HTTP/1.1 503 Service Unavailable\r\nRetry-After: ${retryAfter}\r\n`;
      socket.end(`${head}Content-Length: 0\r\nConnection: close\r\n\r\n`, () => {
        tell({ event: 'refused' });
      });
    });
  }
  http.listen(port, host, () => {
    tell({ event: 'listening', port: (http.address() as AddressInfo).port });
  });
}

if (require.main === module) {
  process.once('message', serve);
  process.once('disconnect', () => process.exit());
}
