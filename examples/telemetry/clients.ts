// Two clients for the same feed: wsfd's push interface, and ws for comparison.
import { getLastError, webSocketClose, webSocketOpen, webSocketSubscribe } from 'wsfd';
import { WebSocket } from 'ws';

/** Calls `take` with every message until it is closed. */
export interface Client {
  close: () => Promise<void>;
}

export type OpenClient = (
  url: string,
  certificate: string,
  take: (text: string) => void,
) => Promise<Client>;

const openWsfd: OpenClient = async (url, certificate, take) => {
  const socket = await webSocketOpen(url, { timeout: 10, caCertificates: certificate });
  if (socket < 0) throw getLastError()[0] ?? new Error('webSocketOpen failed');
  const subscribed = webSocketSubscribe(socket, (batch) => {
    for (const message of batch) take(message as string);
  });
  if (subscribed !== 0) throw getLastError()[0] ?? new Error('webSocketSubscribe failed');
  return {
    close: async () => {
      await webSocketClose(socket);
    },
  };
};

const openWs: OpenClient = async (url, certificate, take) => {
  const socket = new WebSocket(url, { ca: certificate, perMessageDeflate: false });
  socket.on('message', (data: Buffer) => {
    take(data.toString());
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
