// Two clients for the same feed: wsfd, which parses all messages of a wake-up at once, and ws for
// comparison.
import { getLastError, webSocketClose, webSocketOpen, webSocketSubscribePacked } from 'wsfd';
import { WebSocket } from 'ws';
import type { Reading } from './reading';

/** Calls `take` with every reading, and how many bytes they had, until it is closed. */
export interface Client {
  close: () => Promise<void>;
}

export type OpenClient = (
  url: string,
  certificate: string,
  take: (readings: readonly Reading[], bytes: number) => void,
) => Promise<Client>;

const openWsfd: OpenClient = async (url, certificate, take) => {
  const socket = await webSocketOpen(url, { timeout: 10, caCertificates: certificate });
  if (socket < 0) throw getLastError()[0] ?? new Error('webSocketOpen failed');
  const subscribed = webSocketSubscribePacked(socket, (batch) => {
    const { length, starts, ends } = batch;
    let bytes = 0;
    for (let i = 0; i < length; i++) bytes += (ends[i] ?? 0) - (starts[i] ?? 0);
    take(batch.json() as Reading[], bytes);
  });
  if (subscribed !== 0) throw getLastError()[0] ?? new Error('webSocketSubscribePacked failed');
  return {
    close: async () => {
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
