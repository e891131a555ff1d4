// Two clients for the same feed: wsfd, which parses all messages of a wake-up at once, and ws for
// comparison.
import { getLastError, webSocketClose, webSocketOpen, webSocketSubscribePacked } from 'wsfd';
import { WebSocket } from 'ws';
import type { PackedBatch } from 'wsfd';
import type { Reading } from './reading';

export interface Client {
  close: () => Promise<void>;
}

/** Calls `take` with every reading, and how many bytes they had, until the client is closed. */
export type OpenClient = (
  url: string,
  certificate: string,
  take: (readings: readonly Reading[], bytes: number) => void,
) => Promise<Client>;

const openWsfd: OpenClient = async (url, certificate, take) => {
  const socket = await webSocketOpen(url, { timeout: 10, caCertificates: certificate });
  if (socket < 0) throw getLastError()[0] ?? new Error('webSocketOpen failed');
  let closing = false;
  const ended = (): void => {
    if (closing) return;
    console.log(`${url}: ${getLastError()[0]?.message ?? 'the server closed it'}`);
    process.exitCode = 1;
  };
  const subscriber = (batch: PackedBatch): void => {
    const { length, starts, ends } = batch;
    let bytes = 0;
    for (let i = 0; i < length; i++) bytes += (ends[i] ?? 0) - (starts[i] ?? 0);
    take(batch.json() as Reading[], bytes);
  };
  const subscribed = webSocketSubscribePacked(socket, subscriber, ended);
  if (subscribed !== 0) throw getLastError()[0] ?? new Error('webSocketSubscribePacked failed');
  return {
    close: async () => {
      closing = true;
      await webSocketClose(socket);
    },
  };
};

const openWs: OpenClient = async (url, certificate, take) => {
  const socket = new WebSocket(url, { ca: certificate, perMessageDeflate: false });
  socket.on('message', (data: Buffer) => {
    take([JSON.parse(data.toString()) as Reading], data.length);
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        socket.once('close', () => {
          resolve();
        });
        socket.close();
      }),
  };
};

export const clients: Readonly<Record<string, OpenClient>> = { wsfd: openWsfd, ws: openWs };
