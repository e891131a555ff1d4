// The `ws` package; bufferutil and utf-8-validate are installed, so it uses them.
import { Agent } from 'node:https';
import { WebSocket } from 'ws';
import type { PerMessageDeflateOptions } from 'ws';
import type { JsonValue, Received } from '../feed';
import type { Client, Connection, OpenSettings } from './client';

/** A text message comes as a Buffer; the application wants the string. */
const textOf = (data: Buffer): string => data.toString();

function connectionOf(socket: WebSocket): Connection {
  return {
    send: (data) => socket.send(data),
    sendAll: (messages) =>
      new Promise((resolve, reject) => {
        const last = messages.length - 1;
        for (let i = 0; i < last; i += 1) socket.send(messages[i] as string);
        socket.send(messages[last] as string, (error) => (error ? reject(error) : resolve()));
      }),
    close: () =>
      new Promise((resolve) => {
        socket.once('close', () => resolve());
        socket.close();
      }),
  };
}

const deflateOf = ({ compression }: OpenSettings): PerMessageDeflateOptions | false =>
  compression === undefined
    ? false
    : {
        threshold: 0,
        clientMaxWindowBits: compression.windowBits,
        serverMaxWindowBits: compression.windowBits,
        clientNoContextTakeover: !compression.takeover,
        serverNoContextTakeover: !compression.takeover,
      };

let agent: Agent | undefined;

/** `take` gets what `made` gives for a text. */
const clientOf = (made: (text: string) => Received): Client => ({
  open: (url, take, settings) =>
    new Promise((resolve, reject) => {
      const { ca, resume } = settings;
      const socket = new WebSocket(url, {
        perMessageDeflate: deflateOf(settings),
        ...(ca === undefined ? {} : { ca }),
        // Without an agent `ws` makes each TLS connection anew; an agent keeps sessions.
        ...(resume === true ? { agent: (agent ??= new Agent({ ...(ca ? { ca } : {}) })) } : {}),
      });
      socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary) {
          take(data, data.length);
        } else {
          const text = textOf(data);
          take(made(text), text.length);
        }
      });
      socket.once('open', () => resolve(connectionOf(socket)));
      socket.once('error', reject);
    }),
});

export const client = clientOf((text) => text);
export const parsing = clientOf((text) => JSON.parse(text) as JsonValue);
