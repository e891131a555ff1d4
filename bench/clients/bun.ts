// Bun's global WebSocket; it runs on Bun alone.
import type { Client, Connection } from './client';

declare const Bun: { gc(force: boolean): void };

/** What Bun's constructor takes beside the standard's. */
type BunWebSocket = new (
  url: string,
  options: { tls?: { ca: string }; perMessageDeflate: boolean },
) => WebSocket;

function connectionOf(socket: WebSocket): Connection {
  return {
    send: (data) => socket.send(data),
    sendAll: (messages) =>
      new Promise((resolve) => {
        for (const message of messages) socket.send(message);
        // It has no callback for this.
        const look = (): void => {
          if (socket.bufferedAmount === 0) resolve();
          else setImmediate(look);
        };
        look();
      }),
    close: () =>
      new Promise((resolve) => {
        socket.onclose = () => resolve();
        socket.close();
      }),
  };
}

export const client: Client = {
  open: (url, take, { ca, compression }) =>
    new Promise((resolve, reject) => {
      // What Node has with --expose-gc.
      globalThis.gc ??= (() => Bun.gc(true)) as typeof gc;
      const socket = new (WebSocket as unknown as BunWebSocket)(url, {
        ...(ca === undefined ? {} : { tls: { ca } }),
        perMessageDeflate: compression !== undefined,
      });
      socket.binaryType = 'arraybuffer';
      socket.onmessage = ({ data }: { data: string | ArrayBuffer }) => {
        take(data, typeof data === 'string' ? data.length : data.byteLength);
      };
      socket.onopen = () => resolve(connectionOf(socket));
      socket.onerror = (event) => reject(new Error('no connection', { cause: event }));
    }),
};
