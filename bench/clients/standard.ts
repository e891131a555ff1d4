// What all clients with the interface of the WHATWG standard have in common: Node's, Bun's, that of
// the `ws` package, and wsfd's class.
import type { Take } from '../feed';
import type { Connection } from './client';

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

/** Resolves with the connection once the socket is open; every message goes to `take`. */
export const opened = (socket: WebSocket, take: Take): Promise<Connection> =>
  new Promise((resolve, reject) => {
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }: { data: string | ArrayBuffer }) => {
      take(data, typeof data === 'string' ? data.length : data.byteLength);
    };
    socket.onopen = () => resolve(connectionOf(socket));
    socket.onerror = (event) => reject(new Error('no connection', { cause: event }));
  });
