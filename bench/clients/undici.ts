// undici's WebSocket, which is also Node's own.
import { Agent, WebSocket } from 'undici';
import type { Client, Connection } from './client';

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
        socket.addEventListener('close', () => resolve(), { once: true });
        socket.close();
      }),
  };
}

let dispatcher: Agent | undefined;

export const client: Client = {
  open: (url, take, { ca, resume }) =>
    new Promise((resolve, reject) => {
      dispatcher ??= new Agent({
        connect: {
          ...(ca === undefined ? {} : { ca }),
          ...(resume ? {} : { maxCachedSessions: 0 }),
        },
      });
      const socket = new WebSocket(url, { dispatcher });
      socket.binaryType = 'arraybuffer';
      socket.onmessage = ({ data }: { data: string | ArrayBuffer }) => {
        take(data, typeof data === 'string' ? data.length : data.byteLength);
      };
      socket.onopen = () => resolve(connectionOf(socket));
      socket.onerror = ({ error }) => reject(error);
    }),
};
