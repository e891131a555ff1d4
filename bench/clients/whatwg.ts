// The WHATWG interface of wsfd and of the `ws` package: with onmessage, as a browser's program has it.
import { WebSocket as Ws } from 'ws';
import { WebSocket as WsfdWebSocket } from 'wsfd/websocket';
import type { Client, Connection } from './client';

type Socket = WsfdWebSocket | Ws;

function connectionOf(socket: Socket): Connection {
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

const clientOf = (construct: (url: string, ca: string | undefined) => Socket): Client => ({
  open: (url, take, { ca }) =>
    new Promise((resolve, reject) => {
      const socket = construct(url, ca);
      socket.binaryType = 'arraybuffer';
      socket.onmessage = ({ data }: { data: unknown }) => {
        if (typeof data === 'string') take(data, data.length);
        else if (data instanceof ArrayBuffer) take(data, data.byteLength);
      };
      socket.onopen = () => resolve(connectionOf(socket));
      socket.onerror = ({ error }: { error: unknown }) =>
        reject(new Error('no connection', { cause: error }));
    }),
});

export const wsfdClient = clientOf((url, ca) => {
  return new WsfdWebSocket(url, [], ca === undefined ? {} : { caCertificates: ca });
});

export const wsClient = clientOf((url, ca) => {
  return new Ws(url, { perMessageDeflate: false, ...(ca === undefined ? {} : { ca }) });
});
