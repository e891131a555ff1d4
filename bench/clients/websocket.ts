// The `websocket` package.
import { client as WebSocketClient } from 'websocket';
import type { connection as WebSocketConnection } from 'websocket';
import type { Data } from '../messages';
import type { Client, Connection } from './client';

function connectionOf(socket: WebSocketConnection): Connection {
  const send = (data: Data, done?: (error?: Error) => void): void => {
    if (typeof data === 'string') socket.sendUTF(data, done);
    else socket.sendBytes(data, done);
  };
  return {
    send: (data) => send(data),
    sendAll: (messages) =>
      new Promise((resolve, reject) => {
        const last = messages.length - 1;
        for (let i = 0; i < last; i += 1) send(messages[i] as string);
        send(messages[last] as string, (error) => (error ? reject(error) : resolve()));
      }),
    close: () =>
      new Promise((resolve) => {
        socket.once('close', () => resolve());
        socket.close();
      }),
  };
}

export const client: Client = {
  open: (url, take, { ca }) =>
    new Promise((resolve, reject) => {
      const opening = new WebSocketClient({
        maxReceivedFrameSize: 64 << 20,
        maxReceivedMessageSize: 64 << 20,
        // One frame a message, as the others send.
        fragmentOutgoingMessages: false,
        ...(ca === undefined ? {} : { tlsOptions: { ca } }),
      });
      opening.once('connect', (socket: WebSocketConnection) => {
        socket.on('message', (message) => {
          if (message.type === 'utf8') take(message.utf8Data, message.utf8Data.length);
          else take(message.binaryData, message.binaryData.length);
        });
        socket.on('error', (error) => {
          throw error;
        });
        resolve(connectionOf(socket));
      });
      opening.once('connectFailed', reject);
      opening.connect(url);
    }),
};
